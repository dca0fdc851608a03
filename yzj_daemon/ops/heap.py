"""Memory that is free goes back to the system, should the C library keep it for itself as glibc does."""

import ctypes
import gc
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """After something large is gone. Takes tens of milliseconds."""
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """malloc_trim(3); None where the C library has none and needs none."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None)
