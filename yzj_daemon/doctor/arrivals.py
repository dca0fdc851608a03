"""What the store can testify: callbacks and their key, one message of each type, own copies."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from yzj_daemon.clock import DAY, SECOND, Millis
from yzj_daemon.doctor.probe import Probe, ok, unknown, wrong
from yzj_daemon.errors import Phrase
from yzj_daemon.storage.evidence import Came, Copies, OfType

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings

LOOKED_BACK: Final = 7 * DAY
"""Older evidence tells nothing of today's settings."""

WANTED: Final = ("text", "picture", "voice", "video", "file", "link", "program", "card", "merge")
"""Types that everyday customers send, and rules are written for."""

_TOLD_BY_WORDS: Final = frozenset({"text", "link", "program", "card", "merge", "file"})
"""Types in which a person reads words: if nothing inside can be seen, rules cannot see it either."""

_SEND: Final = Phrase(
    "请人在测试群里给托管账号发一条, 再问一次 (或加 --watch 10m 等着看)",
    "let somebody send one to a hosted account, and ask again (or watch with --watch 10m)",
)


def callbacks(came: Came, settings: "Settings", now: Millis) -> Probe:
    """Whether any have come."""
    if not settings.callback.enabled:
        return ok("callbacks", "没有用回调", "callbacks are off")
    if came.last_callback is None:
        if came.pulled:
            return wrong(
                "callbacks",
                Phrase(
                    f"7 天里没有回调, 却拉取到 {came.pulled} 条",
                    f"no callback in 7 days, while {came.pulled} messages were pulled",
                ),
                Phrase(
                    "检查后台的回调地址 (测试账号只推送到测试地址), 用 --public-url 测试; 一天晚答 1000 次平台会停",
                    "check the callback URL in the back office (test accounts push to the test URL only), try "
                    "--public-url; after 1,000 late answers the platform stops for the day",
                ),
            )
        return unknown("callbacks", Phrase("7 天里没有收到任何消息", "nothing was received in 7 days"), _SEND)
    minutes = (now - came.last_callback) // (60 * SECOND)
    return ok(
        "callbacks",
        f"7 天里 {came.callbacks} 条, 最近一条在 {minutes} 分钟前",
        f"{came.callbacks} messages in 7 days, the last one {minutes} min ago",
    )


def key(came: Came, settings: "Settings") -> Probe:
    """Whether what came could be read. What was unreadable before a good one came is over."""
    if not settings.callback.enabled:
        return ok("key", "没有用回调, 不需要", "callbacks are off; none is needed")
    bad = came.last_unreadable is not None and came.last_unreadable > (came.last_callback or 0)
    if bad:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(came.unreadable.items()))
        decrypt = "decrypt" in came.unreadable
        return wrong(
            "key",
            Phrase(f"回调来了但读不懂: {reasons}", f"callbacks come and cannot be read: {reasons}"),
            Phrase(
                "callback.aes_key 不对: 从后台复制完整的 EncodingAESKey; 它们原样存着",
                "callback.aes_key is not the right one: copy the EncodingAESKey whole; what came is kept as it is",
            )
            if decrypt
            else Phrase(
                "格式和文档不同: yzj-daemon doctor --report 发给我们; 也许要设 callback.body_format 或 allow_plaintext",
                "their form is not the documented one: see callback.body_format and callback.allow_plaintext",
            ),
        )
    if came.last_callback is None:
        return unknown("key", Phrase("还没有回调可以验证", "no callback came yet to prove it"), _SEND)
    return ok("key", "最近的回调解密成功", "the latest callback was decrypted")


def types(seen: Collection[OfType]) -> Probe:
    """One message of each type, and whether anything can be read in it."""
    blind = [one.type for one in seen if one.type in _TOLD_BY_WORDS and one.opaque == one.messages]
    told = ", ".join(f"{one.type} {one.messages}" for one in seen) or "-"
    if blind:
        names = ", ".join(blind)
        return wrong(
            "types",
            Phrase(f"{told}; 里面什么也看不到的: {names}", f"{told}; nothing can be read inside: {names}"),
            Phrase(
                "用 messages show 看原文, 在 rules.text_paths 里写明文字在哪里; 在那之前按文字的规则匹配不到它们",
                "look at one with messages show, and say in rules.text_paths where its words stand; until then rules "
                "that look for words do not match them",
            ),
        )
    missing = missing_of({one.type for one in seen})
    if missing:
        names = ", ".join(missing)
        return unknown("types", Phrase(f"{told}; 还没有: {names}", f"{told}; not yet: {names}"), _SEND)
    return ok("types", told, told)


def missing_of(seen: Collection[str]) -> tuple[str, ...]:
    """Of the wanted types, those that have not come."""
    return tuple(type_ for type_ in WANTED if type_ not in seen)


def own_copies(copies: Copies) -> Probe:
    """Whether the account's own copies come back: by them an unknown delivery is settled."""
    if not copies.accepted:
        return unknown(
            "own_copies",
            Phrase("还没有转发过", "nothing was forwarded yet"),
            Phrase(
                "加 --forward-to 会话id: 转发一条最近收到的文字到那里, 看副本回不回来",
                "with --forward-to CHAT one text received lately is forwarded there, and its copy awaited",
            ),
        )
    seen = Phrase(
        f"{copies.accepted} 条转发里看到了 {copies.confirmed} 条的副本",
        f"of {copies.accepted} deliveries the copies of {copies.confirmed} were seen",
    )
    if not copies.confirmed:
        return wrong(
            "own_copies",
            seen,
            Phrase(
                '平台不推送自己发的消息: 没有回答的只能人工判定 (deliveries settle), 保持 forward.on_unknown = "hold"',
                'what the account itself sends does not come back: keep forward.on_unknown = "hold", and settle '
                "unknown deliveries by hand (deliveries settle)",
            ),
        )
    return Probe("own_copies", "ok", seen)
