"""What holds for every command: languages, exit codes, options, help, speed of start."""

import json
import os
import signal
import subprocess
import sys

import pytest
import typer

from tests.flow.conftest import original
from yzj_daemon import __version__
from yzj_daemon.cli import app as app_module
from yzj_daemon.cli import words
from yzj_daemon.cli.commands import program
from yzj_daemon.cli.session import Session


def commands(command, path=()):
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


NAMES = [path for path, _ in commands(typer.main.get_command(program())) if path]


@pytest.mark.parametrize("path", NAMES, ids=" ".join)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_is_complete_in_both_languages(shell, path, lang):
    code, out, _ = shell("--lang", lang, *path, "--help")
    assert code == 0
    assert "\x1f" not in out
    assert "<bool>" not in out
    chinese = any("\u4e00" <= char <= "\u9fff" for char in out)
    assert chinese is (lang == "zh")


def test_a_text_in_one_language_only_does_not_start():
    bare = typer.Typer()
    bare.command("x", help="only English")(lambda: None)
    with pytest.raises(ValueError, match="both languages"):
        words.speak(typer.main.get_command(bare), "en")


def test_version(shell):
    assert shell("version")[1] == f"yzj-daemon {__version__}\n"
    assert shell.one("version")["version"] == __version__


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["mesages"], "messages"),
        (["messages", "list", "--acount", "x"], "--account"),
        (["messages", "list", "--limit", "many"], "--limit"),
        (["messages", "list", "--state", "done"], "pending"),
        (["messages", "show"], "ID"),
        (["--set", "forward.pace", "version"], "forward.pace=2s"),
        (["--lang", "fr", "version"], "zh"),
        (["sandbox", "--behaviour", "srot=desc"], "sort"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_wrong_usage_is_2_and_says_what_is_right(shell, args, hint):
    for lang in ("zh", "en"):
        code, out, err = shell(*args, environ={"YZJ_LANG": lang})
        assert (code, out) == (2, "")
        assert hint in err
        assert "Traceback" not in err


def test_global_options_may_stand_anywhere(shell):
    (shell.directory / "s.toml").write_text('[log]\nlevel = "debug"\n', encoding="utf-8")
    before = shell("--config", "s.toml", "--lang", "zh", "settings", "--json")
    after = shell("settings", "--json", "--lang=zh", "--config", "s.toml")
    assert before == after
    [level] = [row for row in map(json.loads, after[1].splitlines()) if row["name"] == "log.level"]
    assert (level["value"], level["source"]) == ("debug", "file s.toml")


def test_settings_show_values_and_sources_and_no_secret(shell):
    secret = "very-secret-0123456789"
    code, out, _ = shell("settings", "--set", "forward.pace=2s", environ={"YZJ_API__APP_SECRET": secret})
    assert code == 0
    assert secret not in out
    rows = {row["name"]: row for row in shell.rows("settings", "--set", "forward.pace=2s")}
    assert rows["forward.pace"] == {"name": "forward.pace", "value": "2s", "source": "command line", "default": "1s"}
    assert rows["forward.retries"]["source"] == "default"


def test_wrong_settings_are_3_all_at_once(shell):
    code, _, err = shell("settings", environ={"YZJ_FORWARD__PASE": "1", "YZJ_OPS__PORT": "70000"})
    assert code == 3
    assert "YZJ_FORWARD__PACE" in err
    assert "YZJ_OPS__PORT" in err


def test_a_store_that_is_missing_newer_or_no_store_is_4(shell):
    code, _, err = shell("status")
    assert (code, "there is no store yet" in err) == (4, True)
    shell.receive(original("谢谢", id="m1"))
    shell.sql("UPDATE alembic_version SET version_num = '9999'")
    code, _, err = shell("messages", "list")
    assert (code, "newer version" in err) == (4, True)
    (shell.directory / "store.db").write_bytes(b"no database at all" * 500)
    assert shell("messages", "list")[0] == 4


def test_the_language_is_asked_for_or_the_environments(shell):
    for environ, word in (({"YZJ_LANG": "zh"}, "没有"), ({"YZJ_LANG": "auto", "LANG": "zh_CN.UTF-8"}, "没有")):
        assert word in shell("messages", "show", "99", environ=environ)[2]
    assert "no store" in shell("messages", "show", "99", environ={"YZJ_LANG": "auto", "LANG": "C"})[2]


def test_a_store_is_made_checked_and_copied(shell):
    assert shell("db", "upgrade")[0] == 0
    assert shell.one("db", "upgrade")["before"] == shell.one("db", "upgrade")["after"]
    shell.receive(original("谢谢", id="m1"))
    assert shell.one("db", "check")["ok"] is True
    assert shell.one("db", "backup", "copy.db")["bytes"] > 0
    code, _, err = shell("db", "backup", "copy.db")
    assert (code, "exists" in err) == (2, True)
    url = f"sqlite:///{shell.directory}/copy.db"
    assert json.loads(shell("messages", "list", "--json", environ={"YZJ_STORE__URL": url})[1])["svrid"] == "m1"
    whole = (shell.directory / "copy.db").read_bytes()
    (shell.directory / "copy.db").write_bytes(whole[: len(whole) // 2])
    assert shell("db", "check", environ={"YZJ_STORE__URL": url})[0] in {1, 4}


def run(*args: str, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, **more)


def test_the_module_is_the_command_and_starts_light():
    done = run("-X", "importtime", "-m", "yzj_daemon", "version")
    assert (done.returncode, done.stdout) == (0, f"yzj-daemon {__version__}\n")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not {"sqlalchemy", "pydantic_settings", "httpx", "uvicorn", "structlog", "rich"} & loaded


def test_a_reader_that_has_seen_enough_is_no_error(shell):
    shell.receive(*(original("谢谢" * 50, id=f"m{n}") for n in range(3_000)))
    program = f"{sys.executable} -m yzj_daemon messages list --limit 0 | head -1"
    environ = {**os.environ, **shell.environ}
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program}"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_sandbox_runs_until_it_is_told_to_end():
    with subprocess.Popen(
        [sys.executable, "-m", "yzj_daemon", "sandbox", "--json", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            assert said["base_url"].startswith("http://127.0.0.1:")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_a_surprise_is_told_whole_and_without_secrets(capsys):
    secret, token = "very/secret-0123456789", "ops-token-0123456789"
    environ = {"YZJ_API__APP_SECRET": secret, "yzj_ops__token": token}
    for lang, word in (("zh", "程序自己的错误"), ("en", "a mistake of the program")):
        surprise = RuntimeError(f"{secret} {token} https://h/?access_token=abc")
        assert app_module._surprised(surprise, Session(lang=lang, environ=environ)) == 1
        told = capsys.readouterr().err
        assert "RuntimeError" in told
        assert word in told
        assert not [leaked for leaked in (secret, token, "abc") if leaked in told]


def test_secrets_in_a_file_that_everybody_may_read_are_told_of(shell):
    path = shell.directory / "s.toml"
    path.write_text('[api]\napp_secret = "very-secret-0123456789"\n', encoding="utf-8")
    for mode, told in ((0o644, True), (0o640, False), (0o600, False)):
        path.chmod(mode)
        assert ("chmod o-rwx s.toml" in shell("settings", "--config", "s.toml")[1]) is told
    path.write_text("[api]\napp_id = 'a'\n", encoding="utf-8")
    path.chmod(0o644)
    assert "chmod" not in shell("settings", "--config", "s.toml")[1]
