"""What is the matter: the one place that knows. ``status`` shows it, alerts tell of it, the numbers count it."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from yzj_daemon.account import AccountState
from yzj_daemon.clock import DAY, MINUTE, SECOND, Millis
from yzj_daemon.flow.courier import caps_of
from yzj_daemon.flow.silence import silent
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.settings import Settings
from yzj_daemon.storage import daemons, memory, reports
from yzj_daemon.storage import troubles as remembered
from yzj_daemon.storage.lanes import Caps
from yzj_daemon.trouble import NEVER, Kind, Trouble, grown, late_level

_OF_ACCOUNT = {
    AccountState.OFFLINE: Kind.ACCOUNT_OFFLINE,
    AccountState.EXPIRED: Kind.ACCOUNT_EXPIRED,
    AccountState.BLOCKED: Kind.ACCOUNT_BLOCKED,
}

IN_THE_STORE = frozenset(Kind) - {Kind.STORE, Kind.DISK, Kind.PLATFORM, Kind.RULES_REFUSED}
"""Kinds that :func:`stored` finds; nothing is known of them while the store cannot be read."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """From when on something is trouble. Spans in ms; ``disk_free`` in bytes; ``served``: all accounts when empty.

    ``settles``: an unknown delivery may still be settled by its copy for so long.
    """

    lane_stuck: Millis = 15 * MINUTE
    disk_free: int = 1 << 30
    settles: Millis = MINUTE
    caps: Caps = msgspec.field(default_factory=Caps)
    served: frozenset[str] = frozenset()

    @classmethod
    def of(cls, settings: Settings) -> "Bounds":
        return cls(
            lane_stuck=settings.alerts.lane_stuck,
            disk_free=settings.alerts.disk_free,
            settles=settings.forward.echo_window,
            caps=caps_of(settings.forward),
            served=frozenset(settings.accounts),
        )


def stored(connection: Connection, ruleset: Ruleset | None, bounds: Bounds, now: Millis) -> tuple[Trouble, ...]:
    """All trouble that the store tells of."""
    accounts = [
        account
        for account in reports.account_states(connection)
        if not bounds.served or account.account in bounds.served
    ]
    down = {account.account for account in accounts if account.state in _OF_ACCOUNT}
    names = {account.account: account.name for account in accounts}
    return (
        *_accounts(accounts),
        *_differing(daemons.alive(connection)),
        *_late(connection, now),
        *_counted(reports.matters(connection, now - DAY, now - bounds.settles)),
        *(
            _stuck(one, names, now)
            for one in reports.stuck(connection, now, bounds.lane_stuck, bounds.caps)
            if one.account not in down
        ),
        *(_silences(connection, ruleset, now) if ruleset is not None else ()),
    )


def seen_by_the_daemon(connection: Connection) -> tuple[Trouble, ...]:
    """What only a running daemon can see, as it last wrote it down."""
    return tuple(
        Trouble(kind=standing.kind, subject=standing.subject, name=standing.name)
        for standing in remembered.remembered(connection)
        if standing.kind in {Kind.STORE, Kind.PLATFORM} and standing.gone_at == NEVER
    )


def of_disk(path: Path | None, bounds: Bounds) -> tuple[Trouble, ...]:
    """Whether the disk that the store's file lies on is nearly full; None: it is no file."""
    if path is None:
        return ()
    disk = shutil.disk_usage(path.parent)
    return nearly_full(disk.free, disk.total, bounds)


def nearly_full(free: int, total: int, bounds: Bounds) -> tuple[Trouble, ...]:
    """Of so many bytes. Of a small disk a tenth is enough; a tenth of what is little is very little."""
    least = min(bounds.disk_free, total // 10)
    if free >= least:
        return ()
    return (Trouble(kind=Kind.DISK, why=f"{free / (1 << 20):.0f} MiB", level=2 if free * 10 < least else 1),)


def _accounts(accounts: list[reports.Account]) -> Iterator[Trouble]:
    for account, name, state, reason in accounts:
        if state in _OF_ACCOUNT:
            yield Trouble(kind=_OF_ACCOUNT[state], subject=account, name=name, why=reason)


def _differing(alive: Sequence[daemons.Daemon]) -> Iterator[Trouble]:
    """Which daemons' rules are not those of the first."""
    others = [one.name for one in alive if one.rules_hash != alive[0].rules_hash]
    if others:
        yield Trouble(kind=Kind.RULES_DIFFER, subject=alive[0].name, count=len(others), why=", ".join(others))


def _late(connection: Connection, now: Millis) -> Iterator[Trouble]:
    count = remembered.late_today(connection, now)
    if level := late_level(count):
        yield Trouble(kind=Kind.LATE_ACKS, count=count, level=level)


def _counted(matters: reports.Matters) -> Iterator[Trouble]:
    counts = (
        (Kind.UNKNOWN, matters.unknown),
        (Kind.HELD, matters.held),
        (Kind.TOO_OLD, matters.too_old),
        (Kind.QUARANTINED, matters.quarantined),
    )
    for rule, why in sorted(matters.held_rules.items()):
        yield Trouble(kind=Kind.HELD_RULE, subject=rule, why=why)
    for kind, count in counts:
        if count:
            yield Trouble(kind=kind, count=count, level=grown(count))


def _stuck(lane: reports.Stuck, names: dict[str, str], now: Millis) -> Trouble:
    seconds = (now - lane.due_at) / SECOND
    name = names.get(lane.account, "")
    return Trouble(kind=Kind.LANE_STUCK, subject=lane.account, name=name, count=lane.depth, seconds=seconds)


def _silences(connection: Connection, ruleset: Ruleset, now: Millis) -> Iterator[Trouble]:
    ids = [rule.id for rule in ruleset.expecting]
    last = memory.last_matches(connection, ids) if ids else {}
    for rule, silence in silent(ruleset, last, now):
        yield Trouble(kind=Kind.SILENT_RULE, subject=rule.id, why=rule.owner or "", seconds=silence / SECOND)
