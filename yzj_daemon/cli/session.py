"""What every command needs: the language, the settings, the store, the time. Each is made when first asked for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.errors import Lang, Phrase, StoreProblem
from yzj_daemon.secret import in_url

if TYPE_CHECKING:
    from typer import Context

    from yzj_daemon.settings import Settings
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.web.porter import Porter


@dataclass
class Session:
    """One run of one command. ``lang_asked``: the command line chose the language, no setting changes it.

    ``porter`` stands at the door already; ``words`` is the whole command line.
    """

    lang: Lang
    environ: Mapping[str, str]
    config: Path | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    lang_asked: bool = False
    porter: "Porter | None" = None
    words: Sequence[str] = ()

    @classmethod
    def of(cls, context: "Context") -> "Session":
        found = context.find_object(cls)
        assert found is not None, "app.py puts it there"
        return found

    @cached_property
    def settings(self) -> "Settings":
        """Raises SettingsProblem."""
        from yzj_daemon import settings

        found = settings.load(self.config, settings.without_secrets(self.overrides), self.environ)
        if not self.lang_asked:
            self.lang = found.language
        return found

    def secrets(self) -> set[str]:
        """All that is known of them, also where the settings could not be read."""
        from yzj_daemon.settings.mistakes import variable_of
        from yzj_daemon.settings.model import SECRETS

        names = {variable_of(name) for name in SECRETS}
        found = {value for name, value in self.environ.items() if name.upper() in names and value}
        found |= {password for value in self.environ.values() for password in in_url(value)}
        return found | self.settings.secrets() if "settings" in self.__dict__ else found

    @cached_property
    def clock(self) -> Clock:
        from yzj_daemon.ops.clock import SystemClock

        return SystemClock()

    @property
    def now(self) -> Millis:
        return self.clock.now()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The rule set's, read without judging the rules."""
        from yzj_daemon.wording.zone import of_rules

        return of_rules(self.settings.rules.path)

    @contextmanager
    def store(self) -> Iterator["Store"]:
        """The store to read: it must exist and be of this version.

        Raises:
            StoreProblem: it is missing, of another version, or cannot be read.
        """
        from yzj_daemon.storage import schema

        with self.any_store() as store:
            store.read_now(schema.require_current)
            yield store

    def has_store(self) -> bool:
        """Whether there is a store of this version already."""
        from yzj_daemon.errors import StoreProblem

        try:
            with self.store():
                return True
        except StoreProblem:
            return False

    @contextmanager
    def any_store(self, *, create: bool = False) -> Iterator["Store"]:
        """The store as it is, whatever its version; ``create``: made if missing."""
        from yzj_daemon.storage.engine import Store

        store = Store(self.settings.store.url)
        try:
            if not create:
                require_file(store)
            yield store
        finally:
            store.close()


def require_file(store: "Store") -> None:
    """Raises StoreProblem: the store's file is not there. Whether a database is, shows when it is asked."""
    path = store.database.path
    if path is not None and not path.exists():
        raise _missing(path)


def _missing(path: Path) -> StoreProblem:
    return StoreProblem(
        Phrase(f"还没有数据库: {path}", f"there is no store yet: {path}"),
        Phrase(
            "守护进程第一次运行时会创建它; 也可以运行 yzj-daemon db upgrade, 或检查 store.url",
            "the daemon makes it on its first run; or run yzj-daemon db upgrade, or check store.url",
        ),
    )
