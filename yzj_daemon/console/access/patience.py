"""Patience with those who guess: after a few wrong passwords, each further try waits twice as long."""

from typing import Final

import msgspec

from yzj_daemon.clock import Clock

FREE: Final = 5
"""Wrong tries from one address that cost nothing."""

FREE_IN_ALL: Final = 50
"""The same for all addresses together: guessing from many of them is no way round."""

FIRST_WAIT: Final = 2.0
LONGEST_WAIT: Final = 900.0
FORGOTTEN: Final = 1_800.0
"""Seconds."""

ADDRESSES: Final = 1_000
"""Addresses remembered at once."""

_EVERYBODY: Final = ""


class _Tries(msgspec.Struct):
    wrong: int
    last: float


class Patience:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: dict[str, _Tries] = {}

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0: now."""
        return max(self._wait(address, FREE), self._wait(_EVERYBODY, FREE_IN_ALL))

    def wrong(self, address: str) -> None:
        """A wrong password came from there."""
        now = self._clock.monotonic()
        for key in (address, _EVERYBODY):
            known = self._tries.pop(key, None)
            fresh = known is None or now - known.last > FORGOTTEN
            self._tries[key] = _Tries(1 if known is None or fresh else known.wrong + 1, now)
        while len(self._tries) > ADDRESSES:
            del self._tries[next(iter(self._tries))]

    def right(self, address: str) -> None:
        self._tries.pop(address, None)

    def _wait(self, key: str, free: int) -> float:
        known = self._tries.get(key)
        if known is None or known.wrong < free:
            return 0.0
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(known.wrong - free, 30))
        return max(0.0, known.last + wait - self._clock.monotonic())
