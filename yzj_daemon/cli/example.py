"""``example``: a stored message as a masked example of a rule, in the rule's own file."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import filters, kept, messages, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, Problem, UsageProblem

if TYPE_CHECKING:
    from yzj_daemon.rules.addition import Addition
    from yzj_daemon.rules.load import Loaded
    from yzj_daemon.rules.ruleset import Rule
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import Received


def example(
    context: typer.Context,
    message_id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help=both("消息编号, 或平台的 svrid 或 wx_svrid", "a message's id, or the vendor's svrid or wx_svrid"),
        ),
    ],
    rule: Annotated[str, typer.Option("--rule", metavar="RULE", help=both("给哪条规则", "the rule it is for"))],
    expect: Annotated[
        str,
        typer.Option(
            "--expect",
            metavar="match|no-match",
            help=both("应该得到的结论; 规则现在的结论不同就拒绝", "what must come of it; refused if the rule differs"),
        ),
    ] = "",
    name: Annotated[str, typer.Option("--name", help=both("例子的名字", "the example's name"))] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=both("只显示, 不写入", "show it, and write nothing"))
    ] = False,
    as_json: filters.Json = False,
) -> None:
    session = Session.of(context)
    if expect not in {"", "match", "no-match"}:
        raise UsageProblem(
            Phrase(f"--expect 只能是 match 或 no-match: {expect}", f"--expect is match or no-match: {expect}")
        )
    loaded = _loaded(session)
    chosen = _rule(loaded, rule)
    with session.store() as store:
        received = messages.find(store, message_id)[0]
        if not received.kept:
            raise kept.problem(message_id)
        people = _people(session, store, received)
    called = name or Phrase(f"取自消息 {received.id}", f"from message {received.id}").to(session.lang)
    made = _made(session, loaded, chosen, received, called, people)
    if expect and expect != made.expect:
        raise _contradiction(chosen, made.expect)
    file = _file(session, made)
    if not dry_run:
        _write(file, made)
    _tell(session, made, file, written=not dry_run, as_json=as_json)


def _loaded(session: Session) -> "Loaded":
    """The rules on disk. Raises RulesProblem."""
    from yzj_daemon.rules import load

    loaded = load.load(session.settings.rules.path, session.settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    return loaded


def _rule(loaded: "Loaded", id_: str) -> "Rule":
    """Raises Problem: there is none, or it is switched off and decides nothing."""
    assert loaded.ruleset is not None
    rules = {rule.id: rule for rule in loaded.ruleset.rules}
    if id_ in rules:
        return rules[id_]
    if any(rule.get("id") == id_ for text in loaded.files.values() for rule in _written(text)):
        raise Problem(
            Phrase(f"规则 {id_} 停用了, 没有结论", f"rule {id_} is switched off and decides nothing"),
            Phrase('先启用它, 可以用 mode = "shadow"', 'switch it on first, perhaps with mode = "shadow"'),
        )
    raise _no_rule(id_, rules)


def _written(text: str) -> list[dict[str, Any]]:
    """The rules of a file that has been loaded, as they are written."""
    rules: list[dict[str, Any]] = tomllib.loads(text.removeprefix("\ufeff")).get("rules", [])
    return rules


def _no_rule(id_: str, rules: Iterable[str]) -> UsageProblem:
    from yzj_daemon.rules.names import closest

    meant = closest(id_, rules)
    return UsageProblem(
        Phrase(f"没有规则 {id_!r}", f"there is no rule {id_!r}"),
        Phrase(f"是不是 {meant!r}?", f"did you mean {meant!r}?")
        if meant
        else Phrase("yzj-daemon test 列出所有规则", "yzj-daemon test lists the rules"),
    )


def _people(session: Session, store: "Store", received: "Received") -> frozenset[str]:
    """What those who take part are called, who may be called so in the text."""
    message, known = received.message, names.of(session, store)
    chat = message.chat if message.chat_type == "private" else ""
    called = (known.of(id_) for id_ in (message.sender, message.account, chat))
    return frozenset(name for name in called if len(name) > 1)


def _made(
    session: Session, loaded: "Loaded", rule: "Rule", received: "Received", name: str, people: frozenset[str]
) -> "Addition":
    """Raises Problem: no example of it can be made."""
    from yzj_daemon.rules import addition
    from yzj_daemon.yzj import payloads

    assert loaded.ruleset is not None
    path = session.settings.rules.path
    asked = addition.Asked(
        loaded=loaded,
        ruleset=loaded.ruleset,
        rule=rule,
        message=received.message,
        at=received.received_at,
        name=name,
        people=people,
        directory=path if path.is_dir() else path.parent,
        split=payloads.split,
        dialect=session.settings.dialect(),
    )
    made = addition.made(asked)
    if isinstance(made, addition.Refusal):
        raise Problem(made.why, made.todo)
    return made


def _contradiction(rule: "Rule", decided: str) -> Problem:
    zh = {"match": "匹配", "no-match": "不匹配"}[decided]
    en = {"match": "matches", "no-match": "does not match"}[decided]
    return Problem(
        Phrase(f"规则 {rule.id} 现在{zh}这条消息, 没有写入", f"rule {rule.id} {en} this message; nothing was written"),
        Phrase(
            "先改规则; yzj-daemon explain 说明为什么",
            "mend the rule first; yzj-daemon explain says why it decides so",
        ),
    )


def _file(session: Session, made: "Addition") -> Path:
    path = session.settings.rules.path
    return path / made.file if path.is_dir() else path


def _write(file: Path, made: "Addition") -> None:
    """Raises Problem: the file cannot be written, or is not what was read."""
    from yzj_daemon.rules import files

    try:
        files.replace(file, made.before, made.after)
    except files.FileChanged as changed:
        raise Problem(
            Phrase(f"{file} 刚刚被别人改过, 没有写入", f"{file} was changed meanwhile; nothing was written"),
            Phrase("再运行一次", "run it again"),
        ) from changed
    except OSError as error:
        why = error.strerror or str(error)
        raise Problem(
            Phrase(f"无法写入 {file}: {why}", f"cannot write {file}: {why}"),
            Phrase(
                "检查文件和目录的权限, 或用 --dry-run 显示出来自己粘贴",
                "check the permissions of file and directory, or paste what --dry-run shows",
            ),
        ) from error


def _tell(session: Session, made: "Addition", file: Path, *, written: bool, as_json: bool) -> None:
    if as_json:
        told: dict[str, Any] = {"file": str(file), "expect": made.expect, "written": written, "added": made.added}
        output.as_json(told)
        return
    output.line(made.added)
    if written:
        output.line()
        output.line(
            Phrase(
                f"已加到 {file}; 请看一遍, 有没有遮漏的个人信息",
                f"added to {file}; look it over for personal data that was not masked",
            ).to(session.lang)
        )
