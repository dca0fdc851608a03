"""Secrets in texts that come from elsewhere: how they may be written there, and how they are taken out."""

import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

MASK: Final = "**********"


def forms(secret: str) -> set[str]:
    """A secret as it looks in a URL, in JSON of either kind, in JSON as PHP writes it, and in a traceback."""
    if not secret:
        return set()
    raw = secret.encode("utf-8", "surrogatepass")
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    php = {text.replace("/", "\\/") for text in (secret, *in_json)}
    return {secret, quote(raw, safe=""), *in_json, *php, repr(secret)[1:-1], repr(raw)[2:-1]}


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """All forms of all of them, in an order in which none hides a part of another."""
    return tuple(sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True))


def without(text: str, written: Iterable[str]) -> str:
    """A text without what :func:`longest_first` told."""
    for form in written:
        if form in text:
            text = text.replace(form, MASK)
    return text
