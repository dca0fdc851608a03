"""PostgreSQL, by psycopg 3: one store for any number of daemons.

Every wait for the server has an end, so that a network that swallows what is sent looks like a server that is away.
Writers are ``READ COMMITTED``: who waited for another's row sees what it wrote.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool, QueuePool

from yzj_daemon.errors import Phrase, StoreProblem
from yzj_daemon.secret import url_without

CONNECT_WITHIN: Final = 3
"""Seconds."""

SILENCE_MS: Final = 4_000
"""How long what was sent may stay unacknowledged by the server's machine (tcp(7), TCP_USER_TIMEOUT)."""

WRITE_WITHIN_MS: Final = 15_000
"""The longest statement of the writer: one that waits longer for another's lock gives up."""

READ_WITHIN_MS: Final = 60_000

_SOCKET: Final = {
    "connect_timeout": CONNECT_WITHIN,
    "tcp_user_timeout": SILENCE_MS,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}

_BUGS: Final = ("22", "23", "42")
"""SQLSTATE classes that tell of our own faults: data, constraints, syntax and names (PostgreSQL, appendix A)."""

_PERMISSION: Final = "42501"

_WAL: Final = "synchronous_commit"
"""Whether a commit waits until it is on the disk (PostgreSQL, 20.5.1); what is stricter than ``on`` stays."""

_CANCELED: Final = "57014"

_COLLISIONS: Final = ("40001", "40P01")
"""serialization_failure, deadlock_detected."""


class Postgres:
    """The database behind ``postgresql://…``; what its user may not do it is told in plain words.

    Raises:
        StoreProblem: the driver is not installed.
    """

    shared = True
    path = None

    def __init__(self, url: str, *, wipe: bool = False) -> None:
        """``url`` as libpq reads it (PostgreSQL, 34.1.1.2), with several hosts where one may take over from another.

        ``wipe`` has no meaning here: PostgreSQL overwrites what is gone when it sees fit.
        """
        del wipe
        _require_driver()
        self._url = url
        self.place = url_without(url, "")

    def writer(self) -> Engine:
        engine = self._engine(WRITE_WITHIN_MS, {"poolclass": NullPool})
        event.listen(engine, "connect", _durable)
        return engine

    def readers(self, most: int) -> Engine:
        return self._engine(READ_WITHIN_MS, _pool(most), read_only=True)

    def observers(self, most: int) -> Engine:
        """For those who only look: each of their transactions has an end of its own."""
        return self._engine(READ_WITHIN_MS, _pool(most), read_only=True)

    def claim(self) -> None:
        """A store for many is nobody's alone."""

    def release(self) -> None:
        """As :meth:`claim`."""

    async def listen(self, channel: str, heard: Callable[[str], None]) -> None:
        """On a connection of its own, which may be silent for long: keepalives tell when it is gone."""
        import psycopg

        to: dict[str, Any] = {"conninfo": self._url, **_SOCKET, "application_name": "yzj-daemon listener"}
        try:
            async with await psycopg.AsyncConnection.connect(autocommit=True, **to) as connection:
                await connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
                async for news in connection.notifies():
                    heard(news.payload)
        except (psycopg.Error, OSError) as error:
            raise self._unavailable(error) from error
        raise self._unavailable("the listener's connection was closed")

    @contextmanager
    def limited(self, connection: Connection, seconds: float) -> Iterator[None]:
        """Each statement of this transaction is broken off after so long."""
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
        yield

    def broken_off(self, error: Exception) -> bool:
        return _state_of(error) == _CANCELED

    def lost(self, connection: Connection) -> bool:
        """Whether the connection is gone; what SQLAlchemy did not see itself, the driver knows."""
        if connection.invalidated:
            return True
        driver: Any = connection.connection.driver_connection
        return driver is None or driver.closed

    def collided(self, error: Exception) -> bool:
        """A deadlock of two daemons, of whom this one was chosen to begin anew; or a commit that came in between."""
        return _state_of(error) in _COLLISIONS

    def problem(self, error: Exception) -> Exception:
        """The environment's faults become a StoreProblem; a broken constraint is a bug and stays what it is."""
        import psycopg

        said = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(error, PoolTimeout):  # all connections are taken
            return self._unavailable(error)
        if not isinstance(said, psycopg.Error):
            return error
        state = said.sqlstate or ""
        if state.startswith(_BUGS) and state != _PERMISSION:
            return error
        return self._unavailable(said)

    def _unavailable(self, error: Any) -> StoreProblem:
        said = " ".join(str(error).split())
        return StoreProblem(
            Phrase(f"数据库 {self.place} 无法使用: {said}", f"the store {self.place} cannot be used: {said}"),
            Phrase(
                "检查 PostgreSQL 是否在运行、地址、用户、密码、权限和磁盘空间",
                "check that PostgreSQL runs, and the address, user, password, permissions and disk space",
            ),
        )

    def _engine(self, within_ms: int, pool: dict[str, Any], *, read_only: bool = False) -> Engine:
        options = [f"statement_timeout={within_ms}", "idle_in_transaction_session_timeout=60000", "timezone=UTC"]
        given: dict[str, Any] = {**_SOCKET, "application_name": "yzj-daemon", "options": _options(self._url, options)}
        connect = partial(_connected, self._url, given)
        engine = create_engine("postgresql+psycopg://", creator=connect, hide_parameters=True, **pool)
        event.listen(engine, "connect", _adapt)
        if read_only:
            event.listen(engine, "connect", _only_to_read)
        event.listen(engine, "handle_error", _without_pool_reset)
        return engine


def _adapt(driver: Any, _record: object) -> None:
    """PostgreSQL's text holds every character but NUL, which becomes its symbol; JSON, like a content, has none."""
    from psycopg.types.string import StrDumper

    class NoNul(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\u2400") if "\0" in obj else obj)

    driver.adapters.register_dumper(str, NoNul)


def _durable(driver: Any, _record: object) -> None:
    """What was answered is stored, whatever the server's default: without it, a crash would forget the last commits."""
    driver.execute("SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = %s AND setting = 'off'", [_WAL])
    driver.commit()


def _only_to_read(driver: Any, _record: object) -> None:
    """Each transaction, which sees one moment however much it asks.

    Not the session: it would be none that ``target_session_attrs=read-write`` looks for.
    """
    from psycopg import IsolationLevel

    driver.read_only = True
    driver.isolation_level = IsolationLevel.REPEATABLE_READ


def _connected(url: str, given: dict[str, Any]) -> Any:
    """By libpq's own reading of the URL: several hosts, certificates, service files and all."""
    import psycopg

    return psycopg.connect(url, **given)


def _options(url: str, settings: Iterable[str]) -> str:
    """Ours first: what the URL itself says in ``options`` wins."""
    from psycopg.conninfo import conninfo_to_dict

    theirs = str(conninfo_to_dict(url).get("options") or "")
    return " ".join([*(f"-c {setting}" for setting in settings), theirs]).strip()


def _without_pool_reset(context: Any) -> None:
    """One lost connection tells nothing of the others: each finds out for itself, and within its own time."""
    context.invalidate_pool_on_disconnect = False


def _pool(most: int) -> dict[str, Any]:
    return {"poolclass": QueuePool, "pool_size": most, "max_overflow": 0, "pool_timeout": CONNECT_WITHIN}


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as missing:
        raise StoreProblem(
            Phrase(
                "store.url 指向 PostgreSQL, 但没有安装它的驱动",
                "store.url names PostgreSQL, whose driver is not installed",
            ),
            Phrase("pip install 'yzj-daemon[postgres]'", "pip install 'yzj-daemon[postgres]'"),
        ) from missing


def _state_of(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) else error
    return getattr(said, "sqlstate", None) or ""
