"""``run``, as Typer reads it."""

from typing import Annotated

import typer

from yzj_daemon.cli import start
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both


def run(
    context: typer.Context,
    dry_run: Annotated[
        bool,
        typer.Option(start.DRY_RUN, help=both("只决定并记录, 不转发", "decide and record; never call forwardMsg")),
    ] = False,
) -> None:
    start.daemon(Session.of(context), dry_run=dry_run)
