"""``accounts``: the hosted accounts by name, how they are, and what they see."""

from typing import TYPE_CHECKING, Annotated

import typer

from yzj_daemon.account import AccountState
from yzj_daemon.cli import chats, filters, names, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import when
from yzj_daemon.wording.standing import action

if TYPE_CHECKING:
    from yzj_daemon.storage.directory import Counts
    from yzj_daemon.storage.reports import LaneLine

State = Annotated[str, typer.Option("--state", help=both("只看这个状态的账号", "only accounts in this state"))]

_HEADS = (
    Phrase("账号", "account"),
    Phrase("名字", "name"),
    Phrase("状态", "state"),
    Phrase("群", "rooms"),
    Phrase("联系人", "contacts"),
    Phrase("目录更新于", "directory read"),
    Phrase("该做什么", "what to do"),
)


def accounts(
    context: typer.Context,
    account: filters.Account = "",
    state: State = "",
    text: chats.Named = "",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    from yzj_daemon.storage import directory, reports

    session = Session.of(context)
    wanted = _state(state)
    with session.store() as store:
        now = session.now
        lines = store.read_now(lambda c: reports.lane_lines(c, now))
        counts = store.read_now(directory.counted)
        known = names.of(session, store)
        found = [
            (line, known.of(line.account))
            for line in lines
            if account in ("", line.account) and wanted in ("", line.standing)
        ]
    found = [(line, name) for line, name in found if chats.says(text, line.account, line.name, name)]
    output.listing(
        found[: limit or None],
        _HEADS,
        lambda entry: _cells(session, *entry, counts.get(entry[0].account)),
        lambda entry: _row(session, *entry, counts.get(entry[0].account)),
        json_lines=as_json,
        lang=session.lang,
    )


def _cells(session: Session, line: "LaneLine", name: str, sees: "Counts | None") -> tuple[str, ...]:
    seen = ("-", "-", "-")
    if sees is not None:
        seen = (str(sees.rooms), str(sees.contacts), when.clock(sees.synced_at, session.zone))
    return (line.account, name, line.standing.value, *seen, action(line).to(session.lang) or "-")


def _row(session: Session, line: "LaneLine", name: str, sees: "Counts | None") -> dict[str, object]:
    return {
        "account": line.account,
        "name": name,
        "state": line.standing.value,
        "action": action(line).to(session.lang),
        "rooms": sees.rooms if sees else 0,
        "contacts": sees.contacts if sees else 0,
        "synced_at": when.iso(sees.synced_at if sees else None, session.zone),
    }


def _state(written: str) -> str:
    """Raises UsageProblem for a word that is no state."""
    known = [state.value for state in AccountState]
    if written and written not in known:
        raise UsageProblem(
            Phrase(f"--state 没有这个状态: {written}", f"--state knows no such state: {written}"),
            Phrase(f"可用的: {' '.join(known)}", f"the states: {' '.join(known)}"),
        )
    return written
