"""The vendor client: every call ends in a value or a named fault; nothing escapes but cancellation.

Vendor pages: 11490697483004869 (forwardMsg), 11490700568000978 (list), 11490700722316838 (rooms), 11490703448651212
(contacts), 11490706027814705 (chatLogs), 11490693387127818 (serverIpList), 11490694073951972 (token).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, assert_never

import msgspec

from yzj_daemon.account import HostedAccount
from yzj_daemon.chat import ChatKind, ChatPage
from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Call, Deferred, Fault, Outcome, Sent
from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.message import Page
from yzj_daemon.yzj import jsontext, lists, payloads
from yzj_daemon.yzj.answers import (
    DEFAULT_PATTERNS,
    Accepted,
    ErrorPatterns,
    HttpAnswer,
    envelope,
    for_reading,
    judged,
    speaks,
    told,
)
from yzj_daemon.yzj.gate import PROBE, Gate
from yzj_daemon.yzj.token import OAUTH, Fetch, Grant, Shelf, TokenSource, grant_request, granted, shared
from yzj_daemon.yzj.wire import Wire

if TYPE_CHECKING:
    from yzj_daemon.yzj.proxied import Engine

FORWARD = "/wechat/forwardMsg"
ACCOUNTS = "/wechat/list"
ROOMS = "/wechat/rooms"
CONTACTS = "/wechat/contacts"
CHAT_LOGS = "/wechat/chatLogs"
SERVER_IPS = "/index/serverIpList"

MOST_PAGES = 100
"""Pages of accounts; a platform that still has more is one that ignores the page number."""

TOKENS_HAD = 4
"""Tokens that are taken out of what the platform says; it may still speak of one that it has replaced."""

OnCall = Callable[[str, float, Outcome], None]
"""Told of every request that left: its path, how long it took (ms), and its end. ``Sent`` is any good answer."""

Ask = Callable[[str], Awaitable[HttpAnswer | Fault]]
"""One request, made with the token it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """Where the platform is and who we are: ``app_secret``, or a fixed ``access_token`` instead. Spans in ms.

    ``pace`` also stands between a forwardMsg that was refused for its token and its repeat: both are calls.
    """

    base_url: str
    app_id: str
    app_secret: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    timeout: Millis = 15 * SECOND
    grant_field: str = "grand_type"
    token_path: str = "auto"  # noqa: S105 - a path, no secret
    error_patterns: ErrorPatterns = DEFAULT_PATTERNS
    probe: Millis = PROBE
    pace: Millis = 0


class PullOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How chatLogs is asked. Its page ends before page size, paging and response (vendor page 11490706027814705)."""

    page_size: int = 50
    direction_newer: int = 2
    rows_path: str = "auto"
    extra_params: Mapping[str, str] = msgspec.field(default_factory=dict)
    account_param: str = "wxid"
    chat_param: str = "chat_wxid"
    cursor_param: str = "svrid"
    direction_param: str = "direction"
    page_param: str = "page"
    page_size_param: str = "page_size"

    def query(self, account: str, cursor: str, chat: str, *, newer: bool, page: int) -> dict[str, str]:
        """The parameters of one page. A direction stands only beside a cursor: without, the newest page is meant."""
        direction = self.direction_newer if newer else 3 - self.direction_newer
        query = {self.account_param: account, self.page_param: str(page), self.page_size_param: str(self.page_size)}
        if chat:
            query[self.chat_param] = chat
        if cursor:
            query |= {self.cursor_param: cursor, self.direction_param: str(direction)}
        return query | dict(self.extra_params)


class Vendor:
    """The platform, as one pool of connections, one token, and one memory of being blocked.

    ``engine`` is the seam for tests; ``on_call`` hears of every request, ``on_token`` of every token. ``secrets``:
    what else must not be repeated, should the platform's answers tell of it. ``shelf``: where several processes keep
    one token for each other.
    """

    def __init__(
        self,
        options: ApiOptions,
        clock: Clock,
        *,
        pull: PullOptions | None = None,
        engine: "Engine | None" = None,
        on_call: OnCall | None = None,
        on_token: Callable[[str], None] | None = None,
        secrets: Iterable[str] = (),
        shelf: Shelf | None = None,
    ) -> None:
        self._options = options
        self._clock = clock
        self._pull = pull or PullOptions()
        self._wire = Wire(options.base_url, options.timeout, clock, engine)
        self._gate = Gate(clock, options.probe)
        self._on_call = on_call
        self._on_token = on_token
        self._shelf = shelf
        self._secrets = {secret for secret in (options.app_secret, options.access_token, *secrets) if secret}
        self._tokens_had: deque[str] = deque(maxlen=TOKENS_HAD)
        self._tokens = self._token_source()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._wire.aclose()

    async def forward(self, call: Call) -> Outcome:
        """Forward one original to the chats of the call (vendor page 11490697483004869)."""
        pause = self._options.pace / SECOND
        answer = await self._call(FORWARD, lambda token: self._post_forward(call, token), pause)
        return Sent() if isinstance(answer, Accepted) else answer

    async def token(self) -> Deferred | None:
        """See to it that a token is at hand, renewing one near its end; None when it is, else why not."""
        got = await self._tokens.get()
        return None if isinstance(got, str) else got

    async def accounts(self) -> tuple[HostedAccount, ...] | Fault:
        """Every hosted account, all pages (vendor page 11490700568000978)."""
        known: dict[str, HostedAccount] = {}
        for page in range(1, MOST_PAGES + 1):
            answer = await self._read(ACCOUNTS, {"page": str(page), "page_size": str(lists.ROWS_A_PAGE)})
            if not isinstance(answer, Accepted):
                return answer
            rows = payloads.rows_of(answer.body)
            if isinstance(rows, Deferred):
                return rows
            found = lists.hosted(rows)
            if rows and not found:
                return Deferred("transient", detail=f"{ACCOUNTS}: {len(rows)} rows and no wxid")
            fresh = found.keys() - known.keys()
            known |= found
            if not fresh or lists.is_last(page, len(rows), answer):
                return tuple(known.values())
        return Deferred("transient", detail=f"{ACCOUNTS}: still more accounts after {MOST_PAGES} pages")

    async def chats(self, account: str, kind: ChatKind, page: int) -> ChatPage | Fault:
        """One page, from 1, of an account's rooms (vendor page 11490700722316838) or contacts (11490703448651212)."""
        match kind:
            case "room":
                asked = {"rel_wxid": account, "page": page, "page_size": lists.ROWS_A_PAGE}
                answer = await self._read_by_post(ROOMS, asked)
            case "contact":
                query = {"rel_wxid": account, "page": str(page), "page_size": str(lists.ROWS_A_PAGE)}
                answer = await self._read(CONTACTS, query)
            case _:
                assert_never(kind)
        return _page_of_chats(answer, page) if isinstance(answer, Accepted) else answer

    async def server_ips(self) -> tuple[str, ...] | Fault:
        """The addresses the vendor calls from (vendor page 11490693387127818)."""
        answer = await self._read(SERVER_IPS, {})
        if not isinstance(answer, Accepted):
            return answer
        rows = payloads.rows_of(answer.body)
        if isinstance(rows, Deferred):
            return rows
        addresses = tuple(jsontext.string(row) or "" for row in rows)
        if not all(addresses):
            return Deferred("transient", detail=f"{SERVER_IPS}: not a list of addresses")
        return addresses

    async def chat_logs(
        self, account: str, *, cursor: str = "", chat: str = "", newer: bool = True, page: int = 1
    ) -> Page | Fault:
        """One page of an account's messages (vendor page 11490706027814705).

        Args:
            account: the hosted account.
            cursor: a ``svrid`` to start from; ``""``: the newest there are.
            chat: only this conversation; ``""``: all.
            newer: newer than the cursor, or older.
            page: from 1.
        """
        answer = await self._read(CHAT_LOGS, self._pull.query(account, cursor, chat, newer=newer, page=page))
        if not isinstance(answer, Accepted):
            return answer
        return payloads.split_rows(answer.body, account, self._pull.rows_path)

    async def _read(self, path: str, query: Mapping[str, str]) -> Accepted | Fault:
        answer = await self._call(path, lambda token: self._get(path, query, token))
        return answer if isinstance(answer, Accepted) else for_reading(answer)

    async def _read_by_post(self, path: str, asked: Mapping[str, object]) -> Accepted | Fault:
        answer = await self._call(path, lambda token: self._post(path, asked, token))
        return answer if isinstance(answer, Accepted) else for_reading(answer)

    async def _post(self, path: str, asked: Mapping[str, object], token: str) -> HttpAnswer | Fault:
        return await self._wire.post(path, payloads.request_body(asked, self._options.app_id, token))

    async def _get(self, path: str, query: Mapping[str, str], token: str) -> HttpAnswer | Fault:
        return await self._wire.get(path, {"app_id": self._options.app_id, "access_token": token, **query})

    async def _post_forward(self, call: Call, token: str) -> HttpAnswer | Fault:
        return await self._wire.post(FORWARD, payloads.forward_body(call, self._options.app_id, token))

    async def _call(self, path: str, ask: Ask, pause: float = 0.0) -> Accepted | Fault:
        """One call, made once more, ``pause`` seconds later, when its token was refused: that was not carried out."""
        barred = self._gate.enter(path)
        if barred is not None:
            return barred
        answer = await self._attempt(path, ask)
        if isinstance(answer, Deferred) and answer.reason == "token":
            await self._rest(pause)
            answer = await self._attempt(path, ask)
        return answer

    async def _rest(self, seconds: float) -> None:
        """At least so long: a timer may strike a little early."""
        ends = self._clock.monotonic() + seconds
        while (left := ends - self._clock.monotonic()) > 0:  # noqa: ASYNC110 - time is what is waited for
            await asyncio.sleep(left)

    async def _attempt(self, path: str, ask: Ask) -> Accepted | Fault:
        token = await self._tokens.get()
        if not isinstance(token, str):
            return token
        began = self._clock.monotonic()
        answer = await ask(token)
        result = judged(answer, self._options.error_patterns) if isinstance(answer, HttpAnswer) else answer
        if isinstance(result, Accepted):
            self._tokens.accepted(token)
        else:
            result = told(result, {*self._secrets, *self._tokens_had, token})
        if isinstance(result, Deferred) and result.reason == "token":
            self._tokens.invalidate(token, result.detail)
        self._ended(path, began, result, everywhere=isinstance(answer, HttpAnswer) and speaks(answer))
        return result

    def _ended(self, path: str, began: float, result: Accepted | Grant | Fault, *, everywhere: bool) -> None:
        """A request came to its end: everybody learns from it."""
        outcome = Sent() if isinstance(result, (Accepted, Grant)) else result
        self._gate.learn(path, outcome, everywhere=everywhere)
        if self._on_call is not None:
            self._on_call(path, (self._clock.monotonic() - began) * SECOND, outcome)

    def _token_source(self) -> TokenSource:
        if self._options.access_token:
            return TokenSource.fixed(self._options.access_token, self._clock)
        if self._options.app_secret:
            body = grant_request(self._options.app_id, self._options.app_secret, self._options.grant_field)
            fetch: Fetch = partial(self._fetch_token, body)
            return TokenSource(partial(self._noted, shared(fetch, self._shelf) if self._shelf else fetch), self._clock)
        raise SettingsProblem(
            Phrase("api.app_secret: 未设置, 也没有 api.access_token", "api.app_secret: not set, nor api.access_token"),
            Phrase("从后台的 API 配置页复制 AppSecret", "copy AppSecret from the back office's API page"),
        )

    async def _noted(self, fetch: Fetch) -> Grant | Fault:
        """A token that was had is never repeated to anybody, wherever it came from."""
        result = await fetch()
        if isinstance(result, Grant):
            self._tokens_had.append(result.token)
            if self._on_token is not None:
                self._on_token(result.token)
        return result

    async def _fetch_token(self, body: bytes) -> Grant | Fault:
        """Without a token nothing goes: what blocks this call blocks every endpoint."""
        began = self._clock.monotonic()
        answer = await self._wire.post(OAUTH, body)
        result = self._grant(answer) if isinstance(answer, HttpAnswer) else answer
        if not isinstance(result, Grant):
            result = told(result, {*self._secrets, *self._tokens_had})
        self._ended(OAUTH, began, result, everywhere=True)
        return result

    def _grant(self, answer: HttpAnswer) -> Grant | Fault:
        """The token response's nesting is unknown, and a token at its root may come without an ``errcode``."""
        read = envelope(answer.body)
        grant = granted(read, self._options.token_path) if answer.status < 300 and not read.code else None
        result = grant or judged(answer, self._options.error_patterns)
        if isinstance(result, Accepted):
            return Deferred("token", lane_wide=True, detail=f"{OAUTH}: errcode 0 and no access_token in the answer")
        return result


def _page_of_chats(answer: Accepted, page: int) -> ChatPage | Deferred:
    rows = payloads.rows_of(answer.body)
    if isinstance(rows, Deferred):
        return rows
    found = lists.chats(rows)
    if rows and not found:
        return Deferred("transient", detail=f"{len(rows)} rows of chats and no wxid")
    return ChatPage(found, lists.is_last(page, len(rows), answer))
