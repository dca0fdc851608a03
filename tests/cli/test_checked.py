"""``check --if-changed``: not again what was found good, and again whatever changed."""

import json

import pytest

from yzj_daemon.cli import checked

ASKED = ("check", checked.OPTION)


@pytest.fixture
def service(shell, tmp_path):
    """As systemd runs it: a state directory, a secret in a file."""
    for name in ("state", "credentials"):
        (tmp_path / name).mkdir()
    (tmp_path / "credentials" / "yzj_callback__secret").write_text("a-long-enough-secret")
    shell.settings = {
        "STATE_DIRECTORY": str(tmp_path / "state"),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
    }
    return shell


def is_known(shell, *line):
    return checked.note(line or ASKED, shell.environ) is not None


def test_what_was_found_good_is_known(service):
    assert not is_known(service)
    assert service(*ASKED)[0] == 0
    assert is_known(service)
    assert is_known(service, "run"), "the next start may rely on it"
    assert not is_known(service, "run", "--config", "other.toml")


def test_a_check_that_is_not_asked_to_remembers_nothing(service):
    assert service("check")[0] == 0
    assert not is_known(service)


@pytest.mark.parametrize(
    "change",
    [
        lambda shell, tmp: shell.rules(shell_rules(tmp) + "\n# a comment\n"),
        lambda shell, tmp: (tmp / ".env").write_text("YZJ_FORWARD__PACE=2s\n"),
        lambda shell, tmp: (tmp / "credentials" / "yzj_callback__secret").write_text("another-long-secret"),
        lambda shell, tmp: (tmp / "credentials" / "yzj_api__app_secret").write_text("another-long-secret"),
        lambda shell, tmp: shell.settings.update(YZJ_FORWARD__PACE="2s"),
    ],
    ids=["rules", "env file", "secret", "new secret", "variable"],
)
def test_any_change_asks_for_a_new_check(service, tmp_path, change):
    assert service(*ASKED)[0] == 0
    change(service, tmp_path)
    assert not is_known(service)
    assert service(*ASKED)[0] == 0
    assert is_known(service)


def test_a_change_of_secrets_beside_the_settings_file_asks_for_a_new_check(service, tmp_path):
    del service.settings["CREDENTIALS_DIRECTORY"]
    service.settings["YZJ_CONFIG"] = str(tmp_path / "settings.toml")
    (tmp_path / "settings.toml").touch()
    assert service(*ASKED)[0] == 0
    assert is_known(service)
    (tmp_path / "credentials" / "callback__secret").write_text("another-long-secret")
    assert not is_known(service)


def shell_rules(directory):
    return (directory / "rules.toml").read_text(encoding="utf-8")


def test_what_is_wrong_is_told_every_time(service):
    service.rules("[[rules]]\nid = 'x'\n")
    for _ in range(2):
        code, out, _ = service(*ASKED)
        assert (code, "forward_to" in out) == (1, True)
        assert not is_known(service)


def test_a_note_that_cannot_be_read_is_none(service, tmp_path):
    assert service(*ASKED)[0] == 0
    for broken in ("", "{", '{"salt": "zz"}', "[]"):
        (tmp_path / "state" / "checked.json").write_text(broken)
        assert not is_known(service)


def test_no_secret_is_in_the_note(service, tmp_path):
    assert service(*ASKED)[0] == 0
    stamp = tmp_path / "state" / "checked.json"
    assert "a-long-enough-secret" not in stamp.read_text()
    assert stamp.stat().st_mode & 0o777 == 0o600
    assert json.loads(stamp.read_text())["note"]["door"]["max_body"] == 10 << 20
