"""How soon the daemon is ready: on an empty store, and on one with a history and a backlog."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench import machine, process
from bench.figure import Figure
from bench.history import Shape, provided

STARTS = 5
"""Starts, of which the middle one counts."""

FULL = Shape(messages=1_000_000, pending=100_000, accounts=100)

LIBRARIES = (
    "import asyncio, httptools, msgspec, pydantic_settings, sqlalchemy.dialects.sqlite, starlette, uvicorn, uvloop"
)


def measured() -> Iterator[Figure]:
    yield Figure("bare Python, start to end", "s", median(_python("pass") for _ in range(STARTS)))
    yield Figure(
        "  with the libraries a start cannot do without", "s", median(_python(LIBRARIES) for _ in range(STARTS))
    )
    yield Figure("start to ready, empty store", "s", median(_empty() for _ in range(STARTS)), 0.7, "less")
    with tempfile.TemporaryDirectory() as name:
        provided(FULL, Path(name))
        seconds = median(_again(Path(name)) for _ in range(STARTS))
    yield Figure("  1,000,000 messages, 100,000 pending", "s", seconds, 1.0, "less")


def _python(what: str) -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", what], check=True, preexec_fn=machine.server_core)
    return time.monotonic() - began


def _empty() -> float:
    with tempfile.TemporaryDirectory() as name:
        return _again(Path(name))


def _again(directory: Path) -> float:
    with process.daemon(directory, 10) as running:
        return running.ready_after
