"""A network that can be cut: a namespace (ip-netns(8)) with a host in it that nothing but one wire leads to."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


def can_be_made() -> bool:
    """For root, with iproute2."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


@dataclass(frozen=True)
class Wire:
    """``here`` and ``there``: the addresses of its ends; ``inside``: the namespace of the far one."""

    inside: str
    here: str
    there: str

    def cut(self) -> None:
        """What the far end sends is lost, and nobody is told."""
        _ip("-n", self.inside, "route", "add", "blackhole", f"{self.here}/32")

    def mend(self) -> None:
        _ip("-n", self.inside, "route", "del", "blackhole", f"{self.here}/32")


@contextmanager
def wire() -> Iterator[Wire]:
    """Its end here is an address of this machine."""
    number = os.getpid() % 60_000
    name = f"yzj{number}"
    net = f"10.213.{number // 250 % 250}.{number % 62 * 4}"
    here, there = (f"{net.rpartition('.')[0]}.{int(net.rpartition('.')[2]) + n}" for n in (1, 2))
    _ip("netns", "add", name)
    try:
        _ip("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        _ip("address", "add", f"{here}/30", "dev", f"{name}a")
        _ip("link", "set", f"{name}a", "up")
        _ip("-n", name, "address", "add", f"{there}/30", "dev", f"{name}b")
        _ip("-n", name, "link", "set", f"{name}b", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        yield Wire(name, here, there)
    finally:
        _ip("netns", "del", name)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
