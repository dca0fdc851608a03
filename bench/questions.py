"""What people ask of a long history: pages of the console, through the real door, on millions of messages.

``BENCH_MESSAGES`` says how many (a million makes 850 MB; 5,000,000 is what the goal is stated for). That store is not
kept.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

from bench import process, visitor
from bench.figure import Figure
from bench.history import Shape, forget, kept
from bench.load import alone

MESSAGES: Final = int(os.environ.get("BENCH_MESSAGES") or 1_000_000)
ROUNDS: Final = 7

CHAT: Final = "R:10900000000000042"

PAGES: Final = {
    "overview": "/",
    "list": "/messages",
    "text, within a day": "/messages?text=%E8%80%8C%E5%90%8E%E6%96%B9%E5%AE%9A&since=1d",
    "chat and text, within a day": f"/messages?chat={CHAT}&text=%E8%80%8C%E5%90%8E&since=1d",
    "chat and text, ever": f"/messages?chat={CHAT}&text=%E8%80%8C%E5%90%8E%E6%96%B9%E5%AE%9A",
    "a sender": "/messages?sender=7881300000000007",
    "deliveries": "/deliveries",
    "rules": "/rules",
}
GOAL: Final = 100.0
"""Milliseconds of the server, for the middle one of the rounds."""


def measured() -> Iterator[Figure]:
    shape = Shape(MESSAGES, accounts=10)
    was_there = shape.path.exists()
    path = kept(shape)
    try:
        directory = path.parent / "asked"
        directory.mkdir(exist_ok=True)
        store = directory / "store.db"
        store.unlink(missing_ok=True)
        store.hardlink_to(path)
        yield from _asked(directory)
    finally:
        for left in (path.parent / "asked").glob("*"):
            left.unlink()
        if not was_there and MESSAGES > 1_000_000:
            forget(shape)


def _asked(directory: Path) -> Iterator[Figure]:
    with process.daemon(directory, 10) as running:
        for name, took in alone(_took(running)).items():
            yield Figure(f"{MESSAGES:,} messages, {name}", "ms", median(took) * 1000, GOAL, "less")
            yield Figure("  the longest", "ms", max(took) * 1000)


async def _took(running: process.Running) -> dict[str, list[float]]:
    async with visitor.inside(running) as client:
        return {name: [await visitor.look(client, page) for _ in range(ROUNDS)] for name, page in PAGES.items()}
