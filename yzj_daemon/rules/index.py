"""Which rules could match at all: found in one pass over the text, whatever the number of rules.

Each rule is filed under its most selective *necessary* condition, such as a word, a literal that its regex cannot match
without, a sender. A rule without one is always evaluated. The index may offer a rule that does not match; it never
withholds one that does.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from ahocorasick_rs import AhoCorasick

from yzj_daemon.rules.condition import MERGE, All, AnyOf, Condition, Items, OneOf, Patterns, Words
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold
from yzj_daemon.rules.pattern import literals
from yzj_daemon.rules.view import View

NESTED_WORDS: Final = 4
"""Words that may end at one place of a text. A deeper nest ("a", "aa", "aaa", …) is filed under its inner words, so
that a hostile text cannot make more finds than this for each of its characters."""

RELATED: Final = 32
"""Rules looked up per word, chat or sender for near misses."""

Key = tuple[str | Fold, str]
"""An attribute's name and value, or a fold and a folded word."""

_RANK: Final = {"sender": 1, "chat": 1, "account": 2, "chat_type": 3, "type": 3}


class Index:
    """Built once for a rule set; ``conditions`` in evaluation order, and the rules' numbers are places in it."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        options = [list(_options(condition)) for condition in conditions]
        popular = Counter(key for needs in options for need in needs for key in need)
        filed: dict[Key, list[int]] = {}
        self._always: list[int] = []
        for number, needs in enumerate(options):
            if not needs:
                self._always.append(number)
                continue
            for key in min(needs, key=lambda need: _cost(need, popular)):
                filed.setdefault(key, []).append(number)
        self._values = {key: numbers for key, numbers in filed.items() if isinstance(key[0], str)}
        self._attributes = tuple(sorted({str(name) for name, _ in self._values}))
        self._finders = _finders(filed)
        self._related = _related(conditions)
        by_word = {key for key in filed if not isinstance(key[0], str)}
        self._near = _finders(_words(conditions, {number for key in by_word for number in filed[key]}))

    def candidates(self, view: View) -> list[int]:
        """Numbers of the rules that could match, ascending."""
        numbers = set(self._always)
        message = view.message
        for name in self._attributes:
            numbers.update(self._values.get((name, getattr(message, name)), ()))
        for how, finder in self._finders:
            numbers.update(finder.numbers_in(view.text(how)))
        return sorted(numbers)

    def related(self, view: View) -> list[int]:
        """Some rules that name a word of the text, the sender or the chat: where a person looks for near misses."""
        by_sender = self._related.get(("sender", view.message.sender), ())
        by_chat = self._related.get(("chat", view.message.chat), ())
        by_word = (sorted(finder.numbers_in(view.text(how))) for how, finder in self._near)
        return [*chain.from_iterable(by_word), *by_sender, *by_chat]


class _Finder:
    """The words of one fold, and the rules filed under each."""

    def __init__(self, filed: dict[str, list[int]]) -> None:
        self._numbers: dict[str, list[int]] = {}
        kept: dict[str, int] = {}
        for word in sorted(filed, key=len):
            inner = next((word[at:] for at in range(1, len(word)) if word[at:] in kept), None)
            nest = kept[inner] + 1 if inner is not None else 1
            if inner is None or nest <= NESTED_WORDS:
                kept[word] = nest
                self._numbers[word] = list(filed[word])
            else:
                self._numbers[inner].extend(filed[word])
        self._automaton = AhoCorasick(list(kept), store_patterns=True)

    def numbers_in(self, text: str) -> list[int]:
        found = set(self._automaton.find_matches_as_strings(text, overlapping=True))
        return [number for word in found for number in self._numbers[word]]


def _finders(filed: dict[Key, list[int]]) -> tuple[tuple[Fold, _Finder], ...]:
    words: dict[Fold, dict[str, list[int]]] = {}
    for (how, word), numbers in filed.items():
        if not isinstance(how, str):
            words.setdefault(how, {})[word] = numbers
    return tuple((how, _Finder(by_word)) for how, by_word in words.items())


def _options(condition: Condition) -> Iterator[frozenset[Key]]:
    """Sets of keys, of each of which a message that satisfies the condition has at least one."""
    match condition:
        case OneOf(key=name, values=values):
            yield frozenset((name, value) for value in values)
        case Words(key="contains", folded=words, fold=how):
            yield frozenset((how, word) for word in words)
        case Words(folded=words, fold=how):
            yield from (frozenset({(how, word)}) for word in words)
        case Patterns(patterns=patterns):
            needed = [literals(pattern.said) for pattern in patterns]
            if None not in needed:
                yield frozenset((DEFAULT_FOLD, word) for words in needed for word in words or ())
        case Items():
            yield frozenset({("type", MERGE)})
        case All(parts=parts):
            for part in parts:
                yield from _options(part)
        case AnyOf(parts=parts):
            yield from _union([list(_options(part)) for part in parts])
        case _:
            return


def _union(branches: list[list[frozenset[Key]]]) -> Iterator[frozenset[Key]]:
    """One key of one option of every branch: the option that looks best without knowing the other rules."""
    if all(branches):
        yield frozenset().union(*(min(needs, key=lambda need: _cost(need, Counter())) for needs in branches))


def _cost(need: Iterable[Key], popular: Counter[Key]) -> tuple[int, int, int]:
    """How many rules share it, how common such a value is in messages, how many keys it takes."""
    keys = list(need)
    return max((popular[key] for key in keys), default=0), max(map(_rank, keys), default=0), len(keys)


def _rank(key: Key) -> int:
    name, value = key
    if isinstance(name, str):
        return _RANK[name]
    return 0 if len(value) > 1 else 2


def _words(conditions: Sequence[Condition], known: Collection[int]) -> dict[Key, list[int]]:
    """The words of rules that are filed under something else, some rules for each."""
    words: dict[Key, list[int]] = {}
    for number, condition in enumerate(conditions):
        parts = condition.parts if isinstance(condition, All) and number not in known else ()
        for word_part in (part for part in parts if isinstance(part, Words)):
            for word in word_part.folded:
                numbers = words.setdefault((word_part.fold, word), [])
                if len(numbers) < RELATED:
                    numbers.append(number)
    return words


def _related(conditions: Sequence[Condition]) -> dict[tuple[str, str], list[int]]:
    related: dict[tuple[str, str], list[int]] = {}
    for number, condition in enumerate(conditions):
        for part in condition.parts if isinstance(condition, All) else ():
            if isinstance(part, OneOf) and part.key in {"sender", "chat"}:
                for value in part.values:
                    numbers = related.setdefault((part.key, value), [])
                    if len(numbers) < RELATED:
                        numbers.append(number)
    return related
