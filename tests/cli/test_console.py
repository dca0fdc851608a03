"""``console``: a link for whoever may read the daemon's key."""

from yzj_daemon.console.access.links import KeyFile, Links


def test_the_link_opens_the_console_that_runs_on_this_store(shell, clock):
    links = Links(clock)
    KeyFile("http://127.0.0.1:8081", links.key).write(shell.directory / "store.db")
    told = shell.one("console")
    assert told["url"].startswith("http://127.0.0.1:8081/enter?ticket=")
    assert told["valid_seconds"] == 600
    code, out, _ = shell("--lang", "zh", "console")
    assert code == 0
    assert "只能用一次" in out


def test_without_a_daemon_it_says_what_to_do(shell):
    code, _, err = shell("console")
    assert code == 4
    assert "no daemon is running" in err
    assert "yzj-daemon run" in err
