"""The rules alone, in this process: taken up, checked, decided by, and some that are made to take for ever."""

from collections.abc import Iterator

from bench import corpus, decide, hostile, loading, rivals
from bench.figure import Figure
from yzj_daemon.rules.text import MAX_TEXT

MANY = 10_000


def measured() -> Iterator[Figure]:
    yield Figure("load of 10,000 rules", "s", loading.seconds(MANY), 3, "less")
    yield Figure("check of 10,000 rules with their examples", "s", loading.checked_seconds(MANY), 10, "less")
    yield Figure("  each of which fails its example", "s", loading.refused_seconds(MANY), 10, "less")
    few = decide.microseconds(10)
    yield Figure("decide, 10 rules", "µs", few, 10, "less")
    many = decide.microseconds(MANY)
    yield Figure("decide, 10,000 rules", "µs", many, 50, "less")
    yield Figure("  times 10 rules", "", many / few)
    yield from _rivals(many)
    yield from _hostile()


def _rivals(ours: float) -> Iterator[Figure]:
    for name, rival, texts in (("naive loop", rivals.naive, 100), ("rule-engine", rivals.engine, 10)):
        measured = rival(MANY, [corpus.message(text) for text in corpus.texts(texts)])
        yield Figure(f"{name}, 10,000 rules", "µs", measured.microseconds)
        yield Figure("  times ours", "", measured.microseconds / ours)
        yield Figure("  until it was ready", "s", measured.loading)


def _hostile() -> Iterator[Figure]:
    """Twice the text may take twice the time, and a little for the clock."""
    for name, costs in (("hostile regexes", hostile.patterns), ("keywords inside one another", hostile.keywords)):
        whole = costs()
        yield Figure(f"{name}, {MAX_TEXT:,} characters", "ms", whole)
        yield Figure("  times half the text", "", whole / costs(MAX_TEXT // 2), 2.5, "less")
    yield Figure(f"  Python's re, {hostile.BACKTRACKING} characters", "ms", hostile.backtracking())
    more = hostile.backtracking(hostile.BACKTRACKING + 2) / hostile.backtracking()
    yield Figure("  times two characters less", "", more)
