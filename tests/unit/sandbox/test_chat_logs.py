import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.sandbox.stage import BOSS, CLOUD, CUSTOMERS, TRUE, WANG
from yzj_daemon.sandbox.behaviour import Behaviour, changed
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.lists import LogQuery, Paging, chat_logs
from yzj_daemon.sandbox.samples import SAMPLES
from yzj_daemon.sandbox.world import Record, default_world


def _world(chats):
    world = default_world()
    for seq, chat in enumerate(chats):
        world.accounts[CLOUD].keep(
            Record(
                seq=seq,
                account=CLOUD,
                chat=chat,
                sender=WANG,
                type="text",
                content=b"{}",
                sent_at=1000 - seq,
                svrid=f"s{seq}",
                wx_svrid="",
                wx_msgid="",
            )
        )
    return world


def _pages(world, behaviour, size, **query):
    """The svrids of each page, until one is empty."""
    pages = []
    while True:
        paging = Paging(page=len(pages) + 1, page_size=size)
        found = chat_logs(world, LogQuery(account=CLOUD, paging=paging, **query), behaviour)
        if not found.records:
            return pages
        pages.append([record.svrid for record in found.records])


chats = st.lists(st.sampled_from([CUSTOMERS, BOSS]), max_size=30)


@given(chats, st.integers(1, 7), st.sampled_from(["asc", "desc", "shuffled"]))
def test_the_pages_hold_every_record_once_newest_page_first(chats, size, sort):
    pages = _pages(_world(chats), changed(Behaviour(), {"sort": sort}), size)
    expected = [f"s{seq}" for seq in range(len(chats))]
    assert [sorted(page) for page in pages] == [
        sorted(expected[::-1][start : start + size]) for start in range(0, len(expected), size)
    ]
    if sort != "shuffled":
        assert all(page == sorted(page, key=expected.index, reverse=sort == "desc") for page in pages)


@given(chats, st.data(), st.booleans(), st.booleans(), st.integers(1, 7))
def test_a_cursor_divides_the_log(chats, data, inclusive, newer, size):
    if not chats:
        return
    at = data.draw(st.integers(0, len(chats) - 1))
    behaviour = changed(Behaviour(), {"cursor_inclusive": inclusive})
    pages = _pages(_world(chats), behaviour, size, cursor=f"s{at}", newer=newer)
    places = range(at, len(chats)) if newer else range(at + 1)
    expected = {f"s{place}" for place in places if inclusive or place != at}
    assert sum(len(page) for page in pages) == len(expected)
    assert {svrid for page in pages for svrid in page} == expected


def test_newer_pages_start_at_the_cursor_or_at_the_newest():
    world = _world([CUSTOMERS] * 6)
    assert _pages(world, Behaviour(), 2, cursor="s1", newer=True) == [["s1", "s2"], ["s3", "s4"], ["s5"]]
    newest = changed(Behaviour(), {"newer_first_page": "newest"})
    assert _pages(world, newest, 2, cursor="s1", newer=True) == [["s4", "s5"], ["s2", "s3"], ["s1"]]


@given(chats, st.integers(1, 40))
def test_history_ends_at_its_depth(chats, depth):
    behaviour = changed(Behaviour(), {"history_depth": depth})
    shown = [svrid for page in _pages(_world(chats), behaviour, 7) for svrid in page]
    assert len(shown) == min(depth, len(chats))
    assert "s0" in shown or len(chats) > depth or not chats


@given(chats)
def test_filters_select_by_chat_chat_type_and_type(chats):
    world = _world(chats)
    in_room = [f"s{seq}" for seq, chat in enumerate(chats) if chat == CUSTOMERS]
    for query in (
        {"chat": CUSTOMERS},
        {"chat_type": 2},
        {"chat": CUSTOMERS, "type": "text"},
        {"chat_type": 2, "type": "0"},
    ):
        assert sorted(svrid for page in _pages(world, Behaviour(), 7, **query) for svrid in page) == sorted(in_room)
    assert _pages(world, Behaviour(), 7, type="merge") == []


@pytest.mark.parametrize(("rule", "expected"), [("empty", []), ("newest", ["s0", "s1"])])
def test_an_unknown_cursor_finds_nothing_or_the_newest(rule, expected):
    behaviour = changed(Behaviour(), {"unknown_cursor": rule})
    found = chat_logs(_world([BOSS, BOSS]), LogQuery(account=CLOUD, cursor="gone", newer=True), behaviour)
    assert [record.svrid for record in found.records] == expected


def test_a_cursor_beyond_the_history_is_unknown():
    behaviour = changed(Behaviour(), {"history_depth": 1})
    assert chat_logs(_world([BOSS, BOSS]), LogQuery(account=CLOUD, cursor="s0", newer=True), behaviour) is None


async def _three(control, **kwargs):
    messages = [Inject(chat=CUSTOMERS, sender=WANG, content_raw=f'{{"n":{n}}}', account=CLOUD) for n in range(3)]
    await control.inject(*messages, **kwargs)


def _numbers(answer):
    return [row["content"]["n"] for row in answer["data"]]


async def test_rows_are_pulled_byte_for_byte(api, control):
    await control.inject(*[sample.sent(CUSTOMERS, WANG, CLOUD) for sample in SAMPLES])
    query = {"app_id": "sandbox", "access_token": api.token, "wxid": CLOUD, "page_size": "100"}
    text = (await api.http.get("/wechat/chatLogs", params=query)).text
    assert all(f'"content":{sample.content},' in text and sample.members in text for sample in SAMPLES)


@pytest.mark.parametrize("newer", [1, 2])
async def test_direction_means_what_the_behaviour_says(api, control, newer):
    await control.behave(direction_newer=newer)
    await _three(control)
    rows = (await api.get("/wechat/chatLogs", wxid=CLOUD))["data"]
    middle = rows[1]["svrid"]
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, svrid=middle, direction=newer)) == [1, 2]
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, svrid=middle, direction=3 - newer)) == [0, 1]


async def test_pages_are_of_the_size_asked_for_at_most_100(api, control):
    await _three(control)
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, page_size=2)) == [1, 2]
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, page_size=2, page=2)) == [0]
    await control.behave(page_size_max=1)
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, page_size=100)) == [2]


@pytest.mark.parametrize(
    "query", [{"page": 0}, {"page": "x"}, {"page_size": -1}, {"direction": 3}, {"svrid": "1"}, {"chat_type": "room"}]
)
async def test_parameters_out_of_range_are_406(api, query):
    assert (await api.get("/wechat/chatLogs", wxid=CLOUD, **query))["errcode"] == 406


async def test_rows_may_lie_deeper_with_a_pager_at_the_root(api, control):
    await control.behave(rows_path="data.list", pager=True)
    await _three(control)
    answer = await api.get("/wechat/chatLogs", wxid=CLOUD, page_size=2)
    assert [row["content"]["n"] for row in answer["data"]["list"]] == [1, 2]
    assert answer["pager"] == {"numPages": 2, "numRecords": 3}


async def test_pulled_content_may_be_a_string(api, control):
    await control.behave(pulled_content="string")
    await control.inject(SAMPLES[3].sent(CUSTOMERS, WANG, CLOUD))
    assert (await api.get("/wechat/chatLogs", wxid=CLOUD))["data"][0]["content"] == SAMPLES[3].content


async def test_pulled_ids_may_differ_from_pushed_ones(api, control):
    await control.behave(pulled_svrid="different")
    [[pushed]] = await control.inject(Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw='{"n":1}'))
    [row] = (await api.get("/wechat/chatLogs", wxid=CLOUD))["data"]
    assert row["svrid"] != pushed["svrid"]
    assert row["wx_svrid"] == pushed["wx_svrid"]
    assert (await api.get("/wechat/chatLogs", wxid=CLOUD, svrid=pushed["svrid"], direction=2))["errcode"] == 406
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, svrid=row["svrid"], direction=2)) == [1]


@pytest.mark.parametrize(("rule", "code", "rows"), [("allowed", 0, 3), ("refused", 406, 0), ("empty", 0, 0)])
async def test_a_pull_without_a_chat_is_as_the_behaviour_says(api, control, rule, code, rows):
    await control.behave(account_wide=rule)
    await _three(control)
    answer = await api.get("/wechat/chatLogs", wxid=CLOUD)
    assert answer["errcode"] == code
    assert len(answer.get("data", [])) == rows
    assert _numbers(await api.get("/wechat/chatLogs", wxid=CLOUD, chat_wxid=CUSTOMERS)) == [0, 1, 2]


async def test_without_an_account_all_logs_are_one_in_order_of_arrival(api, control):
    for number, account in enumerate([CLOUD, TRUE, CLOUD]):
        await control.inject(Inject(chat=CUSTOMERS, sender=WANG, account=account, content_raw=f'{{"n":{number}}}'))
    rows = (await api.get("/wechat/chatLogs"))["data"]
    assert [(row["wxid"], row["content"]["n"]) for row in rows] == [(CLOUD, 0), (TRUE, 1), (CLOUD, 2)]
    newer = await api.get("/wechat/chatLogs", svrid=rows[1]["svrid"], direction=2)
    assert _numbers(newer) == [1, 2]


async def test_an_unknown_account_has_no_log(api, control):
    await _three(control)
    assert (await api.get("/wechat/chatLogs", wxid="1688850000009999"))["data"] == []


async def test_the_same_id_given_twice_stands_twice_in_the_log(api, control):
    again = Inject(chat=BOSS, sender=BOSS, account=CLOUD, content_raw='{"n":1}', svrid="same")
    await control.inject(again, again)
    assert [row["svrid"] for row in (await api.get("/wechat/chatLogs", wxid=CLOUD))["data"]] == ["same", "same"]
