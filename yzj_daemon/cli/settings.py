"""``settings`` and ``version``."""

import platform

import typer

from yzj_daemon import __version__
from yzj_daemon.cli import filters, output
from yzj_daemon.cli.session import Session
from yzj_daemon.errors import Phrase

_HEADS = (Phrase("设置", "setting"), Phrase("值", "value"), Phrase("来源", "source"), Phrase("默认", "default"))


def settings(context: typer.Context, as_json: filters.Json = False) -> None:
    session = Session.of(context)
    found = session.settings
    output.listing(
        found.rows(),
        _HEADS,
        lambda row: (row["name"], row["value"], row["source"], row["default"]),
        dict,
        json_lines=as_json,
        lang=session.lang,
    )
    if not as_json:
        for finding in found.findings():
            output.line(f"! {finding.to(session.lang)}")


def version(as_json: filters.Json = False) -> None:
    if as_json:
        output.as_json({"version": __version__, "python": platform.python_version()})
    else:
        output.line(f"yzj-daemon {__version__}")
