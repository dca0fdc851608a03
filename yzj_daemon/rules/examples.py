"""Examples are tests: a rule set whose own examples fail is not used."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.message import Batch, Message, Original
from yzj_daemon.rules.files import read_bytes
from yzj_daemon.rules.finding import Finding, shown
from yzj_daemon.rules.model import ExampleMessage, ExampleTable
from yzj_daemon.rules.names import Names
from yzj_daemon.rules.ruleset import Place, Ruleset, Verdict
from yzj_daemon.rules.text import DEFAULT_PATHS, Paths, read

Split = Callable[[bytes], Batch]
"""Takes a body of the vendor apart."""

MAX_MESSAGE_FILE: Final = 16 << 20
"""Bytes."""

NOON: Final[Millis] = 1_767_585_600_000
"""Monday, 2026-01-05, 12:00 in Shanghai: when an example happens that does not say when."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """``message`` is None where it stands in a file, ``path``; that is None too when nobody knows where files are.

    ``number`` counts from 1 within its rule.
    """

    rule: str
    number: int
    name: str
    expect: Literal["match", "no-match"]
    at: Millis
    message: Message | None
    message_file: str
    path: Path | None
    place: Place
    column: int

    @property
    def label(self) -> str:
        return self.name or f"#{self.number}"


class Proven(Protocol):
    """A rule set with its examples, as it was loaded."""

    @property
    def ruleset(self) -> Ruleset | None: ...

    @property
    def examples(self) -> tuple[Example, ...]: ...


class Result(msgspec.Struct, frozen=True):
    """``why`` is None when the example passed. ``verdict``: what its rule did, where that is not what was expected."""

    example: Example
    why: Phrase | None = None
    unreadable: bool = False
    verdict: Verdict | None = None

    @property
    def passed(self) -> bool:
        return self.why is None

    def finding(self) -> Finding:
        """The failure as a finding."""
        assert self.why is not None
        example = self.example
        return Finding(
            level="error",
            id="example-unreadable" if self.unreadable else "example-failed",
            file=example.place.file,
            line=example.place.line,
            column=example.column,
            message=Phrase(
                f"规则“{example.rule}”的例子“{example.label}”没有通过:{self.why.zh}",
                f'example "{example.label}" of rule "{example.rule}" failed: {self.why.en}',
            ),
            value=example.message_file or example.name,
        )


def of(
    said: ExampleTable,
    number: int,
    rule: str,
    place: tuple[Place, int],
    *,
    names: Names,
    zone: ZoneInfo,
    directory: Path | None,
    paths: Paths = DEFAULT_PATHS,
) -> Example:
    """The example with its names resolved."""
    at = NOON if said.at is None else _millis(said.at, zone)
    message = None if said.message is None else _message(said.message, f"example:{rule}:{number}", at, names, paths)
    file = said.message_file or ""
    return Example(
        rule=rule,
        number=number,
        name=said.name,
        expect=said.expect,
        at=at,
        message=message,
        message_file=file,
        path=directory / file if directory is not None and file else None,
        place=place[0],
        column=place[1],
    )


def run(loaded: Proven, split: Split, paths: Paths | None = None) -> tuple[Result, ...]:
    """Every example through the engine; none where there is no rule set. ``paths``: by default those of the set."""
    ruleset = loaded.ruleset
    if ruleset is None:
        return ()
    return tuple(_result(ruleset, each, split, paths or ruleset.paths) for each in loaded.examples)


def _millis(at: datetime, zone: ZoneInfo) -> Millis:
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000)


def _message(said: ExampleMessage, id_: str, at: Millis, names: Names, paths: Paths) -> Message:
    chat = names.id_of(said.chat)
    content = "{}" if said.content is None else json.dumps(said.content, ensure_ascii=False, default=str)
    text, opaque = said.text or "", False
    if said.text is None and said.content is not None:
        reading = read(said.type, content, paths)
        text, opaque = reading.text, reading.opaque
    return Message(
        account=names.id_of(said.account),
        id=id_,
        chat=chat,
        chat_type=said.chat_type or ("room" if chat.startswith("R:") else "private"),
        sender=names.id_of(said.sender),
        type=said.type,
        sent_at=at,
        text=text,
        content=content,
        self_sent=said.self_sent,
        opaque=opaque,
    )


def _result(ruleset: Ruleset, example: Example, split: Split, paths: Paths) -> Result:
    message = example.message or _from_file(example, split, paths)
    if isinstance(message, Phrase):
        return Result(example, message, unreadable=True)
    decision = ruleset.decide(message, example.at)
    matched = any(match.rule.id == example.rule and not match.dropped for match in decision.matches)
    raised = any(rule == example.rule for rule, _ in decision.errors)
    if not raised and matched is (example.expect == "match"):
        return Result(example)
    verdict = ruleset.verdict(example.rule, message, example.at)
    return Result(example, _why(verdict), verdict=verdict)


def _from_file(example: Example, split: Split, paths: Paths) -> Message | Phrase:
    if example.path is None:
        return Phrase("不知道文件在哪个目录", "nobody knows in which directory the file is")
    try:
        body = read_bytes(example.path, MAX_MESSAGE_FILE)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Phrase(f"无法读取 {example.message_file}:{said}", f"cannot read {example.message_file}: {said}")
    if body is None:
        return Phrase(f"{example.message_file} 太大", f"{example.message_file} is too big")
    originals = split(body).originals
    if not originals:
        return Phrase(f"{example.message_file} 里没有聊天消息", f"{example.message_file} holds no chat message")
    return _seen(originals[0], paths)


def _seen(original: Original, paths: Paths) -> Message:
    """The original as rules see it. Who is hosted is not known here, but for the account that received it."""
    reading = read(original.type, original.content, paths)
    return Message(
        account=original.account,
        id=original.id,
        chat=original.chat,
        chat_type=original.chat_type,
        sender=original.sender,
        type=original.type,
        sent_at=original.sent_at,
        text=reading.text,
        content=original.content,
        self_sent=original.sender == original.account,
        opaque=reading.opaque,
    )


def _why(verdict: Verdict) -> Phrase:
    """Why the rule did what the example did not expect."""
    if verdict.error:
        return Phrase(f"规则出错:{verdict.error}", f"the rule raised: {verdict.error}")
    if verdict.matched and not verdict.dropped:
        found = "; ".join(f"{key} = {shown(piece)}" for key, piece in verdict.found)
        return Phrase(f"应该不匹配,却匹配了({found})", f"expected no-match, and it matched ({found})")
    reason = _reason(verdict)
    return Phrase(f"应该匹配,却没有匹配:{reason.zh}", f"expected match, and it did not: {reason.en}")


def _reason(verdict: Verdict) -> Phrase:
    if verdict.dropped and verdict.rule.outside == "drop":
        return Phrase('在时间窗外(outside = "drop")', 'outside its window (outside = "drop")')
    if verdict.dropped:
        return Phrase("在时间窗外,并且窗不会再打开", "outside its window, which never opens again")
    if verdict.skipped_by:
        return Phrase(
            f"规则“{verdict.skipped_by}”先匹配了,并且写了 stop = true",
            f'rule "{verdict.skipped_by}" matched before it, and says stop = true',
        )
    failed = verdict.failed
    assert failed is not None
    if failed.note:
        return Phrase(f"{failed.key}:看不到这条消息的内容", f"{failed.key}: {failed.note}")
    expected, actual = _json(failed.expected), _json(failed.actual)
    return Phrase(
        f"{failed.key} 要求 {expected},消息是 {actual}", f"{failed.key} wants {expected}, the message has {actual}"
    )


def _json(value: Any) -> str:
    return shown(json.dumps(value, ensure_ascii=False, default=str))
