"""What ``status`` says somebody should look at."""

import time

from tests.cli.conftest import RULES
from yzj_daemon.clock import DAY, HOUR


def attention(shell) -> dict[str, int]:
    return {row["id"]: row["count"] for row in shell.one("status")["attention"]}


def test_what_wants_a_look_is_named_with_what_to_do(shell):
    shell.receive()
    assert attention(shell) == {}
    now = int(time.time() * 1000)
    shell.rules(
        RULES.replace('id = "merge"', 'id = "merge"\nexpect_every = "1h"')
        .replace('outside = "drop"\n', "")
        .replace('during = ["day"]\n', "")
    )
    shell.sql(f"INSERT INTO rule_matches (rule, known_at, matches) VALUES ('merge', {now - 2 * HOUR}, 0)")
    shell.sql(f"INSERT INTO held_rules (rule, why, held_at) VALUES ('退款', 'too many', {now})")
    shell.sql(f"INSERT INTO quarantine (received_at, source, reason, body) VALUES ({now}, 'callback', 'x', x'00')")
    shell.sql(
        f"INSERT INTO quarantine (received_at, source, reason, body) VALUES ({now - 2 * DAY}, 'callback', 'x', x'00')"
    )
    assert attention(shell) == {"held_rule": 1, "quarantined": 1, "silent_rule": 1}
    code, out, _ = shell("status")
    assert code == 0
    assert "deliveries release --rule 退款" in out
    assert "merge" in out


def test_a_dry_run_is_told_by_all_who_are_asked_how_it_is(shell):
    shell.receive()
    assert shell.one("status")["dry_run"] is False
    shell.settings["YZJ_FORWARD__DRY_RUN"] = "true"
    assert shell.one("status")["dry_run"] is True
    assert "dry run (forward.dry_run), nothing is forwarded" in shell("status")[1]
    assert "试运行 (forward.dry_run), 不转发" in shell("--lang", "zh", "status")[1]
    assert "forward.dry_run is on" in shell("settings")[2] + shell("settings")[1]


def test_a_store_without_a_directory_says_that_it_is_the_directory(shell, tmp_path):
    shell.settings["YZJ_STORE__URL"] = f"sqlite:///{tmp_path}/nowhere/store.db"
    code, _, err = shell("db", "upgrade")
    assert code == 4
    assert f"there is no directory for the store: {tmp_path}/nowhere" in err
    assert "systemctl start yzj-daemon" in err
