"""``via``: another hosted account forwards, where the setting allows it."""

import pytest
from sqlalchemy import select

from tests.flow.conftest import original, running, take
from yzj_daemon.account import HostedAccount
from yzj_daemon.flow.intake import RulesInForce
from yzj_daemon.rules import packing
from yzj_daemon.rules.dialect import Dialect
from yzj_daemon.rules.load import load_texts
from yzj_daemon.storage import inbox, settlement
from yzj_daemon.storage import tables as t

RULES = """
[names]
"客服一号" = "B"
[[rules]]
id = "r"
forward_to = ["R:ops"]
via = "%s"
when = { contains = ["退款"] }
"""


def lanes(store) -> list[str]:
    return list(store.read_now(lambda c: c.execute(select(t.deliveries.c.account)).scalars().all()))


@pytest.mark.parametrize(("via", "lane"), [("客服一号", "B"), ("receiver", "A")])
async def test_the_named_account_forwards(make_intake, store, via, lane):
    woken: set[str] = set()
    intake = make_intake(wake=woken.update)
    loaded = load_texts({"rules.toml": RULES % via}, dialect=Dialect(any_via=True))
    assert loaded.ruleset is not None
    intake.rules = RulesInForce(loaded.ruleset, packing.pack({}))
    async with running(intake):
        await take(intake, original("退款"))
    assert (lanes(store), woken) == ([lane], {lane})


async def test_what_one_account_is_to_forward_no_other_takes_over(make_intake, store):
    intake = make_intake()
    loaded = load_texts({"rules.toml": RULES % "B"}, dialect=Dialect(any_via=True))
    assert loaded.ruleset is not None
    intake.rules = RulesInForce(loaded.ruleset, packing.pack({}))
    async with running(intake):
        await take(intake, original("退款", wx_svrid="7"), original("退款", id="2", account="C", wx_svrid="7"))
    store.write_now(lambda c: inbox.listed(c, [HostedAccount(account="B", online=False)], 1))
    assert store.read_now(lambda c: settlement.walk(c, {}, 10)).movable == ()
    assert store.write_now(lambda c: settlement.reroute(c, [1], 2)) == []
    assert lanes(store) == ["B"]
