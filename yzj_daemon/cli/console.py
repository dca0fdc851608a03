"""``console``: a link that opens the console once, without a password, for whoever may read the daemon's key."""

from typing import TYPE_CHECKING

import typer

from yzj_daemon.cli import filters, output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.verbs import who
from yzj_daemon.errors import Phrase

if TYPE_CHECKING:
    from pathlib import Path

    from yzj_daemon.clock import Millis


def console(context: typer.Context, as_json: filters.Json = False) -> None:
    from yzj_daemon.console.access.links import VALID
    from yzj_daemon.storage.engine import beside_of

    session = Session.of(context)
    link = fresh(beside_of(session.settings.store.url), session.now)
    minutes = VALID // 60_000
    if as_json:
        output.as_json({"url": link, "valid_seconds": VALID // 1000})
        return
    output.line(link)
    output.line(
        Phrase(
            f"在浏览器里打开; 只能用一次, {minutes} 分钟内有效",
            f"open it in a browser; it works once, within {minutes} minutes",
        ).to(session.lang)
    )


def fresh(store: "Path", now: "Millis") -> str:
    """A new link to the console of the daemon that runs on this store. Raises StoreProblem: none does."""
    from yzj_daemon.console.access.links import KeyFile

    return KeyFile.read(store).link(who(), now)
