"""Stored messages, page by page, judged again as intake judged them: ``decide`` and ``plan`` in order of receipt."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection

from yzj_daemon.clock import Millis
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.flow.plan import Plan, PlanPolicy, Wanted, acting, plan
from yzj_daemon.flow.rests import Key, Rests
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.storage import echoes, reports
from yzj_daemon.storage.reports import Received

T = TypeVar("T")


class Looking(Protocol):
    """A way into the store for those who only look, in the thread that asks."""

    def read_now(self, work: Callable[[Connection], T], /) -> T: ...


PAGE: Final = 200
"""Messages in memory at a time, whatever is asked."""

REMEMBERED: Final = 50_000
"""Events that were owed: the copies that other hosted accounts receive come close to the first."""


def count(store: Looking, since: Millis, until: Millis) -> int:
    """How many messages :func:`pages` will bring."""
    return store.read_now(partial(reports.stretch, since=since, until=until)).messages


def pages(store: Looking, since: Millis, until: Millis) -> Iterator[tuple[Received, ...]]:
    """Messages received from ``since`` up to ``until``, oldest first. No page holds a read transaction open."""
    whole = store.read_now(partial(reports.stretch, since=since, until=until))
    above, left = whole.first - 1, whole.messages
    while left > 0:
        limit = min(PAGE, left)
        page = store.read_now(partial(reports.received_between, since=since, until=until, above=above, limit=limit))
        if not page:  # the janitor was faster
            return
        yield page
        above, left = page[-1].id, left - len(page)


class Ours:
    """Whether a stored message is what we sent ourselves, come back.

    The store is asked once a message, and only of those in chats that we ever wrote into.
    """

    def __init__(self, store: Looking, window: Millis) -> None:
        self._store = store
        self._window = window
        self._chats = store.read_now(echoes.written_into)
        self._last = (0, False)

    def __call__(self, received: Received) -> bool:
        if received.message.chat not in self._chats:
            return False
        if self._last[0] != received.id:
            self._last = (received.id, self._came_back(received))
        return self._last[1]

    def _came_back(self, received: Received) -> bool:
        message = received.message
        work = partial(
            echoes.came_back,
            chat=message.chat,
            fingerprint=fingerprint(message.type, message.content),
            at=message.sent_at or received.received_at,
            window=self._window,
        )
        return self._store.read_now(work)


class Judge:
    """One rule set over messages in the order of their receipt: its rules rest among them as they would have."""

    def __init__(self, ruleset: Ruleset, policy: PlanPolicy, ours: Ours) -> None:
        self._ruleset = ruleset
        self._policy = policy
        self._ours = ours
        self._resting: dict[Key, Millis] = {}
        self._rests = Rests(self._rested)
        self._judged = 0

    def __call__(self, received: Received) -> Plan:
        """What the message would owe, had these rules been in force when it was received."""
        self._forget_rests(received.received_at)
        decision = self._ruleset.decide(received.message, received.received_at)
        pulled = received.source == "pull"
        made = plan(received.message, decision, received.received_at, self._policy, pulled=pulled, rests=self._rests)
        if made.wanted and self._ours(received):
            made = made.withheld("loop", "it was sent into this chat by us")
        for rule in acting(made, decision):
            self._rests.begin(rule, received.message, received.received_at)
        return made

    def _forget_rests(self, now: Millis) -> None:
        """Once a page: what rested for each of millions of senders must not pile up."""
        self._judged += 1
        if self._judged % PAGE == 0:
            self._resting.update(self._rests.begun)
            self._resting = {key: until for key, until in self._resting.items() if until > now}
            self._rests = Rests(self._rested)

    def _rested(self, rule: str, key: str) -> Millis:
        return self._resting.get((rule, key), 0)


class Once:
    """A chat gets an event at most once, by whichever hosted account saw it first. Remembers the newest events."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._chats: dict[str, set[str]] = {}
        self._most = most

    def fresh(self, event: str, wanted: Iterable[Wanted]) -> tuple[Wanted, ...]:
        """Those whose chat was not owed the event before; from now on they are."""
        owed = self._chats.setdefault(event, set())
        found = tuple(each for each in wanted if each.chat not in owed)
        owed.update(each.chat for each in found)
        if not owed:
            del self._chats[event]
        elif len(self._chats) > self._most:
            del self._chats[next(iter(self._chats))]
        return found
