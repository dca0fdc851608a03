"""What ``check`` knows from the store."""

from tests.cli.conftest import RULES
from yzj_daemon.clock import DAY


def ids(shell, *args: str) -> list[str]:
    return [row["id"] for row in shell.rows("check", *args)]


def test_a_rule_that_never_matched_is_told_once_it_was_there_long_enough(shell):
    assert "never-hit" not in ids(shell), "no store yet"
    shell.receive()
    known = shell.clock.now() - 400 * DAY
    shell.sql(f"INSERT INTO rule_matches (rule, known_at, matches) VALUES ('merge', {known}, 0)")
    [told] = [row for row in shell.rows("check") if row["id"] == "never-hit"]
    assert (told["file"], told["line"]) == ("rules.toml", RULES.split("\n").index('id = "merge"'))
    assert shell("check", "--strict")[0] == 1
