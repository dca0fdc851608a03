"""Is it alive: do its loops turn. Is it ready: can it do its work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from yzj_daemon.clock import Clock

PROBE_TIMEOUT: Final = 2.0
"""Seconds a readiness probe may take; one that hangs must not hang the answer."""

Probe = Callable[[], Awaitable[str]]
"""Answers "" when all is well, else what is wrong, in a few words."""


class _Loop(msgspec.Struct):
    longest: float
    beaten_at: float


class Health:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loops: dict[str, _Loop] = {}
        self._probes: dict[str, Probe] = {}
        self._facts: Callable[[], dict[str, object]] = dict

    def loop(self, name: str, longest: float) -> Callable[[], None]:
        """Watch a loop that may be silent for ``longest`` seconds; it calls what this answers at every turn."""
        watched = self._loops[name] = _Loop(longest, self._clock.monotonic())

        def beat() -> None:
            watched.beaten_at = self._clock.monotonic()

        return beat

    def release(self, name: str) -> None:
        """Watch this loop no more: it ended because it was told to."""
        self._loops.pop(name, None)

    def check(self, name: str, probe: Probe) -> None:
        """Readiness asks this too."""
        self._probes[name] = probe

    def tell(self, facts: Callable[[], dict[str, object]]) -> None:
        """Readiness tells these, too: what a person would ask next. They decide nothing."""
        self._facts = facts

    def alive(self) -> tuple[bool, dict[str, object]]:
        """Whether every watched loop turned lately, and how long each has been silent (seconds)."""
        now = self._clock.monotonic()
        silences = {name: now - loop.beaten_at for name, loop in self._loops.items()}
        stuck = [name for name, silence in silences.items() if silence > self._loops[name].longest]
        loops = {
            name: {
                "silent_seconds": round(s, 3),
                "longest_seconds": self._loops[name].longest,
                "alive": name not in stuck,
            }
            for name, s in silences.items()
        }
        return not stuck, {"alive": not stuck, "loops": loops}

    async def ready(self) -> tuple[bool, dict[str, object]]:
        """Whether every probe finds all well, what each says, and the facts."""
        said = await asyncio.gather(*(_ask(probe) for probe in self._probes.values()))
        ready = not any(said)
        checks = {name: word or "ok" for name, word in zip(self._probes, said, strict=True)}
        return ready, {"ready": ready, "checks": checks, **self._facts()}


async def _ask(probe: Probe) -> str:
    try:
        async with asyncio.timeout(PROBE_TIMEOUT):
            return await probe()
    except TimeoutError:
        return f"no answer within {PROBE_TIMEOUT:g} s"
    except Exception as error:  # noqa: BLE001 - whatever broke the probe, this is not ready
        return f"{type(error).__name__}: {error}"
