"""``service``: what it puts where, that it may be run again, and that a person is told what to do next."""

import pytest

from yzj_daemon.settings import load

UNITS = "etc/systemd/system"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "root"


def lines(out):
    """Verb and path of each step."""
    return [tuple(line.split()) for line in out.splitlines() if "/root/" in line and not line.startswith(("!", " "))]


def test_an_installation_is_whole_and_says_what_it_did(shell, root):
    code, out, err = shell("service", "install", "--root", str(root), "--program", "/opt/yzj/bin/yzj-daemon")
    assert (code, err) == (0, "")
    assert lines(out) == [
        ("make", f"{root}/etc/yzj-daemon/"),
        ("make", f"{root}/etc/yzj-daemon/credentials/"),
        ("write", f"{root}/etc/yzj-daemon/settings.toml"),
        ("write", f"{root}/etc/yzj-daemon/rules.toml"),
        ("write", f"{root}/{UNITS}/yzj-daemon.service"),
        ("write", f"{root}/{UNITS}/yzj-daemon.socket"),
    ]
    assert "systemctl enable --now yzj-daemon.socket yzj-daemon.service" in out
    assert (root / "etc/yzj-daemon/credentials").stat().st_mode & 0o777 == 0o700
    assert "ExecStart=/opt/yzj/bin/yzj-daemon run" in (root / UNITS / "yzj-daemon.service").read_text()


def test_what_it_writes_is_ready_to_be_filled_in(shell, root):
    for lang in ("zh", "en"):
        shell("--lang", lang, "service", "install", "--root", str(root / lang))
        written = root / lang / "etc/yzj-daemon"
        settings = written / "settings.toml"
        settings.write_text(settings.read_text().replace('app_id   = ""', 'app_id   = "1"'))
        secrets = {"api.app_secret": "s" * 20, "callback.secret": "c" * 20, "callback.aes_key": "k" * 32}
        filled = load(settings, secrets, {})
        assert filled.for_run().store.url == "sqlite:////var/lib/yzj-daemon/yzj-daemon.db"
        assert shell("check", str(written / "rules.toml"))[0] == 0


def test_it_may_be_run_again_and_leaves_what_people_wrote(shell, root):
    shell("service", "install", "--root", str(root))
    settings = root / "etc/yzj-daemon/settings.toml"
    settings.write_text("# mine\n")
    _, out, _ = shell("service", "install", "--root", str(root))
    assert {verb for verb, _ in lines(out)} == {"exists", "keep", "unchanged"}
    _, out, _ = shell("service", "install", "--root", str(root), "--port", "9443")
    assert ("renew", f"{root}/{UNITS}/yzj-daemon.socket") in lines(out)
    assert settings.read_text() == "# mine\n"


def test_a_dry_run_says_the_same_and_does_nothing(shell, root):
    _, told, _ = shell("service", "install", "--root", str(root), "--dry-run")
    assert not root.exists()
    _, done, _ = shell("service", "install", "--root", str(root))
    assert lines(told) == lines(done)
    assert len(lines(told)) == 6
    before = sorted(root.rglob("*"))
    shell("service", "uninstall", "--root", str(root), "--dry-run")
    assert sorted(root.rglob("*")) == before


def test_what_is_removed_are_the_units_alone(shell, root):
    shell("service", "install", "--root", str(root))
    code, out, _ = shell("service", "uninstall", "--root", str(root))
    assert code == 0
    assert sorted(path.name for path in root.rglob("*") if path.is_file()) == ["rules.toml", "settings.toml"]
    assert "What stays" in out
    assert shell("service", "uninstall", "--root", str(root))[0] == 0, "and again"


def test_what_is_shown_is_what_is_installed(shell, root):
    _, shown, _ = shell("service", "print", "--user", "yzj", "--state", "/data/yzj")
    shell("service", "install", "--root", str(root), "--user", "yzj", "--state", "/data/yzj")
    for name in ("yzj-daemon.service", "yzj-daemon.socket"):
        assert f"# /{UNITS}/{name}\n{(root / UNITS / name).read_text()}" in shown


def test_where_nothing_can_be_written_it_says_what_to_do(shell, tmp_path):
    (tmp_path / "file").touch()
    code, _, err = shell("service", "install", "--root", str(tmp_path / "file"))
    assert code == 1
    assert "what to do: run it as root" in err
