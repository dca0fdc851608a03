import asyncio
import base64
import gzip
import json

import pytest

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, TRUE, WANG, unseal
from yzj_daemon.sandbox.behaviour import Behaviour, changed
from yzj_daemon.sandbox.clock import MachineClock
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import AES_KEY, Options
from yzj_daemon.sandbox.pushes import DAY_MS, Pusher
from yzj_daemon.sandbox.samples import SAMPLES
from yzj_daemon.sandbox.server import running
from yzj_daemon.sandbox.world import Record


@pytest.fixture
async def pushing(control, receiver):
    await control.behave(callback_url=receiver.url)
    return control


def _said(number=0, **kwargs):
    return Inject(**{"chat": CUSTOMERS, "sender": WANG, "account": CLOUD, "content_raw": f'{{"n":{number}}}', **kwargs})


async def test_a_message_reaches_every_account_in_the_room_by_an_encrypted_callback(pushing, receiver):
    ids = await pushing.inject(Inject(chat=CUSTOMERS, sender=WANG, content_raw='{"n":1}'), wait=True)
    assert [(one["type"], one["rel_wxid"]) for one in receiver.notifications()] == [
        ("chatMsg ", CLOUD),
        ("chatMsg ", TRUE),
    ]
    assert all(one["corp_wxid"] for one in receiver.notifications())
    assert [element["svrid"] for element in receiver.elements()] == [row["svrid"] for row in ids[0]]
    assert len({element["wx_svrid"] for element in receiver.elements()}) == 1
    [first, _second] = receiver.elements()
    assert (first["from_wxid"], first["to_wxid"], first["chat_wxid"]) == (WANG, CUSTOMERS, CUSTOMERS)
    assert "content-type: application/json; charset=utf-8" in receiver.heads[0]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
async def test_contents_and_further_members_are_pushed_byte_for_byte(pushing, receiver, sample):
    await pushing.inject(sample.sent(CUSTOMERS, WANG, CLOUD), wait=True)
    plain = unseal(base64.b64decode(receiver.bodies[0])).decode()
    assert f'"content":{sample.content},' in plain
    assert sample.members in plain
    json.loads(plain)


def _open_json_field(body):
    [field] = json.loads(body).values()
    return unseal(base64.b64decode(field))


@pytest.mark.parametrize(
    ("form", "opened"),
    [
        ("base64", lambda body: unseal(base64.b64decode(body, validate=True))),
        ("urlsafe", lambda body: unseal(base64.urlsafe_b64decode(body))),
        ("json_string", lambda body: unseal(base64.b64decode(json.loads(body)))),
        ("json:encrypt", _open_json_field),
        ("json:data", _open_json_field),
        ("raw", unseal),
        ("plain", bytes),
    ],
)
async def test_every_body_form_opens_to_the_same_notifications(pushing, receiver, form, opened):
    await pushing.behave(body_form=form)
    await pushing.inject(_said(), wait=True)
    [one] = json.loads(opened(receiver.bodies[0]))
    assert one["data"][0]["content"] == {"n": 0}


async def test_a_body_may_come_compressed(pushing, receiver):
    await pushing.behave(gzip=True)
    await pushing.inject(_said(), wait=True)
    assert "content-encoding: gzip" in receiver.heads[0]
    assert unseal(base64.b64decode(gzip.decompress(receiver.bodies[0])))


async def test_a_key_of_43_characters_stands_for_its_32_bytes(receiver):
    key = bytes(range(32))
    options = Options(
        aes_key=base64.b64encode(key).decode().rstrip("="),
        behaviour=changed(Behaviour(), {"callback_url": receiver.url}),
    )
    async with running(options) as sandbox:
        sandbox.platform.traffic.inject([_said()], push=True, batch=False)
        await sandbox.platform.traffic.settled()
    assert json.loads(unseal(base64.b64decode(receiver.bodies[0]), key))


async def test_the_envelope_can_be_shaped_otherwise(pushing, receiver):
    await pushing.behave(
        data_form="object", type_suffix="", corp_wxid="missing", pushed_content="string", shown_ids=["wx_msgid"]
    )
    await pushing.inject(_said(), wait=True)
    [one] = receiver.notifications()
    assert one["type"] == "chatMsg"
    assert "corp_wxid" not in one
    assert one["data"]["content"] == '{"n":0}'
    assert "svrid" not in one["data"]
    assert "wx_svrid" not in one["data"]
    assert one["data"]["wx_msgid"]


async def test_a_batch_mixes_accounts_and_types_in_one_body(pushing, receiver):
    await pushing.inject(_said(1), _said(2, type="merge"), _said(3, account=TRUE), batch=True, wait=True)
    assert len(receiver.bodies) == 1
    assert [(one["rel_wxid"], len(one["data"])) for one in receiver.notifications()] == [(CLOUD, 2), (TRUE, 1)]
    assert [element["msg_type"] for element in receiver.elements()] == ["text", "merge", "text"]


async def test_wx_ids_may_differ_between_accounts(pushing, receiver):
    await pushing.behave(wx_ids_shared=False)
    await pushing.inject(Inject(chat=CUSTOMERS, sender=WANG, content_raw="{}"), wait=True)
    assert len({element["wx_svrid"] for element in receiver.elements()}) == 2
    assert len({element["wx_msgid"] for element in receiver.elements()}) == 2


async def test_ids_and_times_are_those_given(pushing, receiver):
    await pushing.inject(_said(svrid="s-1", wx_svrid="w-1", wx_msgid="m-1", msg_time=1641280299000), wait=True)
    [element] = receiver.elements()
    assert (element["svrid"], element["wx_svrid"], element["wx_msgid"]) == ("s-1", "w-1", "m-1")
    assert element["msg_time"] == 1641280299000


async def test_other_notifications_are_pushed_as_they_stand(pushing, receiver):
    await pushing.notify("taskDone", CLOUD, b'[{"id":9007199254740993,"n":1.0}]', wait=True)
    plain = unseal(base64.b64decode(receiver.bodies[0])).decode()
    assert '"type":"taskDone "' in plain
    assert plain.endswith('"data":[{"id":9007199254740993,"n":1.0}]}]')


async def test_without_push_a_message_is_only_logged(pushing, receiver, api):
    await pushing.inject(_said(), push=False, wait=True)
    assert receiver.bodies == []
    assert len((await api.get("/wechat/chatLogs", wxid=CLOUD))["data"]) == 1


@pytest.mark.parametrize("changes", [{"callbacks": False}, {"callback_url": ""}])
async def test_callbacks_can_be_off(pushing, receiver, changes):
    await pushing.behave(**changes)
    await pushing.inject(_said(), wait=True)
    assert receiver.bodies == []
    assert (await pushing.stats())["pushes"]["total"] == 0


async def test_test_accounts_push_to_the_test_address_only(pushing, receiver):
    await pushing.behave(test_accounts=[TRUE], test_callback_url=receiver.url + "/test")
    await pushing.inject(_said(1), _said(2, account=TRUE), batch=True, wait=True)
    assert sorted(head.split()[1] for head in receiver.heads) == ["/callback/secret", "/callback/secret/test"]


async def test_pushes_can_be_lost_or_come_twice(pushing, receiver):
    await pushing.behave(drop_probability=1.0)
    await pushing.inject(_said(), wait=True)
    assert receiver.bodies == []
    await pushing.behave(drop_probability=0.0, duplicate_probability=1.0)
    await pushing.inject(_said(), wait=True)
    assert len(receiver.elements()) == 2
    assert len({element["svrid"] for element in receiver.elements()}) == 1
    assert (await pushing.stats())["pushes"]["outcomes"] == {"lost": 1, "answered": 2}


@pytest.mark.parametrize("order", ["kept", "reversed", "shuffled"])
async def test_pushes_come_in_the_order_chosen(pushing, receiver, order):
    await pushing.behave(push_order=order, push_concurrency=1)
    await pushing.inject(*[_said(number) for number in range(20)], wait=True)
    numbers = [element["content"]["n"] for element in receiver.elements()]
    assert sorted(numbers) == list(range(20))
    assert (numbers == list(range(20))) is (order == "kept")
    assert (numbers == list(range(20))[::-1]) is (order == "reversed")


async def test_a_push_has_its_time_to_answer_and_is_not_repeated(pushing, receiver):
    receiver.silent = True
    await pushing.behave(push_timeout=80)
    await pushing.inject(_said(), wait=True)
    [push] = await pushing.pushes()
    assert (push["outcome"], push["status"], push["accounts"], push["messages"]) == ("late", None, [CLOUD], 1)
    assert 75 <= push["ms"] < 1000
    assert len(receiver.bodies) == 1
    assert (await pushing.stats())["pushes"]["late_today"] == 1


async def test_too_many_late_answers_stop_callbacks(pushing, receiver):
    receiver.silent = True
    await pushing.behave(push_timeout=20, late_limit=2, push_concurrency=1)
    await pushing.inject(*[_said(number) for number in range(5)], wait=True)
    assert [push["outcome"] for push in await pushing.pushes()] == ["late", "late", "late", "stopped", "stopped"]
    assert len(receiver.bodies) == 3
    assert (await pushing.stats())["pushes"]["stopped"] is True


@pytest.mark.parametrize(("counts", "late"), [(True, 1), (False, 0)])
async def test_an_error_status_counts_as_late_or_not(pushing, receiver, counts, late):
    receiver.status = 500
    await pushing.behave(late_counts_errors=counts)
    await pushing.inject(_said(), wait=True)
    [push] = await pushing.pushes()
    assert (push["outcome"], push["status"]) == ("answered", 500)
    assert (await pushing.stats())["pushes"]["late_today"] == late


class _Calendar(MachineClock):
    def __init__(self):
        self.day = 20_000

    def wall(self):
        return self.day * DAY_MS


async def test_callbacks_come_back_the_next_day(receiver):
    calendar = _Calendar()
    behaviour = changed(Behaviour(), {"callback_url": receiver.url, "push_timeout": 20, "late_limit": 1})
    pusher = Pusher(lambda: behaviour, AES_KEY.encode(), calendar)
    receiver.silent = True
    for _ in range(3):
        pusher.messages([_record()])
        await pusher.idle()
    assert pusher.is_stopped()
    calendar.day += 1
    assert not pusher.is_stopped()
    receiver.silent = False
    pusher.messages([_record()])
    await pusher.idle()
    assert [push.outcome for push in pusher.done] == ["late", "late", "stopped", "answered"]
    await pusher.close()


def _record():
    return Record(
        seq=1,
        account=CLOUD,
        chat=BOSS,
        sender=BOSS,
        type="text",
        content=b"{}",
        sent_at=1,
        svrid="1",
        wx_svrid="1",
        wx_msgid="1",
    )


async def test_an_address_where_nobody_listens_fails_without_an_answer(control):
    await control.behave(callback_url="http://127.0.0.1:1/callback/x")
    await control.inject(_said(), wait=True)
    [push] = await control.pushes()
    assert (push["outcome"], push["status"]) == ("failed", None)


@pytest.mark.parametrize("side", ["vendor", "receiver"])
async def test_connections_are_kept_only_when_both_sides_want_it(pushing, receiver, side):
    await pushing.inject(_said(), wait=True)
    await pushing.inject(_said(), wait=True)
    assert receiver.connections == 1
    if side == "vendor":
        await pushing.behave(push_keepalive=False)
    else:
        receiver.keepalive = False
    for _ in range(3):
        await pushing.inject(_said(), wait=True)
    assert receiver.connections >= 3
    assert {push["outcome"] for push in await pushing.pushes()} == {"answered"}


async def test_an_answer_without_a_length_ends_with_its_connection(control):
    async def answer(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.decode().splitlines() if line.startswith("content-length"))
        await reader.readexactly(int(length.split(": ")[1]))
        writer.write(b"HTTP/1.1 204 X\r\n\r\n" if b"/empty" in head else b"HTTP/1.0 200 OK\r\n\r\nok")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        for path in ("bare", "empty"):
            await control.behave(callback_url=f"http://127.0.0.1:{port}/{path}")
            await control.inject(_said(), wait=True)
    assert [push["status"] for push in await control.pushes()] == [200, 204]


async def test_a_burst_of_2000_is_answered_and_its_times_are_kept(pushing, receiver):
    await pushing.inject(*[_said(number) for number in range(2000)], wait=True)
    assert len(receiver.bodies) == 2000
    stats = (await pushing.stats())["pushes"]
    assert (stats["total"], stats["waiting"]) == (2000, 0)
    assert 0 < stats["ms"]["p50"] <= stats["ms"]["p90"] <= stats["ms"]["p99"] <= stats["ms"]["p100"]
    assert receiver.connections <= 64
