"""What makes two contents the same, however their JSON is written.

A forwarded message comes back as a copy with other ids, perhaps with other white space, escapes or order of keys, so
it is known again by its type and its content's values alone. Numbers are compared as written: 2^53 + 1 is not 2^53.
"""

import hashlib
import json
from typing import Any, Final

VERSION: Final = "1"
"""Which fields count. It is part of the fingerprint, so that those of different versions never meet."""


def fingerprint(kind: str, content: str) -> str:
    """24 hex digits for a ``msg_type`` and its ``content``, JSON text. Never raises."""
    try:
        same = json.dumps(json.loads(content, parse_int=str, parse_float=str, object_pairs_hook=_members))
    except (ValueError, RecursionError):  # no JSON, or nested too deep: then the text itself counts
        same = ascii(content.strip())
    return hashlib.sha256(f"{VERSION}\0{kind!a}\0{same}".encode()).hexdigest()[:24]


def _members(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """In the order of their keys; those that come twice keep theirs."""
    return sorted(pairs, key=lambda pair: pair[0])
