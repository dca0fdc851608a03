"""The daemon in this process, loaded with no more than it takes."""

import gc
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from yzj_daemon.cli import checked

if TYPE_CHECKING:
    from yzj_daemon.cli.session import Session

DRY_RUN: Final = "--dry-run"

NEEDLESS: Final = ("rich", "cffi")
"""structlog would render tracebacks with the first; without the second, Cryptodome takes ctypes, which is faster."""


def is_asked(words: Collection[str]) -> bool:
    """Whether a command line says this and nothing else: Typer, which costs a tenth of a start, need not read it."""
    return [*words] in (["run"], ["run", DRY_RUN])


def daemon(session: "Session", *, dry_run: bool) -> None:
    """Run it until it is told to stop."""
    from yzj_daemon.web import porter

    with _loading():
        settings = session.settings
    at_the_door = session.porter or porter.posted(porter.Order.of(settings))  # the rest takes longest to load
    try:
        with _loading(without=NEEDLESS):
            from yzj_daemon.daemon import run

        rehearsal = checked.of_the_next_start(session.words, session.environ)
        run(settings, dry_run=dry_run or settings.forward.dry_run, porter=at_the_door, rehearsal=rehearsal)
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
