"""What the vendor's answers mean: the error-code table as a closed set of outcomes.

Vendor page 11490695550514533 (codes), 11490690941344440 (rate limits). Nothing is known of the HTTP status of
errors, so a known ``errcode`` is a definite answer under any status, and everything indefinite is
:class:`Unanswered`: nobody can know whether the call was carried out.
"""

from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from yzj_daemon.clock import MINUTE, SECOND, Millis
from yzj_daemon.delivery import Deferred, Fault, Refused, Unanswered
from yzj_daemon.secret import longest_first, without
from yzj_daemon.yzj import jsontext

LONGEST_DETAIL = 300
LONGEST_RETRY_AFTER: Millis = 10 * MINUTE
"""A lane never waits longer for a 407; a server that asks for more is tried again then."""

_BLOCKING: Final = frozenset({101, 102, 103, 113, 114})
_TOKEN: Final = frozenset({110, 111, 112})
_EXAMINED = 2_000
"""Characters of an error text that are searched for patterns."""


class ErrorPatterns(msgspec.Struct, frozen=True, kw_only=True):
    """What the text of error 1001 gives away: parts of it, letter case aside. First ``offline``, then in order.

    ``permanent`` gives a message up, so it is asked last, and what no pattern knows is ``transient``.
    """

    offline: tuple[str, ...] = (
        "不在线", "未在线", "已离线", "离线", "掉线", "未登录", "已退出登录", "重新登录", "登录失效", "登录已过期",
        "not online", "offline", "not logged in", "not login", "logged out", "login expired", "log in again",
    )  # fmt: skip
    transient: tuple[str, ...] = (
        "稍后", "重试", "繁忙", "超时", "频繁", "系统异常",
        "try again", "retry", "busy", "timeout", "timed out", "too frequent", "temporarily",
    )  # fmt: skip
    permanent: tuple[str, ...] = (
        "不是好友", "非好友", "不是你的好友", "不是您的好友", "好友关系", "已被删除", "拉黑", "黑名单",
        "不在群", "不是群成员", "移出群", "退出群", "群已解散", "群不存在", "会话不存在", "联系人不存在", "用户不存在",
        "禁言", "不支持", "不允许", "消息已过期", "文件已过期", "内容不合法", "内容违规", "参数错误",
        "not a friend", "not friend", "blacklist", "not in the group", "not in group", "not a member",
        "not in the room", "dismissed", "does not exist", "not exist", "not found", "muted", "not supported",
        "unsupported", "not allowed", "invalid content", "invalid param",
    )  # fmt: skip


DEFAULT_PATTERNS: Final = ErrorPatterns()


class Accepted(msgspec.Struct, frozen=True):
    """``errcode`` 0. ``body`` is the whole answer, ``found`` its values as they stand."""

    body: bytes
    found: Mapping[str, bytes]


class Envelope(msgspec.Struct, frozen=True):
    """The outer object of an answer. ``code`` is None when there is no readable ``errcode``."""

    code: int | None
    text: str
    found: Mapping[str, bytes]


class HttpAnswer(msgspec.Struct, frozen=True):
    """An HTTP response, read whole. ``retry_after`` in ms, None where the server wished nothing readable."""

    status: int
    body: bytes
    retry_after: Millis | None = None
    location: str = ""


def envelope(body: bytes) -> Envelope:
    """The answer's envelope; without a code when the body is no JSON object."""
    try:
        body.decode()
        found = jsontext.members(body)
    except ValueError:
        return Envelope(None, "", {})
    return Envelope(_code(found.get("errcode", b"")), _text(found), found)


def judged(answer: HttpAnswer, patterns: ErrorPatterns) -> Accepted | Fault:
    """What an answer says of the call."""
    read = envelope(answer.body)
    definite = read.code is not None and (answer.status < 500 or read.code in _KNOWN)
    if read.code is None or not definite:
        return _by_status(answer)
    if read.code == 0:
        if answer.status < 300:
            return Accepted(answer.body, read.found)
        return Unanswered("unreadable", f"HTTP {answer.status} and yet errcode 0")
    return _by_code(read.code, read.text, answer, patterns)


def speaks(answer: HttpAnswer) -> bool:
    """Whether the platform itself answered, and not a web server or a proxy before it."""
    return envelope(answer.body).code is not None


def for_reading(fault: Fault) -> Fault:
    """The same fault of a call that changes nothing: what stayed without an answer can simply be asked again."""
    match fault:
        case Unanswered("timeout" | "connection_lost", detail):
            return Deferred("network", lane_wide=True, detail=detail)
        case Unanswered(_, detail):
            return Deferred("transient", detail=detail)
        case Deferred() | Refused():
            return fault


def before_the_call(fault: Fault) -> Deferred:
    """A fault of what had to precede the call, the token: the call never left, and no other would fare better."""
    match for_reading(fault):
        case Deferred() as deferred:
            return replace(deferred, lane_wide=True)
        case Refused(_, detail) | Unanswered(_, detail):
            return Deferred("blocked", lane_wide=True, detail=detail)


def told(fault: Fault, secrets: Iterable[str]) -> Fault:
    """The same fault, its detail fit for logs and the store: without secrets, and short."""
    detail = without(fault.detail, longest_first(secrets)) if fault.detail else ""
    if len(detail) > LONGEST_DETAIL:
        detail = detail[: LONGEST_DETAIL - 1] + "…"
    return replace(fault, detail=detail)


def retry_after(header: str | None, now: Millis) -> Millis | None:
    """A Retry-After header, seconds or a date, as ms from now."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * SECOND, LONGEST_RETRY_AFTER)
    try:
        at = int(parsedate_to_datetime(text).timestamp() * SECOND)
    except (ValueError, OverflowError):
        return None
    return max(0, min(at - now, LONGEST_RETRY_AFTER))


_KNOWN: Final = _BLOCKING | _TOKEN | {405, 406, 407}


def _by_code(code: int, text: str, answer: HttpAnswer, patterns: ErrorPatterns) -> Fault:
    detail = f"{code}: {text}"
    if code in _BLOCKING:
        return Deferred("blocked", lane_wide=True, detail=detail)
    if code in _TOKEN:
        return Deferred("token", lane_wide=True, detail=detail)
    match code:
        case 405:
            return Refused("wrong_method", detail)
        case 406:
            return Refused("bad_parameter", detail)
        case 407:
            return Deferred("rate_limited", answer.retry_after, lane_wide=True, detail=detail)
        case 1001:
            return _by_text(text, detail, patterns)
        case _:
            return Deferred("transient", detail=detail)


def _by_text(text: str, detail: str, patterns: ErrorPatterns) -> Fault:
    said = text[:_EXAMINED].casefold()

    def any_of(parts: tuple[str, ...]) -> bool:
        return any(part.casefold() in said for part in parts if part)

    if any_of(patterns.offline):
        return Deferred("offline", lane_wide=True, detail=detail)
    if not any_of(patterns.transient) and any_of(patterns.permanent):
        return Refused("permanent", detail)
    return Deferred("transient", detail=detail)


def _by_status(answer: HttpAnswer) -> Fault:
    """An answer without a usable ``errcode``: proxies, gateways and web servers speak by status alone."""
    status, said = answer.status, f"HTTP {answer.status}"
    if status < 300:
        return Unanswered("unreadable", f"{said}, {len(answer.body)} bytes without a readable errcode")
    if status < 400:
        return _blocked(f"{said} to {answer.location}: does api.base_url name the right scheme and host?")
    if status >= 500:
        return Unanswered("http_5xx", said)
    match status:
        case 401 | 403 | 407:
            return _blocked(f"{said}: refused before the platform saw it (IP whitelist? proxy?)")
        case 404:
            return _blocked(f"{said}: api.base_url looks wrong (its prefix, such as /oapi?)")
        case 405:
            return Refused("wrong_method", said)
        case 408:
            return Deferred("transient", detail=said)
        case 429:
            return Deferred("rate_limited", answer.retry_after, lane_wide=True, detail=said)
        case _:
            return Refused("bad_parameter", said)


def _blocked(detail: str) -> Deferred:
    return Deferred("blocked", lane_wide=True, detail=detail)


def _code(value: bytes) -> int | None:
    """``errcode`` as an int: written as one, or as a string of one."""
    digits = (jsontext.scalar(value) or "").strip()
    unsigned = digits.removeprefix("-")
    if len(digits) > 18 or not (unsigned.isascii() and unsigned.isdigit()):
        return None
    return int(digits)


def _text(found: Mapping[str, bytes]) -> str:
    for name in ("message", "errmsg"):
        value = found.get(name, b"null")
        text = jsontext.string(value)
        said = (value.decode() if value not in {b"null", b'""'} else "") if text is None else text
        if said:
            return said
    return ""
