"""Commands on a store of either engine; what PostgreSQL does itself they leave to it."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.cli.conftest import Shell
from tests.flow.conftest import original
from tests.storage.filling import fill
from yzj_daemon.cli import app
from yzj_daemon.storage import moving, schema
from yzj_daemon.storage.engine import Store

URL = "YZJ_STORE__URL"
PASSWORD = "hunter2-and-more"
ROWS = 20

LOOKS = """
messages list | messages search 退款 | messages show 1 | messages export
deliveries list | deliveries show 1 | lanes | status | accounts | chats list | chats search x | actions
alerts list | mute list | rules history | audit | preview rules.toml --since 2026-01-01 --until 2028-01-01
replay --since 2026-01-01 --until 2028-01-01 | example 1 --rule 退款 --dry-run
"""

RULES = """
[[rules]]
id = "退款"
forward_to = ["R:ops"]
when = { contains = ["退款"] }
"""


def receive(shell: Shell) -> None:
    shell.rules(RULES)
    shell.receive(
        original("我要退款", id="m1", sender="7", chat="R:one"),
        original("谢谢", id="m2", sender="8", chat="R:one"),
        original("退款 merged", id="m3", chat="R:two", account="B"),
    )
    assert shell("mute", "add", "--chat", "R:ops", "--until", "2030-01-01", "--comment", "x")[0] == 0


def test_whatever_only_looks_tells_the_same_of_either(shell, database_url):
    commands = [line.split() for line in LOOKS.replace("\n", "|").split("|") if line.strip()]
    receive(shell)
    of_file = [shell(*command, "--json") for command in commands]
    shell.settings[URL] = database_url
    receive(shell)
    for command, expected in zip(commands, of_file, strict=True):
        told = shell(*command, "--json")
        assert settled(told) == settled(expected), command
        assert told[0] == 0, told
    assert sum(bool(told[1]) for told in of_file) > len(of_file) / 2, "there is something to see"


def settled(told: tuple[int, str, str]) -> tuple[int, list[object], str]:
    """Without what is another at every run: when somebody typed something, and where the store is."""
    code, out, err = told
    rows = [json.loads(line) for line in out.splitlines()]
    for row in rows:
        for name in ("at", "created_at", "store", "oldest_seconds", "drain_seconds"):
            row.pop(name, None)
    return code, rows, err


@pytest.fixture
def on_postgres(shell: Shell, database_url: str) -> Shell:
    shell.settings[URL] = database_url
    receive(shell)
    return shell


def test_a_check_tells_what_the_database_takes(on_postgres):
    told = on_postgres.one("db", "check")
    assert (told["ok"], told["problems"], told["free_bytes"]) == (True, [], 0)
    assert told["bytes"] > 1_000_000
    assert on_postgres.one("db", "upgrade")["after"] == schema.HEAD
    on_postgres.sql("DELETE FROM decisions WHERE message_id = 1")
    assert "without a decision: 1" in on_postgres.one("db", "check", code=1)["problems"][0]
    assert on_postgres("audit")[0] == 1


@pytest.mark.parametrize("command", [["backup", "copy.db"], ["restore", "rules.toml", "--yes"], ["compact"]])
def test_what_is_for_files_names_what_is_for_databases(on_postgres, command):
    code, _, err = on_postgres("db", *command)
    assert code == 4
    assert "pg_dump or PITR" in err
    assert "db distrust" in err


def test_after_a_restore_by_other_tools_nothing_leaves_by_itself(on_postgres):
    on_postgres.sql("UPDATE deliveries SET state = 'sending' WHERE account = 'B'")
    told = on_postgres.one("db", "distrust", "--yes")
    assert (told["held"], told["unknown"]) == (1, 1)
    rows = on_postgres.rows("deliveries", "list")
    assert sorted((row["state"], row["reason"]) for row in rows) == [("held", "restored"), ("unknown", "interrupted")]
    assert on_postgres.rows("actions")[0]["verb"] == "restore"


# Moving --------------------------------------------------------------------------------------------------------------


def program(shell: Shell, *arguments: str) -> "subprocess.Popen[bytes]":
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "yzj_daemon", *arguments],
        env={"PATH": os.environ["PATH"], **shell.environ},
        cwd=shell.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_a_move_that_was_killed_goes_on_and_is_told(shell, database_url, tmp_path):
    """Killed while it waits to write its last table; then the same command once more."""
    file = f"sqlite:///{tmp_path}/store.db"
    with closing(Store(file)) as store:
        store.write_now(schema.upgrade)
        store.write_now(lambda c: fill(c, ROWS))
    move = ("db", "move", file, database_url, "--yes", "--json")

    def kill_it(connection: Connection) -> None:
        connection.exec_driver_sql(f"LOCK TABLE {moving.carried()[-1].name} IN EXCLUSIVE MODE")
        process = program(shell, *move)
        while not connection.exec_driver_sql("SELECT 1 FROM deliveries LIMIT 1").first():
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.kill()
        process.communicate()

    with closing(Store(database_url)) as target:
        target.write_now(kill_it)
    shell.settings[URL] = database_url
    code, _, err = shell("audit")
    assert (code, "a move into this store was not finished" in err) == (4, True)
    out, err = program(shell, *move).communicate()
    assert json.loads(out or err)["tables"]["messages"]["rows"] == ROWS
    arrived = shell.one("audit")
    shell.settings[URL] = file
    assert {**arrived, "deliveries": {}} == {**shell.one("audit"), "deliveries": {}}
    code, _, err = shell("db", "upgrade")
    assert (code, "this store was moved to postgresql://" in err) == (4, True)


def test_what_moved_is_told_to_people_with_what_to_do(shell, database_url):
    receive(shell)
    code, out, err = shell("db", "move", shell.environ[URL], database_url, "--yes")
    assert (code, err) == (0, "")
    assert "messages: 3  " in out
    assert "Point store.url to the new one" in out
    assert "move" in shell("actions", environ={URL: database_url})[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sqlite:///none.db", "sqlite:///b.db"], "there is no store yet"),
        (["sqlite:///store.db", "sqlite:///store.db"], "the same store"),
        (["mysql://x/y", "sqlite:///b.db"], "store.url cannot be read"),
        (["sqlite:///store.db", f"postgresql://u:{PASSWORD}@h/db"], "a password cannot stand on the command line"),
    ],
)
def test_a_move_that_cannot_be_says_why(shell, arguments, said):
    receive(shell)
    code, out, err = shell("db", "move", *arguments, "--yes")
    assert code != 0
    assert said in err
    assert PASSWORD not in out + err
    assert "there is no terminal" in shell("db", "move", "sqlite:///store.db", "sqlite:///b.db")[2]


def test_callbacks_that_are_not_stored_yet_are_not_left_behind(shell, tmp_path):
    receive(shell)
    (tmp_path / "store.db.spool").write_text('{"at":1,"body":""}\n')
    code, _, err = shell("db", "move", "sqlite:///store.db", "sqlite:///b.db", "--yes")
    assert (code, "callbacks that were answered and not stored yet" in err) == (4, True)
    assert not Path(tmp_path / "b.db").exists()


# The password in store.url -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["postgresql://u:{}@127.0.0.1:1/db", "postgresql://u@127.0.0.1:1/db?password={}"])
@pytest.mark.parametrize(
    "command", [["settings"], ["settings", "--json"], ["status"], ["audit"], ["db", "check"], ["doctor"]]
)
def test_the_password_of_the_store_is_shown_by_nothing(shell, url, command):
    code, out, err = shell(*command, environ={URL: url.format(PASSWORD)})
    assert PASSWORD not in out + err
    assert code in (0, 1, 4)
    assert "127.0.0.1:1" in out + err


def test_the_store_may_be_named_by_a_secret_file_and_moved_into_without_its_password(shell, database_url, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "YZJ_STORE__URL").write_text(database_url.replace("postgres@", f"postgres:{PASSWORD}@"))
    given = {"YZJ_SECRETS_DIR": str(secrets), "YZJ_RULES__PATH": "rules.toml", "YZJ_LANG": "en"}
    receive(shell)
    shell.capsys.readouterr()
    assert app.main(["db", "move", "sqlite:///store.db", database_url, "--yes"], given) == 0
    assert app.main(["settings"], given) == 0
    said = shell.capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert "secret file" in said.out


def test_a_password_on_the_command_line_is_refused_and_not_repeated(shell):
    code, out, err = shell("--set", f"store.url=postgresql://u:{PASSWORD}@h/db", "status")
    assert (code, "cannot stand on the command line" in err) == (3, True)
    assert PASSWORD not in out + err
