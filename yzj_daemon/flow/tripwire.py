"""Tripwires: a rule that matches far more often than anybody meant is held before it floods a chat."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from yzj_daemon.clock import Millis
from yzj_daemon.rules.ruleset import Limit


class Tripwires:
    """Counts the matches of rules that have a limit, over each rule's own span."""

    def __init__(self) -> None:
        self._matches: dict[str, deque[Millis]] = {}

    def crossed(self, limits: Mapping[str, Limit], matched: Iterable[str], now: Millis) -> Iterator[tuple[str, Limit]]:
        """Rules that crossed their limit with these matches. A rule begins anew after that."""
        for rule in matched:
            limit = limits.get(rule)
            if limit is not None and self._count(rule, limit, now) > limit.most:
                del self._matches[rule]
                yield rule, limit

    def _count(self, rule: str, limit: Limit, now: Millis) -> int:
        times = self._matches.setdefault(rule, deque())
        times.append(now)
        while times[0] <= now - limit.span:
            times.popleft()
        return len(times)
