from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.delivery import Deferred, Refused, Unanswered
from yzj_daemon.yzj.answers import (
    Accepted,
    ErrorPatterns,
    HttpAnswer,
    before_the_call,
    for_reading,
    judged,
    retry_after,
    told,
)

PATTERNS = ErrorPatterns()


def answer(body, status=200, retry=None):
    return judged(HttpAnswer(status, body.encode(), retry), PATTERNS)


@pytest.mark.parametrize(
    ("code", "reason", "lane_wide"),
    [
        (101, "blocked", True),
        (102, "blocked", True),
        (103, "blocked", True),
        (113, "blocked", True),
        (114, "blocked", True),
        (110, "token", True),
        (111, "token", True),
        (112, "token", True),
        (407, "rate_limited", True),
        (1001, "transient", False),
        (-1, "transient", False),
        (99999, "transient", False),
    ],
)
@pytest.mark.parametrize("written", ["{}", '"{}"', '" {} "'])
def test_a_code_that_defers_does_so_however_it_is_written(code, reason, lane_wide, written):
    outcome = answer(f'{{"errcode":{written.format(code)},"message":"m"}}')
    assert outcome == Deferred(reason, lane_wide=lane_wide, detail=f"{code}: m")


@pytest.mark.parametrize(("code", "reason"), [(405, "wrong_method"), (406, "bad_parameter")])
def test_a_code_that_refuses(code, reason):
    assert answer(f'{{"errcode":{code},"message":"m"}}') == Refused(reason, f"{code}: m")


@pytest.mark.parametrize("body", ['{"errcode":0}', '{"errcode":"0","data":null}', '{"errcode":0,"x":"\\ud800"}'])
def test_zero_is_accepted(body):
    assert isinstance(answer(body), Accepted)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ('"message":"a","errmsg":"b"', "a"),
        ('"errmsg":"b"', "b"),
        ('"message":"","errmsg":"b"', "b"),
        ('"message":null,"errmsg":"b"', "b"),
        ('"message":{"why":1}', '{"why":1}'),
        ('"message":"\\u9000\\ud800"', "退\\ud800"),
    ],
)
def test_the_text_is_message_and_then_errmsg(fields, text):
    assert answer(f'{{"errcode":5,{fields}}}').detail == f"5: {text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("账号不在线", "offline"),
        ("该账号已离线,请稍后重试", "offline"),
        ("Account NOT LOGGED IN", "offline"),
        ("系统繁忙,请稍后再试", "transient"),
        ("request timeout", "transient"),
        ("对方不是你的好友", "permanent"),
        ("群已解散", "permanent"),
        ("群不存在,请稍后重试", "transient"),
        ("room does not exist", "permanent"),
        ("什么都可能", "transient"),
        ("", "transient"),
    ],
)
def test_error_1001_is_classed_by_its_text(text, expected):
    outcome = answer(f'{{"errcode":1001,"message":"{text}"}}')
    assert outcome.reason == expected
    assert isinstance(outcome, Refused) == (expected == "permanent")
    assert getattr(outcome, "lane_wide", False) == (expected == "offline")


def test_the_patterns_of_error_1001_are_a_setting():
    own = ErrorPatterns(offline=("GONE",), transient=(), permanent=("不在线", ""))
    body = HttpAnswer(200, b'{"errcode":1001,"message":"%s"}')
    assert judged(HttpAnswer(200, body.body.replace(b"%s", b"gone")), own).reason == "offline"
    assert judged(HttpAnswer(200, body.body.replace(b"%s", "不在线".encode())), own) == Refused(
        "permanent", "1001: 不在线"
    )
    assert judged(HttpAnswer(200, body.body.replace(b"%s", b"else")), own).reason == "transient"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        '{"errcode":null}',
        '{"errcode":true}',
        '{"errcode":0.5}',
        '{"errcode":"ok"}',
        '{"errcode":[]}',
        '{"errcode":""}',
        '{"errcode":"٣"}',
        '{"errcode":1' + "0" * 5000 + "}",
        '{"errcode":0',
    ],
)
def test_a_200_that_says_nothing_leaves_the_call_unanswered(body):
    assert answer(body) == Unanswered("unreadable", f"HTTP 200, {len(body.encode())} bytes without a readable errcode")


def test_a_200_of_broken_utf8_leaves_the_call_unanswered():
    assert judged(HttpAnswer(200, b'{"errcode":0,"x":"\xff"}'), PATTERNS).reason == "unreadable"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (301, Deferred("blocked", lane_wide=True)),
        (302, Deferred("blocked", lane_wide=True)),
        (400, Refused("bad_parameter")),
        (401, Deferred("blocked", lane_wide=True)),
        (403, Deferred("blocked", lane_wide=True)),
        (404, Deferred("blocked", lane_wide=True)),
        (405, Refused("wrong_method")),
        (407, Deferred("blocked", lane_wide=True)),
        (408, Deferred("transient")),
        (413, Refused("bad_parameter")),
        (429, Deferred("rate_limited", 7000, lane_wide=True)),
        (500, Unanswered("http_5xx")),
        (502, Unanswered("http_5xx")),
        (504, Unanswered("http_5xx")),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>nginx</html>", '{"error":"x"}'])
def test_a_status_without_a_code_speaks_for_itself(status, expected, body):
    outcome = answer(body, status, 7000)
    assert outcome.detail.startswith(f"HTTP {status}")
    assert outcome == type(expected)(**{**_fields(expected), "detail": outcome.detail})


@pytest.mark.parametrize(("status", "reason"), [(302, "unreadable"), (403, "unreadable"), (500, "http_5xx")])
def test_a_status_that_contradicts_its_code_leaves_the_call_unanswered(status, reason):
    outcome = answer('{"errcode":0}', status)
    assert isinstance(outcome, Unanswered)
    assert outcome.reason == reason


def _fields(outcome):
    return {name: getattr(outcome, name) for name in outcome.__struct_fields__}


def test_a_404_says_that_the_base_url_looks_wrong():
    assert "api.base_url" in answer("", 404).detail


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_known_code_is_definite_under_any_status(status):
    assert answer('{"errcode":407,"message":"m"}', status).reason == "rate_limited"
    assert answer('{"errcode":113,"message":"m"}', status).reason == "blocked"
    assert answer('{"errcode":406,"message":"m"}', status) == Refused("bad_parameter", "406: m")


def test_an_error_of_the_service_under_a_5xx_is_indefinite():
    assert answer('{"errcode":1001,"message":"m"}', 500).reason == "http_5xx"
    assert answer('{"errcode":1001,"message":"m"}', 400) == Deferred("transient", detail="1001: m")


@given(st.integers(200, 599), st.binary(max_size=80))
def test_any_answer_has_a_meaning(status, body):
    outcome = judged(HttpAnswer(status, body), PATTERNS)
    assert isinstance(outcome, (Deferred, Refused, Unanswered)) or b'"errcode"' in body, (
        "no acceptance without its word"
    )


@given(st.integers(200, 599), st.integers(-5, 1200))
def test_only_errcode_zero_under_a_2xx_is_accepted(status, code):
    body = f'{{"errcode":{code},"message":"x"}}'
    accepted = isinstance(judged(HttpAnswer(status, body.encode()), PATTERNS), Accepted)
    assert accepted == (code == 0 and status < 300)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("7", 7_000),
        (" 0 ", 0),
        ("86400", 600_000),
        ("9" * 40, 600_000),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        (format_datetime(datetime(2027, 1, 15, 8, 0, 30, tzinfo=UTC), usegmt=True), 30_000),
        (format_datetime(datetime(2027, 1, 15, 7, 0, 0, tzinfo=UTC), usegmt=True), 0),
        (format_datetime(datetime(2037, 1, 15, 7, 0, 0, tzinfo=UTC), usegmt=True), 600_000),
    ],
)
def test_retry_after_is_a_bounded_span(header, expected):
    assert retry_after(header, int(datetime(2027, 1, 15, 8, 0, 0, tzinfo=UTC).timestamp() * 1000)) == expected


@given(st.text(max_size=40))
def test_any_retry_after_is_borne(header):
    wish = retry_after(header, 0)
    assert wish is None or 0 <= wish <= 600_000


def test_secrets_and_length_are_kept_out_of_details():
    fault = told(Deferred("transient", detail="a t/1 b t%2F1 " + "x" * 400), ["t/1"])
    assert fault.detail.startswith("a ********** b ********** x")
    assert len(fault.detail) == 300


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Unanswered("timeout", "d"), Deferred("network", lane_wide=True, detail="d")),
        (Unanswered("connection_lost", "d"), Deferred("network", lane_wide=True, detail="d")),
        (Unanswered("http_5xx", "d"), Deferred("transient", detail="d")),
        (Unanswered("unreadable", "d"), Deferred("transient", detail="d")),
        (Refused("permanent", "d"), Refused("permanent", "d")),
        (Deferred("offline", detail="d"), Deferred("offline", detail="d")),
    ],
)
def test_a_read_without_answer_is_asked_again(fault, expected):
    assert for_reading(fault) == expected


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Unanswered("timeout"), "network"),
        (Unanswered("http_5xx"), "transient"),
        (Refused("bad_parameter"), "blocked"),
        (Deferred("transient"), "transient"),
        (Deferred("rate_limited"), "rate_limited"),
    ],
)
def test_what_fails_before_the_call_stops_the_lane_and_was_never_sent(fault, reason):
    assert before_the_call(fault) == Deferred(reason, lane_wide=True)
