"""The small notations in rule files: durations, days, hours, dates, regexes. Each mistake says how to write it."""

import re
from datetime import date, datetime
from typing import Any, Final

from pydantic_core import PydanticCustomError

from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis
from yzj_daemon.rules.pattern import MAX_PATTERN, BadPattern, Pattern
from yzj_daemon.rules.ruleset import Limit
from yzj_daemon.rules.window import DAY_MINUTES, Dates, Hours

LONGEST: Final[Millis] = 3_660 * DAY
MAX_KEYWORD: Final = 200

_UNITS: Final = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DAYS: Final = {
    **{name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    **{
        week + day: number
        for week in ("周", "星期")
        for day, number in zip("一二三四五六日天", (0, 1, 2, 3, 4, 5, 6, 6), strict=True)
    },
}
_LONG_DAYS: Final = {
    name: name[:3] for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}
_duration = re.compile(r"(\d{1,9})\s*([smhd])")
_hours = re.compile(r"(\d{1,2}):(\d\d)\s*[-–~]\s*(\d{1,2}):(\d\d)")
_lookaround = re.compile(r"\(\?<?[=!]")
_back_reference = re.compile(r"\\[1-9]|\(\?P=")


def mistake(id: str, zh: str, en: str, hint: str = "") -> PydanticCustomError:  # noqa: A002 - the finding's field
    """An error that the loader turns into a finding."""
    return PydanticCustomError(id, "{en}", {"zh": zh, "en": en, "hint": hint})


def duration(value: Any) -> Millis:
    """``"90s"`` in ms."""
    if isinstance(value, int) and not isinstance(value, bool):
        raise mistake("bad-duration", "时长要写单位", "a duration needs a unit", f'"{value}s"')
    found = _duration.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise mistake("bad-duration", "时长写法不对", "not a duration", '"90s", "10m", "2h", "1d"')
    span = int(found[1]) * _UNITS[found[2]]
    if span > LONGEST:
        raise mistake("bad-duration", "时长超过十年", "longer than ten years", '"30d"')
    return span


def some_duration(value: Any) -> Millis:
    """A duration that is not nothing."""
    span = duration(value)
    if not span:
        raise mistake("bad-duration", "时长不能为零", "must be longer than nothing", '"2h"')
    return span


def limit(value: Any) -> Limit:
    """``"30/10m"`` as thirty within ten minutes."""
    count, slash, span = value.partition("/") if isinstance(value, str) else ("", "", "")
    if not slash or not re.fullmatch(r"[1-9]\d{0,6}", count.strip()):
        raise mistake("bad-limit", "写法不对", "not a limit", '"30/10m"')
    return Limit(int(count), some_duration(span.strip()))


def days(value: Any) -> frozenset[int]:
    """``"mon-fri"`` as ``{0, 1, 2, 3, 4}``; a span may run over the weekend."""
    ends = [_day(part) for part in re.split(r"\s*[-–~至到]\s*", value.strip())] if isinstance(value, str) else []
    if not 1 <= len(ends) <= 2:
        raise mistake("bad-days", "星期写法不对", "not a day", '"mon", "mon-fri", "周一", "周一-周五"')
    first, last = ends[0], ends[-1]
    return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))


def _day(word: str) -> int:
    number = _DAYS.get(word.lower(), _DAYS.get(_LONG_DAYS.get(word.lower(), ""), None))
    if number is None:
        told = '"mon", "mon-fri", "周一", "周一-周五"'
        raise mistake("bad-days", f"不认识的星期“{word}”", f'unknown day "{word}"', told)
    return number


def hours(value: Any) -> Hours:
    """``"22:00-06:00"`` as minutes of the day."""
    found = _hours.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise mistake("bad-hours", "时段写法不对", "not a span of hours", '"09:00-18:00"')
    begin, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if int(found[2]) > 59 or int(found[4]) > 59 or begin >= DAY_MINUTES or end > DAY_MINUTES:
        raise mistake("bad-hours", "没有这样的时刻", "no such time of day", '"09:00-18:00", "00:00-24:00"')
    if begin == end:
        raise mistake("never-opens", "起止相同,永远不会打开", "ends where it begins: it never opens", '"00:00-24:00"')
    return begin, end


def dates(value: Any) -> Dates:
    """``"2026-10-01..2026-10-07"`` as its first and last day; one date is both."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    parts = [part.strip() for part in value.split("..")] if isinstance(value, str) else []
    try:
        found = [date.fromisoformat(part) for part in parts]
    except ValueError:
        found = []
    if not 1 <= len(found) <= 2 or any(len(part) != len("2026-10-01") for part in parts):
        raise mistake("bad-dates", "日期写法不对", "not a date", '"2026-10-01", "2026-10-01..2026-10-07"')
    first, last = found[0], found[-1]
    if not 2000 <= first.year <= 2199 or not 2000 <= last.year <= 2199:
        raise mistake("bad-dates", "年份要在 2000 到 2199 之间", "the year must be 2000 to 2199", '"2026-10-01"')
    if first > last:
        raise mistake("never-opens", "结束早于开始", "ends before it begins", f'"{last}..{first}"')
    return first, last


def keyword(value: str) -> str:
    if not value:
        raise mistake("empty-keyword", "关键词是空的", "an empty keyword")
    if len(value) > MAX_KEYWORD:
        raise mistake("too-long", f"关键词超过 {MAX_KEYWORD} 个字", f"a keyword of more than {MAX_KEYWORD} characters")
    return value


def regex(value: Any) -> Pattern:
    if not isinstance(value, str):
        raise mistake("wrong-type", "正则表达式要写在引号里", "a regex is text in quotes", f"'{value}'")
    if not value:
        raise mistake("bad-regex", "正则表达式是空的", "an empty regex")
    if len(value) > MAX_PATTERN:
        raise mistake("too-long", f"正则表达式超过 {MAX_PATTERN} 个字", f"a regex longer than {MAX_PATTERN} characters")
    try:
        return Pattern.of(value)
    except (BadPattern, UnicodeError) as error:
        raise _bad_regex(value, error) from None


def _bad_regex(value: str, error: Exception) -> PydanticCustomError:
    if _lookaround.search(value):
        return mistake(
            "bad-regex",
            "正则表达式不支持前后断言 (?= (?! (?<= (?<!",
            "lookaround (?= (?! (?<= (?<! is not supported",
            "not = { regex = [...] }",
        )
    if _back_reference.search(value):
        return mistake("bad-regex", "正则表达式不支持反向引用", "back-references are not supported")
    told = error.args[0] if error.args else error
    said = told.decode(errors="replace") if isinstance(told, bytes) else str(told)
    return mistake("bad-regex", f"正则表达式有误:{said}", f"bad regex: {said}")
