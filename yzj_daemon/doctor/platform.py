"""What can be asked of the platform: reach, clock, credentials, whitelist, accounts, chat logs. Nothing is sent.

The first-day probes of the vendor contract: one token (pages 11490694073951972, 11490695550514533), the account list
(11490700568000978), chatLogs in both directions (11490706027814705).
"""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final

from yzj_daemon.account import HostedAccount
from yzj_daemon.clock import SECOND, Millis
from yzj_daemon.delivery import Fault, in_words
from yzj_daemon.doctor.probe import Probe, ok, unknown, wrong
from yzj_daemon.errors import Phrase
from yzj_daemon.message import Original, Page
from yzj_daemon.storage.evidence import Known
from yzj_daemon.yzj.wire import Dated, dated

if TYPE_CHECKING:
    from yzj_daemon.settings import Settings
    from yzj_daemon.yzj.client import Vendor

SKEW_ALLOWED: Final[Millis] = 30 * SECOND
"""Between our clock and the platform's: half of ``forward.echo_window`` by default."""

_LATER = Phrase("先解决上面的问题", "mend what is wrong above first")

_BY_CODE: Final = {
    "101": Phrase(
        "api.app_id 不对: 从后台的 API 配置页复制 AppID", "api.app_id is wrong: copy AppID from the back office"
    ),
    "102": Phrase(
        "api.app_secret 不对: 从后台的 API 配置页复制 AppSecret",
        "api.app_secret is wrong: copy AppSecret from the back office",
    ),
    "103": Phrase(
        "授权参数的名字不对: 把 api.grant_field 改成 grand_type 和 grant_type 中的另一个",
        "the grant field has another name: set api.grant_field to the other one of grand_type and grant_type",
    ),
    "113": Phrase(
        "把这台服务器的出口 IP 加到后台的白名单 (或用 * 关掉检查)",
        "add this server's outgoing address to the whitelist in the back office (a single * turns the check off)",
    ),
    "114": Phrase("API 服务已到期: 向平台续费", "the order of the API ran out: renew it with the platform"),
    "110": Phrase("令牌不对: 检查 api.access_token", "the token is wrong: check api.access_token"),
    "111": Phrase("令牌已过期: 换新的 api.access_token", "the token is out of date: set a new api.access_token"),
    "407": Phrase("超过调用频率: 一分钟后再试", "over the rate limit: try again in a minute"),
}

Known_ = Callable[[str, tuple[str, ...]], Known]
"""Of an account, and ids of messages: what the store knows of them."""


async def probes(settings: "Settings", vendor: "Vendor", known: Known_) -> AsyncIterator[Probe]:
    """All of them, in the order in which one rests on the other."""
    seen = await dated(settings.api.base_url, settings.api.timeout)
    yield reach(seen, settings.api.base_url)
    yield clock(seen)
    refused = await vendor.token()
    yield token(refused)
    listed = await vendor.accounts() if refused is None else refused
    yield whitelist(refused, listed)
    yield accounts(listed, settings.accounts)
    account = _asked(listed, settings.accounts)
    if account is None:
        for name in ("pull.rows", "pull.direction", "pull.ids"):
            yield unknown(name, Phrase("没有可问的账号", "there is no account to ask for"), _LATER)
        return
    async for probe in logs(vendor, account, settings.pull.mode, known):
        yield probe


def reach(seen: "Dated | Fault", base_url: str) -> Probe:
    if isinstance(seen, Dated):
        return ok("platform", f"{base_url} 有回答, {seen.took} 毫秒", f"{base_url} answers, in {seen.took} ms")
    _, reason, detail = in_words(seen)
    return wrong(
        "platform",
        Phrase(f"{base_url} 连不上: {detail or reason}", f"{base_url} cannot be reached: {detail or reason}"),
        Phrase(
            "检查 api.base_url (OEM 域名要带 /oapi)、DNS、网络、代理",
            "check api.base_url (an OEM domain ends in /oapi), DNS, network and proxy",
        ),
    )


def clock(seen: "Dated | Fault") -> Probe:
    """By the Date header, which is whole seconds."""
    if not isinstance(seen, Dated) or seen.ahead is None:
        return unknown("clock", Phrase("平台的回答里没有时间", "the platform told no time"), _LATER)
    seconds = round(abs(seen.ahead) / SECOND)
    behind = seen.ahead > 0
    if abs(seen.ahead) <= SKEW_ALLOWED:
        return ok("clock", f"和平台相差 {seconds} 秒", f"{seconds} s apart from the platform")
    side = Phrase("慢", "behind") if behind else Phrase("快", "ahead of")
    return wrong(
        "clock",
        Phrase(
            f"这台机器的时钟比平台{side.zh} {seconds} 秒",
            f"this machine's clock is {seconds} s {side.en} the platform's",
        ),
        Phrase("开启对时: timedatectl set-ntp true", "turn time synchronization on: timedatectl set-ntp true"),
    )


def token(refused: "Fault | None") -> Probe:
    if refused is None:
        return ok("token", "取到了令牌", "a token was issued")
    return wrong("token", *_told(refused))


def _told(fault: Fault) -> tuple[Phrase, Phrase]:
    _, reason, detail = in_words(fault)
    code = detail.partition(":")[0]
    do = _BY_CODE.get(
        code,
        Phrase(
            "检查 api.base_url、api.app_id、密钥和网络", "check api.base_url, api.app_id, the secret and the network"
        ),
    )
    return Phrase(f"平台拒绝: {detail or reason}", f"the platform refuses: {detail or reason}"), do


def whitelist(refused: "Fault | None", listed: "tuple[HostedAccount, ...] | Fault") -> Probe:
    """Whether the platform lets this address in; which calls it checks is not told."""
    for fault in (refused, None if isinstance(listed, tuple) else listed):
        if fault is None:
            continue
        code = in_words(fault)[2].partition(":")[0]
        if code == "113":
            return wrong("whitelist", *_told(fault))
        if "whitelist" in fault.detail:  # HTTP 403 and the like, before the platform saw it
            return wrong("whitelist", _told(fault)[0], _BY_CODE["113"])
        return unknown("whitelist", Phrase("没有走到这一步", "it did not come to that"), _LATER)
    return ok("whitelist", "这台机器可以调用", "calls from this machine are let in")


def accounts(listed: "tuple[HostedAccount, ...] | Fault", served: tuple[str, ...]) -> Probe:
    if not isinstance(listed, tuple):
        saw, do = _told(listed)
        return unknown("accounts", saw, do)
    ids = {account.account for account in listed}
    missing = [account for account in served if account not in ids]
    if missing or not listed:
        names = ", ".join(missing)
        return wrong(
            "accounts",
            Phrase(f"平台没有托管: {names or '任何账号'}", f"the platform does not host: {names or 'any account'}"),
            Phrase(
                "检查 accounts 设置, 或在后台登录这些账号",
                "check the setting accounts, or log them in at the back office",
            ),
        )
    off = [a.account for a in listed if a.online is False and a.account in (served or ids)]
    if off:
        names = ", ".join(off)
        return wrong(
            "accounts",
            Phrase(f"{len(listed)} 个账号, 掉线的: {names}", f"{len(listed)} accounts, logged out: {names}"),
            Phrase("在云真机后台重新登录", "log them in at the platform again"),
        )
    return ok("accounts", f"{len(listed)} 个账号在线", f"{len(listed)} accounts are online")


def _asked(listed: "tuple[HostedAccount, ...] | Fault", served: tuple[str, ...]) -> str | None:
    """The account whose log is looked at."""
    if not isinstance(listed, tuple):
        return None
    found = [a.account for a in listed if not served or a.account in served]
    online = [a.account for a in listed if a.account in found and a.online is not False]
    return next(iter(online or found), None)


async def logs(vendor: "Vendor", account: str, mode: str, known: Known_) -> AsyncIterator[Probe]:
    """Whether chatLogs can be read, which way is newer, and whether its ids are those of callbacks."""
    page = await vendor.chat_logs(account)
    if not isinstance(page, Page):
        saw, do = _told(page)
        off = Phrase('或设 pull.mode = "chat" / "off"', 'or set pull.mode = "chat" or "off"')
        yield wrong("pull.rows", saw, Phrase(f"{do.zh}; {off.zh}", f"{do.en}; {off.en}"))
        for name in ("pull.direction", "pull.ids"):
            yield unknown(name, Phrase("没有走到这一步", "it did not come to that"), _LATER)
        return
    yield rows(page, mode)
    yield await direction(vendor, account, page.batch.originals)
    yield ids(page.batch.originals, known(account, tuple(o.id for o in page.batch.originals)))


def rows(page: Page, mode: str) -> Probe:
    if page.batch.unreadable:
        why = page.batch.unreadable[0].detail
        return wrong(
            "pull.rows",
            Phrase(
                f"{page.rows} 行里有 {len(page.batch.unreadable)} 行读不懂: {why}",
                f"{len(page.batch.unreadable)} of {page.rows} rows cannot be read: {why}",
            ),
            Phrase("设置 pull.rows_path 说明行在哪里", "say where the rows stand: pull.rows_path"),
        )
    if not page.rows:
        return unknown(
            "pull.rows",
            Phrase("聊天记录是空的", "the chat log is empty"),
            Phrase(
                f'给账号发几条消息再问; 如果还是空, 说明这个平台不给整个账号的记录: pull.mode = "chat" (现在 {mode})',
                "write to the account and ask again; if it stays so, whole accounts have no log: "
                f'pull.mode = "chat" (now {mode})',
            ),
        )
    return ok("pull.rows", f"读到 {page.rows} 行", f"{page.rows} rows were read")


async def direction(vendor: "Vendor", account: str, originals: tuple[Original, ...]) -> Probe:
    """The vendor's words for the two directions are ambiguous: what is newer must be newer."""
    dated_ = sorted((o for o in originals if o.svrid and o.sent_at), key=lambda o: o.sent_at or 0)
    if len({o.sent_at for o in dated_}) < 3:
        return unknown(
            "pull.direction",
            Phrase("记录太少, 分不出方向", "too few messages to tell the directions apart"),
            Phrase("让人给账号发三条消息, 再问一次", "let somebody send the account three messages, then ask again"),
        )
    middle = dated_[len(dated_) // 2]
    page = await vendor.chat_logs(account, cursor=middle.svrid, newer=True)
    if not isinstance(page, Page):
        return wrong("pull.direction", *_told(page))
    others = [o for o in page.batch.originals if o.svrid != middle.svrid and o.sent_at is not None]
    newer = sum((o.sent_at or 0) > (middle.sent_at or 0) for o in others)
    if others and newer * 2 < len(others):
        return wrong(
            "pull.direction",
            Phrase("方向反了: 要更新的, 给的是更旧的", "asked for newer messages, the platform gives older ones"),
            Phrase(
                "把 pull.direction_newer 改成 1 和 2 中的另一个", "set pull.direction_newer to the other one of 1 and 2"
            ),
        )
    if not others:
        return wrong(
            "pull.direction",
            Phrase("要更新的, 什么也没有", "asked for newer messages, the platform gives none"),
            Phrase(
                "先试把 pull.direction_newer 改成另一个; 再看 pull.param_names",
                "try the other pull.direction_newer; then see pull.param_names",
            ),
        )
    return ok("pull.direction", "要更新的就给更新的", "newer is newer")


def ids(originals: tuple[Original, ...], known: Known) -> Probe:
    """Whether the log calls a message what the callback called it: else each would be taken for two."""
    if not known.by_callback:
        return unknown(
            "pull.ids",
            Phrase("还没有收到回调, 没法比较", "no callback came yet to compare with"),
            Phrase("收到回调之后再问一次", "ask again once callbacks have come"),
        )
    within = [o for o in originals if o.sent_at is not None and o.sent_at >= known.since]
    if within and not any(o.id in known.ids for o in within):
        return wrong(
            "pull.ids",
            Phrase("拉取和回调里同一条消息的编号不同", "one message has other ids in the log than in its callback"),
            Phrase(
                '现在每条消息会被当成两条: 先设 pull.mode = "off", 并告诉我们 (yzj-daemon doctor --report)',
                'each message would count as two: set pull.mode = "off" for now, and tell us (doctor --report)',
            ),
        )
    if not within:
        return unknown("pull.ids", Phrase("记录里没有可比较的消息", "the log holds nothing to compare"), _LATER)
    return ok("pull.ids", "拉取和回调的编号一致", "the log and the callbacks use the same ids")
