"""What commands print: JSON lines for programs, Rich tables on a terminal, plain columns into a pipe.

What came from outside is shown with its control and formatting characters spelled out: a message must not be able
to recolour, overwrite or reverse what an operator reads.
"""

import io
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from yzj_daemon.errors import Lang, Phrase

if TYPE_CHECKING:
    from rich.console import Console  # it is loaded by what paints only: it takes long

T = TypeVar("T")

_EMOJI_JOINER = "\u200d"
WIDEST_TEXT = 60
"""Cells of a message's text in a table on a terminal."""


def never_fail() -> None:
    """Spell out what the terminal's encoding cannot show, instead of ending in a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def as_json(value: object) -> None:
    """One line of JSON."""
    foreign = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
    sys.stdout.write(json.dumps(value, ensure_ascii=foreign, separators=(",", ":")) + "\n")


def terminal() -> "Console | None":
    """The terminal to paint on, or None when the output is a file or a pipe."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else None


def line(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def visible(text: str) -> str:
    """On one line, with nothing in it that a terminal would obey."""
    return text if text.isprintable() else "".join(map(_spelled, text))


def _spelled(c: str) -> str:
    if c.isprintable() or c == _EMOJI_JOINER or unicodedata.category(c) == "Zs":  # wide spaces are Chinese writing
        return c
    return " ⏎ " if c == "\n" else c.encode("unicode_escape").decode()


def listing(
    lines: Iterable[T],
    heads: Sequence[Phrase],
    cells: Callable[[T], Sequence[str]],
    row: Callable[[T], dict[str, object]],
    *,
    json_lines: bool,
    lang: Lang,
) -> None:
    """One line an entry: ``row`` for programs, ``cells`` under ``heads`` for people."""
    if json_lines:
        for entry in lines:
            as_json(row(entry))
        return
    table(heads, [[visible(cell) for cell in cells(entry)] for entry in lines], lang)


def table(heads: Sequence[Phrase], rows: Sequence[Sequence[str]], lang: Lang) -> None:
    """Already visible cells under translated heads."""
    titles = [head.to(lang) for head in heads]
    console = terminal()
    if console is None:
        _plain([titles, *rows])
        return
    from rich.table import Table
    from rich.text import Text

    painted = Table(*titles, box=None, header_style="bold", pad_edge=False)
    for cells in rows:
        painted.add_row(*(Text(cell, overflow="ellipsis") for cell in cells))
    console.print(painted)


def _plain(rows: Sequence[Sequence[str]]) -> None:
    """Columns wide enough for all that is in them; nothing is cut."""
    from rich.cells import cell_len

    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for cells in rows:
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
        line("  ".join(padded).rstrip())


def verdict(name: str, more: str, *, good: bool) -> None:
    """A line that passes or fails, with what belongs to it in fainter letters."""
    console = terminal()
    if console is None:
        line(visible(f"{name}  {more}".rstrip()))
    else:
        from rich.markup import escape

        colour = "green" if good else "red"
        console.print(f"[{colour}]{escape(visible(name))}[/]  [dim]{escape(visible(more))}[/]", soft_wrap=True)


def detail(text: str) -> None:
    """A line that belongs to the one above."""
    line(f"    {visible(text)}")


def facts(pairs: Iterable[tuple[Phrase, str]], lang: Lang) -> None:
    """A name and its value on each line."""
    console = terminal()
    for name, value in pairs:
        if console is None:
            line(f"{name.to(lang)}: {visible(value)}")
        else:
            from rich.markup import escape

            console.print(f"[bold]{name.to(lang)}[/]: {escape(visible(value))}", soft_wrap=True)


@contextmanager
def progress(what: Phrase, whole: int, lang: Lang) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal, if there is one to watch it; the function is told how much more is done.

    It is painted on standard error, so that it is in nobody's pipe, and gone when the work is done.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _more: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield partial(bar.advance, bar.add_task(what.to(lang), total=whole))


def flush() -> None:
    """Show what was said so far, also into a pipe: for commands that go on for long."""
    sys.stdout.flush()
