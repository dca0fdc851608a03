"""``alerts``: which troubles stand and who was told, and whether alerts arrive."""

import asyncio
import socket
from typing import TYPE_CHECKING

import typer

from yzj_daemon.cli import filters, output, usage
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from yzj_daemon.trouble import Standing

commands = typer.Typer(
    cls=usage.Commands,
    help=both("告警: 出了什么事, 通知到了谁", "Alerts: what is wrong, and who was told"),
    no_args_is_help=True,
)

_HEADS = (
    Phrase("什么", "kind"),
    Phrase("谁", "of"),
    Phrase("状态", "state"),
    Phrase("从", "since"),
    Phrase("通知于", "told at"),
    Phrase("意思", "meaning"),
)
_STATES = {"stands": Phrase("还在", "stands"), "gone": Phrase("过去了", "gone")}
_FATES = (Phrase("地址", "url"), Phrase("结果", "result"))


@commands.command(
    "list", help=both("现在有什么事, 什么时候通知过 (守护进程记下的)", "What is wrong now, and when people were told")
)
def list_(context: typer.Context, limit: filters.Limit = 50, as_json: filters.Json = False) -> None:
    from yzj_daemon.storage import troubles

    session = Session.of(context)
    with session.store() as store:
        found = store.read_now(troubles.remembered)[: limit or None]

    def state(standing: "Standing") -> str:
        return "gone" if standing.gone_at else "stands"

    def cells(standing: "Standing") -> tuple[str, ...]:
        told_at = when.clock(standing.told_at or None, session.zone)
        said = (_STATES[state(standing)].to(session.lang), when.clock(standing.since, session.zone), told_at)
        return (standing.kind.value, standing.who, *said, standing.kind.headline.to(session.lang))

    def row(standing: "Standing") -> dict[str, object]:
        instants = {
            key: when.iso(getattr(standing, key) or None, session.zone) for key in ("since", "gone_at", "told_at")
        }
        known = {"kind": standing.kind.value, "subject": standing.subject, "name": standing.name}
        return {**known, "state": state(standing), **instants, "title": standing.kind.headline.to(session.lang)}

    output.listing(found, _HEADS, cells, row, json_lines=as_json, lang=session.lang)


@commands.command("test", help=both("给每个 alerts.urls 发一条测试告警", "Send a test to each of alerts.urls"))
def try_out(context: typer.Context, as_json: filters.Json = False) -> int:
    from yzj_daemon.ops.alerts import deliver, named
    from yzj_daemon.trouble import trial

    session = Session.of(context)
    urls = [url.get_secret_value() for url in session.settings.alerts.urls]
    if not urls:
        raise _nobody()
    fates = asyncio.run(deliver(trial(socket.gethostname(), session.lang), dict(enumerate(urls))))
    well = Phrase("送到了", "arrived").to(session.lang)
    output.listing(
        list(fates.items()),
        _FATES,
        lambda fate: (named(urls, fate[0]), fate[1] or well),
        lambda fate: {"url": named(urls, fate[0]), "ok": not fate[1], "error": fate[1] or None},
        json_lines=as_json,
        lang=session.lang,
    )
    return 1 if any(fates.values()) else 0


def _nobody() -> SettingsProblem:
    return SettingsProblem(
        Phrase("没有设置 alerts.urls: 出了事没有人知道", "alerts.urls is not set: nobody would be told"),
        Phrase(
            '例如 alerts.urls = ["wecombot://KEY"]; 见 docs/alerts.md',
            'for example alerts.urls = ["wecombot://KEY"]; see docs/alerts.md',
        ),
    )
