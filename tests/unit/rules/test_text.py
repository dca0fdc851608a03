"""The words a person reads in a message."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from yzj_daemon.message import KNOWN_TYPES
from yzj_daemon.rules.text import DEFAULT_PATHS, MAX_DEPTH, MAX_TEXT, MAX_UNWRAP, ContentError, Reading, read, tree_of
from yzj_daemon.sandbox.samples import SAMPLES, nested_merge

OPAQUE = Reading("", opaque=True)


def seen(text: str) -> Reading:
    return Reading(text, opaque=False)


def read_tree(kind: str, tree) -> Reading:
    return read(kind, json.dumps(tree))


# Every type ----------------------------------------------------------------------------------------------------------

TEXTS = {
    "text": "你好,我要退款",
    "text in several items, with an emoji": "我要退[微笑]款 😀",
    "text with a cut emoji and needless escapes": "投诉 / café \ufffd",
    "text with numbers that no double holds": "投诉",
    "text with keys that come twice": "退款",
    "announcement": "群公告\n本周六停机维护",
    "picture": None,
    "link": "年终大促\n满 100 减 50",
    "voice": "",
    "video": None,
    "file": "报价单 (终版).xlsx\n报价单 (终版).xlsx",
    "program": "下单小程序",
    "program whose original is a string": "报名",
    "card": "李客户",
    "channel": "官方视频号\n新品发布\n新品发布\n#上新",
    "system": '"王客户"邀请"李客户"加入了群聊',
    "revoke": "王客户撤回了一条消息",
    "location": "人民广场\n上海市黄浦区",
    "redpacket": "恭喜发财,大吉大利",
    "emotionpic": None,
    "imgtext": "头条\n第一篇\n次条\n第二篇",
    "merge": "王客户和李客户的聊天记录\n王客户: 我要退款\n李客户: [图片]\n王客户\n我要退款\n李客户",
    "merge inside a merge": (
        "群聊的聊天记录\n老板: [聊天记录]\n老板\n客户一群的聊天记录\n王客户\n投诉到底\n李客户\n更早的\n最早的一句"
    ),
    "merge with everything odd at once": "聊天记录 \ufffd\n退款",
    "merge nested deeply": "\n".join([*["群聊的聊天记录"] * 60, "最里面", "底"]),
}
"""What is read in each of the sandbox vendor's samples; None: nothing inside can be seen."""


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.name in TEXTS], ids=lambda sample: sample.name)
def test_the_words_of_every_type_are_read(sample):
    text = TEXTS[sample.name]
    assert read(sample.type, sample.content) == (OPAQUE if text is None else seen(text))


def test_every_type_has_a_sample_that_is_read():
    assert {sample.type for sample in SAMPLES if sample.name in TEXTS} == KNOWN_TYPES


def test_a_type_nobody_knows_is_read_like_any_other():
    assert read_tree("unheard_of", {"title": "退款", "id": "no words", "list": [{"text": "投诉"}]}) == seen(
        "退款\n投诉"
    )


def test_items_of_one_text_are_joined_and_other_parts_stand_on_lines():
    items = [{"type": "text", "text": "退"}, {"type": "at", "text": "@老板"}, {"type": "text", "text": "款"}]
    assert read_tree("text", {"items": items}) == seen("退@老板款")
    assert read_tree("announcement", {"title": "公告", "items": items}) == seen("公告\n退@老板款")


def test_what_a_piece_of_a_text_holds_besides_is_read_after_it():
    items = [{"text": "退"}, {"text": "款", "quoted": {"text": "投诉"}}, {"body": {"text": "深处"}}]
    assert read_tree("announcement", {"items": items}) == seen("退款\n投诉\n深处")


def test_keys_are_known_in_any_spelling():
    assert read_tree("file", {"fileName": "a", "FILE_NAME": "b", "file-name": "c", "fileKey": "d"}) == seen("a\nb\nc")


def test_no_address_key_or_number_is_taken_for_words():
    assert read_tree("picture", {"url": "https://退款", "md5": "退款", "title": 5, "name": None, "n": True}) == OPAQUE


# Empty, and not to be seen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "tree"),
    [
        ("text", {"items": []}),
        ("text", {"items": [{"type": "text", "text": ""}]}),
        ("link", {"title": "", "desc": ""}),
        ("voice", {"text": ""}),
    ],
)
def test_a_text_that_is_empty_is_empty(kind, tree):
    assert read_tree(kind, tree) == seen("")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("picture", '{"file_id":"308188"}'),
        ("merge", '{"file_id":"308188"}'),
        ("merge", '{"items":[]}'),
        ("merge", '{"items":[{"file_id":"1"},{"file_id":"2"}]}'),
        ("text", '{"items":[{"type":"emotion","id":3}]}'),
        ("text", "{}"),
        ("text", "null"),
        ("text", ""),
        ("text", "  "),
        ("text", '{"items":[{"type":"text","te'),
        ("text", r'"{\"items\":[{\"type\""'),
        ("link", "退款"),
        ("merge", '"退款"'),
    ],
)
def test_what_cannot_be_seen_into_is_opaque(kind, content):
    assert read(kind, content) == OPAQUE


@pytest.mark.parametrize(
    "tree",
    [
        {"title": "群聊的聊天记录"},
        {"title": "群聊的聊天记录", "items": []},
        {"title": "群聊的聊天记录", "xml": "<datadesc>退款</datadesc>"},
        {"title": "群聊的聊天记录", "items": [{"file_id": "1"}]},
    ],
)
def test_a_merge_whose_records_are_hidden_is_opaque_though_its_title_is_read(tree):
    assert read_tree("merge", tree) == Reading("群聊的聊天记录", opaque=True)


@pytest.mark.parametrize("records", [[{"content": "退款"}], json.dumps([{"content": "退款"}])])
def test_a_merge_of_which_a_record_can_be_seen_is_not_opaque(records):
    assert read_tree("merge", {"title": "记录", "items": records}) == seen("记录\n退款")


# Words that are the whole content ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["text", "announcement", "system", "revoke"])
@pytest.mark.parametrize(
    "words", ["我要退款", "[微笑] 我要退款", "[OK]", "{退款}", '"退款"怎么办', "退款 [1] {2}", "a\n b ", "]}", "I'm"]
)
def test_bare_words_are_the_text(kind, words):
    assert read_tree(kind, words) == seen(words)
    assert read(kind, words) == seen(words)


def test_a_number_in_quotes_is_words():
    assert read("text", '"1"') == seen("1")


def test_json_in_a_string_is_read_as_json():
    inner = {"items": [{"type": "text", "text": "退款"}]}
    assert read_tree("text", json.dumps(inner)) == seen("退款")
    assert read_tree("text", json.dumps(json.dumps(inner))) == seen("退款")
    assert read_tree("merge", {"content": json.dumps([{"content": json.dumps(inner)}])}) == seen("退款")


def test_json_in_strings_is_unwrapped_so_often_and_no_more():
    wrapped: object = {"text": "退款"}
    for _ in range(MAX_UNWRAP):
        wrapped = {"content": json.dumps(wrapped, ensure_ascii=False)}
    assert read_tree("unheard_of", wrapped) == seen("退款")
    beyond = read_tree("unheard_of", {"content": json.dumps(wrapped)}).text
    assert beyond == '{"text": "退款"}'


# Merges of merges ----------------------------------------------------------------------------------------------------

speech = st.text("退款投诉ab", min_size=1, max_size=4)
records = st.recursive(
    speech.map(lambda words: ({"msg_type": "text", "content": {"items": [{"text": words}]}}, [words])),
    lambda inner: st.builds(
        lambda title, held, quoted: (
            {"msg_type": "merge", "content": _wrapped({"title": title, "items": [r for r, _ in held]}, quoted)},
            [title, *(words for _, said in held for words in said)],
        ),
        speech,
        st.lists(inner, min_size=1, max_size=4),
        st.booleans(),
    ),
    max_leaves=20,
)


def _wrapped(tree, quoted):
    return json.dumps(tree) if quoted else tree


@given(st.lists(records, min_size=1, max_size=4))
def test_a_merge_is_read_at_any_depth_in_the_order_of_its_records(held):
    reading = read_tree("merge", {"title": "聊天记录", "items": [record for record, _ in held]})
    assert reading == seen("\n".join(["聊天记录", *(words for _, said in held for words in said)]))


def test_a_merge_nested_far_beyond_reason_is_opaque():
    assert read("merge", nested_merge(MAX_DEPTH)) == OPAQUE


# Paths that an operator corrects -------------------------------------------------------------------------------------


def test_a_path_that_an_operator_sets_is_read():
    paths = {**DEFAULT_PATHS, "merge": ("records[].body.words", "title")}
    tree = {"title": "标题", "records": [{"body": {"words": "一"}}, {"other": 1}, {"body": {"words": "二"}}]}
    assert read("merge", json.dumps(tree), paths) == seen("一\n二\n标题")


@pytest.mark.parametrize("path", ["", ".", "[]", "[][]", "a..b", "[].a", "title.x", "items[][].text"])
def test_a_path_that_leads_nowhere_leaves_the_words_to_be_found(path):
    assert read("link", '{"title":"退款","items":[{"text":"x"}]}', {"link": (path,)}).text == "退款\nx"


# Whatever comes ------------------------------------------------------------------------------------------------------

keys = st.sampled_from(["items", "text", "title", "content", "list", "msg", "name", "x"]) | st.text(max_size=3)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.sampled_from(["\ud83d", "\0", '{"text":"a"}', "["]),
)
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=12
)
contents = st.one_of(
    st.text(),
    trees.map(json.dumps),
    trees.map(json.dumps).map(json.dumps),
    st.tuples(trees.map(json.dumps), st.integers(0, 30)).map(lambda cut: cut[0][: cut[1]]),
    st.sampled_from(["[" * 10_000, '{"a":' * 2_000, "[" * 600 + "]" * 600, "9" * 5_000, "1e999", "NaN", '"\\ud800"']),
)


@given(st.sampled_from([*sorted(KNOWN_TYPES), "unheard_of", ""]), contents)
@example("text", '{"items":[{"text":"\\ud83d"},{"text":"\\u0000"},{"text":7},{},[],null]}')
def test_whatever_comes_is_read_as_text_that_any_store_takes(kind, content):
    reading = read(kind, content)
    assert reading.text.encode().decode() == reading.text
    assert "\0" not in reading.text
    assert len(reading.text) <= MAX_TEXT
    assert not reading.opaque or kind == "merge" or reading.text == ""


@given(contents)
def test_content_is_a_tree_or_a_content_error(content):
    errors: list[ContentError] = []
    try:
        tree_of(content)
    except ContentError as error:
        errors.append(error)
    assert all(str(error) for error in errors)


def test_half_an_emoji_shows_as_a_replacement_and_whole_ones_stay():
    assert read("text", r'"\ud83d\ude00 \ud83d"') == seen("😀 \ufffd")


def test_nul_is_left_out():
    assert read_tree("text", {"items": [{"text": "退\0款"}]}) == seen("退款")
    assert read_tree("text", {"items": [{"text": "a\0b"}]}) == seen("ab")


@pytest.mark.parametrize("words", ["a" * (MAX_TEXT + 1), "退" * (MAX_TEXT + 1), "\0a" * MAX_TEXT + "b"])
def test_a_text_too_long_is_cut_to_the_bound(words):
    assert len(read_tree("text", {"items": [{"text": words}]}).text) == MAX_TEXT


def test_large_integers_stay_exact():
    assert tree_of('{"a":9007199254740993,"b":123456789012345678901234567890}') == {
        "a": 9007199254740993,
        "b": 123456789012345678901234567890,
    }


def test_brackets_in_words_do_not_count_as_depth():
    words = "[" * (MAX_DEPTH * 2)
    assert read_tree("text", {"items": [{"text": words}]}) == seen(words)


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "content",
    ['{"items":[' + '{"text":"a"},' * 50_000 + "{}]}", '{"items":[[],' + "[]," * 100_000 + "[]]}", '"' * 10**6],
)
def test_large_content_is_read_in_linear_time(content):
    assert read("merge", content).text in {"", "a" * 50_000}
