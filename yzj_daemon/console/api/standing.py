"""How things are: status, accounts, lanes, books."""

from fastapi import APIRouter

from yzj_daemon.console.api.request import Call, Caller
from yzj_daemon.console.api.shapes import Account, Books, Lane, Page, Rules, Status, Trouble
from yzj_daemon.delivery import State
from yzj_daemon.storage import directory, reports
from yzj_daemon.storage.directory import Counts
from yzj_daemon.storage.reports import LaneLine
from yzj_daemon.wording.standing import action, drain_seconds

routes = APIRouter(tags=["standing"])

_OPEN = (State.PENDING, State.SENDING, State.HELD, State.UNKNOWN)


@routes.get("/status")
async def status(call: Caller) -> Status:
    """How the daemon is, and what somebody should look at."""
    desk = call.desk
    counts = await call.read(lambda connection: reports.counted(connection, _OPEN))
    refused = desk.rulebook.refused
    return Status(
        version=desk.version,
        dry_run=desk.dry_run,
        rules=Rules(hash=desk.ruleset.hash, ok=refused is None, error=refused.to(call.lang) if refused else None),
        deliveries={state.value: count for state, count in counts.items()},
        attention=[
            Trouble(
                id=trouble.kind.value,
                subject=trouble.subject,
                count=trouble.count,
                what=trouble.what.to(call.lang),
                todo=trouble.todo.to(call.lang),
            )
            for trouble in desk.troubles()
        ],
    )


@routes.get("/accounts")
async def accounts(call: Caller) -> Page[Account]:
    """Every hosted account."""
    lines = await call.read(lambda connection: reports.lane_lines(connection, call.now))
    counts = await call.read(directory.counted)
    return Page(rows=[_account(call, line, counts.get(line.account)) for line in lines], next=None)


def _account(call: Call, line: LaneLine, sees: Counts | None) -> Account:
    return Account(
        account=line.account,
        name=line.name,
        state=line.standing,
        lane=line.state,
        action=action(line).to(call.lang),
        rooms=sees.rooms if sees else 0,
        contacts=sees.contacts if sees else 0,
        synced_at=call.iso_or_none(sees.synced_at if sees else None),
    )


@routes.get("/lanes")
async def lanes(call: Caller) -> Page[Lane]:
    """Each account's queue: how much waits, and how long yet."""
    lines = await call.read(lambda connection: reports.lane_lines(connection, call.now))
    return Page(rows=[_lane(call, line) for line in lines], next=None)


def _lane(call: Call, line: LaneLine) -> Lane:
    return Lane(
        account=line.account,
        name=line.name,
        state=line.state,
        reason=line.reason,
        depth=line.depth,
        oldest_seconds=round(line.oldest_seconds, 1),
        drain_seconds=drain_seconds(line, call.desk.settings.forward, call.now),
    )


@routes.get("/audit")
async def audit(call: Caller) -> Books:
    """Do the books balance? It counts everything, which a long history may make too slow: 503."""
    books = await call.read(reports.books)
    return Books(
        ok=books.balanced,
        received=books.received,
        decided=books.decided,
        quarantined=books.quarantined,
        matched=books.matched,
        suppressed=books.suppressed,
        deliveries=books.deliveries,
    )
