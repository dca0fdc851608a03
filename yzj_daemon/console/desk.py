"""What the console works with: the parts of the daemon that it may look at, and what it keeps for itself."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from yzj_daemon.clock import Clock, Millis
from yzj_daemon.console.access.links import KeyFile, Links
from yzj_daemon.console.access.passwords import Passwords
from yzj_daemon.console.access.patience import Patience
from yzj_daemon.console.access.sessions import Sessions
from yzj_daemon.console.hour import LastHour, counted
from yzj_daemon.console.jobs import Jobs
from yzj_daemon.console.lately import Lately
from yzj_daemon.console.pulse import Pulse
from yzj_daemon.console.tally import Tallies
from yzj_daemon.console.turns import Turns
from yzj_daemon.flow.intake import RulesInForce
from yzj_daemon.flow.rulebook import Rulebook
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.settings import Settings
from yzj_daemon.storage.engine import Store
from yzj_daemon.storage.reader import Reader
from yzj_daemon.trouble import Trouble

STORED_RULES: Final = 4
"""Rule sets of the past that are kept loaded: some hundred MB where there are ten thousand rules."""


@dataclass
class Desk:
    """``store`` is for what an operator changes; all looking goes through ``reader``.

    ``wake``: something of these accounts may leave at once. From the loop alone. ``take_up``: these rules are in force
    from now on.
    """

    settings: Settings
    store: Store
    rulebook: Rulebook
    rules: Callable[[], RulesInForce]
    metrics: Metrics
    clock: Clock
    version: str
    troubles: Callable[[], tuple[Trouble, ...]]
    wake: Callable[[Iterable[str]], None]
    take_up: Callable[[RulesInForce], None]
    dry_run: bool = False
    began_at: Millis = field(init=False)
    hour: LastHour = field(init=False)

    def __post_init__(self) -> None:
        self.began_at = self.clock.now()
        self.hour = LastHour(self.began_at)
        self.reader = Reader(self.store)
        self.pulse = Pulse(self.reader, self.clock, self._rules)
        self.leaving = asyncio.Event()
        self.sessions = Sessions(self.clock)
        self.patience = Patience(self.clock)
        self.links = Links(self.clock)
        self.stored_rules: Lately[Ruleset] = Lately(STORED_RULES)
        self.switched_off: Lately[tuple[str, ...]] = Lately(1)
        self.tallies = Tallies(self.clock, self.reader)
        self.turns = Turns()
        self.jobs = Jobs()

    @cached_property
    def passwords(self) -> Passwords:
        ops = self.settings.ops
        return Passwords(
            ops.password.get_secret_value() if ops.password else None,
            ops.viewer_password.get_secret_value() if ops.viewer_password else None,
        )

    def _rules(self) -> tuple[object, ...]:
        return (self.ruleset.hash, self.rulebook.refused)

    @property
    def ruleset(self) -> Ruleset:
        """The one in force."""
        return self.rules().ruleset

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.ruleset.timezone)

    async def note(self) -> None:
        """Take down where the counters stand; to be called every few seconds."""
        self.look_up()

    def look_up(self) -> None:
        """The same, from any thread: whoever shows the last hour wants this second in it."""
        self.hour.note(counted(self.metrics), self.clock.now())

    def open(self, address: str) -> None:
        """Leave the key to links beside the store; ``address`` is where the ops bind listens."""
        KeyFile(f"http://{_as_reached_here(address)}", self.links.key).write(self.store.beside)

    def leave(self) -> None:
        """The daemon ends: streams of news end, so that nobody waits for them."""
        self.leaving.set()

    def close(self) -> None:
        """Once nobody is served any more."""
        KeyFile.of(self.store.beside).unlink(missing_ok=True)
        self.jobs.close()
        self.tallies.close()
        self.reader.close()


def _as_reached_here(address: str) -> str:
    """What listens on all addresses is reached on loopback."""
    host, _, port = address.rpartition(":")
    return {"0.0.0.0": f"127.0.0.1:{port}", "[::]": f"[::1]:{port}"}.get(host, address)  # noqa: S104 - not bound here # nosec B104
