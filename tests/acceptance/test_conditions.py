"""Each kind of condition, matching and not, as the running daemon decides it."""

import asyncio

from tests.acceptance.conftest import BOSS, CLOUD, DUTY, LI, OPS, REAL, ROOM, WANG, start, text
from yzj_daemon.sandbox.incoming import Inject

WHEN = {
    "type": 'type = ["link"]',
    "account": f'account = ["{REAL}"]',
    "chat": f'chat = ["{DUTY}"]',
    "chat_type": 'chat_type = "private"',
    "sender": 'sender = ["老板"]',
    "contains": 'contains = ["发票", "ＡＢＣ"]',
    "contains_all": 'contains_all = ["订单", "加急"]',
    "regex": "regex = ['\\d{6,}号']",
    "field": 'field = [{ path = "title", equals = "报名" }, { path = "n", min = 10 }]',
    "self_sent": "self_sent = true",
    "all": 'all = [{ contains = ["甲"] }, { contains = ["乙"] }]',
    "any": 'any = [{ contains = ["丙"] }, { contains = ["丁"] }]',
    "not": 'type = ["voice"]\nnot = { sender = ["老板"] }',
    "fold": 'contains = ["Exact"]\nfold = []',
}

HEAD = f"""
[names]
"老板" = "{BOSS}"
"""

RULES = HEAD + "".join(
    f'\n[[rules]]\nid = "{key}"\nmode = "shadow"\nforward_to = ["{OPS}"]\n[rules.when]\n{when}\n'
    for key, when in WHEN.items()
)


def said(words: str = "", **given: object) -> Inject:
    given.setdefault("content_raw", text(words))
    row = {"chat": ROOM, "sender": WANG, "account": CLOUD, **given}
    return Inject(**row)  # type: ignore[arg-type]


CASES = [
    ({"type"}, said(type="link", content_raw='{"title":"x"}')),
    ({"account"}, said("只给小真", account=REAL, chat=ROOM)),
    ({"chat"}, said("在值班群", chat=DUTY)),
    ({"chat_type"}, said("私聊", chat=WANG)),
    ({"sender"}, said("老板说", sender=BOSS)),
    ({"contains"}, said("开发票")),
    ({"contains"}, said("abc")),
    ({"contains_all"}, said("加急的订单")),
    (set(), said("订单")),
    ({"regex"}, said("1234567号")),
    (set(), said("12345号")),
    ({"field"}, said(type="program", content_raw='{"title":"报名","cover":""}')),
    ({"field"}, said(type="program", content_raw='{"title":"别的","n":10}')),
    (set(), said(type="program", content_raw='{"title":"别的","n":9}')),
    ({"self_sent"}, said("自己说的", sender=CLOUD)),
    ({"all"}, said("甲和乙")),
    (set(), said("只有甲")),
    ({"any"}, said("丁")),
    ({"not"}, said(type="voice", content_raw='{"url":"x"}')),
    ({"sender"}, said(type="voice", content_raw='{"url":"x"}', sender=BOSS)),
    ({"fold"}, said("Exact")),
    (set(), said("exact")),
    (set(), said(type="merge", content_raw='{"file_id":"30818802"}', chat=ROOM, sender=LI)),
]


async def test_each_condition_matches_what_it_says_and_nothing_else(make_daemon, platform):
    daemon = await start(make_daemon(RULES, dedupe__event_keys="[]"), platform)
    for _, message in CASES:
        await platform.inject(message, wait=True)
    shown = [await asyncio.to_thread(_matched, daemon, number) for number in range(1, len(CASES) + 1)]
    assert shown == [wanted for wanted, _ in CASES]
    assert set().union(*shown) == set(WHEN), "every kind matched something"
    assert await platform.calls() == [], "they are all shadows"
    daemon.balanced()


def _matched(daemon, number: int) -> set[str]:
    from contextlib import closing

    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import judgement

    with closing(Store(f"sqlite:///{daemon.directory}/store.db")) as store:
        judged = store.read_now(lambda c: judgement(c, number))
    assert judged is not None
    return set(judged.rules)
