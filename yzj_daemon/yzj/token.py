"""One access token for everybody (vendor page 11490694073951972).

Whether a new token voids the old one is not told, so there is never more than one, and it is fetched by one caller
while the others wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from yzj_daemon.clock import Clock
from yzj_daemon.delivery import Deferred, Fault
from yzj_daemon.errors import Problem
from yzj_daemon.yzj import jsontext
from yzj_daemon.yzj.answers import Envelope, before_the_call

OAUTH = "/oauth/token"
LIFETIME = 7200.0
"""Seconds: what the vendor's page names, for an answer that does not tell."""
LONGEST = 366 * 86_400.0
"""Seconds beyond which an ``expires_in`` is no span."""
MARGIN = 300.0
"""Seconds before its end that a token is replaced; of a short life, half."""
PAUSE = 5.0
"""Seconds for which a failed fetch answers everybody, so that a thousand lanes do not hammer."""
DOUBTFUL = 2
"""Tokens refused in a row, none of them ever accepted, after which a pause is made: fetching does not help."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as fetched. ``lifetime`` in seconds; None: it does not end."""

    token: str = field(repr=False)
    lifetime: float | None = LIFETIME


class TokenSource:
    """Hands out the token; fetches one when there is none, when it nears its end, and when it was refused.

    ``fetch`` is the seam: it asks the vendor, and may as well look into a place shared by several processes.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Grant | Fault]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fetching = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._ends_at = 0.0
        self._failed: Deferred | None = None
        self._paused_until = float("-inf")
        self._refused_in_a_row = 0

    @classmethod
    def fixed(cls, token: str, clock: Clock) -> "TokenSource":
        """The operator's own token. It cannot be renewed: refused, it is tried again after each pause."""

        async def again() -> Grant:
            return Grant(token, lifetime=None)

        return cls(again, clock)

    async def get(self) -> str | Deferred:
        """The token in force, or why there is none."""
        if self._token is not None and self._clock.monotonic() < self._renew_at:
            return self._token
        async with self._fetching:
            now = self._clock.monotonic()
            if self._token is not None and now < self._renew_at:
                return self._token
            if now >= self._paused_until:
                await self._renew()
            return self._remaining()

    def accepted(self, token: str) -> None:
        """The vendor took this token: renewing helps, should it ever be refused."""
        if token == self._token:
            self._refused_in_a_row = 0

    def invalidate(self, token: str, detail: str = "") -> None:
        """The vendor refused this token. One that has been replaced meanwhile says nothing of the present one."""
        if token != self._token:
            return
        self._token = None
        self._refused_in_a_row += 1
        if self._refused_in_a_row >= DOUBTFUL:
            self._pause(Deferred("token", lane_wide=True, detail=detail))

    async def _renew(self) -> None:
        grant = await self._fetch()
        if not isinstance(grant, Grant):
            self._pause(before_the_call(grant))
            return
        now = self._clock.monotonic()
        lifetime = float("inf") if grant.lifetime is None else grant.lifetime
        self._token = grant.token
        self._ends_at = now + lifetime
        self._renew_at = self._ends_at - min(MARGIN, lifetime / 2) if grant.lifetime is not None else self._ends_at

    def _remaining(self) -> str | Deferred:
        """A token that could not be renewed in time is good to its end."""
        if self._token is not None and self._clock.monotonic() < self._ends_at:
            return self._token
        return self._failed or Deferred("token", lane_wide=True)

    def _pause(self, fault: Deferred) -> None:
        self._failed = fault
        self._paused_until = self._clock.monotonic() + PAUSE


class Shelf(Protocol):
    """Where several processes keep one token for each other. Raises a Problem where it cannot be reached."""

    async def take(self) -> tuple[str, float] | None:
        """A token that was not had before, and how many seconds it lasts; None: it is ours to fetch one."""

    async def put(self, token: str, seconds: float) -> None: ...

    async def give_up(self) -> None: ...


Fetch = Callable[[], Awaitable[Grant | Fault]]


def shared(fetch: Fetch, shelf: Shelf) -> Fetch:
    """``fetch`` for all who share the shelf: whoever asks while one of them fetches gets what that one got."""

    async def fetched() -> Grant | Fault:
        try:
            found = await shelf.take()
            if found is not None:
                return Grant(*found)
            grant = await fetch()
            if isinstance(grant, Grant):
                await shelf.put(grant.token, LIFETIME if grant.lifetime is None else grant.lifetime)
            else:
                await shelf.give_up()
        except Problem as away:
            return Deferred("token", lane_wide=True, detail=away.what.en)
        return grant

    return fetched


def grant_request(app_id: str, app_secret: str, grant_field: str) -> bytes:
    """The body of the token request. The vendor's own spelling of ``grant_field`` is ``grand_type``."""
    return msgspec.json.encode({"app_id": app_id, "app_secret": app_secret, grant_field: "client_credentials"})


def granted(answer: Envelope, path: str = "auto") -> Grant | None:
    """The token in an answer: at the root, under ``data``, or at a dotted path. None: there is none."""
    paths = (["access_token"], ["data", "access_token"]) if path == "auto" else (path.split("."),)
    for *inside, name in paths:
        found = _descended(answer.found, inside)
        token = jsontext.string(found.get(name, b""))
        if token and token.isascii() and token.isprintable():
            return Grant(token, _lifetime(found.get("expires_in", b"")))
    return None


def _descended(found: Mapping[str, bytes], path: list[str]) -> Mapping[str, bytes]:
    try:
        for name in path:
            found = jsontext.members(found.get(name, b""))
    except jsontext.NotJson:
        return {}
    return found


def _lifetime(value: bytes) -> float:
    """``expires_in``, seconds, as a number or a string of one; what the page names where it is missing or nonsense."""
    try:
        seconds = float(jsontext.string(value) or value)
    except ValueError:
        return LIFETIME
    return seconds if 0 < seconds < LONGEST else LIFETIME
