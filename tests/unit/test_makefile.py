"""Which Python `make` takes, and what it says where there is none. The programs named here only say yes or no."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bin_(tmp_path: Path) -> Path:
    """A PATH of its own, with nothing but make and what a shell brings."""
    make, env = shutil.which("make"), shutil.which("env")
    assert make is not None
    assert env is not None
    directory = tmp_path / "bin"
    directory.mkdir()
    (directory / "make").symlink_to(make)
    (directory / "env").symlink_to(env)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    return directory


def python(directory: Path, name: str, *, new_enough: bool) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\nexit {0 if new_enough else 1}\n")
    program.chmod(0o755)


def make(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=directory.parent,
        env={"PATH": str(directory), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=30,
    )


def taken(directory: Path) -> str:
    return make(directory, "--eval", "taken: ; @echo '$(PYTHON)'", "taken").stdout.strip()


def test_python3_is_taken_when_it_is_new_enough(bin_: Path) -> None:
    python(bin_, "python3", new_enough=True)
    python(bin_, "python3.12", new_enough=True)
    assert taken(bin_) == "python3"


def test_a_newer_one_is_found_beside_an_old_python3(bin_: Path) -> None:
    python(bin_, "python3", new_enough=False)
    python(bin_, "python3.13", new_enough=False)
    python(bin_, "python3.12", new_enough=True)
    python(bin_, "python3.11", new_enough=True)
    assert taken(bin_) == "python3.12"


def test_without_any_it_says_what_to_do_in_both_languages(bin_: Path) -> None:
    python(bin_, "python3", new_enough=False)
    result = make(bin_, "sync")
    assert result.returncode == 2
    assert "Python 3.11 or newer is needed" in result.stderr
    assert "需要 Python 3.11" in result.stderr


def test_where_no_environment_can_be_made_it_says_what_to_install(bin_: Path) -> None:
    program = bin_ / "python3"
    program.write_text('#!/bin/sh\n[ "$1" != -m ]\n')  # new enough, but without venv
    program.chmod(0o755)
    result = make(bin_, "sync")
    assert result.returncode == 2
    assert "apt install python3-venv" in result.stderr
    assert "apt install python3-venv" in result.stderr.partition("No virtual environment")[2]


def test_the_tests_of_ci_are_those_of_everybody(bin_: Path) -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert script.rstrip().endswith("exec make test")
    wanted = make(bin_, "--question", "-p", "PYTHON=python3", "test").stdout
    assert "\ntest: system-and-check unit acceptance\n" in wanted
    assert "--jobs 2 system check\n" in wanted
