"""Alerts: people are told of trouble once, again when it becomes worse or stays long, and when it is over.

:class:`Book` decides what is told, purely; :class:`Alerts` looks, has the book decide, hands over what is to be
sent, and keeps in the store what was told, so that a restart repeats nothing and forgets nothing.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import NamedTuple, Protocol

import msgspec
import structlog
from msgspec.structs import replace
from sqlalchemy import Connection

from yzj_daemon.clock import HOUR, MINUTE, SECOND, Clock, Millis
from yzj_daemon.errors import Lang, StoreProblem
from yzj_daemon.flow.troubles import IN_THE_STORE, Bounds, of_disk, stored
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.storage import memory, schema
from yzj_daemon.storage import troubles as remembered
from yzj_daemon.storage.engine import Store
from yzj_daemon.trouble import NEVER, Alert, Key, Kind, Over, Standing, Trouble, alert, all_clear

log = structlog.get_logger("yzj_daemon.alerts")


class Post(Protocol):
    """Sends an alert some time, or gives up; ``done`` hears which."""

    def __call__(self, alert: Alert, done: Callable[[bool], None]) -> None: ...


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """``patience`` (ms): what may pass by itself is told when it lasts so long, and is over when gone so long.

    ``window`` (ms): what was told is not told again before, however often it comes and goes. ``repeat`` (ms): what
    stays is told again so often; 0 never.
    """

    patience: Millis = MINUTE
    window: Millis = 30 * MINUTE
    repeat: Millis = 12 * HOUR


class News(NamedTuple):
    """What is to be told of one kind in one alert: that it stands, or that it is over."""

    begun: tuple[Trouble, ...] = ()
    over: tuple[Over, ...] = ()
    keys: tuple[Key, ...] = ()
    at: Millis = NEVER


class Book:
    """Which troubles stand, and who was told. It forgets nothing but by :meth:`turn` and knows no clock.

    Of one kind there is one alert a ``patience`` at most, of all that came up meanwhile, should it become worse or
    not: a platform that is down must not send a thousand.
    """

    def __init__(self, manners: Manners, known: Iterable[Standing] = ()) -> None:
        self.standings = {standing.key: standing for standing in known}
        self._manners = manners
        self._on_its_way: set[Key] = set()
        self._told_of: dict[tuple[Kind, bool], Millis] = {}

    def turn(self, troubles: Collection[Trouble], unsure: Collection[Kind], now: Millis) -> list[News]:
        """Take in what was found, and say what is to be told. Of kinds in ``unsure`` nothing is known just now."""
        found = {trouble.key: trouble for trouble in troubles}
        for trouble in troubles:
            self.standings[trouble.key] = self._seen(trouble, now)
        for key in [key for key in self.standings if key not in found and key[0] not in unsure]:
            self._missed(key, now)
        begun = [trouble for trouble in troubles if self._to_tell(trouble, now)]
        over = [s for key, s in self.standings.items() if key not in found and self._to_end(s, now)]
        return [*self._news(begun, now), *self._clears(over, now)]

    def due(self, trouble: Trouble, now: Millis) -> bool:
        """Whether it has lasted long enough to be taken for one."""
        since = self.standings[trouble.key].since
        return not trouble.kind.passing or now - since >= self._manners.patience

    def sent(self, news: News) -> None:
        """People have been told."""
        levels = {trouble.key: trouble.level for trouble in news.begun}
        for key in news.keys:
            self._on_its_way.discard(key)
            standing = self.standings[key]
            if key in levels:
                self.standings[key] = replace(standing, told_at=news.at, level=levels[key], open=True)
            else:
                self.standings[key] = replace(standing, open=False, level=0)

    def failed(self, news: News) -> None:
        """They could not be told: the next turn tries again."""
        self._on_its_way.difference_update(news.keys)

    def _seen(self, trouble: Trouble, now: Millis) -> Standing:
        known = self.standings.get(trouble.key)
        if known is None:
            return Standing(kind=trouble.kind, subject=trouble.subject, name=trouble.name, since=now)
        if known.gone_at == NEVER:
            return replace(known, name=trouble.name)
        anew = not known.open or now - known.gone_at >= self._manners.patience
        return replace(known, name=trouble.name, gone_at=NEVER, since=now if anew else known.since)

    def _missed(self, key: Key, now: Millis) -> None:
        """It is not there: gone, and in the end forgotten."""
        standing = self.standings[key]
        if standing.gone_at == NEVER:
            self.standings[key] = replace(standing, gone_at=now)
        elif not standing.open and key not in self._on_its_way and now - standing.told_at >= self._manners.window:
            del self.standings[key]

    def _to_tell(self, trouble: Trouble, now: Millis) -> bool:
        if not trouble.kind.tells or trouble.key in self._on_its_way or not self.due(trouble, now):
            return False
        known, manners = self.standings[trouble.key], self._manners
        if not known.open:
            return known.told_at == NEVER or now - known.told_at >= manners.window
        stays = bool(manners.repeat) and now - known.told_at >= manners.repeat
        return trouble.level > known.level or stays

    def _to_end(self, standing: Standing, now: Millis) -> bool:
        gone = standing.gone_at != NEVER and now - standing.gone_at >= self._manners.patience
        return gone and standing.open and standing.key not in self._on_its_way

    def _news(self, begun: list[Trouble], now: Millis) -> Iterator[News]:
        for kind in dict.fromkeys(trouble.kind for trouble in begun):
            worse = any(t.kind is kind and self.standings[t.key].open for t in begun)
            if self._silent(kind, over=False, now=now) or worse:
                these = tuple(trouble for trouble in begun if trouble.kind is kind)
                yield self._on_the_way(News(begun=these, keys=tuple(t.key for t in these), at=now), kind)

    def _clears(self, over: list[Standing], now: Millis) -> Iterator[News]:
        for kind in dict.fromkeys(standing.kind for standing in over):
            if self._silent(kind, over=True, now=now):
                these = [standing for standing in over if standing.kind is kind]
                told = tuple(_over(standing) for standing in these)
                yield self._on_the_way(News(over=told, keys=tuple(s.key for s in these), at=now), kind)

    def _silent(self, kind: Kind, *, over: bool, now: Millis) -> bool:
        last = self._told_of.get((kind, over))
        return last is None or now - last >= self._manners.patience

    def _on_the_way(self, news: News, kind: Kind) -> News:
        self._on_its_way.update(news.keys)
        self._told_of[kind, bool(news.over)] = news.at
        return news


def _over(standing: Standing) -> Over:
    return Over(kind=standing.kind, who=standing.who, seconds=(standing.gone_at - standing.since) / SECOND)


class Live(NamedTuple):
    """What only the running process knows: why the rules on disk were refused, why the platform does not answer us.

    "" where all is well; None: nobody asked the platform yet.
    """

    rules: str = ""
    platform: str | None = None


class Alerts:
    """``live`` answers what only the process knows; ``late`` how many answers were late since the start.

    ``speaks``: whether this daemon is the one of several that remembers and tells; the others only look.

    ``post`` is None where nobody is to be told: then troubles are only logged and shown. ``wrote_at``: when the store
    last took something (monotonic seconds).
    """

    def __init__(
        self,
        store: Store,
        ruleset: Callable[[], Ruleset],
        live: Callable[[], Live],
        post: Post | None,
        *,
        bounds: Bounds,
        manners: Manners,
        where: str,
        lang: Lang,
        clock: Clock,
        metrics: Metrics,
        speaks: Callable[[], bool] = lambda: True,
    ) -> None:
        self.wrote_at = clock.monotonic()
        self._store = store
        self._ruleset = ruleset
        self._live = live
        self._post = post
        self._bounds = bounds
        self._where = where
        self._lang = lang
        self._clock = clock
        self._metrics = metrics
        self._speaks = speaks
        self._manners = manners
        self._book: Book | None = None
        self._written: dict[Key, Standing] = {}
        self._logged: set[Key] = set()
        self._late_written = 0
        self._known_rules = ""

    found: tuple[Trouble, ...] = ()
    """What was the matter at the last look."""

    async def look(self) -> None:
        """See what is the matter, tell of it, write down what changed. A store that fails is trouble of its own."""
        if not self._speaks():  # another daemon remembers and tells
            self._book, self._written = None, {}
        elif self._book is None and not await self._recall():
            return
        now = self._clock.now()
        problem = await self._write(now)
        found, unsure = await self._found(problem, now)
        self.found = tuple(found)
        self._metrics.troubles(Counter(trouble.kind.value for trouble in found))
        if self._book is not None:
            self._tell(self._book, found, unsure, now)

    def _tell(self, book: Book, found: Collection[Trouble], unsure: Collection[Kind], now: Millis) -> None:
        news = book.turn(found, unsure, now)
        self._note(found, unsure, now)
        for one in news:
            if self._post is None:
                book.failed(one)
            else:
                self._post(self._worded(one), partial(self._done, one))

    async def _recall(self) -> bool:
        try:
            known = await self._store.read(remembered.remembered)
        except StoreProblem as problem:
            log.error("store.unreadable", problem=str(problem))
            return False
        self._written = {standing.key: standing for standing in known}
        self._logged = {standing.key for standing in known if standing.open}
        self._book = Book(self._manners, known)
        return True

    async def _write(self, now: Millis) -> str:
        """Write down what changed, or anything: whether the store can be written is found out by writing."""
        late, ruleset = self._metrics.late_acks, self._ruleset()
        standings = {} if self._book is None else dict(self._book.standings)
        changed = [standing for key, standing in standings.items() if self._written.get(key) != standing]
        work = _Writing(
            changed=changed,
            gone=tuple(self._written.keys() - standings.keys()),
            late=late - self._late_written,
            ruleset=ruleset if ruleset.hash != self._known_rules else None,
            now=now,
        )
        try:
            await self._store.write(work.carry_out)
        except StoreProblem as problem:
            return problem.what.to(self._lang)
        self._written, self._late_written, self.wrote_at = standings, late, self._clock.monotonic()
        self._known_rules = ruleset.hash
        return ""

    async def _found(self, problem: str, now: Millis) -> tuple[list[Trouble], set[Kind]]:
        """What is the matter, and the kinds of which nobody can tell just now."""
        live, unsure = self._live(), set[Kind]()
        found = list(of_disk(self._store.database.path, self._bounds))
        if problem:
            found.append(Trouble(kind=Kind.STORE, why=problem))
        if live.rules:
            found.append(Trouble(kind=Kind.RULES_REFUSED, why=live.rules))
        if live.platform:
            found.append(Trouble(kind=Kind.PLATFORM, why=live.platform))
        if live.platform is None:
            unsure.add(Kind.PLATFORM)
        try:
            work = partial(stored, ruleset=self._ruleset(), bounds=self._bounds, now=now)
            found += await self._store.read(work)
        except StoreProblem:
            unsure |= IN_THE_STORE
        return found, unsure

    def _note(self, found: Collection[Trouble], unsure: Collection[Kind], now: Millis) -> None:
        """The log tells of each, once, and of its end."""
        assert self._book is not None
        for trouble in found:
            if trouble.key not in self._logged and self._book.due(trouble, now):
                self._logged.add(trouble.key)
                log.error("trouble", kind=trouble.kind, of=trouble.who, what=trouble.what.en, todo=trouble.todo.en)
        for key in self._logged - {trouble.key for trouble in found}:
            if key[0] not in unsure:
                self._logged.discard(key)
                log.info("trouble.over", kind=key[0], of=key[1])

    def _worded(self, news: News) -> Alert:
        if news.begun:
            return alert(news.begun, self._where, self._lang)
        return all_clear(news.over, self._where, self._lang)

    def _done(self, news: News, well: bool) -> None:
        assert self._book is not None
        if well:
            self._book.sent(news)
        else:
            self._book.failed(news)


class _Writing(NamedTuple):
    """One look's transaction."""

    changed: list[Standing]
    gone: tuple[Key, ...]
    late: int
    ruleset: Ruleset | None
    now: Millis

    def carry_out(self, connection: Connection) -> None:
        schema.probe(connection, self.now)
        remembered.remember(connection, self.changed, self.gone)
        if self.late:
            remembered.answered_late(connection, self.late, self.now)
        if self.ruleset is not None:  # its rules are known from now on: from then on they are expected to match
            memory.know(connection, rules=[rule.id for rule in self.ruleset.rules], now=self.now)
