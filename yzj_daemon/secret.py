"""Secrets in texts that come from elsewhere: how they may be written there, and how they are taken out."""

import json
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote

MASK: Final = "**********"

_BEFORE_HOST: Final = re.compile(r"(://[^:/?#@\s]*):([^/?#\s]*)@")
_IN_QUERY: Final = re.compile(r"([?&](?:ssl)?password)=([^&#\s'\"]*)", re.IGNORECASE)


def forms(secret: str) -> set[str]:
    """A secret as it looks in a URL, in JSON of either kind, in JSON as PHP writes it, and in a traceback."""
    if not secret:
        return set()
    raw = secret.encode("utf-8", "surrogatepass")
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    php = {text.replace("/", "\\/") for text in (secret, *in_json)}
    return {secret, quote(raw, safe=""), *in_json, *php, repr(secret)[1:-1], repr(raw)[2:-1]}


def in_url(url: str) -> set[str]:
    """The passwords in a URL, as they stand there and as they are meant."""
    found = {match[2] for part in (_BEFORE_HOST, _IN_QUERY) for match in part.finditer(url) if match[2]}
    return found | {unquote(password) for password in found}


def url_without(url: str, instead: str = f":{MASK}") -> str:
    """A text in which no URL shows its password; ``instead`` is what stands there for it."""
    said = instead.removeprefix(":")
    return _IN_QUERY.sub(rf"\g<1>={said}", _BEFORE_HOST.sub(rf"\g<1>{instead}@", url))


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """All forms of all of them, in an order in which none hides a part of another."""
    return tuple(sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True))


def without(text: str, written: Iterable[str]) -> str:
    """A text without what :func:`longest_first` told."""
    for form in written:
        if form in text:
            text = text.replace(form, MASK)
    return text
