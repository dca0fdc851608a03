"""What is counted of decisions, by the minute."""

import json

from sqlalchemy import insert

from tests.storage.conftest import message_row
from yzj_daemon.clock import MINUTE
from yzj_daemon.storage import inbox, tallies
from yzj_daemon.storage import tables as t

NEAR = {"near": [{"rule": "退款", "failed": {}}, {"rule": "b", "failed": {}}]}


def test_hits_and_near_misses_are_counted_by_rule_and_minute(store):
    trails = ["", json.dumps({"matched": 1}), json.dumps(NEAR, ensure_ascii=False, separators=(",", ":"))]
    rules = ["[]", '["a"]', ""]
    ids = sorted(store.write_now(lambda c: inbox.add(c, [message_row(key=str(n)) for n in range(3)])))
    rows = [
        {"message_id": id_, "nonce": 0, "reason": "x", "rules": r, "trail": trail, "decided_at": 2 * MINUTE + 5}
        for id_, r, trail in zip(ids, rules, trails, strict=True)
    ]
    store.write_now(lambda c: c.execute(insert(t.decisions), rows) and None)
    first, last = ids[0], ids[-1]
    assert store.read_now(lambda c: tallies.hits(c, first, last)) == [(2, ("a",), 1)]
    near = store.read_now(lambda c: tallies.near(c, first, last))
    assert sorted(near) == [(2, ("b",), 1), (2, ("退款",), 1)]
