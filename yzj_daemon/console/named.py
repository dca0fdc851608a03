"""What an id names that somebody pasted into a search: found by indexes, however long the history."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import msgspec

from yzj_daemon.console.asked import Asked
from yzj_daemon.console.narrowed import row_id
from yzj_daemon.storage import reports
from yzj_daemon.storage.reports import DeliveryLine, MessageLine

_ID: Final = re.compile(r"(?=.*\d)[!-~]{1,200}", re.ASCII)
"""One word with a digit in it."""


class Hit(msgspec.Struct, frozen=True):
    """Something that the id names. ``kind``: message, delivery, call, chat or sender; ``id``: its own."""

    kind: str
    id: str
    href: str
    message: MessageLine | None = None
    delivery: DeliveryLine | None = None


def hits(asked: Asked, words: str) -> tuple[Hit, ...]:
    """All that the words name, if they are an id: of ours, of the platform, or of somebody in the directory."""
    if not _ID.fullmatch(words):
        return ()
    number = row_id(words)
    return (*_messages(asked, words, number), *(_rows(asked, number) if number else ()), *_known(asked, words))


def _messages(asked: Asked, words: str, number: int | None) -> Iterator[Hit]:
    """Our own number first."""
    ours = reports.lines(asked.store, [number]).values() if number else ()
    for line in {line.id: line for line in (*ours, *reports.lines_as(asked.store, words))}.values():
        yield Hit("message", str(line.id), f"/messages/{line.id}", line)


def _rows(asked: Asked, number: int) -> Iterator[Hit]:
    """What the log, the timeline and the commands number."""
    owed = reports.delivery(asked.store, number)
    if owed is not None:
        line = reports.lines(asked.store, [owed.message_id]).get(owed.message_id)
        yield Hit("delivery", str(number), f"/messages/{owed.message_id}#d{number}", line, owed)
    carried = reports.call_of(asked.store, number)
    if carried is not None and (line := reports.lines(asked.store, [carried]).get(carried)) is not None:
        yield Hit("call", str(number), f"/messages/{carried}", line)


def _known(asked: Asked, words: str) -> Iterator[Hit]:
    """A chat or a person: a person may be both."""
    if asked.name_of(words):
        yield Hit("chat", words, f"/messages?chat={quote(words, safe='')}")
        if not words.startswith("R:"):
            yield Hit("sender", words, f"/messages?sender={quote(words, safe='')}")
