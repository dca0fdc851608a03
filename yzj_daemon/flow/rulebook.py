"""The rule set in force: taken up from its files whole or not at all.

Only rules change hands: lanes, queues and paces know nothing of it. A set with a mistake changes nothing but a log
line and a gauge, and what the files say is looked at again as soon as they say something else.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection

from yzj_daemon.clock import SECOND, Clock
from yzj_daemon.errors import Phrase, RulesProblem
from yzj_daemon.flow.intake import RulesInForce
from yzj_daemon.ops import heap
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules import files, load, packing, settling
from yzj_daemon.rules.dialect import DEFAULT, Dialect
from yzj_daemon.rules.examples import Split
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.load import Loaded
from yzj_daemon.rules.ruleset import Rule, difference
from yzj_daemon.storage import rule_history
from yzj_daemon.storage.engine import Store

log = structlog.get_logger("yzj_daemon.rules")

TOLD: Final = 20
"""Mistakes of a refused set, and doubts about one in force, that are logged one by one."""

MANY: Final = 1_000
"""Rules of a set that is worth settling: loading fewer takes little."""


class Rulebook:
    """``path`` is a file or a directory. Every set that comes into force is written into the store's history."""

    def __init__(
        self, path: Path, split: Split, store: Store, *, clock: Clock, metrics: Metrics, dialect: Dialect = DEFAULT
    ) -> None:
        self._path = path
        self._split = split
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._dialect = dialect
        self._seen = b""  # the mark of the files whose set was taken up, or refused
        self._changing = b""
        self._following = ""  # hash of the published set that decides
        self._looking = asyncio.Lock()
        self._rules: tuple[Rule, ...] = ()
        self.refused: Phrase | None = None
        """Why the files on disk are not what is in force; None when they are."""
        self.mistakes: tuple[Finding, ...] = ()
        """All of them that are errors."""

    def first(self) -> RulesInForce:
        """The set to start with: that of the files, or where they have mistakes, the last one that was in force.

        Raises:
            RulesProblem: the files have mistakes, all of which are told, and no set was ever in force.
        """
        published = self._store.read_now(rule_history.published) if self._store.database.shared else None
        if published is not None and (for_all := self._read_published(published)) is not None:
            self._following = published.hash
            return self._begun(for_all)
        self._seen = self._mark()
        loaded = self._load()
        if loaded.ruleset is not None:
            return self._begun(loaded)
        kept = self._kept()
        if kept is None or kept.ruleset is None:
            raise load.problem(loaded)
        self._rules = kept.ruleset.rules
        rules, _ = self._made(kept)
        self._tell(kept)
        self._refuse(load.problem(loaded), loaded)
        log.error("rules.degraded", hash=rules.ruleset.hash, why="the files have mistakes: the last good set decides")
        return rules

    def _mark(self) -> bytes:
        """What tells one state of the files from another."""
        found = files.read(self._path)
        mark = hashlib.blake2b(repr((found.directory, found.findings)).encode(), digest_size=16)
        for name, text in found.texts.items():
            mark.update(f"\0{name}\0{len(text)}\0".encode(errors="surrogatepass"))
            mark.update(text.encode(errors="surrogatepass"))
        return mark.digest()

    def _load(self) -> Loaded:
        return _settled(partial(load.load_checked, self._path, self._split, self._dialect))

    def _begun(self, loaded: Loaded) -> RulesInForce:
        self._rules = self._before(loaded)
        rules, change = self._made(loaded)
        self._store.write_now(change)
        self._tell(loaded)
        return rules

    async def look(self, take_up: Callable[[RulesInForce], None], *, force: bool = False) -> None:
        """Take up what the files say if they changed and stand still since the last look; ``force``: in any case.

        A file that is still being written may be a good set of fewer rules.
        """
        async with self._looking:
            if self._store.database.shared and await self._follow(take_up):
                return
            seen = await asyncio.to_thread(self._mark)
            before, self._changing = self._changing, seen
            if not force and (seen == self._seen or seen != before):
                return
            loaded = await asyncio.to_thread(self._load)
            if loaded.ruleset is None:
                self._seen = seen
                self._refuse(load.problem(loaded), loaded)
                return
            rules, change = self._made(loaded)
            await self._store.write(change)  # should it fail, the next look tries again
            self._seen, self.refused, self.mistakes = seen, None, ()
            await self._put_in_force(rules, loaded, take_up)

    async def _follow(self, take_up: Callable[[RulesInForce], None]) -> bool:
        """Whether a set was published that decides instead of the files; it is taken up if it is a new one."""
        published = await self._store.read(rule_history.published)
        if published is None:
            if self._following:
                log.info("rules.withdrawn", hash=self._following, now="the files of each daemon decide again")
                self._following, self._seen, self._changing = "", b"", await asyncio.to_thread(self._mark)
            return False
        if published.hash == self._following:
            return True
        loaded = await asyncio.to_thread(self._read_published, published)
        if loaded is None:
            return True
        rules, change = self._made(loaded)
        await self._store.write(change)
        self._following, self.refused, self.mistakes = published.hash, None, ()
        await self._put_in_force(rules, loaded, take_up)
        log.info("rules.published", hash=published.hash, by=published.who, still="the files of this daemon wait")
        return True

    async def _put_in_force(self, rules: RulesInForce, loaded: Loaded, take_up: Callable[[RulesInForce], None]) -> None:
        large = max(len(self._rules), len(rules.ruleset.rules)) >= MANY
        take_up(rules)
        self._tell(loaded)
        if large:
            await asyncio.to_thread(heap.give_back)  # the set before is gone

    def _read_published(self, published: rule_history.Published) -> Loaded | None:
        """None: this version cannot read it, and what decides stays what it is."""
        loaded = _settled(partial(load.load_kept, published.sources, self._dialect))
        if loaded.ruleset is not None:
            return loaded
        if self._following != published.hash:
            self._refuse(load.problem(loaded), loaded)
        return None

    def _before(self, loaded: Loaded) -> tuple[Rule, ...]:
        """The rules that were in force when the last daemon ended: what changed since is a change like any other."""
        assert loaded.ruleset is not None
        newest = self._store.read_now(rule_history.newest)
        if newest is None or newest.hash == loaded.ruleset.hash:
            return loaded.ruleset.rules if newest else ()
        kept = load.load_kept(newest.sources, self._dialect).ruleset
        return kept.rules if kept else ()

    def _kept(self) -> Loaded | None:
        """The last set that was in force, if this version can still read it."""
        kept = self._store.read_now(rule_history.newest)
        if kept is None:
            return None
        loaded = _settled(partial(load.load_kept, kept.sources, self._dialect))
        return loaded if loaded.ruleset is not None else None

    def _made(self, loaded: Loaded) -> tuple[RulesInForce, Callable[[Connection], bool]]:
        """The set, and what writes it into the history."""
        assert loaded.ruleset is not None
        ruleset = loaded.ruleset
        rules = RulesInForce(ruleset, packing.pack(loaded.files))
        record = partial(
            rule_history.record,
            digest=ruleset.hash,
            packed=rules.packed,
            rules=len(ruleset.rules),
            summary=json.dumps(asdict(difference(self._rules, ruleset.rules)), ensure_ascii=False),
            now=self._clock.now(),
        )
        return rules, record

    def _tell(self, loaded: Loaded) -> None:
        """That it decides from now on; only once it does."""
        assert loaded.ruleset is not None
        ruleset = loaded.ruleset
        self._metrics.rules_loaded(ruleset.hash, (rule.id for rule in ruleset.rules), self._clock.now() / SECOND)
        changed = asdict(difference(self._rules, ruleset.rules))
        self._rules = ruleset.rules
        log.info(
            "rules.in_force",
            hash=ruleset.hash,
            rules=len(ruleset.rules),
            files=sorted(loaded.files),
            **{how: ids[:TOLD] for how, ids in changed.items() if ids},
        )
        for finding in loaded.findings[:TOLD]:
            log.warning("rules.finding", **finding.row("en"))

    def _refuse(self, problem: RulesProblem, loaded: Loaded) -> None:
        self._metrics.rules_refused()
        errors = [finding for finding in loaded.findings if finding.level == "error"]
        self.mistakes = tuple(errors)
        self.refused = _told(errors[0]) if errors else problem.what
        log.error("rules.refused", errors=len(errors), todo="yzj-daemon check", still="the set before is in force")
        for finding in errors[:TOLD]:
            log.error("rules.finding", **finding.row("en"))


def _settled(loading: Callable[[], Loaded]) -> Loaded:
    """A set that is here to stay: of what loading it took nothing is left, nor of its examples and further warnings."""
    loaded = loading()
    if loaded.ruleset is None:
        return loaded
    if len(loaded.ruleset.rules) >= MANY:
        parcel = settling.packed(loaded, TOLD)
        del loaded
        heap.give_back()
        loaded = settling.unpacked(parcel)
    assert loaded.ruleset is not None
    loaded.ruleset.prepare()
    return loaded


def _told(mistake: Finding) -> Phrase:
    where = f"{mistake.file}:{mistake.line}"
    return Phrase(f"{where}: {mistake.message.zh}", f"{where}: {mistake.message.en}")
