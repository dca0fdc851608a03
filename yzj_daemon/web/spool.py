"""Callbacks that were answered before the store was open, on disk until they are in it.

One line of JSON each: when it came (ms) and its body in base64, on disk before its answer leaves. A last line
that a power cut tore was never answered, so nobody counts on it.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from yzj_daemon.durable import sync_directory

_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Kept:
    """A callback's body as it came, gzip undone. ``at`` in ms."""

    at: int
    body: bytes


def path_of(store_url: str) -> Path | None:
    """Beside the store's file; None where the store is no file of ours."""
    if not store_url.startswith(_SQLITE):
        return None
    store = Path(store_url.removeprefix(_SQLITE)).absolute()
    return store.with_name(store.name + ".spool")


class Spool:
    """The writing end: one process at a time.

    Raises:
        OSError: the file cannot be written, or another process writes it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._begin_a_line()
            sync_directory(path.parent)
        except OSError:
            os.close(self._file)
            raise

    def add(self, callbacks: Iterable[Kept]) -> None:
        """All on disk when this returns."""
        lines = b"".join(map(_line, callbacks))
        if os.write(self._file, lines) < len(lines):
            raise OSError("written in part")
        os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _begin_a_line(self) -> None:
        """What follows a torn line must not be taken for a part of it."""
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")


def kept(path: Path, offset: int = 0) -> Iterator[tuple[Kept, int]]:
    """What lies in the spool from ``offset`` on, each with where the next one begins."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        lines.seek(offset)
        for line in lines:
            offset += len(line)
            if (found := _read(line)) is not None:
                yield found, offset


def _line(callback: Kept) -> bytes:
    body = base64.b64encode(callback.body).decode("ascii")
    return json.dumps({"at": callback.at, "body": body}).encode() + b"\n"


def _read(line: bytes) -> Kept | None:
    try:
        told = json.loads(line)
        return Kept(int(told["at"]), base64.b64decode(told["body"], validate=True))
    except (ValueError, TypeError, KeyError):
        return None
