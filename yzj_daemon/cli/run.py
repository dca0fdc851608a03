"""``run``: the daemon in this process."""

import gc
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from yzj_daemon.cli import checked
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both

NEEDLESS: Final = ("rich", "cffi")
"""structlog would render tracebacks with the first; without the second, Cryptodome takes ctypes, which is faster."""


def run(
    context: typer.Context,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=both("只决定并记录, 不转发", "decide and record; never call forwardMsg")),
    ] = False,
) -> None:
    from yzj_daemon.web import porter

    session = Session.of(context)
    with _loading():
        settings = session.settings
    at_the_door = session.porter or porter.posted(porter.Order.of(settings))  # the rest takes longest to load
    try:
        with _loading(without=NEEDLESS):
            from yzj_daemon import daemon

        rehearsal = checked.of_the_next_start(session.words, session.environ)
        daemon.run(settings, dry_run=dry_run or settings.forward.dry_run, porter=at_the_door, rehearsal=rehearsal)
    finally:
        if at_the_door is not None:
            at_the_door.close()


@contextmanager
def _loading(without: Collection[str] = ()) -> Iterator[None]:
    """What is loaded meanwhile is no garbage, and finds libraries missing that it can do without."""
    known = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] in without}
    sys.modules |= dict.fromkeys(without)  # type: ignore[arg-type]  # Python's own way to say so
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for name in without:
            del sys.modules[name]
        sys.modules.update(known)
