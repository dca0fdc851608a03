"""Sessions, in memory: each can be ended, and none outlives the daemon.

A browser holds a random token; here stands only its digest, so that whoever reads this memory's dump has no cookie.
"""

import hashlib
import secrets
from typing import Final

import msgspec

from yzj_daemon.clock import Clock
from yzj_daemon.console.access.visitor import Role, Visitor

IDLE: Final = 8 * 3600.0
"""Seconds without anything that a person did; pages that update by themselves do not count."""

LONGEST: Final = 7 * 24 * 3600.0
"""Seconds after which even a busy one logs in again."""

MOST: Final = 500
"""Sessions at once; beyond, the one that is idle longest goes."""


class _Session(msgspec.Struct):
    visitor: Visitor
    began: float
    seen: float


class Sessions:
    def __init__(self, clock: Clock, most: int = MOST) -> None:
        self._clock = clock
        self._most = most
        self._sessions: dict[bytes, _Session] = {}

    def begin(self, name: str, role: Role, *, instead_of: str = "") -> tuple[str, Visitor]:
        """A new session, under a token nobody knew before; the one the browser came with ends."""
        self.end(instead_of)
        now = self._clock.monotonic()
        if len(self._sessions) >= self._most:
            del self._sessions[min(self._sessions, key=lambda key: self._sessions[key].seen)]
        token = secrets.token_urlsafe(32)
        visitor = Visitor(name, role, secrets.token_urlsafe(24))
        self._sessions[_digest(token)] = _Session(visitor, now, now)
        return token, visitor

    def visitor(self, token: str, *, by_itself: bool = False) -> Visitor | None:
        """Whose session this is, if it holds. ``by_itself``: a page asked, no person: that keeps nobody logged in."""
        found = self._sessions.get(_digest(token)) if token else None
        if found is None:
            return None
        now = self._clock.monotonic()
        if now - found.seen > IDLE or now - found.began > LONGEST:
            self.end(token)
            return None
        if not by_itself:
            found.seen = now
        return found.visitor

    def end(self, token: str) -> None:
        if token:
            self._sessions.pop(_digest(token), None)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
