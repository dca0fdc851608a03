"""``doctor``: the first-day questions, in plain words: what is right, what is wrong, what to do."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from yzj_daemon.cli import filters, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.verbs import who
from yzj_daemon.cli.words import both
from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.errors import Phrase, SettingsProblem, StoreProblem, UsageProblem

if TYPE_CHECKING:
    from yzj_daemon.doctor.probe import Probe
    from yzj_daemon.settings import Settings
    from yzj_daemon.storage.engine import Store

LOOK_EVERY = 0.5
"""Seconds between looks while watching."""

COPY_PATIENCE = 30 * SECOND
"""Beyond ``forward.echo_window``: what stands before it in the lane leaves first."""

_HEADS = {"ok": Phrase("对", "right"), "wrong": Phrase("不对", "wrong"), "unknown": Phrase("还不知道", "not known yet")}
_MARKS = {"ok": ("✓", "green"), "wrong": ("✗", "red"), "unknown": ("?", "yellow")}


class _Asked(msgspec.Struct, frozen=True):
    """``watch`` (ms): for how long to wait for one message of each type; 0: not at all."""

    public_url: str
    forward_to: str
    account: str
    watch: Millis
    tell: Callable[["Probe"], None]
    counts: dict[str, int] = msgspec.field(default_factory=dict)


def doctor(
    context: typer.Context,
    public_url: Annotated[
        str,
        typer.Option(
            "--public-url",
            metavar="URL",
            help=both("回调的公网地址, 由这台机器自己测试", "the callback's public address, tried from this machine"),
        ),
    ] = "",
    watch: Annotated[
        str,
        typer.Option(
            "--watch",
            metavar="DURATION",
            help=both("等这么久, 直到每种消息都来过一条", "wait so long for one message of each type"),
        ),
    ] = "",
    forward_to: Annotated[
        str,
        typer.Option(
            "--forward-to",
            metavar="CHAT",
            help=both(
                "真的转发一条最近的文字到这个会话, 看副本", "really forward one text to this chat, and await its copy"
            ),
        ),
    ] = "",
    account: filters.Account = "",
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help=both("写一份可以给别人看的报告", "write a report that may be shown to others"),
        ),
    ] = None,
    as_json: filters.Json = False,
) -> int:
    session = Session.of(context)
    _require_room(report)
    tell = partial(_as_json if as_json else _print, session)
    asked = _Asked(public_url, forward_to, account, _span(watch), tell)
    found = asyncio.run(_all(session, asked))
    if report is not None:
        _write(session, report, found, asked)
    if not as_json:
        _sum_up(session, found, report)
    return 1 if any(probe.verdict == "wrong" for probe in found) else 0


def _require_room(report: Path | None) -> None:
    """Raises UsageProblem before anything is asked: after ten minutes of watching it would come late."""
    if report is not None and report.exists():
        raise UsageProblem(Phrase(f"{report} 已经存在, 没有覆盖", f"{report} exists and was not overwritten"))
    if report is not None and not report.parent.is_dir():
        raise UsageProblem(
            Phrase(f"没有放报告的目录: {report.parent}", f"there is no directory for the report: {report.parent}")
        )


def _span(written: str) -> Millis:
    from yzj_daemon.settings import units

    try:
        return units.duration(written) if written else 0
    except ValueError as error:
        raise UsageProblem(
            Phrase(f"--watch 看不懂: {written!r}", f"--watch cannot be read: {written!r}"),
            Phrase("写 90s、10m、1h", "write 90s, 10m or 1h"),
        ) from error


async def _all(session: Session, asked: _Asked) -> list["Probe"]:
    found = []
    async for probe in _probes(session, asked):
        asked.tell(probe)
        found.append(probe)
    return found


async def _probes(session: Session, asked: _Asked) -> AsyncIterator["Probe"]:
    """Each as soon as it is known; what rests on something that is missing is left out."""
    from yzj_daemon.doctor import machine
    from yzj_daemon.doctor.probe import wrong

    try:
        settings = session.settings
    except SettingsProblem as problem:
        yield wrong("settings", problem.what, problem.todo or Phrase("改好再问", "mend them, then ask again"))
        return
    yield machine.of_settings(settings)
    yield machine.of_rules(settings)
    yield machine.of_store(settings)
    with ExitStack() as opened:
        store = _store(session, opened)
        yield machine.of_daemon(settings)
        running = store is not None and machine.running(settings)
        async for probe in _of_platform(session, store):
            yield probe
        async for probe in _of_door(settings, asked, store, running=running):
            yield probe
        if store is not None:
            async for probe in _of_store(session, settings, asked, store, running=running):
                yield probe


def _store(session: Session, opened: ExitStack) -> "Store | None":
    """That of the daemon, if it is there and of this version: :func:`machine.of_store` says what is wrong with it."""
    try:
        return opened.enter_context(session.store())
    except StoreProblem:
        return None


async def _of_platform(session: Session, store: "Store | None") -> AsyncIterator["Probe"]:
    from yzj_daemon.cli import vendor
    from yzj_daemon.doctor import arrivals, platform
    from yzj_daemon.storage import evidence
    from yzj_daemon.storage.evidence import Known

    since = session.now - arrivals.LOOKED_BACK

    def known(account: str, ids: tuple[str, ...]) -> Known:
        if store is None:
            return Known(frozenset(), 0, 0)
        return store.read_now(partial(evidence.known, account=account, ids=ids, since=since))

    try:
        async with vendor.reached(session) as reached:
            async for probe in platform.probes(session.settings, reached, known):
                yield probe
    except SettingsProblem:
        return  # the first probe told of it


async def _of_door(
    settings: "Settings", asked: _Asked, store: "Store | None", *, running: bool
) -> AsyncIterator["Probe"]:
    from yzj_daemon.doctor import door
    from yzj_daemon.doctor.probe import wrong

    try:
        yield await door.probe(settings, asked.public_url, store, running=running)
    except SettingsProblem as problem:  # a key of which no 32 bytes can be made
        yield wrong("key", problem.what, problem.todo or Phrase("改好再问", "mend it, then ask again"))


async def _of_store(
    session: Session, settings: "Settings", asked: _Asked, store: "Store", *, running: bool
) -> AsyncIterator["Probe"]:
    from yzj_daemon.doctor import arrivals, copies
    from yzj_daemon.doctor.probe import unknown
    from yzj_daemon.storage import evidence, reports

    since = session.now - arrivals.LOOKED_BACK
    if asked.watch:
        _watch(asked, store, since)
    came = store.read_now(partial(evidence.came, since=since))
    yield arrivals.callbacks(came, settings, session.now)
    yield arrivals.key(came, settings)
    yield arrivals.types(store.read_now(partial(evidence.types, since=since)))
    window = settings.forward.echo_window
    if not asked.forward_to:
        yield arrivals.own_copies(store.read_now(partial(evidence.copies, before=session.now - window)))
    elif not running:
        yield unknown(
            copies.NAME,
            Phrase("守护进程没有运行, 没有转发", "the daemon does not run; nothing was forwarded"),
            Phrase("让它运行着 (不是试运行) 再问", "start it, not for a dry run, and ask again"),
        )
    else:
        max_age = settings.forward.max_age
        yield await copies.forwarded(
            store,
            asked.forward_to,
            asked.account,
            who(),
            max_age=max_age,
            patience=window + COPY_PATIENCE,
            clock=session.clock,
        )
    states = store.read_now(reports.deliveries_by_state)
    asked.counts.update({"messages by callback": came.callbacks, "messages pulled": came.pulled, **states})


def _watch(asked: _Asked, store: "Store", since: Millis) -> None:
    """Tell of each type as its first message comes, until all have come or the time is over."""
    from yzj_daemon.doctor import arrivals
    from yzj_daemon.doctor.probe import ok
    from yzj_daemon.storage import evidence

    until = time.monotonic() + asked.watch / SECOND
    seen: set[str] = set()
    while True:
        for one in store.read_now(partial(evidence.types, since=since)):
            if one.type not in seen:
                seen.add(one.type)
                blind = one.opaque == one.messages
                inside = (
                    Phrase("看不到里面", "nothing inside can be read") if blind else Phrase("读得到", "can be read")
                )
                asked.tell(ok(f"type.{one.type}", f"来了, {inside.zh}", f"came, {inside.en}"))
                output.flush()
        if not arrivals.missing_of(seen) or time.monotonic() >= until:
            return
        time.sleep(LOOK_EVERY)


# For people ---------------------------------------------------------------------------------------------------------


def _as_json(session: Session, probe: "Probe") -> None:
    output.as_json(probe.row(session.lang))
    output.flush()


def _print(session: Session, probe: "Probe") -> None:
    row, (mark, colour) = probe.row(session.lang), _MARKS[probe.verdict]
    console = output.terminal()
    if console is None:
        output.line(output.visible(f"{mark} {probe.name}: {row['saw']}"))
    else:
        from rich.markup import escape

        console.print(f"[{colour}]{mark} {probe.name}[/]: {escape(output.visible(row['saw']))}", soft_wrap=True)
    if row["do"]:
        output.detail(f"→ {row['do']}")
    output.flush()


def _sum_up(session: Session, found: list["Probe"], report: Path | None) -> None:
    counts = {verdict: sum(probe.verdict == verdict for probe in found) for verdict in _HEADS}
    told = "  ".join(f"{head.to(session.lang)} {counts[verdict]}" for verdict, head in _HEADS.items())
    output.line()
    output.line(told)
    if report is not None:
        output.line(Phrase(f"报告写在 {report}", f"the report is in {report}").to(session.lang))


def _write(session: Session, file: Path, found: list["Probe"], asked: _Asked) -> None:
    from urllib.parse import urlsplit

    from yzj_daemon.doctor import report

    settings = _settings(session)
    public = urlsplit(asked.public_url if "://" in asked.public_url else f"//{asked.public_url}")
    names = {asked.public_url, public.netloc, public.hostname or "", asked.forward_to, asked.account, *_ids(session)}
    told = report.written(found, settings, names, session.lang, session.now, asked.counts)
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(told)
    except OSError as error:
        raise UsageProblem(
            Phrase(f"报告写不到 {file}: {error.strerror}", f"the report cannot be written to {file}: {error.strerror}")
        ) from error


def _settings(session: Session) -> "Settings | None":
    """None where they have mistakes."""
    try:
        return session.settings
    except SettingsProblem:
        return None


def _ids(session: Session) -> frozenset[str]:
    """Ids and names of accounts, which the probes may have named."""
    from yzj_daemon.storage import reports

    settings = _settings(session)
    if settings is None:
        return frozenset()
    try:
        with session.store() as store:
            lines = store.read_now(partial(reports.lane_lines, now=session.now))
    except StoreProblem:
        return frozenset(settings.accounts)
    return frozenset({*(line.account for line in lines), *(line.name for line in lines)})
