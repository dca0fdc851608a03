"""What a rule makes of a message, as a tree: with lines and colours on a terminal, indented in a pipe."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from yzj_daemon.cli import output
from yzj_daemon.errors import Lang, Phrase
from yzj_daemon.wording import verdicts

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree


INDENT = "    "

GOOD, BAD, FAINT, PLAIN, HEAD, WARN, FOUND = "green", "red", "dim", "", "bold", "yellow", "bold black on yellow"

Beside = Callable[[str], str]

_MARKS = {True: ("✓", GOOD), False: ("✗", BAD), None: ("?", FAINT)}


class Branch(msgspec.Struct, frozen=True):
    """One line, its pieces each with a style, and the lines that belong to it."""

    pieces: tuple[tuple[str, str], ...]
    inside: "tuple[Branch, ...]" = ()


def told(text: str, style: str = PLAIN) -> Branch:
    return Branch(((text, style),))


def verdict(name: str, more: str, inside: Iterable[Branch] = (), *, good: bool) -> Branch:
    """What passed or failed, with what belongs to it in fainter letters."""
    head = (f"{'✓' if good else '✗'} {name}", GOOD if good else BAD)
    return Branch((head, (f"  {more}", FAINT)) if more else (head,), tuple(inside))


def show(branches: Sequence[Branch]) -> None:
    """Print them, without anything that a terminal would obey."""
    console = output.terminal()
    if console is None:
        for depth, branch in _lines(branches, 0):
            output.line(INDENT * depth + "".join(output.visible(text) for text, _ in branch.pieces).rstrip())
        return
    from rich.tree import Tree

    for branch in branches:
        root = Tree(_text(branch), guide_style=FAINT)
        _grow(root, branch)
        console.print(root)


def _lines(branches: Iterable[Branch], depth: int) -> Iterator[tuple[int, Branch]]:
    for branch in branches:
        yield depth, branch
        yield from _lines(branch.inside, depth + 1)


def _grow(tree: "Tree", branch: Branch) -> None:
    for inner in branch.inside:
        _grow(tree.add(_text(inner)), inner)


def _text(branch: Branch) -> "Text":
    from rich.text import Text

    return Text.assemble(*((output.visible(text), style) for text, style in branch.pieces))


# Conditions ----------------------------------------------------------------------------------------------------------


def checks(rows: Iterable[dict[str, Any]], beside: Beside, lang: Lang) -> Iterator[Branch]:
    """A line for each condition: whether it holds, what it asks for, what the message has.

    ``rows`` are those of :class:`~yzj_daemon.rules.outline.Check`; ``beside`` puts its name beside an id.
    """
    for row in rows:
        mark, style = _MARKS[row["held"]]
        inside = tuple(checks(row.get("inside", ()), beside, lang))
        values = "" if inside else _values(row, beside if row["key"] in verdicts.IDS else str).to(lang)
        yield Branch(((mark, style), (f" {row['key']}:{values}", PLAIN)), inside)


def _values(row: dict[str, Any], beside: Beside) -> Phrase:
    expected = verdicts.shown(_each(row["expected"], beside))
    if verdicts.hidden(row):
        unseen = verdicts.UNSEEN
        return Phrase(f" {unseen.zh}, 无法判断 (要求 {expected})", f" {unseen.en} (wanted {expected})")
    actual = verdicts.shown(_each(row["actual"], beside)) or "-"
    return Phrase(f" 要求 {expected}, 实际 {actual}", f" wanted {expected}, is {actual}")


def _each(value: Any, beside: Beside) -> Any:
    if isinstance(value, list):
        return [_each(entry, beside) for entry in value]
    return beside(value) if isinstance(value, str) else value


# The text of a message -----------------------------------------------------------------------------------------------


def marked(text: str, spans: Iterable[Sequence[int]]) -> Iterator[tuple[str, str]]:
    """The pieces of a text of which those in ``spans`` (characters, half-open) stand out."""
    past = 0
    for start, end in spans:
        yield text[past:start], PLAIN
        yield text[start:end], FOUND
        past = end
    yield text[past:], PLAIN
