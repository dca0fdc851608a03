"""What a decision costs, in this process."""

from bench import corpus
from bench.machine import stopwatch
from yzj_daemon.rules.load import load_texts

MESSAGES = 2_000
ROUNDS = 5


def microseconds(rules: int) -> float:
    """Of one ``Ruleset.decide`` with so many rules: the best of a few rounds, near misses not asked for."""
    loaded = load_texts({"rules.toml": corpus.rules(rules)})
    assert loaded.ruleset is not None
    decide = loaded.ruleset.decide
    messages = [corpus.message(text) for text in corpus.texts(MESSAGES)]
    best = float("inf")
    for _ in range(ROUNDS):
        began = stopwatch()
        for message in messages:
            decide(message, 0)
        best = min(best, stopwatch() - began)
    return best / MESSAGES * 1e6
