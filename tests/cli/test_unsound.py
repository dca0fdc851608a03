"""A store that is damaged, locked, empty or another program's, and output that has nowhere to go: told, in words."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.flow.conftest import original
from yzj_daemon.errors import StoreProblem
from yzj_daemon.storage import schema
from yzj_daemon.storage.sqlite import Sqlite

PAGE = 8_192


def scribble(path: Path) -> None:
    """As a broken disk would: the pages behind the schema hold something else."""
    content = bytearray(path.read_bytes())
    content[5 * PAGE : 25 * PAGE] = b"\xff" * (20 * PAGE)
    path.write_bytes(content)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 5 * PAGE])


def replace_by_words(path: Path) -> None:
    path.write_text("这不是数据库\n" * 1_000)


@pytest.fixture
def filled(shell):
    shell.receive(*(original("退款" * 50, id=f"m{n}") for n in range(50)))
    return shell


@pytest.fixture
def path(filled) -> Path:
    return filled.directory / "store.db"


@pytest.mark.parametrize("harm", [scribble, shorten, replace_by_words])
def test_a_damaged_store_is_an_answer_of_the_check_with_what_to_do(filled, path, harm):
    harm(path)
    code, out, err = filled("--lang", "zh", "db", "check")
    assert (code, err) == (1, "")
    assert out.startswith("数据损坏: ")
    assert out.splitlines()[-1] == "    → 停掉守护进程, 恢复一份好的备份: yzj-daemon db restore FILE"
    told = filled.one("db", "check", code=1)
    assert told["problems"][0].startswith("damaged: ")
    code, _, err = filled("db", "backup", "copy.db")
    assert (code, "what is copied is damaged" in err) == (4, True)
    assert not Path("copy.db").exists()


def test_other_commands_on_a_damaged_store_say_so(filled, path):
    replace_by_words(path)
    for lang, words in (("zh", "它已损坏, 或不是数据库"), ("en", "it is damaged, or no database")):
        code, out, err = filled("--lang", lang, "status")
        assert (code, out, words in err, "db restore FILE" in err) == (4, "", True, True)


def test_an_empty_file_is_no_store_yet(shell, tmp_path):
    (tmp_path / "store.db").touch()
    code, out, _ = shell("db", "check")
    assert (code, out) == (
        1,
        f"the store's schema is empty, this program needs {schema.HEAD}\n    → run: yzj-daemon db upgrade\n",
    )
    assert shell("db", "upgrade")[0] == 0
    assert shell("db", "check")[0] == 0


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE songs (x)", "CREATE TABLE alembic_version AS SELECT 'f3a9' AS version_num"]
)
def test_the_database_of_another_program_is_refused_and_not_touched(shell, tmp_path, statement):
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
        other.commit()
    before = path.read_bytes()
    code, out, _ = shell("--lang", "zh", "db", "check")
    assert (code, "这是别的程序的数据库" in out, "检查 store.url" in out) == (1, True, True)
    for command in (["db", "upgrade"], ["status"]):
        code, _, err = shell(*command)
        assert (code, "another program's database" in err, "nothing was changed" in err) == (4, True, True)
    assert path.read_bytes() == before


def test_a_store_that_another_program_locks_is_told_with_who_may_do_so(filled, path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(path, timeout=0)) as ours, pytest.raises(sqlite3.OperationalError) as caught:
            ours.execute("BEGIN IMMEDIATE")
    told = Sqlite(f"sqlite:///{path}").problem(caught.value)
    assert isinstance(told, StoreProblem)
    assert "database is locked" in told.to("en")
    assert "another program locks it" in told.to("en")
    assert "别的程序锁住了它" in told.to("zh")


def exporting(shell, into: int) -> subprocess.Popen[bytes]:
    program = [sys.executable, "-m", "yzj_daemon", "messages", "export"]
    return subprocess.Popen(program, env=shell.environ, stdout=into, stderr=subprocess.PIPE)


def test_an_export_ends_well_when_nobody_reads_on_and_says_so_when_it_cannot_be_written(shell):
    shell.receive(*(original("谢谢" * 500, id=f"m{n}") for n in range(300)))
    with (
        exporting(shell, subprocess.PIPE) as reader,
        Path("/dev/full").open("wb") as full,
        exporting(shell, full.fileno()) as writer,
    ):
        assert reader.stdout is not None
        assert reader.stdout.readline().startswith(b'{"id":"300"')
        reader.stdout.close()
        assert (reader.communicate()[1], reader.returncode) == (b"", 0)
        said = writer.communicate()[1].decode()
    assert (writer.returncode, "no room to write: No space left on device" in said, "Traceback" in said) == (
        1,
        True,
        False,
    )
