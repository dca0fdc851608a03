"""Names beside ids, as the commands tell them: see :mod:`yzj_daemon.wording.names`."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from yzj_daemon.cli.session import Session
from yzj_daemon.errors import StoreProblem
from yzj_daemon.wording.names import LookUp, Names, written

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store

__all__ = ["Names", "at_hand", "of", "written"]


def of(session: Session, store: "Store") -> Names:
    """With a store that is open."""
    return Names(written(session.settings.rules.path), _in(store))


@contextmanager
def at_hand(session: Session, first: Mapping[str, str] | None = None) -> Iterator[Names]:
    """With the store, where there is one to read: for commands that need none. ``first`` wins over all."""
    known = {**written(session.settings.rules.path), **(first or {})}
    with ExitStack() as opened:
        yield Names(known, _opened(session, opened))


def _opened(session: Session, stack: ExitStack) -> LookUp | None:
    try:
        return _in(stack.enter_context(session.store()))
    except StoreProblem:
        return None


def _in(store: "Store") -> LookUp:
    from yzj_daemon.storage import directory

    return lambda id_: store.read_now(partial(directory.name, id_=id_))
