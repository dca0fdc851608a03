"""One engine: the daemon, ``explain``, ``test``, ``preview`` and ``replay`` decide every message alike.

A varied corpus goes through the daemon's intake, at several times of day; then each command is asked the same.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Any

import pytest

from tests.flow.conftest import NOW, running, text_content
from yzj_daemon.clock import HOUR, MINUTE
from yzj_daemon.flow.intake import Intake, RulesInForce
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.rules import load, packing, text
from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.sandbox.samples import SAMPLES
from yzj_daemon.settings.model import Forward, Pull
from yzj_daemon.storage import reports, schema
from yzj_daemon.storage.engine import Store
from yzj_daemon.yzj import payloads

PATHS = {"picture": ("caption",)}
"""A setting that changes what is read in a message changes it everywhere."""

CONDITIONS = {
    "type": 'type = ["link", "merge", "unheard_of"]',
    "account": 'account = ["B"]',
    "chat": 'chat = ["R:one"]',
    "private": 'chat_type = "private"',
    "sender": 'sender = ["boss", "staff"]',
    "contains": 'contains = ["退款", "ＡＢＣ"]',
    "contains_all": 'contains_all = ["订单", "加急"]',
    "exact": 'contains = ["ABC"]\nfold = []',
    "regex": "regex = ['\\d{3,}号', '投.?诉']",
    "field": 'field = [{ path = "title", regex = "聊天|大促" }, { path = "items[].text", contains = ["发票"] }]',
    "number": 'field = [{ path = "duration", min = 12, max = 20 }]',
    "items": 'items = { min_count = 2, any = { contains = ["退款"] } }',
    "own": "self_sent = true\ncontains = ['订单']",
    "everything": "everything = true",
    "all": 'all = [{ contains = ["订单"] }, { not = { contains = ["加急"] } }]',
    "any": 'any = [{ contains = ["发票"] }, { sender = ["boss"], regex = ["号"] }]',
    "not": 'chat_type = "room"\nnot = { any = [{ type = ["text"] }, { contains = ["诉"] }] }',
    "caption": 'contains = ["配图"]',
}

PLAIN = "".join(
    f'[[rules]]\nid = "{key}"\nforward_to = ["R:{key}", "R:all"]\n[rules.when]\n{when}\n'
    for key, when in CONDITIONS.items()
)

OPTIONS = """
[windows.day]
hours = ["09:00-18:00"]
[[rules]]
id = "deferred"
forward_to = ["R:day"]
during = ["day"]
when = { contains = ["发票"] }
[[rules]]
id = "dropped"
forward_to = ["R:day", "R:noon"]
during = ["day"]
outside = "drop"
when = { type = ["text"], contains = ["发票"] }
[[rules]]
id = "first"
priority = 10
stop = true
forward_to = ["R:vip"]
when = { sender = ["boss"], contains = ["加急"] }
[[rules]]
id = "shut"
priority = 9
stop = true
during = ["day"]
outside = "drop"
forward_to = ["R:vip"]
when = { sender = ["staff"], type = ["text"] }
[[rules]]
id = "shadow"
mode = "shadow"
forward_to = ["R:nobody"]
when = { contains = ["订单"] }
[[rules]]
id = "source"
forward_to = ["R:one", "R:two"]
when = { contains = ["ABC"] }
[[rules]]
id = "back"
forward_to = ["R:one"]
when = { chat = ["R:one"], contains = ["号"] }
[[rules]]
id = "young"
max_age = "1h"
priority = -1
fanout = "one-by-one"
forward_to = ["R:young", "R:all"]
when = { type = ["text"], regex = ["退|投"] }
[[rules]]
id = "off"
enabled = false
forward_to = ["R:off"]
when = { everything = true }
"""

RULES = 'timezone = "Asia/Shanghai"\n' + PLAIN + OPTIONS
WORDS = ["退款", "投诉", "订单", "加急", "发票", "ABC", "abc", "ａｂｃ", "1234号", "谢谢", "退\u200b款"]
TIMES = {NOW: "callback", NOW + 3 * HOUR: "callback", NOW + 11 * HOUR: "pull", NOW + 20 * HOUR: "callback"}
"""When the messages come, from 16:00 on over a night, and how."""
EVERY_TYPE = {NOW, NOW + 11 * HOUR}
"""When the samples come too."""


@dataclass
class Decided:
    """One message, and what the daemon made of it."""

    id: int
    body: str
    at: int
    text: str
    self_sent: bool
    reason: str = ""
    matched: tuple[str, ...] = ()
    targets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    suppressed: list[dict[str, str]] = field(default_factory=list)

    @property
    def dropped(self) -> set[str]:
        return {entry["rule"] for entry in self.suppressed if entry["reason"] == "window"}

    @property
    def too_old(self) -> bool:
        return any(entry["reason"] == "too_old" for entry in self.suppressed)


def bodies(at: int) -> Iterator[str]:
    """Every documented type, then texts that meet every condition, alone and together."""
    dice = Random(at)
    for number, sample in enumerate(SAMPLES if at in EVERY_TYPE else ()):
        members = f",{sample.members}" if sample.members else ""
        yield body(at, f"s{number}", sample.type, sample.content, members, sender=dice.choice(["7", "boss"]))
    yield body(at, "p1", "picture", '{"caption":"配图","url":"https://x"}')
    yield body(at, "u1", "unheard_of", '{"title":"x"}')
    yield body(at, "u2", "other", '{"title":"发票"}')
    yield body(at, "c1", "text", text_content("加急的订单"))
    for number in range(30):
        words = " ".join((*dice.sample(WORDS, dice.randint(1, 3)), f"#{number}"))  # nothing is said 60 times an hour
        yield body(
            at,
            f"t{number}",
            "text",
            text_content(words),
            sender=dice.choice(["7", "boss", "staff", "A", "B"]),
            account=dice.choice(["A", "B"]),
            chat=dice.choice(["R:one", "R:two", "R:three", "8"]),
            sent_at=at - dice.choice([0, MINUTE, 90 * MINUTE, 3 * HOUR, 13 * HOUR]),
        )


def body(at: int, id_: str, kind: str, content: str, members: str = "", **given: Any) -> str:
    """As the platform writes it."""
    chat, account = given.get("chat", "R:two"), given.get("account", "A")
    element = (
        f'{{"msg_type":"{kind}","svrid":"{at}-{id_}","from_wxid":"{given.get("sender", "7")}","to_wxid":"{chat}",'
        f'"chat_wxid":"{chat}","wxid":"{account}","chat_type":{2 if chat.startswith("R:") else 1},'
        f'"msg_time":{given.get("sent_at", at)},"content":{content}{members}}}'
    )
    return f'[{{"type":"chatMsg","rel_wxid":"{account}","data":[{element}]}}]'


@pytest.fixture
def decided(shell) -> list[Decided]:
    """The corpus, as the daemon's intake decided it."""
    shell.settings["YZJ_RULES__TEXT_PATHS"] = json.dumps(PATHS)
    shell.rules(RULES)
    store = Store(shell.environ["YZJ_STORE__URL"])
    store.write_now(schema.upgrade)
    paths = {**text.DEFAULT_PATHS, **PATHS}
    loaded = load.load(shell.directory / "rules.toml", Dialect(paths))
    assert loaded.ruleset is not None, [finding.to("en") for finding in loaded.findings]
    intake = Intake(
        store,
        RulesInForce(loaded.ruleset, packing.pack(loaded.files)),
        PlanPolicy.of(Forward(), Pull()),
        clock=shell.clock,
        metrics=shell.metrics,
        wake=lambda accounts: None,
        max_targets=20,
        read_text=partial(text.read, paths=paths),
    )
    intake.hosted.update({"A", "B"})

    async def receive() -> list[str]:
        taken: list[str] = []
        async with running(intake):
            for at, source in TIMES.items():
                shell.clock.seconds = at / 1000
                come = list(bodies(at))
                done = [intake.offer(payloads.split(plain.encode()), source, at) for plain in come]
                await asyncio.gather(*(each for each in done if each is not None))
                taken += come
        return taken

    taken = asyncio.run(receive())
    found = [store.read_now(partial(_decided, message_id=number, body=plain)) for number, plain in enumerate(taken, 1)]
    store.close()
    return found


def _decided(connection, message_id: int, body: str) -> Decided:
    received = reports.received(connection, message_id)
    judged = reports.judgement(connection, message_id)
    assert received is not None
    assert judged is not None
    assert f'"svrid":"{received.original.svrid}"' in body, "ids are given in the order of receipt"
    return Decided(
        id=message_id,
        body=body,
        at=received.received_at,
        text=received.message.text,
        self_sent=received.message.self_sent,
        reason=judged.reason,
        matched=judged.rules,
        targets={line.chat: line.rules for line in reports.deliveries_of(connection, message_id)},
        suppressed=judged.trail.get("suppressed", []),
    )


def test_the_corpus_meets_every_rule_and_every_reason(decided):
    matched = Counter(rule for one in decided for rule in one.matched)
    loaded = load.load_texts({"rules.toml": RULES})
    assert loaded.ruleset is not None
    assert set(matched) == {rule.id for rule in loaded.ruleset.rules}
    assert all(0 < count < len(decided) for count in matched.values())
    reasons = {one.reason for one in decided} | {entry["reason"] for one in decided for entry in one.suppressed}
    assert reasons >= {"matched", "self_sent", "shadow", "loop", "window", "type_denied", "too_old"}


def test_explain_decides_as_the_daemon_did(shell, decided):
    for one in decided:
        told = shell.one("explain", str(one.id))
        assert (told["matched"], told["reason"]) == (list(one.matched), one.reason), one.body
        assert set(told["targets"]) == set(one.targets), one.body
        assert told["suppressed"] == one.suppressed
        assert [row["id"] for row in told["rules"] if row["matched"]] == list(one.matched), "without the index"
    again = shell.one("explain", str(decided[0].id), "--rules", "rules.toml")
    assert again["matched"] == list(decided[0].matched), "as with the rules of then"


def test_examples_made_of_the_messages_hold(shell, decided):
    """Who is hosted is not known to an example file, but for the account that received it."""
    rules = sorted({rule for one in decided for rule in one.matched})
    asked = [one for one in decided if one.self_sent is _sent_by_its_account(one)]
    made: dict[str, list[str]] = {rule: [] for rule in rules}
    for one in asked:
        (shell.directory / f"{one.id}.json").write_text(one.body, encoding="utf-8")
        for rule in rules:
            expect = "match" if rule in one.matched and rule not in one.dropped else "no-match"
            at = datetime.fromtimestamp(one.at / 1000, UTC).isoformat()
            made[rule].append(f'[[rules.examples]]\nmessage_file = "{one.id}.json"\nat = {at}\nexpect = "{expect}"\n')
    whole = RULES
    for rule, examples in made.items():
        head, _, tail = whole.partition(f'id = "{rule}"\n')
        own, header, others = tail.partition("[[rules]]\n")
        whole = f'{head}id = "{rule}"\n{own}{"".join(examples)}{header}{others}'
    (shell.directory / "proven.toml").write_text(whole, encoding="utf-8")
    code, out, err = shell("test", "proven.toml", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row for row in rows if not row["passed"]] == [], err
    assert (code, len(rows)) == (0, len(asked) * len(rules))
    assert shell("check", "proven.toml")[0] == 0


def _sent_by_its_account(one: Decided) -> bool:
    [original] = payloads.split(one.body.encode()).originals
    return original.sender == original.account


SPAN = ("--since", "2027-01-14", "--until", "2027-02-01")
NOTHING = '[[rules]]\nid = "nothing"\nforward_to = ["R:x"]\nwhen = { contains = ["\\u2603\\u2603"] }\n'


def test_a_preview_decides_as_the_daemon_did(shell, decided):
    """Against rules that match nothing, all that the daemon owed is told as gone, message by message."""
    (shell.directory / "nothing.toml").write_text(NOTHING, encoding="utf-8")
    told = shell.one("preview", "nothing.toml", *SPAN, "--limit", "0")
    gone: dict[int, dict[str, set[str]]] = {}
    for rule in told["rules"]:
        for sample in rule["removed_samples"]:
            for chat in sample["targets"]:
                gone.setdefault(int(sample["message_id"]), {}).setdefault(chat, set()).add(rule["id"])
    for one in decided:
        assert gone.get(one.id, {}) == {chat: set(rules) for chat, rules in one.targets.items()}, one.body
    assert told["reasons"]["before"] == Counter(one.reason for one in decided)
    rules = {rule["id"]: rule["before"] for rule in told["rules"]}
    assert {id_: rule["matched"] for id_, rule in rules.items() if rule["matched"]} == Counter(
        rule for one in decided for rule in one.matched
    )
    assert {id_: rule["suppressed"] for id_, rule in rules.items() if rule["suppressed"]} == _suppressed(decided)


def _suppressed(decided: list[Decided]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for one in decided:
        for entry in one.suppressed:
            found.setdefault(entry["rule"], Counter())[entry["reason"]] += 1
    return {rule: dict(counts) for rule, counts in found.items()}


def test_a_preview_of_the_rules_in_force_changes_nothing(shell, decided):
    told = shell.one("preview", "rules.toml", *SPAN)
    assert told["messages"] == len(decided)
    assert [rule["id"] for rule in told["rules"] if rule["changed"]] == []
    assert told["deliveries"]["before"] == sum(len(one.targets) for one in decided)
    assert (told["deliveries"]["added"], told["deliveries"]["removed"]) == (0, 0)


def test_a_replay_decides_as_the_daemon_did_but_for_age(shell, decided):
    told = shell.one("replay", *SPAN, "--again", "--execute", "--most", "100000")
    assert told["messages"] == len(decided)
    replayed: dict[int, dict[str, list[str]]] = {}
    for row in shell.rows("deliveries", "list", "--limit", "0"):
        if row["reason"] == "replay":
            replayed.setdefault(int(row["message_id"]), {})[row["chat"]] = row["rules"]
    for one in decided:
        targets = {chat: list(rules) for chat, rules in one.targets.items()}
        again = replayed.get(one.id, {})
        assert again.keys() >= targets.keys() if one.too_old else again == targets, one.body
