"""Async tests run on asyncio, which is what the daemon runs on; no test of properties fails for being slow.

A PostgreSQL server is started by the first test of a worker that asks for one, and has a database for each test.
"""

from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import QUICK, Server, running
from tests.properties import EXAMPLES
from yzj_daemon.storage import schema
from yzj_daemon.storage.engine import Store

settings.register_profile("steady", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite store of this version that holds nothing: to copy it takes a fortieth of making it anew."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    with closing(Store(f"sqlite:///{path}")) as store:
        store.write_now(schema.upgrade)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """With a database ``filled`` in which the schema is: to copy it takes less than to make it anew."""
    with running(**QUICK) as server:
        with closing(Store(server.create("filled"))) as store:
            store.write_now(schema.upgrade)
        yield server


_databases = count(1)


@pytest.fixture
def database_url(postgres: Server) -> Iterator[str]:
    """Of a store at this version's schema."""
    name = f"test{next(_databases)}"
    yield postgres.create(name, template="filled")
    postgres.drop(name)
