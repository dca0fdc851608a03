"""How the element around a content is kept: most of it is ids that stand in columns of the same row already.

Each of them is written as one control character, which no JSON text holds raw (RFC 8259, section 7): so nothing is
ambiguous, and what comes out is what went in, byte for byte.
"""

import re
from collections.abc import Sequence
from typing import Final

COLUMNS: Final = ("account", "chat", "sender", "type", "svrid", "wx_svrid", "wx_msgid")
"""Whose values an envelope is folded with."""

SHORTEST: Final = 4
"""Characters from which a value is worth a mark."""

_MARKS: Final = "\x01\x02\x03\x04\x05\x06\x07"
_VERBATIM: Final = "\x0e"
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def fold(envelope: str, values: Sequence[str]) -> str:
    """The envelope with each of ``values``, those of :data:`COLUMNS`, replaced by its mark."""
    if not envelope.isprintable() and _CONTROL.search(envelope):
        return _VERBATIM + envelope
    for mark, value in zip(_MARKS, values, strict=False):
        if len(value) >= SHORTEST:
            envelope = envelope.replace(value, mark)
    return envelope


def unfold(folded: str, values: Sequence[str]) -> str:
    """What was folded with these values, or written before anything was folded."""
    if folded.startswith(_VERBATIM):
        return folded[1:]
    for mark, value in reversed([*zip(_MARKS, values, strict=False)]):
        folded = folded.replace(mark, value)
    return folded
