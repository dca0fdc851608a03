"""What a rule makes of a message, in words: a row of :func:`~yzj_daemon.wording.explained.explained` for a person."""

from collections.abc import Iterator
from typing import Any, Final

from yzj_daemon.errors import Phrase
from yzj_daemon.wording import reasons

SHOWN_VALUE: Final = 120
"""Characters of a value that a line repeats."""

IDS: Final = frozenset({"account", "chat", "sender"})
"""Keys whose values are ids, which have names."""

_ATTRIBUTES: Final = IDS | {"type", "chat_type"}
"""Keys whose answer is missing, not hidden, where nobody can tell."""

_BY_STATE: Final = frozenset({"duplicate", "cooldown", "muted", "loop", "window", "shadow"})
"""Reasons that the rules and the message alone may not tell: what was sent before, and what was set at the time."""

UNSEEN: Final = Phrase("看不到这条消息里面", "cannot see inside this message")

BY_STATE: Final = Phrase("不是规则, 是当时的状态决定的", "decided by the state of then, not by the rules")


def shown(value: Any) -> str:
    """A value as a person reads it, bounded."""
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_VALUE else text[:SHOWN_VALUE] + "…"


def hidden(check: dict[str, Any]) -> bool:
    """Nobody can tell whether the condition holds, because the message does not show what it asks for."""
    return check["held"] is None and check["key"] not in _ATTRIBUTES


def by_state(told: dict[str, Any]) -> bool:
    """Something else than the rules decided on receipt."""
    then = told["then"]
    return bool(then) and then["reason"] in _BY_STATE and then["reason"] != told["reason"]


def notes(row: dict[str, Any], told: dict[str, Any]) -> Iterator[Phrase]:
    """What no condition of a rule tells: what kept it from sending, and what kept it from being asked."""
    yield from _kept_back(row["id"], told)
    if row["error"]:
        yield Phrase(f"规则出错: {row['error']}", f"the rule failed: {row['error']}")
    if row["skipped_by"]:
        by = row["skipped_by"]
        yield Phrase(f"没有判断: 规则 {by} 匹配后停止了 (stop)", f"not asked: rule {by} matched and stops the rest")
    if row["opens_at"]:
        yield Phrase(
            f"匹配, 在时间窗之外, 等到 {row['opens_at']}", f"matched outside its window, waits until {row['opens_at']}"
        )


def _kept_back(rule: str, told: dict[str, Any]) -> Iterator[Phrase]:
    """Of then, if what decided then is what is explained."""
    for kept_back in (told["then"] if told["as_then"] else told)["suppressed"]:
        if kept_back["rule"] == rule:
            why, detail = reasons.decision(kept_back["reason"]), f" ({kept_back['detail']})" * bool(kept_back["detail"])
            yield Phrase(
                f"没有转发: {kept_back['reason']}: {why.zh}{detail}",
                f"not sent: {kept_back['reason']}: {why.en}{detail}",
            )
