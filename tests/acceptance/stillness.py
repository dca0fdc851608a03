"""Threads of another process that stand still, as one does that waits for a disk which never answers.

A whole process that is stopped (SIGSTOP) shows nothing: its loops stop with it. What must be seen is that the others
go on, and say so. A debugger stops threads one by one: ptrace(2).
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_SEIZE: Final = 0x4206
_INTERRUPT: Final = 0x4207
_DETACH: Final = 17
_ANY_THREAD: Final = 0x40000000
"""``__WALL``: waitpid(2) for threads, too."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


@contextmanager
def standing_still(thread: int) -> Iterator[None]:
    """While this is entered, and no longer. To be left by the thread that entered it."""
    _ptrace(_SEIZE, thread)
    try:
        _ptrace(_INTERRUPT, thread)
        os.waitpid(thread, _ANY_THREAD)
        yield
    finally:
        _ptrace(_DETACH, thread)


def writer_of(pid: int) -> int:
    """The thread that writes the store: of all beside the main one, it has written most."""
    others = [thread for task in Path(f"/proc/{pid}/task").iterdir() if (thread := int(task.name)) != pid]
    return max(others, key=lambda thread: _written(pid, thread))


def _written(pid: int, thread: int) -> int:
    lines = Path(f"/proc/{pid}/task/{thread}/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["wchar"])


def _ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request:#x} of thread {thread}: {os.strerror(number)}")
