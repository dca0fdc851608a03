"""Rules and texts made to take for ever: time grows with the text, and no faster."""

import re

from bench import corpus
from bench.machine import stopwatch
from yzj_daemon.rules.load import load_texts
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.rules.text import MAX_TEXT

PATTERNS = ("(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*a){9}b", "(a?){30}a{30}b")
"""Each makes an engine that goes back and tries again take exponential time, or a high power of it."""

NESTED = 200
"""Keywords of which each holds all shorter ones, so that all of them end at every character."""

BACKTRACKING = 20
"""Characters that such an engine is given here; each more doubles its time."""


def patterns(characters: int = MAX_TEXT) -> float:
    """Milliseconds of one decision: all the patterns over that much text which almost matches."""
    whens = [f"regex = ['{pattern}']" for pattern in PATTERNS]
    return _milliseconds(_ruleset(whens), "a" * (characters - 1) + "c")


def keywords(characters: int = MAX_TEXT) -> float:
    """Milliseconds of one decision over text in which every keyword stands everywhere."""
    return _milliseconds(_ruleset([f'contains = ["{"a" * n}"]' for n in range(1, NESTED + 1)]), "a" * characters)


def backtracking(characters: int = BACKTRACKING) -> float:
    """Milliseconds that Python's ``re`` takes for the first of the patterns."""
    began = stopwatch()
    re.search(PATTERNS[0], "a" * (characters - 1) + "c")
    return (stopwatch() - began) * 1e3


def _ruleset(whens: list[str]) -> Ruleset:
    rules = (f'[[rules]]\nid = "r{n}"\nforward_to = ["R:1"]\n[rules.when]\n{when}\n' for n, when in enumerate(whens))
    loaded = load_texts({"rules.toml": "".join(rules)})
    assert loaded.ruleset is not None
    return loaded.ruleset


def _milliseconds(ruleset: Ruleset, text: str) -> float:
    best = float("inf")
    for _ in range(5):
        began = stopwatch()
        ruleset.decide(corpus.message(text), 0)
        best = min(best, stopwatch() - began)
    return best * 1e3
