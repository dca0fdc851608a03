"""The flags that narrow a listing: the same names and meanings wherever something is listed."""

from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.delivery import State
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from yzj_daemon.storage.reports import Filter

Account = Annotated[str, typer.Option("--account", help=both("只看这个托管账号", "only this hosted account"))]
Chat = Annotated[str, typer.Option("--chat", help=both("只看这个会话", "only this chat"))]
Sender = Annotated[str, typer.Option("--sender", help=both("只看这个发送者", "only this sender"))]
Type = Annotated[str, typer.Option("--type", help=both("只看这种消息类型", "only this message type"))]
Rule = Annotated[str, typer.Option("--rule", help=both("只看这条规则要的", "only what this rule asked for"))]
InState = Annotated[str, typer.Option("--state", help=both("只看这个转发状态", "only deliveries in this state"))]
Since = Annotated[
    str,
    typer.Option("--since", help=both("从何时起: 2h(两小时前)或时间", "from when on: 2h (two hours ago) or a time")),
]
Until = Annotated[str, typer.Option("--until", help=both("到何时为止(不含)", "up to when (not included)"))]
Containing = Annotated[str, typer.Option("--text", help=both("文字里有这些字", "with these words in the text"))]
Json = Annotated[bool, typer.Option("--json", help=both("输出 JSON, 一行一个", "JSON, one object a line"))]
Limit = Annotated[int, typer.Option("--limit", min=0, help=both("最多几行; 0 为全部", "lines at most; 0 is all"))]

PAGE = 500
"""Rows of one query, so that a listing of everything holds no long read transaction and little memory."""


def _flags(
    account: Account = "",
    chat: Chat = "",
    sender: Sender = "",
    type_: Type = "",
    rule: Rule = "",
    state: InState = "",
    since: Since = "",
    until: Until = "",
    text: Containing = "",
) -> None:
    """The flags themselves."""


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the flags of a listing; it gets them as one ``Filter``, under the name ``narrowed``."""
    own = [p for p in signature(command).parameters.values() if p.name != "narrowed"]
    flags = list(signature(_flags).parameters.values())

    @wraps(command)
    def run(context: typer.Context, **given: Any) -> Any:
        told = {flag.name: given.pop(flag.name) for flag in flags}
        return command(context=context, narrowed=_narrowed(Session.of(context), **told), **given)

    every = sorted((*own, *flags), key=lambda p: p.default is not Parameter.empty)
    run.__signature__ = Signature(every)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in every}
    return run


def _narrowed(session: Session, type_: str, state: str, since: str, until: str, **rest: str) -> "Filter":
    from yzj_daemon.storage.reports import Filter

    return Filter(
        **rest,
        type=type_,
        state=_state(state),
        since=_instant(session, since, "--since"),
        until=_instant(session, until, "--until"),
    )


def _state(written: str) -> str:
    """Raises UsageProblem for a word that is no state: a typo must not look like an empty history."""
    known = [known.value for known in State]
    if written and written not in known:
        raise UsageProblem(
            Phrase(f"--state 没有这个状态: {written}", f"--state knows no such state: {written}"),
            Phrase(f"可用的: {' '.join(known)}", f"the states: {' '.join(known)}"),
        )
    return written


def _instant(session: Session, written: str, option: str) -> int | None:
    return when.instant(written, option, session.now, session.zone) if written else None


def row_id(written: str) -> int:
    """Raises UsageProblem: the id is not one of this store's, which are numbers."""
    if written.isascii() and written.isdigit() and len(written) < 19:
        return int(written)
    raise UsageProblem(
        Phrase(f"编号应当是数字: {written!r}", f"an id is a number: {written!r}"),
        Phrase("编号在 list 的第一列", "list shows ids in its first column"),
    )
