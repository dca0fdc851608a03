"""What a start loads: it is most of what a start takes."""

import subprocess
import sys

import pytest

_LOADED = """
import gc, sys
from yzj_daemon.cli import app, start
with start._loading(without=start.NEEDLESS):
    from yzj_daemon import daemon
loaded = sorted(name for name, module in sys.modules.items() if module is not None)
import rich.console
print(gc.isenabled(), *loaded)
"""

NEEDLESS = (
    "alembic",
    "argon2",
    "cffi",
    "cryptography",
    "fastapi",
    "httpx",
    "jinja2",
    "psycopg",
    "pygments",
    "rich.console",
    "tomlkit",
    "typer",
    "yzj_daemon.cli.doctor",
    "yzj_daemon.cli.messages",
    "yzj_daemon.doctor",
)
"""What some command or page needs, and what stays in the file until one does."""


@pytest.fixture(scope="module")
def loaded() -> list[str]:
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True, timeout=60)
    return told.stdout.split()


@pytest.mark.parametrize("name", NEEDLESS)
def test_a_start_loads_nothing_that_it_can_do_without(loaded: list[str], name: str) -> None:
    assert name not in loaded
    assert "yzj_daemon.daemon" in loaded


def test_what_was_kept_from_loading_is_there_afterwards_and_so_is_the_collector(loaded: list[str]) -> None:
    """The program ends with ``import rich.console``, which would fail."""
    assert loaded[0] == "True"
