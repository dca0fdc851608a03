"""What is free goes back to the system."""

import subprocess
import sys
from ctypes import CDLL
from pathlib import Path

import pytest

FREED = """
from yzj_daemon.ops import heap

def held():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))

many = [bytes(1_000) for _ in range(40_000)]
on_top = bytes(1_000)
del many
before = held()
heap.give_back()
print(before - held())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
def test_what_the_library_keeps_below_something_that_stays_is_given_back():
    told = subprocess.run([sys.executable, "-c", FREED], capture_output=True, check=True, text=True)
    kept_by_glibc = hasattr(CDLL(None), "malloc_trim")
    assert int(told.stdout) > 20_000 or not kept_by_glibc
