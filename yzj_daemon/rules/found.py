"""Where in a text the words stand that a rule found in it."""

from collections.abc import Iterable, Iterator
from typing import Final

from yzj_daemon.rules.condition import All, AnyOf, Condition, Found, Items, Not, Words
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, fold

Span = tuple[int, int]
"""Characters of the unaltered text, half-open."""

_NO_WORDS: Final = frozenset(
    {"type", "account", "chat", "chat_type", "sender", "self_sent", "everything", "field", "items"}
)
"""Keys of what is found elsewhere than in the text."""


def spans(text: str, condition: Condition, found: Iterable[Found]) -> tuple[Span, ...]:
    """Every place of every piece that ``condition`` found, in order, where they touch as one."""
    folds = dict(_folds(condition))
    pieces = dict.fromkeys((piece, folds.get(piece)) for key, piece in found if key not in _NO_WORDS)
    return joined(span for piece, how in pieces if piece for span in _places(text, piece, how))


def leaves(condition: Condition) -> Iterator[Condition]:
    """What stands inside ``all``, ``any``, ``not`` and ``items``, at any depth."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Items(some=some, each=each):
            yield condition
            for inner in (some, each):
                yield from leaves(inner) if inner is not None else ()
        case _:
            yield condition


def _folds(condition: Condition) -> Iterator[tuple[str, Fold]]:
    for leaf in leaves(condition):
        if isinstance(leaf, Words):
            yield from ((said, leaf.fold) for said in leaf.said)


def _places(text: str, piece: str, how: Fold | None) -> Iterator[Span]:
    """``how`` is None for a piece that was cut out of the text itself."""
    folded, origins = _folded(text, how) if how is not None else (text, range(len(text)))
    wanted = piece if how is None else fold(piece, how)
    at = folded.find(wanted) if wanted else -1
    while at >= 0:
        yield origins[at], origins[at + len(wanted) - 1] + 1
        at = folded.find(wanted, at + len(wanted))


def _folded(text: str, how: Fold = DEFAULT_FOLD) -> tuple[str, list[int]]:
    """The folded text, and the place that each of its characters has in ``text``: folding is character by character."""
    folded: list[str] = []
    origins: list[int] = []
    for place, char in enumerate(text):
        piece = fold(char, how)
        folded.append(piece)
        origins.extend([place] * len(piece))
    return "".join(folded), origins


def joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """In order, where they touch as one."""
    whole: list[Span] = []
    for start, end in sorted(found):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return tuple(whole)
