"""How an account stands: what a person should do about it, and how long what waits in its lane will take."""

from typing import TYPE_CHECKING, Final

from yzj_daemon.account import AccountState
from yzj_daemon.clock import DAY, HOUR, MINUTE, SECOND, Millis
from yzj_daemon.errors import Phrase
from yzj_daemon.lane import LaneState
from yzj_daemon.trouble import Kind, Trouble

if TYPE_CHECKING:
    from yzj_daemon.settings.model import Forward
    from yzj_daemon.storage.reports import LaneLine

OF_ACCOUNTS_AND_RULES: Final = frozenset(
    {Kind.ACCOUNT_OFFLINE, Kind.ACCOUNT_EXPIRED, Kind.ACCOUNT_BLOCKED, Kind.RULES_REFUSED}
)
"""Troubles that need not be listed where all accounts and the state of the rules are shown."""


def drain_seconds(line: "LaneLine", forward: "Forward", now: Millis) -> float | None:
    """When the lane will be empty if nothing more comes; None while it waits for a person, who may take any time."""
    if line.state in {LaneState.OFFLINE, LaneState.BLOCKED} and line.depth:
        return None
    if not line.depth:
        return 0.0
    caps = ((forward.per_minute, MINUTE), (forward.per_hour, HOUR), (forward.per_day, DAY))
    paced = line.calls * (forward.pace + forward.jitter // 2)
    capped = max((line.depth - cap) * span // cap for cap, span in caps if cap) if any(c for c, _ in caps) else 0
    begins = max(0, line.next_at - now)
    return round(max(begins + paced, capped, line.last_due_at - now) / SECOND, 1)


def action(line: "LaneLine") -> Phrase:
    """What a person should do about an account; empty when nothing."""
    match line.standing:
        case AccountState.OFFLINE:
            return _of_account(Kind.ACCOUNT_OFFLINE, line)
        case AccountState.EXPIRED:
            return _of_account(Kind.ACCOUNT_EXPIRED, line)
        case AccountState.BLOCKED:
            return _of_account(Kind.ACCOUNT_BLOCKED, line)
        case AccountState.UNKNOWN:
            return Phrase(
                "还没有收到它的消息, 平台的列表里也没有: 检查它是不是托管账号",
                "nothing was received of it and the platform does not list it: is it a hosted account?",
            )
        case AccountState.ONLINE:
            return _while_it_waits(line)


def _of_account(kind: Kind, line: "LaneLine") -> Phrase:
    """As an alert says it; beside the account, so that its id need not be said again."""
    why, todo = (f" ({line.reason})" if line.reason else ""), Trouble(kind=kind).todo
    return Phrase(f"{kind.headline.zh}{why}: {todo.zh}", f"{kind.headline.en}{why}: {todo.en}")


def _while_it_waits(line: "LaneLine") -> Phrase:
    match line.state:
        case LaneState.THROTTLED:
            return Phrase("平台限流, 会自动继续, 不用处理", "rate limited, it goes on by itself; nothing to do")
        case LaneState.SUSPENDED:
            return Phrase(
                f"暂时连不上 ({line.reason}), 会自动重试; 久了请检查网络",
                f"out of reach for now ({line.reason}), it retries by itself; check the network if it lasts",
            )
        case _:
            return Phrase("", "")
