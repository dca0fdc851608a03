import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.yzj import jsontexts
from yzj_daemon.delivery import Call, Deferred
from yzj_daemon.message import Original
from yzj_daemon.yzj import payloads

ACCOUNT = "1688850000000001"
SENDER = "7881300000000009"
ROOM = "R:10950860258535721"

FIELDS = {
    "msg_type": '"text"',
    "content": '{"items":[{"type":"text","text":"我要退款"}]}',
    "msg_time": "1641280299000",
    "svrid": '"7018"',
    "wx_svrid": '"9018"',
    "wx_msgid": '"CAQQ"',
    "from_wxid": f'"{SENDER}"',
    "to_wxid": f'"{ROOM}"',
    "wxid": f'"{ACCOUNT}"',
    "chat_wxid": f'"{ROOM}"',
    "chat_type": "2",
    "extra": '{"content":{"a":1}}',
}


def element(drop=(), **changed):
    fields = {name: text for name, text in (FIELDS | changed).items() if name not in drop}
    return "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"


def notification(*messages, kind="chatMsg", rel=f'"{ACCOUNT}"'):
    return f'{{"type":"{kind}","corp_wxid":"1970","rel_wxid":{rel},"data":[{",".join(messages)}]}}'


def split(*notifications):
    return payloads.split(f"[{','.join(notifications)}]".encode())


def one(**changes):
    batch = split(notification(element(**changes)))
    assert not batch.unreadable
    assert not batch.notices
    return batch.originals[0]


def test_a_message_is_read_field_by_field():
    text = element()
    content = FIELDS["content"]
    assert split(notification(text)).originals == (
        Original(
            account=ACCOUNT,
            id="7018",
            chat=ROOM,
            chat_type="room",
            sender=SENDER,
            type="text",
            sent_at=1641280299000,
            content=content,
            envelope=text.replace(content, "", 1),
            content_at=text.index(content),
            svrid="7018",
            wx_svrid="9018",
            wx_msgid="CAQQ",
        ),
    )


# --- byte for byte ---------------------------------------------------------------------------------------------------


@st.composite
def elements(draw):
    """A message element in any spelling, and its content."""
    content = draw(jsontexts.objects(jsontexts.values()))
    around = [f'"{name}":{text}' for name, text in FIELDS.items() if name != "content"]
    strange = st.sampled_from(["unknown", "x", "键", "extra", "\\ud800"])
    around += draw(st.lists(jsontexts.members(strange, jsontexts.values()), max_size=3))
    parts = draw(st.permutations(around))
    earlier = draw(st.booleans())
    key = draw(st.sampled_from(["content", "\\u0063ontent"]))
    place = draw(st.integers(0, len(parts)))
    parts.insert(place, f'"{key}"{draw(jsontexts.SPACE)}:{draw(jsontexts.SPACE)}{content}')
    if earlier:
        parts.insert(0, f'"content":{draw(jsontexts.values())}')
    space = draw(jsontexts.SPACE)
    return "{" + space + f"{space},{space}".join(parts) + space + "}", content


@given(st.lists(elements(), min_size=1, max_size=3), jsontexts.SPACE)
def test_content_and_element_are_what_was_received_byte_for_byte(sent, space):
    body = f"[{space}{notification(*(f'{space}{text}{space}' for text, _ in sent))}{space}]"
    batch = payloads.split(body.encode())
    assert not batch.unreadable
    assert [(o.content, o.element()) for o in batch.originals] == [(content, text) for text, content in sent]


@given(elements())
def test_the_cut_is_where_the_content_stood(sent):
    text, content = sent
    original = split(notification(text)).originals[0]
    assert text[original.content_at : original.content_at + len(content)] == content
    assert json.loads(original.envelope[: original.content_at] + "0" + original.envelope[original.content_at :])


@pytest.mark.parametrize(
    "content",
    [
        '{"id":9007199254740993}',
        '{"n":1.0}',
        '{"n":1e400}',
        '{"n":123456789012345678901234567890}',
        r'{"t":"退款 \ud83d"}',
        r'{"t":"\ud800"}',
        r'{"t":"\u9000\/"}',
        r'{"t":"\u0000"}',
        '{"b":1,"a":2,"b":3}',
        '{ "a" :\t[ 1 , 2 ]\n}',
        '{"t":"😀"}',
        "{}",
        "[]",
    ],
)
def test_content_is_never_typed_anew(content):
    original = one(content=content)
    assert original.content == content
    assert original.element() == element(content=content)


def test_a_merge_of_a_hundred_thousand_levels_is_kept():
    deep = '{"items":' * 100_000 + "1" + "}" * 100_000
    original = one(content=deep)
    assert original.content == deep
    assert original.element() == element(content=deep)


def test_a_content_that_stands_twice_is_cut_out_at_its_own_key():
    same = '{"a":1}'
    text = element(content=same).replace('"extra":', '"x":{"content":{"a":1}},"extra":')
    text = '{"extra":{"content":{"a":1}},' + text[1:]
    original = split(notification(text)).originals[0]
    assert original.element() == text
    assert original.content_at == text.index('"msg_type"') + len('"msg_type":"text","content":')


@given(elements())
def test_a_lone_surrogate_somewhere_changes_nothing_of_what_is_read(sent):
    """The quick and the exact way read the same: the surrogate makes msgspec refuse the message."""
    text, content = sent
    slow = text[:-1] + ',"zz":"\\ud800"}'
    quick, exact = split(notification(text)).originals[0], split(notification(slow)).originals[0]
    at = quick.content_at
    assert exact.content == content
    assert exact.content_at == at
    same = ("account", "id", "chat", "chat_type", "sender", "type", "sent_at", "svrid", "wx_svrid", "wx_msgid")
    assert [getattr(quick, name) for name in same] == [getattr(exact, name) for name in same]


IDS = ["null", '"a"', "1", "0", "-0", '"0"', '""', "9007199254740993", "123456789012345678901234567890", '"\\u0041"']
TIMES = ["null", "1641280299000", '"1641280299000"', "0", "-5", "1e12", "true", '"x"', "[]", "99999999999999999999"]


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "svrid": st.sampled_from(IDS),
            "wx_svrid": st.sampled_from(IDS),
            "wx_msgid": st.sampled_from(IDS),
            "from_wxid": st.sampled_from(IDS),
            "chat_wxid": st.sampled_from([*IDS, f'"{ROOM}"']),
            "chat_type": st.sampled_from(["1", "2", '"1"', '"2"', "0", "null", "7", '"room"']),
            "msg_time": st.sampled_from(TIMES),
        },
    )
)
def test_quick_and_exact_way_agree_on_every_kind_of_field(changed):
    quick = split(notification(element(**changed)))
    exact = split(notification(element(**changed)[:-1] + ',"zz":"\\ud800"}'))
    assert not quick.unreadable
    fields = ("account", "chat", "chat_type", "sender", "sent_at", "svrid", "wx_svrid", "wx_msgid", "id")
    for a, b in zip(quick.originals, exact.originals, strict=True):
        assert [getattr(a, name) for name in fields] == [getattr(b, name) for name in fields]


# --- ids, times, chats -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("7018", "7018"),
        ("9007199254740993", "9007199254740993"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.50", "1.50"),
        ('"\\u0037"', "7"),
        ('"a\\ud800"', "a\\ud800"),
        ('"a\\u0000"', "a\\u0000"),
    ],
)
def test_an_id_is_the_text_that_was_written(written, read):
    assert one(svrid=written).svrid == read


@pytest.mark.parametrize("nothing", ["null", '""', "0", '"0"', "false", "{}", "[]"])
def test_an_id_that_says_nothing_is_none(nothing):
    original = one(svrid=nothing)
    assert (original.svrid, original.id) == ("", "9018")


def test_the_key_falls_back_from_id_to_id_to_a_hash():
    assert one().id == "7018"
    assert one(drop=["svrid"]).id == "9018"
    assert one(drop=["svrid", "wx_svrid"]).id == "CAQQ"
    nameless = ["svrid", "wx_svrid", "wx_msgid"]
    hashed = one(drop=nameless).id
    assert hashed.startswith("sha256:")
    assert one(drop=nameless).id == hashed
    for changed in ({"content": "{}"}, {"msg_time": "2"}, {"from_wxid": '"x"'}, {"chat_wxid": '"y"'}, {"wxid": '"z"'}):
        assert (one(drop=nameless, **changed).id == hashed) == ("wxid" in changed)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1641280299000", 1641280299000),
        ('"1641280299000"', 1641280299000),
        ("1641280299000.0", 1641280299000),
        ("1.641280299e12", 1641280299000),
        ("0", None),
        ("-1", None),
        ("null", None),
        ("true", None),
        ('"soon"', None),
        ('"NaN"', None),
        ("1e400", None),
        ("99999999999999999999", None),
        ("{}", None),
    ],
)
def test_a_time_is_milliseconds_or_unknown(written, read):
    assert one(msg_time=written).sent_at == read


def test_a_missing_time_is_unknown():
    assert one(drop=["msg_time"]).sent_at is None


@pytest.mark.parametrize(
    ("sender", "receiver", "chat"),
    [
        (SENDER, ACCOUNT, SENDER),
        (ACCOUNT, SENDER, SENDER),
        (SENDER, ROOM, ROOM),
        (ROOM, ACCOUNT, ROOM),
        (ACCOUNT, ACCOUNT, ACCOUNT),
        ("", SENDER, SENDER),
        (SENDER, "", SENDER),
    ],
)
def test_a_missing_chat_is_told_by_who_speaks_to_whom(sender, receiver, chat):
    original = one(drop=["chat_wxid", "chat_type"], from_wxid=f'"{sender}"', to_wxid=f'"{receiver}"')
    assert original.chat == chat
    assert original.chat_type == ("room" if chat == ROOM else "private")


@pytest.mark.parametrize(
    ("written", "read"), [("1", "private"), ("2", "room"), ('"1"', "private"), ('"2"', "room"), ("0", "room")]
)
def test_the_chat_type_is_as_said_or_by_the_prefix(written, read):
    assert one(chat_type=written).chat_type == read


def test_the_account_is_the_notifications_or_else_the_elements():
    assert split(notification(element(), rel='"1999"')).originals[0].account == "1999"
    assert split(notification(element(), rel="null")).originals[0].account == ACCOUNT
    assert split(notification(element(), rel="1999")).originals[0].account == "1999"


# --- content written as a string -------------------------------------------------------------------------------------


def test_content_in_a_string_is_what_the_string_says():
    inside = r'{"text":"退款 \ud83d","n":1.0}'
    original = one(content=json.dumps(inside))
    assert (original.content, original.content_at) == (inside, -1)
    assert original.element() == element(content=json.dumps(inside))


def test_a_lone_surrogate_escaped_only_outside_the_string_stays_an_escape():
    original = one(content='"{\\"t\\":\\"\\ud800\\"}"')
    assert original.content == '{"t":"\\ud800"}'


@pytest.mark.parametrize("text", ["你好", '{},"wxid":"1"', "{", "1", "", '{"a":1}}'])
def test_a_string_that_holds_no_json_stays_a_string(text):
    """Put into a request without its quotes, it would be no JSON, or worse: more than one value."""
    original = one(content=json.dumps(text))
    assert original.content == json.dumps(text)
    assert original.element() == element(content=json.dumps(text))


# --- shapes of a body ------------------------------------------------------------------------------------------------


def test_one_body_mixes_accounts_and_types():
    batch = split(
        notification(element(svrid='"1"'), element(svrid='"2"')),
        notification('{"wxid":"9"}', kind="contacts"),
        notification(element(svrid='"3"'), rel='"1999"', kind="chatMsg "),
    )
    assert [(o.account, o.id) for o in batch.originals] == [(ACCOUNT, "1"), (ACCOUNT, "2"), ("1999", "3")]
    assert [(n.account, n.type, n.body) for n in batch.notices] == [
        (ACCOUNT, "contacts", notification('{"wxid":"9"}', kind="contacts"))
    ]


def test_a_byte_order_mark_is_no_part_of_the_body():
    body = f"\ufeff[{notification(element())}]".encode()
    assert payloads.split(body).originals[0].id == "7018"


@pytest.mark.parametrize(
    "body",
    [
        notification(element()),
        f"[{notification(element())}]",
        f" [ {notification(element())} ] ",
        f'[{{"type":"chatMsg","rel_wxid":"{ACCOUNT}","data":{element()}}}]',
        f'{{"type":"chatMsg","rel_wxid":"{ACCOUNT}","data":{element()}}}',
        f"[{element()}]",
        element(),
    ],
)
def test_arrays_and_single_objects_are_taken_at_both_levels(body):
    batch = payloads.split(body.encode())
    assert [o.element() for o in batch.originals] == [element()]
    assert not batch.unreadable
    assert not batch.notices


def test_which_types_hold_messages_can_be_said():
    body = f"[{notification(element(), kind='groupMsg')}]".encode()
    assert not payloads.split(body).originals
    assert payloads.split(body, frozenset({"groupMsg"})).originals[0].id == "7018"


def test_a_notification_without_messages_is_kept_as_a_notice():
    batch = split(notification())
    assert [n.body for n in batch.notices] == [notification()]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "json"),
        (b"hello", "json"),
        (b"[{]", "json"),
        (b"7", "json"),
        (b'[{"type":"chatMsg"', "json"),
        (b'{"type":', "json"),
        (b'[{"type":"\xff"}]', "utf8"),
    ],
)
def test_a_body_that_cannot_be_read_is_kept_whole(body, reason):
    batch = payloads.split(body)
    assert [(u.reason, u.body) for u in batch.unreadable] == [(reason, body)]
    assert not batch.originals


@pytest.mark.parametrize(
    "bad",
    [
        "1",
        "null",
        "[]",
        "{}",
        element(drop=["content"]),
        element(content="null"),
        element(drop=["msg_type"]),
        element(msg_type='" "'),
        element(drop=["chat_wxid", "from_wxid", "to_wxid"]),
    ],
)
def test_one_bad_message_never_takes_the_good_ones_with_it(bad):
    batch = split(notification(element(svrid='"1"'), bad, element(svrid='"2"')))
    assert [o.id for o in batch.originals] == ["1", "2"]
    assert [(u.reason, u.body) for u in batch.unreadable] == [("shape", bad.encode())]
    assert batch.unreadable[0].detail


@pytest.mark.parametrize(
    "bad",
    ["1", "null", "[]", "{}", '{"type":"chatMsg"}', '{"type":"chatMsg","data":"x"}', '{"type":[]}', '{"data":[]}'],
)
def test_one_bad_notification_never_takes_the_good_ones_with_it(bad):
    batch = split(notification(element(svrid='"1"')), bad, notification(element(svrid='"2"')))
    assert [o.id for o in batch.originals] == ["1", "2"]
    assert [(u.reason, u.body) for u in batch.unreadable] == [("shape", bad.encode())]


def test_a_message_of_nobody_is_unreadable():
    batch = split(notification(element(drop=["wxid"]), rel='""'))
    assert [u.reason for u in batch.unreadable] == ["shape"]


@given(jsontexts.values() | st.text(max_size=30))
def test_any_text_ends_in_the_batch(text):
    batch = payloads.split(text.encode("utf-8", "surrogatepass"))
    assert all(unreadable.body.decode("utf-8", "surrogatepass") in text for unreadable in batch.unreadable)
    assert batch.unreadable or not batch.originals


@given(st.binary(max_size=60))
def test_any_bytes_end_in_the_batch(body):
    batch = payloads.split(body)
    assert batch.unreadable or batch == payloads.split(b"[]")


# --- pulled rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rows_path"),
    [
        ('{"errcode":0,"data":[%s]}', "auto"),
        ('{"errcode":0,"data":{"total":1,"list":[%s]}}', "auto"),
        ('{"errcode":0,"data":{"rows":[%s]}}', "auto"),
        ('{"errcode":0,"data":{"list":[%s]}}', "data.list"),
        ('{"errcode":0,"result":{"page":{"items":[%s]}}}', "result.page.items"),
        ('{"errcode":0,"rows":[%s]}', "rows"),
        ('{"errcode":0,"message":"\\ud800","data":[%s]}', "auto"),
    ],
)
def test_rows_are_found_where_they_stand(body, rows_path):
    rows = f"{element(svrid='1')}, {element(svrid='2')},{{}}"
    page = payloads.split_rows((body % rows).encode(), "1999", rows_path)
    assert [o.id for o in page.batch.originals] == ["1", "2"]
    assert [o.account for o in page.batch.originals] == [ACCOUNT, ACCOUNT]
    assert [o.element() for o in page.batch.originals] == [element(svrid="1"), element(svrid="2")]
    assert len(page.batch.unreadable) == 1
    assert page.rows == 3


def test_a_row_without_account_is_of_the_one_that_was_asked_for():
    page = payloads.split_rows(f'{{"data":[{element(drop=["wxid"])}]}}'.encode(), "1999")
    assert page.batch.originals[0].account == "1999"


@pytest.mark.parametrize("body", ['{"data":[]}', '{"data":null}', '{"data":{"list":[]}}'])
def test_no_rows_are_an_empty_page(body):
    assert payloads.split_rows(body.encode(), "1").rows == 0


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"data":{}}', '{"data":"x"}', '{"data":{"list":{}}}', '{"data":7}'])
def test_an_answer_without_rows_is_a_fault_and_not_an_empty_page(body):
    assert isinstance(payloads.split_rows(body.encode(), "1"), Deferred)
    assert isinstance(payloads.split_rows(body.encode(), "1", "data.list"), Deferred)


def test_rows_of_broken_utf8_are_a_fault():
    assert isinstance(payloads.split_rows(b'{"data":["\xff"]}', "1"), Deferred)


# --- the request of forwardMsg ---------------------------------------------------------------------------------------


def call(content="{}", sent_at=1641280299000):
    return Call(
        id=1,
        account=ACCOUNT,
        chats=(SENDER, ROOM),
        type="merge",
        sent_at=sent_at,
        content=content,
        message_id=1,
        deliveries=(),
    )


def test_the_request_is_what_the_vendor_documents():
    assert (
        payloads.forward_body(call('{"a":1.0}'), "app", "tok")
        == (
            f'{{"app_id":"app","access_token":"tok","wxid":"{ACCOUNT}","chat_wxids":["{SENDER}","{ROOM}"],'
            '"messages":[{"msg_type":"merge","content":{"a":1.0},"msg_time":1641280299000}]}'
        ).encode()
    )


def test_an_unknown_time_is_left_out():
    body = json.loads(payloads.forward_body(call(sent_at=None), "app", "tok"))
    assert body["messages"] == [{"msg_type": "merge", "content": {}}]


@given(elements())
def test_what_was_received_is_what_is_forwarded(sent):
    text, content = sent
    original = split(notification(text)).originals[0]
    body = payloads.forward_body(call(original.content), 'a"pp', "tok").decode()
    assert body.count(f'"content":{content},"msg_time":') == 1
    assert json.loads(body)["app_id"] == 'a"pp'
