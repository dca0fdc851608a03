"""A few things that were dear to make, until newer ones take their place. From any thread."""

from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, T] = {}
        self._lock = Lock()

    def get(self, name: str) -> T | None:
        with self._lock:
            found = self._kept.pop(name, None)
            if found is not None:
                self._kept[name] = found
            return found

    def put(self, name: str, made: T) -> None:
        """The one asked for longest ago goes."""
        with self._lock:
            self._kept[name] = made
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
