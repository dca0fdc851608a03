"""What one call learned for all: while the vendor blocks us, one call probes and the others know the answer."""

import msgspec

from yzj_daemon.clock import SECOND, Clock, Millis
from yzj_daemon.delivery import Deferred, Outcome, Unanswered

PROBE: Millis = 30 * SECOND

EVERYWHERE = ""
"""The path under which faults of the credentials are kept: they hold for every endpoint."""


class _Closed(msgspec.Struct):
    fault: Deferred
    probe_at: float


class Gate:
    """Closed for an endpoint (a web server's 403 or 404 there) or everywhere (credentials, whitelist, contract)."""

    def __init__(self, clock: Clock, probe: Millis = PROBE) -> None:
        self._clock = clock
        self._probe = probe / SECOND
        self._closed: dict[str, _Closed] = {}

    def enter(self, path: str) -> Deferred | None:
        """None: go on; you may be the one who probes. Otherwise the answer that you would get."""
        now = self._clock.monotonic()
        barred = [closed for key in (EVERYWHERE, path) if (closed := self._closed.get(key))]
        for closed in barred:
            if now < closed.probe_at:
                return closed.fault
        for closed in barred:
            closed.probe_at = now + self._probe
        return None

    def learn(self, path: str, outcome: Outcome, *, everywhere: bool) -> None:
        """How a call ended. ``everywhere``: the platform itself spoke, not a web server before it."""
        match outcome:
            case Deferred("blocked"):
                key = EVERYWHERE if everywhere else path
                self._closed[key] = _Closed(outcome, self._clock.monotonic() + self._probe)
            case Deferred("network") | Unanswered():
                pass  # says nothing of what we may
            case _:
                self._closed.pop(EVERYWHERE, None)
                self._closed.pop(path, None)
