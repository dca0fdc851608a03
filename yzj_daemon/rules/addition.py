"""An example made from a message, for the file of its rule: masked, proven, and put where it belongs.

The file's text is not written anew but cut open at one place, so that its comments and its layout stay to the byte.
"""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
import tomlkit

from yzj_daemon.clock import Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.message import Message
from yzj_daemon.rules import examples, load, short_form
from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.examples import Split
from yzj_daemon.rules.load import Loaded
from yzj_daemon.rules.model import ExampleTable
from yzj_daemon.rules.names import Names
from yzj_daemon.rules.ruleset import Rule, Ruleset
from yzj_daemon.rules.source import Path as Keys
from yzj_daemon.rules.source import Source

MAX_ADDED: Final = 8_000
"""Characters of an example that people can still read."""

Expect = Literal["match", "no-match"]


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """``before`` and ``after``: the text of ``file`` (its name in the set). ``added``: what is new in it."""

    file: str
    before: str
    after: str
    added: str
    expect: Expect


class Refusal(msgspec.Struct, frozen=True):
    """Why no example was made, and what to do."""

    why: Phrase
    todo: Phrase | None = None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A message that an enabled rule of a loaded set shall have as an example. ``at``: when it was received.

    ``people``: names of those it may speak of. ``directory``: where the files of the set's other examples are.
    """

    loaded: Loaded
    ruleset: Ruleset
    rule: Rule
    message: Message
    at: Millis
    name: str
    people: frozenset[str]
    directory: Path
    split: Split
    dialect: Dialect


def made(asked: Asked) -> Addition | Refusal:
    """The example, in whatever form gives the verdict that the message itself gives."""
    wanted = _outcome(asked.ruleset, asked.rule, asked.message, asked.at)
    if wanted.error:
        told = f"规则 {asked.rule.id} 判断这条消息时出错: {wanted.error}"
        return Refusal(Phrase(told, f"rule {asked.rule.id} failed on this message: {wanted.error}"))
    expect: Expect = "match" if wanted.matched else "no-match"
    source, keys = _home(asked)
    for message in short_form.of(asked.ruleset, asked.rule, asked.message, asked.at, asked.people):
        said = _said(asked, message, expect)
        if _outcome_of(asked, said) == wanted and len(_inline(said)) <= MAX_ADDED:
            return _proven(asked, source, keys, said)
    return Refusal(
        Phrase(
            "遮住个人信息以后, 没有一种简短写法能得到同样的结论",
            "no short form without personal data gives the same verdict",
        ),
        Phrase(
            "把平台的原消息存成文件, 遮住个人信息, 在例子里写 message_file",
            "save the vendor's message as a file, mask it by hand, and name it with message_file",
        ),
    )


# The verdict ---------------------------------------------------------------------------------------------------------


class _Outcome(msgspec.Struct, frozen=True):
    matched: bool
    failed: str = ""
    hidden: bool = False
    skipped_by: str = ""
    error: str = ""


def _outcome(ruleset: Ruleset, rule: Rule, message: Message, at: Millis) -> _Outcome:
    """What one rule makes of a message, as far as an example has to agree with it."""
    verdict = next(verdict for verdict in ruleset.explain(message, at) if verdict.id == rule.id)
    failed = verdict.failed
    return _Outcome(
        matched=verdict.matched and not verdict.dropped,
        failed=failed.key if failed else "",
        hidden=bool(failed and failed.note),
        skipped_by=verdict.skipped_by,
        error=verdict.error,
    )


def _outcome_of(asked: Asked, said: dict[str, Any]) -> _Outcome:
    names = Names({name: id_ for id_, name in asked.ruleset.names.items()}, {})
    zone = ZoneInfo(asked.ruleset.timezone)
    place = (asked.rule.place, 1)
    table = ExampleTable.model_validate(said)
    example = examples.of(
        table, 1, asked.rule.id, place, names=names, zone=zone, directory=None, paths=asked.dialect.paths
    )
    assert example.message is not None
    return _outcome(asked.ruleset, asked.rule, example.message, example.at)


def _said(asked: Asked, message: Mapping[str, Any], expect: Expect) -> dict[str, Any]:
    timed = asked.rule.during or any(rule.stop and rule.during for rule in asked.ruleset.rules)
    local = datetime.fromtimestamp(asked.at // 1000, UTC).astimezone(ZoneInfo(asked.ruleset.timezone))
    at = {"at": local.replace(tzinfo=None)} if timed else {}
    return {"name": asked.name, "message": dict(message), **at, "expect": expect}


def _proven(asked: Asked, source: Source, keys: Keys, said: dict[str, Any]) -> Addition | Refusal:
    """The new text, once it loads, says nothing else than before, and every example of the set holds."""
    before = asked.loaded.files[source.name]
    after, added = _placed(source, keys, said)
    after = "\ufeff" * before.startswith("\ufeff") + after
    new = load.load_texts({**asked.loaded.files, source.name: after}, asked.directory, asked.dialect)
    failed = [result.finding() for result in examples.run(new, asked.split, asked.dialect.paths) if not result.passed]
    wrong = [finding for finding in (*new.findings, *failed) if finding.level == "error"]
    if wrong or tomllib.loads(after.removeprefix("\ufeff")) != _with(source.tree, keys, said):
        zh, en = (wrong[0].to("zh"), wrong[0].to("en")) if wrong else ("", "")
        return Refusal(
            Phrase(f"加上这个例子以后, 规则不能使用 {zh}".rstrip(), f"with this example the rules fail {en}".rstrip()),
            Phrase("先运行 yzj-daemon check", "run yzj-daemon check first"),
        )
    return Addition(file=source.name, before=before, after=after, added=added, expect=said["expect"])


def _with(tree: dict[str, Any], keys: Keys, said: dict[str, Any]) -> dict[str, Any]:
    rules = [dict(rule) for rule in tree["rules"]]
    rule = rules[int(keys[1])]
    rule["examples"] = [*rule.get("examples", ()), said]
    return {**tree, "rules": rules}


# The place -----------------------------------------------------------------------------------------------------------


def _home(asked: Asked) -> tuple[Source, Keys]:
    """The file that the rule stands in, and its place there."""
    for name, text in asked.loaded.files.items():
        source = Source(name, text.removeprefix("\ufeff"))
        for number, rule in enumerate(source.tree.get("rules", ())):
            if rule.get("id") == asked.rule.id:
                return source, ("rules", number)
    raise AssertionError(f"rule {asked.rule.id} came from one of the files")


def _placed(source: Source, keys: Keys, said: dict[str, Any]) -> tuple[str, str]:
    """The text with the example in it, and what was put there."""
    present = len(_rule(source, keys).get("examples", ()))
    examples_at = (*keys, "examples")
    if present and source.section(examples_at) is None:
        return _in_list(source, (*examples_at, present - 1), said)
    section = source.section(keys)
    return _in_inline_rule(source, keys, said) if section is None else _under_header(source, section, said)


def _rule(source: Source, keys: Keys) -> dict[str, Any]:
    rule: dict[str, Any] = source.tree["rules"][keys[1]]
    return rule


def _under_header(source: Source, section: tuple[Keys, int, int], said: dict[str, Any]) -> tuple[str, str]:
    here, start, end = section
    whole = source.text.encode()
    above, below = whole[:end].rstrip(b"\r"), whole[end:]
    indent = whole[whole.rfind(b"\n", 0, start) + 1 : start].decode()
    close = "examples" in here and not _blank_above(whole, start)
    lines = [*([] if close else [""]), *(indent + line for line in _table(said))]
    newline = "\r\n" if b"\r\n" in whole else "\n"
    added = newline + newline.join(lines)
    rest = below or newline.encode()
    ended = b"\r" if whole[:end].endswith(b"\r") else b""
    return (above + added.encode() + ended + rest).decode(), "\n".join(lines).strip("\n")


def _blank_above(whole: bytes, start: int) -> bool:
    return not whole[:start].rstrip(b" \t").removesuffix(b"\n").rstrip(b" \t\r").rpartition(b"\n")[2].strip()


def _in_list(source: Source, last: Keys, said: dict[str, Any]) -> tuple[str, str]:
    span, key = source.span(last), source.span(last[:-1])
    assert span is not None
    assert key is not None
    whole = source.text.encode()
    before = whole[whole.rfind(b"\n", 0, span[0]) + 1 : span[0]]
    spread = b"\n" in whole[key[0] : span[0]] and not before.strip()
    newline = b"\r\n" if b"\r\n" in whole else b"\n"
    between = b"," + newline + before if spread else b", "
    return (whole[: span[1]] + between + _inline(said).encode() + whole[span[1] :]).decode(), _inline(said)


def _in_inline_rule(source: Source, keys: Keys, said: dict[str, Any]) -> tuple[str, str]:
    span = source.span(keys)
    assert span is not None
    whole = source.text.encode()
    inside = whole[: span[1]].removesuffix(b"}").rstrip()
    added = f"examples = [{_inline(said)}]"
    return (inside + f", {added} }}".encode() + whole[span[1] :]).decode(), added


# The words -----------------------------------------------------------------------------------------------------------


def _table(said: Mapping[str, Any]) -> list[str]:
    width = max(map(len, said))
    return ["[[rules.examples]]", *(f"{key:{width}} = {_value(value)}" for key, value in said.items())]


def _inline(said: Mapping[str, Any]) -> str:
    return _value(said)


def _value(value: Any) -> str:
    """One line of TOML, in which everything can be seen."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return _seen(tomlkit.item(value).as_string())


def _key(key: str) -> str:
    plain = key and key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else _value(key)


def _seen(written: str) -> str:
    """What is drawn as nothing, or turns what is drawn around, is spelled out; it stands in quotes."""
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in written)
