"""One line an event; no secret, and above debug no message text, in any of them."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from tests.properties import times
from yzj_daemon.ops import logs
from yzj_daemon.ops.redaction import MASK, Redaction

SECRET = 's3cr/et+"é'


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """What logging is set to in this process, other tests too, stays as it was."""
    root = logging.getLogger()
    names = (*logs.CHATTY, logs.OVERRUN)
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in names}
    yield
    root.handlers[:], level, levels = before
    root.setLevel(level)
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def lines(stream: io.StringIO) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]


Lines = Callable[[], list[dict[str, Any]]]


def test_an_event_is_one_json_line_with_level_logger_and_utc_time(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", set(), stream)
    structlog.get_logger("yzj_daemon.x").info("call.ended", chats=("a", "b"), seconds=0.5)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "call.ended",
        "level": "info",
        "logger": "yzj_daemon.x",
        "chats": ["a", "b"],
        "seconds": 0.5,
    }


def test_below_the_level_nothing_is_written(stream: io.StringIO) -> None:
    logs.configure("warning", "json", set(), stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    assert stream.getvalue() == ""


def test_auto_is_console_on_a_terminal_and_json_elsewhere(stream: io.StringIO) -> None:
    terminal = Terminal()
    logs.configure("info", "auto", set(), terminal)
    structlog.get_logger().info("hello")
    assert "\x1b[" in terminal.getvalue()
    logs.configure("info", "auto", set(), stream)
    structlog.get_logger().info("hello")
    assert json.loads(stream.getvalue())["event"] == "hello"


def test_console_in_a_file_has_no_colours_and_lets_nobody_steer_the_terminal(stream: io.StringIO) -> None:
    logs.configure("info", "console", set(), stream)
    structlog.get_logger().info("hello", sender="\x1b[31mred\x9b")
    assert "\x1b" not in stream.getvalue()
    assert "\x9b" not in stream.getvalue()
    assert "red" in stream.getvalue()


def _raise() -> None:
    raise RuntimeError(SECRET)


@pytest.mark.parametrize("format_", ["json", "console"])
def test_a_secret_is_masked_wherever_it_stands(stream: io.StringIO, format_: logs.Format) -> None:
    logs.configure("debug", format_, {SECRET}, stream)
    log = structlog.get_logger()
    log.info(SECRET)
    log.info("e", deep={"list": [{"x": (f"a{SECRET}b",)}], SECRET: 1}, url="http://h/?q=s3cr%2Fet%2B%22%C3%A9")
    log.info("e", thing=ValueError(SECRET), body=json.dumps({"x": SECRET}), raw=SECRET.encode())
    try:
        _raise()
    except RuntimeError:
        log.exception("failed")
    logging.getLogger("uvicorn.error").error("%s happened", SECRET)
    written = stream.getvalue()
    assert "s3cr" not in written
    assert written.count(MASK) >= 8
    assert "RuntimeError" in written


def test_what_stands_under_a_secrets_name_is_masked(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", set(), stream)
    structlog.get_logger().info("e", access_token="x", deep={"App_Secret": 5, "aes_key": "k", "page": 3}, token=None)
    (line,) = lines()
    assert line["access_token"] == MASK
    assert line["deep"] == {"App_Secret": MASK, "aes_key": MASK, "page": 3}
    assert line["token"] is None


def test_a_token_in_a_url_or_in_json_is_masked_though_nobody_named_it(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", set(), stream)
    log = structlog.get_logger()
    log.info("GET http://h/list?app_id=1&access_token=abc&page=2")
    log.info('{"app_secret": "abc", "page": 2}')
    assert [line["event"] for line in lines()] == [
        f"GET http://h/list?app_id=1&access_token={MASK}&page=2",
        f'{{"app_secret": "{MASK}", "page": 2}}',
    ]


def test_secrets_learnt_later_are_masked_too(stream: io.StringIO) -> None:
    redaction = logs.configure("info", "json", set(), stream)
    redaction.learn("fresh-value")
    structlog.get_logger().info("e", x="a fresh-value b")
    assert "fresh-value" not in stream.getvalue()


def test_message_text_is_only_written_at_debug(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("debug", "json", set(), stream)
    log = structlog.get_logger()
    log.debug("e", text="hello", content="{}")
    for write in (log.info, log.warning, log.error):
        write("e", text="hello", content="{}", body="x")
    first, *others = lines()
    assert (first["text"], first["content"]) == ("hello", "{}")
    assert all({"text", "content", "body"}.isdisjoint(line) for line in others)


def test_libraries_chatter_is_quiet_but_their_warnings_are_not(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", set(), stream)
    for name in logs.CHATTY:
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    assert [(line["logger"], line["event"]) for line in lines()] == [(name, "trouble") for name in logs.CHATTY]


def test_a_library_with_wrong_arguments_still_gets_its_line(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", {SECRET}, stream)
    library = logging.getLogger("library")
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, logs._Bridge)]  # not pytest's own
    library.handle(logging.LogRecord("library", logging.WARNING, "", 0, "%d of %d", (SECRET,), None))
    (line,) = lines()
    assert line["event"].startswith("%d of %d")


def test_configuring_again_replaces_what_was(stream: io.StringIO, lines: Lines) -> None:
    old = io.StringIO()
    log = structlog.get_logger("yzj_daemon.made_before")
    logs.configure("info", "json", set(), old)
    logs.configure("info", "json", set(), stream)
    log.info("once")
    logging.getLogger("library").warning("once")
    assert [line["event"] for line in lines()] == ["once", "once"]
    assert old.getvalue() == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.builds(object),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner),
)


@times(1)
@given(st.dictionaries(st.text(min_size=1), values))
def test_any_event_becomes_one_line_of_json(event: dict[str, Any]) -> None:
    stream = io.StringIO()
    logs.configure("debug", "json", {"hidden-thing"}, stream)
    structlog.get_logger()._proxy_to_logger("info", "e", **{k: v for k, v in event.items() if k != "event"})
    line, rest = stream.getvalue().split("\n")
    assert rest == ""
    assert isinstance(json.loads(line), dict)


words = st.text("abc=: ")


@given(words, words, st.text("αβγ", min_size=1), st.integers(0, 20))
def test_no_depth_hides_a_secret(before: str, after: str, secret: str, depth: int) -> None:
    value: Any = before + secret + after
    for _ in range(depth):
        value = {"k": [value]}
    (redacted,) = Redaction({secret})(None, "info", {"k": value}).values()
    while not isinstance(redacted, str):
        redacted = redacted["k"][0] if isinstance(redacted, dict) else redacted[0]
    assert secret not in redacted
    assert MASK in redacted


def test_an_object_that_cannot_be_shown_costs_no_line(stream: io.StringIO, lines: Lines) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    logs.configure("info", "json", set(), stream)
    structlog.get_logger().info("e", thing=Broken())
    (line,) = lines()
    assert line["thing"] == "<Broken: RuntimeError>"


class Full(io.StringIO):
    """A stream on a disk that is full for a while."""

    full = True

    def write(self, line: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(line)


def test_a_stream_that_cannot_take_a_line_stops_nothing_and_the_loss_is_told() -> None:
    stream = Full()
    logs.configure("info", "json", set(), stream)
    log = structlog.get_logger("yzj_daemon.x")
    log.info("one")
    logging.getLogger("httpx").warning("two")
    stream.full = False
    log.info("three")
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line.get("lines")) for line in told] == [("log.lines_lost", 2), ("three", None)]
    stream.close()
    log.info("four")


@pytest.mark.parametrize("format_", ["json", "console"])
def test_many_lines_are_what_each_alone_would_be(format_: logs.Format) -> None:
    one, all_ = io.StringIO(), io.StringIO()
    rows = [{"message": "1", "rules": ("a", "b"), "deliveries": 2}, {"message": "2", "rules": (), "deliveries": 0}]
    logs.configure("info", format_, {SECRET}, one)
    for row in rows:
        structlog.get_logger("yzj_daemon.x").info("message.decided", **row)
    logs.configure("info", format_, {SECRET}, all_)
    logs.many("yzj_daemon.x", "message.decided", rows)
    assert [_untimed(line) for line in all_.getvalue().splitlines()] == [
        _untimed(line) for line in one.getvalue().splitlines()
    ]


def _untimed(line: str) -> object:
    return {**json.loads(line), "timestamp": ""} if line.startswith("{") else line.partition("Z ")[2]


def test_a_secret_among_many_lines_is_masked(stream: io.StringIO, lines: Lines) -> None:
    logs.configure("info", "json", {SECRET}, stream)
    logs.many("x", "e", [{"sender": "7"}, {"sender": f"a{SECRET}"}, {"access_token": "abc"}])
    assert [line.get("sender", line.get("access_token")) for line in lines()] == ["7", f"a{MASK}", MASK]


def test_many_lines_keep_quiet_below_the_level(stream: io.StringIO) -> None:
    logs.configure("warning", "json", set(), stream)
    logs.many("x", "e", [{"a": "b"}])
    assert stream.getvalue() == ""


def test_of_tokens_that_come_and_go_the_last_few_are_known(stream: io.StringIO) -> None:
    redaction = logs.configure("info", "json", {SECRET}, stream)
    for n in range(100):
        logs.learn(f"token-{n}-")
    structlog.get_logger().info("e", x="token-0- token-98- token-99-", y=SECRET)
    assert "token-0-" in stream.getvalue()
    assert not {"token-98-", "token-99-", SECRET} & set(stream.getvalue().replace('"', " ").split())
    assert len(redaction._known) < 50


UNCAUGHT = f"""
import threading, warnings
from yzj_daemon.ops import logs
logs.configure("info", "json", {{{SECRET!r}}})
logs.catch_the_rest()
class Broken:
    def __del__(self):
        raise RuntimeError({SECRET!r})
def fail():
    raise RuntimeError({SECRET!r})
Broken()
warnings.warn({SECRET!r})
thread = threading.Thread(target=fail, name="beside")
thread.start()
thread.join()
fail()
"""


def test_what_nobody_caught_is_logged_without_secrets_whatever_thread_it_came_from() -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCAUGHT], capture_output=True, text=True, encoding="utf-8", timeout=30, check=False
    )
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["level"]) for line in told if line["logger"] != "py.warnings"] == [
        ("unraisable", "error"),
        ("uncaught", "critical"),
        ("uncaught", "critical"),
    ]
    assert "py.warnings" in {line["logger"] for line in told}
    assert {line.get("thread") for line in told} == {"beside", None}
    assert done.stderr.count(MASK) >= 4
    assert "s3cr" not in done.stdout + done.stderr
    assert done.returncode == 1
