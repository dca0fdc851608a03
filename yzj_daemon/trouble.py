"""Trouble: what somebody should know of, in plain words, and what to do about it.

``status``, ``alerts`` and the numbers speak of the same troubles; docs/alerts.md explains each kind.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, assert_never

import msgspec

from yzj_daemon.clock import Millis, lasting
from yzj_daemon.errors import Lang, Phrase

LATE_A_DAY: Final = 1_000
"""Late answers in one day, after which the platform stops calling back (vendor page 11490692518660567)."""

LATE_SHARES: Final = (0.1, 0.5, 0.9)
"""Shares of it, each of which is told."""

LISTED: Final = 20
"""Subjects that one alert names; of the others it tells how many they are."""


class Kind(StrEnum):
    STORE = "store"
    DISK = "disk"
    PLATFORM = "platform"
    ACCOUNT_BLOCKED = "account_blocked"
    ACCOUNT_EXPIRED = "account_expired"
    ACCOUNT_OFFLINE = "account_offline"
    LATE_ACKS = "late_acks"
    QUARANTINED = "quarantined"
    RULES_REFUSED = "rules_refused"
    RULES_DIFFER = "rules_differ"
    LANE_STUCK = "lane_stuck"
    HELD_RULE = "held_rule"
    UNKNOWN = "unknown"
    HELD = "held"
    TOO_OLD = "too_old"
    SILENT_RULE = "silent_rule"

    @property
    def headline(self) -> Phrase:
        return _HEADLINES[self]

    @property
    def passing(self) -> bool:
        """It may go by itself within seconds, so it is told only when it lasts."""
        return self not in _AT_ONCE

    @property
    def tells(self) -> bool:
        """Somebody is told of it. What a person did on purpose is only shown."""
        return self is not Kind.HELD


_AT_ONCE: Final = frozenset(
    {Kind.LATE_ACKS, Kind.QUARANTINED, Kind.HELD_RULE, Kind.TOO_OLD, Kind.SILENT_RULE, Kind.ACCOUNT_EXPIRED}
)

_HEADLINES: Final = {
    Kind.STORE: Phrase("数据库写不进去", "the store cannot be written"),
    Kind.DISK: Phrase("磁盘快满了", "the disk is nearly full"),
    Kind.PLATFORM: Phrase("调用平台不成功", "calls to the platform fail"),
    Kind.ACCOUNT_BLOCKED: Phrase("平台拒绝我们", "the platform refuses us"),
    Kind.ACCOUNT_EXPIRED: Phrase("平台的服务到期", "the order at the platform ran out"),
    Kind.ACCOUNT_OFFLINE: Phrase("账号掉线", "account offline"),
    Kind.LATE_ACKS: Phrase("回调应答太慢", "callbacks are answered late"),
    Kind.QUARANTINED: Phrase("有回调读不懂", "callbacks cannot be read"),
    Kind.RULES_REFUSED: Phrase("规则有错, 没有生效", "rules refused"),
    Kind.RULES_DIFFER: Phrase("各台机器的规则不同", "daemons have different rules"),
    Kind.LANE_STUCK: Phrase("队列卡住", "a lane is stuck"),
    Kind.HELD_RULE: Phrase("规则被扣住", "a rule is held"),
    Kind.UNKNOWN: Phrase("不知道是否送达", "deliveries of unknown fate"),
    Kind.HELD: Phrase("有转发被扣住", "deliveries are held"),
    Kind.TOO_OLD: Phrase("消息来得太晚, 没有转发", "messages came too late"),
    Kind.SILENT_RULE: Phrase("规则该匹配而没有匹配", "a rule is silent"),
}


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, as it stands. ``subject``: the account, rule or daemon, "" where it is the whole daemon's.

    ``name``: what people call the subject; ``why``: in the words of whoever knows; ``seconds``: for how long;
    ``level`` grows as it becomes worse.
    """

    kind: Kind
    subject: str = ""
    name: str = ""
    count: int = 1
    level: int = 1
    why: str = ""
    seconds: float = 0.0

    @property
    def key(self) -> "Key":
        return self.kind, self.subject

    @property
    def who(self) -> str:
        return _who(self.name, self.subject)

    @property
    def what(self) -> Phrase:
        """What is the matter, in one sentence."""
        return _what(self)

    @property
    def todo(self) -> Phrase:
        """What to do about it."""
        return _todo(self)

    @property
    def told(self) -> Phrase:
        return Phrase(f"{self.what.zh}: {self.todo.zh}", f"{self.what.en}: {self.todo.en}")


def _who(name: str, subject: str) -> str:
    """The subject as people know it."""
    return f"{name} ({subject})" if name not in ("", subject) else subject


Key = tuple[Kind, str]
"""What makes two findings one trouble."""


def grown(count: int) -> int:
    """A level for what is counted: one more with every digit."""
    return len(str(count))


def _what(trouble: Trouble) -> Phrase:
    count, who, lasts = trouble.count, trouble.who, lasting(trouble.seconds)
    why = f" ({trouble.why})" if trouble.why else ""
    match trouble.kind:
        case Kind.STORE:
            return Phrase(f"数据库写不进去{why}", f"the store cannot be written{why}")
        case Kind.DISK:
            return Phrase(f"数据库所在的磁盘只剩 {trouble.why}", f"only {trouble.why} are free on the store's disk")
        case Kind.PLATFORM:
            return Phrase(f"调用平台不成功{why}", f"calls to the platform fail{why}")
        case Kind.ACCOUNT_BLOCKED:
            return Phrase(f"账号 {who}: 平台拒绝我们{why}", f"account {who}: the platform refuses us{why}")
        case Kind.ACCOUNT_EXPIRED:
            return Phrase(f"账号 {who}: 平台的服务到期{why}", f"account {who}: the order ran out{why}")
        case Kind.ACCOUNT_OFFLINE:
            return Phrase(f"账号 {who} 掉线", f"account {who} is logged out")
        case Kind.LATE_ACKS:
            return Phrase(
                f"今天有 {count} 个回调应答晚了 (满 {LATE_A_DAY} 个平台就停止当天的回调)",
                f"{count} callbacks were answered late today (after {LATE_A_DAY} the platform stops calling back)",
            )
        case Kind.QUARANTINED:
            return Phrase(
                f"24 小时内 {count} 个回调读不懂, 已原样保存",
                f"{count} callbacks in 24 h could not be read and are kept as they came",
            )
        case Kind.RULES_REFUSED:
            return Phrase(f"规则有错, 没有生效{why}", f"the rules have mistakes and are not in force{why}")
        case Kind.RULES_DIFFER:
            return Phrase(
                f"{count} 个守护进程的规则与 {who} 的不同{why}",
                f"{count} daemons have other rules than {who}{why}",
            )
        case Kind.LANE_STUCK:
            return Phrase(
                f"账号 {who} 的队列 {lasts} 没有送出任何东西, {count} 条在等",
                f"nothing left the lane of account {who} for {lasts}, and {count} wait",
            )
        case Kind.HELD_RULE:
            return Phrase(f"规则 {who} 被扣住{why}", f"rule {who} is held{why}")
        case Kind.UNKNOWN:
            return Phrase(f"{count} 条转发不知道是否送达", f"{count} deliveries may or may not have arrived")
        case Kind.HELD:
            return Phrase(f"{count} 条转发被扣住", f"{count} deliveries are held")
        case Kind.TOO_OLD:
            return Phrase(
                f"24 小时内 {count} 条消息来得太晚没有转发",
                f"{count} messages came too late in 24 h and were not forwarded",
            )
        case Kind.SILENT_RULE:
            return Phrase(f"规则 {who}{why} 已经 {lasts} 没有匹配", f"rule {who}{why} has not matched for {lasts}")
        case _:
            assert_never(trouble.kind)


def _todo(trouble: Trouble) -> Phrase:
    match trouble.kind:
        case Kind.STORE:
            return Phrase(
                "检查磁盘空间和目录权限; 现在收不进任何消息",
                "check disk space and permissions; no message can be taken in now",
            )
        case Kind.DISK:
            return Phrase("腾出空间, 或缩短 store.retention", "make room, or shorten store.retention")
        case Kind.PLATFORM:
            return Phrase(
                "检查网络、api.base_url、app_id、密钥和 IP 白名单",
                "check the network, api.base_url, app_id, secret and IP whitelist",
            )
        case Kind.ACCOUNT_BLOCKED:
            return Phrase("检查 app_id、密钥、IP 白名单和合约", "check app_id, secret, IP whitelist and contract")
        case Kind.ACCOUNT_EXPIRED:
            return Phrase("续费, 之后会自动继续", "renew it, it goes on by itself")
        case Kind.ACCOUNT_OFFLINE:
            return Phrase(
                "在云真机后台重新登录它, 之后会自动继续", "log it in at the platform again, it goes on by itself"
            )
        case Kind.LATE_ACKS:
            return Phrase(
                "看这台机器的磁盘和处理器忙什么 (yzj_callback_ack_seconds)",
                "see what keeps this machine's disk or processor busy (yzj_callback_ack_seconds)",
            )
        case Kind.QUARANTINED:
            return Phrase(
                "检查 callback.aes_key; yzj-daemon doctor 会说哪里不对",
                "check callback.aes_key; yzj-daemon doctor tells what is wrong",
            )
        case Kind.RULES_REFUSED:
            return Phrase(
                "yzj-daemon check 列出所有错误; 之前的规则继续生效",
                "yzj-daemon check lists every mistake; the set before stays in force",
            )
        case Kind.RULES_DIFFER:
            return Phrase(
                "每台机器放同一套规则文件, 或在规则对的那台上: yzj-daemon rules publish",
                "put the same rule files on every machine, or on the one that is right: yzj-daemon rules publish",
            )
        case Kind.LANE_STUCK:
            return Phrase(
                f"看它们在等什么: yzj-daemon deliveries list --state pending --account {trouble.subject}",
                f"see what they wait for: yzj-daemon deliveries list --state pending --account {trouble.subject}",
            )
        case Kind.HELD_RULE:
            held, of = "yzj-daemon deliveries list --state held", f"--rule {trouble.subject}"
            return Phrase(
                f"看它匹配了什么: {held} {of}; 不该发的先丢掉: yzj-daemon deliveries drop {of}; "
                f"放开规则, 发送其余的: yzj-daemon deliveries release {of}",
                f"see what it matched: {held} {of}; drop what is not wanted: yzj-daemon deliveries drop {of}; "
                f"free the rule and what is left: yzj-daemon deliveries release {of}",
            )
        case Kind.UNKNOWN:
            return Phrase(
                "看会话里有没有: yzj-daemon deliveries list --state unknown; "
                "然后 yzj-daemon deliveries settle ID --as sent (或 failed)",
                "look whether they are in their chats: yzj-daemon deliveries list --state unknown; "
                "then yzj-daemon deliveries settle ID --as sent (or failed)",
            )
        case Kind.HELD:
            return Phrase(
                "yzj-daemon deliveries list --state held; 然后 release 或 drop",
                "yzj-daemon deliveries list --state held; then release or drop",
            )
        case Kind.TOO_OLD:
            return Phrase(
                "yzj-daemon replay --since 24h 先数, 加 --execute 补发",
                "yzj-daemon replay --since 24h counts what the rules want of them, with --execute it is sent",
            )
        case Kind.SILENT_RULE:
            return Phrase("它等的消息还来吗?", "does what it waits for still come?")
        case _:
            assert_never(trouble.kind)


# Alerts -------------------------------------------------------------------------------------------------------------


class Alert(msgspec.Struct, frozen=True):
    """What is sent to people. ``good``: something is over."""

    title: str
    body: str
    good: bool = False


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """A trouble that was told and is gone, after so many seconds."""

    kind: Kind
    who: str
    seconds: float


def alert(troubles: Sequence[Trouble], where: str, lang: Lang) -> Alert:
    """One alert of troubles of one kind. ``where``: which daemon says so."""
    kind = troubles[0].kind
    todo = Phrase("怎么办", "what to do").to(lang)
    lines = _listed([trouble.what.to(lang) for trouble in troubles], lang)
    todos = _listed(list(dict.fromkeys(f"{todo}: {trouble.todo.to(lang)}" for trouble in troubles)), lang)
    return Alert(f"yzj-daemon: {kind.headline.to(lang)}", "\n".join((*lines, *todos, _signed(where, lang))))


def all_clear(gone: Sequence[Over], where: str, lang: Lang) -> Alert:
    """One alert of troubles of one kind that are over."""
    title = Phrase(f"已恢复: {gone[0].kind.headline.zh}", f"recovered: {gone[0].kind.headline.en}")
    lines = _listed([_over(one).to(lang) for one in gone], lang)
    return Alert(f"yzj-daemon: {title.to(lang)}", "\n".join((*lines, _signed(where, lang))), good=True)


def _over(one: Over) -> Phrase:
    lasted = lasting(one.seconds)
    who = f"{one.who}: " if one.who else ""
    return Phrase(
        f"{who}{one.kind.headline.zh} - 已经过去, 持续了 {lasted}",
        f"{who}{one.kind.headline.en} - over, it lasted {lasted}",
    )


def _listed(lines: list[str], lang: Lang) -> list[str]:
    more = len(lines) - LISTED
    if more <= 0:
        return lines
    return [*lines[:LISTED], Phrase(f"… 还有 {more} 个", f"… and {more} more").to(lang)]


def _signed(where: str, lang: Lang) -> str:
    return Phrase(f"(来自 {where})", f"(from {where})").to(lang)


def trial(where: str, lang: Lang) -> Alert:
    """What ``alerts test`` sends."""
    title = Phrase("yzj-daemon: 测试", "yzj-daemon: a test").to(lang)
    body = Phrase("告警能送到这里。", "alerts arrive here.").to(lang)
    return Alert(title, f"{body}\n{_signed(where, lang)}", good=True)


def late_level(count: int) -> int:
    """How many of the ``LATE_SHARES`` so many late answers have reached."""
    return sum(count >= share * LATE_A_DAY for share in LATE_SHARES)


NEVER: Final[Millis] = 0
"""An instant that did not come yet."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a trouble from look to look, and across restarts. Instants in ms, ``NEVER`` for none.

    ``since``: it stands; ``gone_at``: it does no more; ``told_at``: when people were told last, and at which
    ``level``; ``open``: they were told of it and not yet that it is over.
    """

    kind: Kind
    subject: str
    name: str = ""
    since: Millis
    gone_at: Millis = NEVER
    told_at: Millis = NEVER
    level: int = 0
    open: bool = False

    @property
    def key(self) -> Key:
        return self.kind, self.subject

    @property
    def who(self) -> str:
        return _who(self.name, self.subject)
