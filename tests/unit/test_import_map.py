"""The import contracts bite: on a copy of the package, each kind of trespass breaks them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "yzj_daemon", tmp_path / "yzj_daemon", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(copy: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        [PROGRAM, "--no-cache"], cwd=copy, env=environ, capture_output=True, text=True, check=False, timeout=50
    )


def test_the_package_keeps_its_map(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("module", "trespass", "contract"),
    [
        ("utils.py", "", "every module has its place"),
        ("rules/condition.py", "import time", "are pure"),
        ("flow/courier.py", "import httpx", "never see the vendor"),
        ("storage/engine.py", "import yzj_daemon.settings.load, yzj_daemon.web.ops", "never see the vendor"),
        ("delivery.py", "import yzj_daemon.lane", "every module has its place"),
        ("sandbox/wire.py", "import yzj_daemon.message", "The sandbox knows nothing"),
        ("web/ingress.py", "import sqlite3", "SQL is written in the store"),
    ],
)
def test_a_trespass_breaks_it(copy: Path, module: str, trespass: str, contract: str) -> None:
    with (copy / "yzj_daemon" / module).open("a", encoding="utf-8") as source:
        source.write(f"\n{trespass}\n")
    result = lint(copy)
    assert result.returncode != 0
    broken = " ".join(result.stdout.partition("Broken contracts")[2].split())
    assert contract in broken, result.stdout
