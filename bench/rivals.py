"""The same rules decided otherwise: a loop over all of them in plain Python, and a rule engine from PyPI."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import corpus
from bench.machine import stopwatch
from yzj_daemon.message import Message
from yzj_daemon.rules.load import load_texts

Decide = Callable[[Message], list[int]]
"""A message -> the numbers of the rules that match."""


@dataclass(frozen=True, slots=True)
class Rival:
    """``loading``: seconds until it was ready; ``microseconds``: of one message."""

    loading: float
    microseconds: float


def naive(rules: int, messages: Sequence[Message]) -> Rival:
    """What one writes first: every rule in turn, ``in`` and ``re.search``."""
    return _measured(lambda: _loop(list(map(_plain, range(rules)))), rules, messages)


def engine(rules: int, messages: Sequence[Message]) -> Rival:
    """https://pypi.org/project/rule-engine: every rule in turn, each compiled once."""
    try:
        import rule_engine
    except ImportError:
        raise SystemExit("rule-engine is not installed: make bench does it") from None

    def ready() -> Decide:
        compiled = [rule_engine.Rule(_ENGINE[n % len(_ENGINE)].replace("{word}", corpus.word(n))) for n in range(rules)]

        def decide(message: Message) -> list[int]:
            seen = {"type": message.type, "text": message.text}
            return [number for number, rule in enumerate(compiled) if rule.matches(seen)]

        return decide

    return _measured(ready, rules, messages)


_ENGINE = ('"{word}" in text', 'type == "text" and "{word}" in text', 'text =~~ "{word}(元|块)?"')
"""As ``corpus.rules`` asks, in the same order."""


def _plain(number: int) -> Callable[[Message], bool]:
    word = corpus.word(number)
    if number % 3 == 0:
        return lambda message: word in message.text
    if number % 3 == 1:
        return lambda message: message.type == "text" and word in message.text
    search = re.compile(f"{word}(元|块)?").search
    return lambda message: search(message.text) is not None


def _loop(holds: list[Callable[[Message], bool]]) -> Decide:
    return lambda message: [number for number, each in enumerate(holds) if each(message)]


def _measured(ready: Callable[[], Decide], rules: int, messages: Sequence[Message]) -> Rival:
    began = stopwatch()
    decide = ready()
    loaded = stopwatch()
    found = [decide(message) for message in messages]
    done = stopwatch()
    if found != _ours(rules, messages):
        raise SystemExit("the rival decides otherwise: nothing is compared")
    return Rival(loaded - began, (done - loaded) / len(messages) * 1e6)


def _ours(rules: int, messages: Sequence[Message]) -> list[list[int]]:
    loaded = load_texts({"rules.toml": corpus.rules(rules)})
    assert loaded.ruleset is not None
    decide = loaded.ruleset.decide
    return [sorted(int(match.rule.id[1:]) for match in decide(message, 0).matches) for message in messages]
