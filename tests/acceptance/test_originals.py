"""Every message type reaches the platform again byte for byte, through the real process."""

import asyncio
import json

from tests.acceptance.conftest import DUTY, LI, OPS, REAL, ROOM, WANG, start
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.samples import SAMPLES

ALL_TYPES = f"""
[[rules]]
id = "all"
forward_to = ["{OPS}"]
[rules.when]
everything = true
"""


async def test_every_type_is_forwarded_byte_for_byte(make_daemon, platform):
    daemon = make_daemon(
        ALL_TYPES,
        forward__pace="0.02",
        forward__media_delay=0,
        forward__deny_types='["never"]',
        accounts='["1688850000000001"]',
        fresh=True,
    )
    await start(daemon, platform)
    await platform.inject(*(sample.sent(ROOM, WANG) for sample in SAMPLES), wait=True)
    calls = await platform.calls(answered=len(SAMPLES))
    assert sorted(call["types"][0] for call in calls) == sorted(sample.type for sample in SAMPLES)
    sent = sorted(call["contents"][0] for call in calls)
    assert sent == sorted(sample.content for sample in SAMPLES)
    assert {call["result"] for call in calls} == {"0"}
    arrived = sorted(arrival["content"] for arrival in await platform.arrivals(OPS))
    assert arrived == sent
    daemon.balanced()


async def test_the_types_that_make_no_sense_are_denied_by_default(make_daemon, platform):
    daemon = await start(make_daemon(accounts='["1688850000000001"]', forward__media_delay=0), platform)
    denied = [sample for sample in SAMPLES if sample.type in {"system", "revoke", "redpacket"}]
    await platform.inject(*(sample.sent(ROOM, WANG) for sample in denied), wait=True)
    assert daemon.balanced()["suppressed"] == {"type_denied": len(denied)}
    assert await platform.calls() == []


async def test_string_content_and_other_body_forms_arrive_the_same(make_daemon, platform):
    """U1, U5, U12: each form of the body ends in the same original."""
    daemon = make_daemon(forward__pace="0.02", accounts='["1688850000000001"]')
    await start(daemon, platform, own_copies="none")
    merge = next(sample for sample in SAMPLES if sample.name == "merge")
    forms = ("base64", "urlsafe", "json_string", "json:encrypt", "json:data", "raw")
    for form in forms:
        odd = form == "raw"
        await platform.behave(body_form=form, data_form="object" if odd else "array", gzip=odd)
        await platform.inject(merge.sent(ROOM, LI), wait=True)
    await platform.behave(body_form="base64", pushed_content="string")
    await platform.inject(merge.sent(ROOM, LI), wait=True)
    calls = await platform.calls(answered=len(forms) + 1)
    assert {call["contents"][0] for call in calls} == {merge.content}
    assert len(daemon.rows("messages", "list")) == len(forms) + 1
    daemon.balanced()


async def test_a_batch_of_many_accounts_and_types_is_taken_apart(make_daemon, platform):
    daemon = make_daemon(forward__pace="0.02", dedupe__event_keys="[]")
    await start(daemon, platform, own_copies="none")
    messages = [Inject(chat=ROOM, sender=WANG, content_raw=f'{{"n":{n}}}', type="link") for n in range(5)]
    await platform.inject(*messages, batch=True, wait=True)
    await platform.notify("taskDone", REAL, b'[{"task_id":18446744073709551616}]', wait=True)
    books = await asyncio.to_thread(daemon.balanced)
    assert books["received"] == 10, "both accounts are in the room"
    pushes = await platform.pushes()
    assert [push["messages"] for push in pushes] == [10, 0]
    numbers = (await metrics(daemon)).splitlines()
    assert 'yzj_messages_received_total{source="callback",type="link"} 10.0' in numbers
    assert 'yzj_messages_received_total{source="callback",type="other"} 1.0' in numbers


async def metrics(daemon) -> str:
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"{daemon.ops}/metrics")).text


async def test_one_list_of_targets_is_one_call(make_daemon, platform):
    rules = f"""
[names]
"运营群" = "{OPS}"
"值班群" = "{DUTY}"
[lists]
ops = ["运营群", "值班群"]
[[rules]]
id = "fan"
forward_to = ["ops", "{LI}", "运营群"]
when = {{ contains = ["退款"] }}
"""
    daemon = await start(make_daemon(rules), platform)
    await platform.inject(Inject(chat=ROOM, sender=WANG, content_raw='{"items":[{"text":"退款"}]}'), wait=True)
    [call] = await platform.calls(answered=1)
    assert sorted(call["chats"]) == sorted([OPS, DUTY, LI])
    rows = daemon.rows("deliveries", "list")
    assert {(row["chat"], tuple(row["rules"])) for row in rows} == {(OPS, ("fan",)), (DUTY, ("fan",)), (LI, ("fan",))}
    assert json.loads(daemon.cli("status", "--json"))["deliveries"]["pending"] == 0
