"""The rule set in force: taken up from its files whole or not at all.

Only rules change hands: lanes, queues and paces know nothing of it. A set with a mistake changes nothing but a log
line and a gauge, and what the files say is looked at again as soon as they say something else.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from yzj_daemon.clock import SECOND, Clock
from yzj_daemon.errors import RulesProblem
from yzj_daemon.flow.intake import RulesInForce
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules import files, load
from yzj_daemon.rules.dialect import DEFAULT, Dialect
from yzj_daemon.rules.examples import Split
from yzj_daemon.rules.files import Files
from yzj_daemon.rules.load import Loaded

log = structlog.get_logger("yzj_daemon.rules")

TOLD: Final = 20
"""Mistakes of a refused set that are logged one by one."""


class Rulebook:
    """``take_up`` is called with each new set; ``path`` is a file or a directory."""

    def __init__(self, path: Path, split: Split, *, clock: Clock, metrics: Metrics, dialect: Dialect = DEFAULT) -> None:
        self._path = path
        self._dialect = dialect
        self._split = split
        self._clock = clock
        self._metrics = metrics
        self._seen: Files | None = None
        self._changing: Files | None = None
        self._looking = asyncio.Lock()
        self.refused = ""
        """Why the files on disk are not what is in force; "" when they are."""

    def first(self) -> RulesInForce:
        """The set to start with.

        Raises:
            RulesProblem: it has mistakes; all of them are told.
        """
        self._seen = files.read(self._path)
        loaded = load.load_checked(self._path, self._split, self._dialect)
        if loaded.ruleset is None:
            raise load.problem(loaded)
        return self._in_force(loaded)

    async def look(self, take_up: Callable[[RulesInForce], None], *, force: bool = False) -> None:
        """Take up what the files say if they changed and stand still since the last look; ``force``: in any case.

        A file that is still being written may be a good set of fewer rules.
        """
        async with self._looking:
            seen = await asyncio.to_thread(files.read, self._path)
            before, self._changing = self._changing, seen
            if not force and (seen == self._seen or seen != before):
                return
            self._seen = seen
            loaded = await asyncio.to_thread(load.load_checked, self._path, self._split, self._dialect)
            if loaded.ruleset is None:
                self._refuse(load.problem(loaded), loaded)
            else:
                take_up(self._in_force(loaded))

    def _in_force(self, loaded: Loaded) -> RulesInForce:
        assert loaded.ruleset is not None
        self.refused = ""
        ruleset = loaded.ruleset
        self._metrics.rules_loaded(ruleset.hash, (rule.id for rule in ruleset.rules), self._clock.now() / SECOND)
        log.info("rules.in_force", hash=ruleset.hash, rules=len(ruleset.rules), files=sorted(loaded.files))
        for finding in loaded.findings[:TOLD]:
            log.warning("rules.finding", **finding.row("en"))
        return RulesInForce(ruleset, load.sources(loaded))

    def _refuse(self, problem: RulesProblem, loaded: Loaded) -> None:
        self._metrics.rules_refused()
        errors = [finding for finding in loaded.findings if finding.level == "error"]
        self.refused = f"{errors[0].file}:{errors[0].line}: {errors[0].message.en}" if errors else str(problem.what)
        log.error("rules.refused", errors=len(errors), todo="yzj-daemon check", still="the set before is in force")
        for finding in errors[:TOLD]:
            log.error("rules.finding", **finding.row("en"))
