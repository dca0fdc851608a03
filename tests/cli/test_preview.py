"""What other rules would have done to the messages in the store, beside those in force."""

import pytest

from tests.cli.conftest import RULES
from tests.flow.conftest import NOW, original
from yzj_daemon.lane import Pace
from yzj_daemon.rules import packing
from yzj_daemon.storage import lanes

SPAN = ("--since", "2027-01-14", "--until", "2027-01-15T16:00:01")  # NOW is 2027-01-15T16:00 in Shanghai

MORE = """
[[rules]]
id = "投诉"
forward_to = ["R:law", "R:ops"]
when = { contains = ["投诉"] }
"""


def test_what_is_added_and_removed_is_told_per_rule_with_samples(shell):
    shell.receive(
        original("我要退款", id="m1"),
        original("投诉", id="m2"),
        original("退款,不然投诉", id="m3"),
        original("谢谢", id="m4"),
    )
    new = RULES.replace('"R:boss"', '"R:chief"') + MORE
    (shell.directory / "new.toml").write_text(new, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    assert told["messages"] == 4
    assert told["deliveries"] == {"before": 4, "after": 7, "added": 5, "removed": 2}
    assert told["reasons"] == {"before": {"matched": 2, "no_match": 2}, "after": {"matched": 3, "no_match": 1}}
    rules = {rule["id"]: rule for rule in told["rules"]}
    assert list(rules) == ["退款", "merge", "投诉"]
    assert not rules["merge"]["changed"]
    changed = rules["退款"]
    assert (changed["before"]["matched"], changed["after"]["matched"]) == (2, 2)
    assert (changed["added"], changed["removed"]) == (2, 2)
    assert changed["removed_samples"][0] == {"message_id": "1", "targets": ["R:boss"], "text": "我要退款"}
    assert [sample["targets"] for sample in changed["added_samples"]] == [["R:chief"]] * 2
    fresh = rules["投诉"]
    assert (fresh["before"]["matched"], fresh["after"]) == (0, {"matched": 2, "deliveries": 4, "suppressed": {}})
    assert [sample["message_id"] for sample in fresh["added_samples"]] == ["2", "3"]


def test_a_rule_that_is_gone_is_named_with_what_it_no_longer_forwards(shell):
    shell.receive(original(id="m1"))
    (shell.directory / "new.toml").write_text(MORE, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    assert [(rule["id"], rule["removed"]) for rule in told["rules"]] == [("投诉", 0), ("退款", 1), ("merge", 0)]
    assert told["deliveries"] == {"before": 2, "after": 0, "added": 0, "removed": 2}


def test_the_load_is_told_in_calls_a_day_against_the_pace(shell):
    """Chats share calls, up to forward.max_targets of them, unless the rule sends one by one."""
    shell.receive(*(original("投诉", id=f"m{n}") for n in range(10)), original("投诉", id="b", account="B"))
    chats = ", ".join(f'"R:{n}"' for n in range(5))
    rule = f'[[rules]]\nid = "new"\nforward_to = [{chats}]\nfanout = "{{}}"\nwhen = {{{{ contains = ["投诉"] }}}}\n'
    for fanout, calls in (("together", 30), ("one-by-one", 50)):
        (shell.directory / "new.toml").write_text(rule.format(fanout), encoding="utf-8")
        sets = ("--set", "forward.max_targets=2", "--set", "forward.pace=2")
        told = shell.one("preview", "new.toml", *SPAN, *sets)
        [loaded, other] = told["accounts"]
        assert (loaded["account"], loaded["calls"]) == ("A", {"before": 0, "after": calls})
        assert (loaded["added_calls_a_day"], loaded["added_lane_seconds_a_day"]) == (calls, calls * 2)
        assert loaded["busiest_hour_calls"] == {"before": 0, "after": calls}
        assert (other["account"], other["deliveries"]) == ("B", {"before": 0, "after": 5})
    (shell.directory / "new.toml").write_text(rule.format("together"), encoding="utf-8")
    _, out, _ = shell("--lang", "zh", "preview", "new.toml", *SPAN, "--set", "forward.pace=10m")
    assert "账号 A:每天多 10 次,约 1h40m 车道时间" in out
    assert "账号 A:最忙的一小时发不完" in out


def test_a_day_is_a_share_of_the_days_that_the_store_knows(shell):
    shell.receive(original("投诉", id="m1"), original("投诉", id="m2"))
    shell.sql(f"UPDATE messages SET received_at = {NOW} - 4 * 86400000 WHERE id = 1")
    (shell.directory / "new.toml").write_text(RULES + MORE, encoding="utf-8")
    told = shell.one("preview", "new.toml", "--since", "2026-12-01", "--until", "2027-01-15T16:00")
    assert told["days"] == 4
    assert told["accounts"][0]["added_calls_a_day"] == 0.2, "one of the two: the end is not included"


def test_what_is_in_force_is_the_set_that_decided_not_the_files_on_disk(shell):
    shell.receive(original(id="m1"))
    shell.rules(RULES + MORE)
    told = shell.one("preview", "rules.toml", *SPAN)
    assert told["rules_hash"]["before"] != told["rules_hash"]["after"]
    assert [rule["id"] for rule in told["rules"] if rule["after"]["matched"] != rule["before"]["matched"]] == []
    shell.receive(original(id="m2"))
    hashes = shell.one("preview", "rules.toml", *SPAN)["rules_hash"]
    assert hashes["before"] == hashes["after"]


def test_an_empty_store_is_compared_with_the_files_on_disk(shell):
    shell.receive()
    told = shell.one("preview", "rules.toml", *SPAN)
    assert (told["messages"], told["days"], told["accounts"]) == (0, 1.0, [])
    assert told["rules_hash"]["before"] == told["rules_hash"]["after"]


def test_why_a_rule_forwards_nothing_is_told(shell):
    shell.receive(
        original(id="m1", chat="R:boss"),
        original(id="m2", type="system", content='{"text":"投诉"}'),
        original("投诉", id="m3", sent_at=NOW - 13 * 3_600_000),
        original("投诉", id="m4", sender="A"),
        original("投诉 4", id="m5", chat="R:law"),
        original("投诉", id="m6"),
    )
    shadow = MORE.replace('"投诉"', '"影子"', 1).replace("[[rules]]", '[[rules]]\nmode = "shadow"')
    own = (
        MORE.replace('"投诉"', '"自己"', 1)
        .replace('"R:ops"', '"R:law"')
        .replace("when = {", "when = { chat = ['R:law'],")
    )
    (shell.directory / "new.toml").write_text(MORE + shadow + own, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    rules = {rule["id"]: rule["after"] for rule in told["rules"]}
    assert rules["投诉"] == {"matched": 4, "deliveries": 3, "suppressed": {"too_old": 1, "type_denied": 1}}
    assert rules["影子"]["suppressed"] == {"shadow": 2, "too_old": 1, "type_denied": 1}
    assert rules["自己"]["suppressed"] == {"loop": 1}
    assert told["reasons"]["after"] == {"matched": 2, "no_match": 1, "self_sent": 1, "too_old": 1, "type_denied": 1}
    _, out, _ = shell("preview", "new.toml", *SPAN)
    assert "too_old: 0 → 1" in out


def test_a_chat_gets_the_copies_of_two_accounts_once(shell):
    copies = [original("投诉", id=f"m{account}", account=account, wx_svrid="9") for account in "AB"]
    shell.receive(*copies, original("投诉", id="again", wx_svrid="9", account="C", chat="R:law"))
    (shell.directory / "new.toml").write_text(MORE, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    assert [(a["account"], a["deliveries"]["after"]) for a in told["accounts"]] == [("A", 2), ("C", 1)]
    assert told["reasons"]["after"] == {"matched": 2, "duplicate": 1}


def test_the_load_is_that_of_the_account_that_forwards(shell):
    shell.receive(original("投诉", id="m1"))
    (shell.directory / "new.toml").write_text(MORE.replace("[[rules]]", '[[rules]]\nvia = "B"'), encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN, "--set", "forward.same_account_only=false")
    assert [(a["account"], a["calls"]["after"]) for a in told["accounts"]] == [("B", 1)]


def test_what_we_sent_ourselves_and_came_back_is_not_forwarded_by_other_rules_either(shell):
    shell.rules(MORE.replace('"R:law", ', ""))
    shell.receive(original("投诉", id="m1"))
    shell.work(lambda c: lanes.begin(c, "A", NOW, Pace(), lanes.Caps()))
    shell.receive(original("投诉", id="m2", chat="R:ops", sender="8", account="B"))
    (shell.directory / "new.toml").write_text(MORE, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    assert told["reasons"]["after"] == {"loop": 1, "matched": 1}


def test_samples_are_limited_and_the_rest_counted(shell):
    shell.receive(*(original("投诉 " + "很长" * 50, id=f"m{n}") for n in range(9)))
    (shell.directory / "new.toml").write_text(MORE, encoding="utf-8")
    assert len(shell.one("preview", "new.toml", *SPAN)["rules"][0]["added_samples"]) == 5
    assert len(shell.one("preview", "new.toml", *SPAN, "--limit", "0")["rules"][0]["added_samples"]) == 9
    _, out, _ = shell("preview", "new.toml", *SPAN, "--limit", "2")
    assert "+ 1 → R:law, R:ops (运营群)  投诉 很长" in out
    assert "很…" in out
    assert "+ … 7 more (--limit 0)" in out
    assert "R:law" in out
    assert "2 rules do the same as before" in out


def test_names_stand_beside_the_ids_of_targets(shell):
    shell.receive(original("投诉", id="m1"))
    (shell.directory / "new.toml").write_text('[names]\n"法务" = "R:law"\n' + MORE, encoding="utf-8")
    assert "R:law (法务)" in shell("preview", "new.toml", *SPAN)[1]


@pytest.mark.parametrize(
    ("toml", "finding"),
    [
        ('[[rules]]\nid = "a"\nwhem = {}\n', "new.toml:3:1: error [unknown-key]"),
        (MORE + '[[rules.examples]]\nmessage = { text = "退款" }\nexpect = "match"\n', "[example-failed]"),
    ],
)
def test_rules_with_a_mistake_are_refused_with_all_that_check_finds(shell, toml, finding):
    shell.receive(original(id="m1"))
    (shell.directory / "new.toml").write_text(toml, encoding="utf-8")
    code, out, err = shell("preview", "new.toml", *SPAN)
    assert (code, out) == (1, "")
    assert finding in err


def test_a_set_in_force_that_this_version_cannot_read_is_called_that(shell):
    shell.receive(original(id="m1"))
    packed = packing.pack({"rules.toml": "[[rules]]\nwhem = 1\n"})
    shell.sql(f"UPDATE rule_sets SET packed = x'{packed.hex()}'")
    code, _, err = shell("preview", "rules.toml", *SPAN)
    assert (code, "the store keeps cannot be read" in err, "unknown-key" in err) == (1, True, True)


def test_many_pages_are_one_preview(shell):
    shell.receive(*(original("投诉", id=f"m{n}") for n in range(450)))
    (shell.directory / "new.toml").write_text(MORE, encoding="utf-8")
    told = shell.one("preview", "new.toml", *SPAN)
    assert (told["messages"], told["rules"][0]["added"]) == (450, 450)


def test_a_preview_needs_a_store_and_a_time_that_can_be_read(shell):
    assert shell("preview", "rules.toml")[0] == 4
    shell.receive()
    assert shell("preview", "rules.toml", "--since", "gestern")[0] == 2
    assert shell("preview")[0] == 2


def test_a_rule_rests_among_the_stored_messages_as_it_did_when_they_came(shell):
    """Also over pages, and for each sender alone."""
    rule = '[[rules]]\nid = "a"\nforward_to = ["R:ops"]\ncooldown = "10s"\ncooldown_by = "{}"\nwhen.everything = true\n'
    shell.rules(rule.replace("{}", "sender"))
    shell.receive(*(original(f"{n}", id=f"m{n}", sender=f"{n % 3}") for n in range(450)))
    shell.sql(f"UPDATE messages SET received_at = {NOW} + id * 1000")
    told = shell.one("preview", "rules.toml", "--since", "2027-01-15", "--until", "2027-01-16")
    # of each sender every fourth, with 3 s between them and 12 s from one to the next
    assert told["deliveries"]["after"] == 3 * 38
    assert told["rules"][0]["after"]["suppressed"] == {"cooldown": 450 - 3 * 38}
    (shell.directory / "all.toml").write_text(rule.replace("{}", "rule"), encoding="utf-8")
    told = shell.one("preview", "all.toml", "--since", "2027-01-15", "--until", "2027-01-16")
    assert (told["deliveries"]["before"], told["deliveries"]["after"]) == (3 * 38, 45)
