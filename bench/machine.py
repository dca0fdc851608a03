"""What the figures were measured on, and how much of it was ours."""

import os
import platform
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

stopwatch = time.process_time
"""Seconds. Work of one thread is timed by the CPU that this process got: what the neighbours took is not counted."""


def described() -> str:
    return f"{_cpu()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def _cpu() -> str:
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


CORES = os.cpu_count() or 1

_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def server_core() -> None:
    """For the server's process: one core, where the system lets us choose."""
    if _CORES:
        os.sched_setaffinity(0, _CORES[:1])


def load_cores() -> None:
    """For the process that makes the load: all the others, if there are any."""
    if _CORES:
        os.sched_setaffinity(0, _CORES[1:] or _CORES)


@contextmanager
def all_cores() -> Iterator[None]:
    """This process, and what it starts meanwhile, may run on every core."""
    before = os.sched_getaffinity(0) if _CORES else set()
    if _CORES:
        os.sched_setaffinity(0, _CORES)
    try:
        yield
    finally:
        if before:
            os.sched_setaffinity(0, before)


@dataclass(frozen=True, slots=True)
class Busy:
    """CPU seconds since some point in the past: of the whole machine, and of this process and its ended children."""

    machine: float
    ours: float

    @classmethod
    def now(cls) -> "Busy":
        spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return cls(_machine_seconds(), sum(used.ru_utime + used.ru_stime for used in spent))

    def others_since(self, earlier: "Busy") -> float:
        """CPU seconds that neither this process nor its children took."""
        return max(0.0, (self.machine - earlier.machine) - (self.ours - earlier.ours))


FSYNCS = 1_000
WRITTEN = 64 << 10


def fsyncs() -> list[float]:
    """Seconds that each of some fsyncs took, of as much as a commit of the store may be, with nothing beside them."""
    took = []
    with tempfile.TemporaryFile() as file:
        file.write(bytes(WRITTEN))
        for number in range(FSYNCS):
            os.pwrite(file.fileno(), bytes((number % 256,)) * WRITTEN, 0)
            began = time.monotonic()
            os.fsync(file.fileno())
            took.append(time.monotonic() - began)
            time.sleep(0.002)
    return took


def _machine_seconds() -> float:
    listed = Path("/proc/stat")
    if not listed.exists():
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, listed.read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
