"""Hands one alert to Apprise, in a process of its own: ``python -m yzj_daemon.ops.postman``.

Apprise and its hundred services cost memory, and a service may hang or misbehave; none of that belongs into the
daemon. Standard input is one JSON object, ``{"title", "body", "good", "urls": {"0": "…"}}``; without a title the URLs
are only looked at. Each line of standard output is one URL's fate, ``{"url": "0", "why": ""}``, as soon as it is known.
"""

import json
import logging
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from yzj_daemon.secret import without

SHORT: Final = 5
"""Parts of a URL up to so many characters are words, not secrets."""


class _Said(logging.Handler):
    """What Apprise says while it sends, by thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.last = record.getMessage()

    def last(self) -> str:
        said: str = getattr(self._lines, "last", "")
        self._lines.last = ""
        return said


def main() -> None:
    import apprise

    wanted = json.load(sys.stdin)
    said = _Said()
    logging.getLogger("apprise").addHandler(said)
    logging.getLogger("apprise").propagate = False
    out = threading.Lock()

    def hand_over(name: str, url: str) -> None:
        why = masked(_sent(apprise, said, wanted, url), url)
        with out:
            sys.stdout.write(json.dumps({"url": name, "why": why}) + "\n")
            sys.stdout.flush()

    with ThreadPoolExecutor(max(1, len(wanted["urls"]))) as senders:
        for sending in [senders.submit(hand_over, name, url) for name, url in wanted["urls"].items()]:
            sending.result()


def _sent(apprise: Any, said: _Said, wanted: dict[str, Any], url: str) -> str:
    """Why it was not; "" when it was."""
    service = apprise.Apprise()
    if not service.add(url):
        return f"not a URL that Apprise knows: {said.last()}".rstrip(": ")
    if not wanted.get("title"):
        return ""
    kind = apprise.NotifyType.SUCCESS if wanted["good"] else apprise.NotifyType.FAILURE
    try:
        took = service.notify(body=wanted["body"], title=wanted["title"], notify_type=kind, body_format="text")
    except Exception as surprise:  # noqa: BLE001 - of whatever service: it is told, and no other one suffers
        return f"{type(surprise).__name__}: {surprise}"
    return "" if took else said.last() or "the service did not take it"


def masked(text: str, url: str) -> str:
    """A text without the parts of a URL that may be secret."""
    return without(text, sorted(_parts(url), key=len, reverse=True))


def _parts(url: str) -> Iterator[str]:
    if len(url) > SHORT:
        yield url
    split = urlsplit(url)
    values = [value for _, value in parse_qsl(split.query)]
    hidden = (*split.path.split("/"), *split.netloc.rpartition("@")[0].split(":"), *values)
    if "@" not in split.netloc and "." not in split.netloc and ":" not in split.netloc:
        hidden = (*hidden, split.netloc)  # as in wecombot://KEY
    for part in hidden:
        for form in {part, unquote(part)}:
            if len(form) > SHORT:
                yield form


if __name__ == "__main__":
    main()
