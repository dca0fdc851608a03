"""What a decision costs, in this process."""

import time

from bench import corpus
from yzj_daemon.message import Message
from yzj_daemon.rules.load import load_texts

MESSAGES = 2_000
ROUNDS = 5


def microseconds(rules: int) -> float:
    """Of one ``Ruleset.decide`` with so many rules: the best of a few rounds, near misses not asked for."""
    loaded = load_texts({"rules.toml": corpus.rules(rules)})
    assert loaded.ruleset is not None
    decide = loaded.ruleset.decide
    messages = [_message(text) for text in corpus.texts(MESSAGES)]
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for message in messages:
            decide(message, 0)
        best = min(best, time.perf_counter() - began)
    return best / MESSAGES * 1e6


def _message(text: str) -> Message:
    return Message(
        account=corpus.ACCOUNT,
        id="1",
        chat="R:10900000000000001",
        chat_type="room",
        sender="7881300000000001",
        type="text",
        sent_at=0,
        text=text,
        content="{}",
    )
