"""What every operation needs: who asks, in which language, and how filters, instants and cursors are read."""

import base64
import json
from collections.abc import Callable
from hmac import compare_digest
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Depends, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from yzj_daemon.clock import Millis
from yzj_daemon.console import instants, language
from yzj_daemon.console.api.shapes import Narrowed, When, Words
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.refused import Refused
from yzj_daemon.delivery import State
from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.storage.reader import Connection
from yzj_daemon.storage.reports import Filter
from yzj_daemon.wording import when

T = TypeVar("T")

BEARER: Final = HTTPBearer(auto_error=False, description="ops.token")

LONGEST_NAME: Final = 40


class Call(msgspec.Struct, frozen=True):
    """One request of a program that showed the token."""

    desk: Desk
    lang: Lang
    who: str
    now: Millis

    @property
    def zone(self) -> ZoneInfo:
        return self.desk.zone

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.desk.reader.read(work)

    def iso(self, at: Millis) -> str:
        return when.iso(at, self.zone) or ""

    def iso_or_none(self, at: Millis | None) -> str | None:
        return when.iso(at, self.zone)

    def instant(self, written: str, name: str) -> Millis | None:
        """Raises Problem: it cannot be read, or lies beyond all time."""
        return instants.past(written, name, self.now, self.zone)

    def ahead(self, written: str, name: str) -> Millis:
        """Raises Problem: it cannot be read, is past, or lies beyond all time."""
        return instants.ahead(written, name, self.now, self.zone)

    def filter(self, narrowed: Narrowed) -> Filter:
        """Raises Problem: an instant cannot be read."""
        return Filter(
            account=narrowed.account,
            chat=narrowed.chat,
            sender=narrowed.sender,
            type=narrowed.type,
            rule=narrowed.rule,
            state=narrowed.state.value if narrowed.state else "",
            text=narrowed.text,
            since=self.instant(narrowed.since, "since"),
            until=self.instant(narrowed.until, "until"),
        )


def call(request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Call:
    """Raises Refused: there is no token, or not this one."""
    desk: Desk = request.app.state.desk
    if not shows_token(desk, shown.credentials if shown is not None else ""):
        raise Refused(
            401,
            Phrase("请求头要带 Authorization: Bearer <ops.token>", "send the header Authorization: Bearer <ops.token>"),
            headers={"WWW-Authenticate": 'Bearer realm="yzj-daemon"'},
        )
    return Call(desk, lang_of(request), _who(request), desk.clock.now())


def shows_token(desk: Desk, given: str) -> bool:
    expected = desk.settings.ops.token
    return expected is not None and compare_digest(given.encode(), expected.get_secret_value().encode())


Caller = Annotated[Call, Depends(call)]


def lang_of(request: Request) -> Lang:
    settings = request.app.state.desk.settings
    return language.choose("", settings.lang, request.headers.get("accept-language", ""), settings.language)


def _who(request: Request) -> str:
    """``api``, and the name that the program gives in ``X-Operator``."""
    name = request.headers.get("x-operator", "").strip()
    return f"api:{name[:LONGEST_NAME]}" if name.isprintable() and name else "api"


def narrowed(
    account: Annotated[Words, Query()] = "",
    chat: Annotated[Words, Query()] = "",
    sender: Annotated[Words, Query()] = "",
    type: Annotated[Words, Query()] = "",  # noqa: A002 - its name on the wire
    rule: Annotated[Words, Query()] = "",
    state: Annotated[State | None, Query()] = None,
    text: Annotated[Words, Query()] = "",
    since: Annotated[When, Query()] = "",
    until: Annotated[When, Query()] = "",
) -> Narrowed:
    return Narrowed(
        account=account,
        chat=chat,
        sender=sender,
        type=type,
        rule=rule,
        state=state,
        text=text,
        since=since,
        until=until,
    )


Filtered = Annotated[Narrowed, Depends(narrowed)]
Limit = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[str, Query(max_length=200, pattern=r"^[A-Za-z0-9_-]*$", description="the ``next`` of a page")]


def cursor_of(*place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def place(written: str, length: int) -> list[int] | None:
    """Where a page ended; None for the first page. Raises Refused: it is no cursor of this listing."""
    if not written:
        return None
    try:
        found: Any = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    except (ValueError, RecursionError) as no_cursor:
        raise _no_cursor() from no_cursor
    good = (
        isinstance(found, list)
        and len(found) == length
        and all(type(n) is int and abs(n) < instants.LATEST for n in found)
    )
    if not good:
        raise _no_cursor()
    return list(found)


def _no_cursor() -> Refused:
    return Refused(
        400,
        Phrase("cursor 不是这个列表给出的", "cursor is none that this listing gave"),
        Phrase("用上一页的 next", "use the next of the page before"),
    )
