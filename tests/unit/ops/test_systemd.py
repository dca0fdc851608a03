"""sd_notify over real datagram sockets, sockets passed by number, and the unit file."""

import configparser
import os
import shutil
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from yzj_daemon.ops.systemd import Notifier, listen_fds

UNIT = Path(__file__).parents[3] / "systemd" / "yzj-daemon.service"
MOST_EXPOSURE = 1.5
"""``systemd-analyze security`` calls up to 2.0 "OK, safe"; 10 is no protection at all."""


@pytest.fixture(params=["path", "abstract"])
def supervisor(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A listening end, and what NOTIFY_SOCKET would say."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@yzj-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if name.startswith("@") else name)
        listening.settimeout(5)
        yield listening, name


def test_the_supervisor_hears_how_we_are(supervisor: tuple[socket.socket, str]) -> None:
    listening, name = supervisor
    notifier = Notifier({"NOTIFY_SOCKET": name})
    told = []
    for send in (
        lambda: notifier.ready("3 accounts"),
        lambda: notifier.status("two\nREADY=1 lines"),
        notifier.watchdog,
        notifier.stopping,
    ):
        assert send()
        told.append(listening.recv(4096))
    assert told == [b"READY=1\nSTATUS=3 accounts", b"STATUS=two READY=1 lines", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_a_supervisor_nothing_is_sent() -> None:
    assert not Notifier({}).ready()


def test_a_supervisor_that_is_gone_stops_nobody(tmp_path: Path) -> None:
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
    ],
)
def test_signs_of_life_are_due_twice_as_often_as_asked(environ: dict[str, str], every: float | None) -> None:
    assert Notifier(environ, pid=7).watchdog_every == every


def test_sockets_passed_to_us_are_taken_up() -> None:
    first = 700
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        os.dup2(server.fileno(), first, inheritable=True)
    (taken,) = listen_fds({"LISTEN_FDS": "1", "LISTEN_PID": "7"}, pid=7, first=first)
    with taken, socket.create_connection(address, timeout=5):
        assert taken.getsockname() == address
        assert not taken.get_inheritable()


def test_sockets_meant_for_another_process_are_left_alone() -> None:
    assert listen_fds({"LISTEN_FDS": "1", "LISTEN_PID": "8"}, pid=7) == ()
    assert listen_fds({}, pid=7) == ()


def test_what_is_no_socket_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, pytest.raises(OSError, match="socket"):
        listen_fds({"LISTEN_FDS": "1", "LISTEN_PID": "7"}, pid=7, first=file.fileno())


# The unit file ----------------------------------------------------------------------------------------------------


def test_the_unit_is_as_promised() -> None:
    unit = configparser.RawConfigParser(strict=False, comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT, encoding="utf-8")
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert service["Restart"] == "on-failure"
    assert service["StateDirectory"] == "yzj-daemon"
    assert service["ExecStart"].split()[1] == "run"
    assert service["ExecStartPre"].split()[1] == "check"
    assert int(service["TimeoutStopSec"]) > 2 * 15  # two calls' worth of api.timeout


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed here")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=30)


def installed(tmp_path: Path) -> Path:
    """The unit with a program that exists here, so that only its own mistakes are found."""
    program = tmp_path / "yzj-daemon"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    text = UNIT.read_text(encoding="utf-8")
    assert "/opt/yzj-daemon/bin/yzj-daemon" in text
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("/opt/yzj-daemon/bin/yzj-daemon", str(program)), encoding="utf-8")
    return unit


def test_systemd_finds_no_mistake_in_the_unit(tmp_path: Path) -> None:
    verified = analyze("verify", "--man=no", str(installed(tmp_path)))
    ours = [line for line in (verified.stdout + verified.stderr).splitlines() if UNIT.name in line]
    assert (verified.returncode, ours) == (0, [])


def test_systemd_would_find_a_mistake(tmp_path: Path) -> None:
    unit = installed(tmp_path)
    unit.write_text(unit.read_text(encoding="utf-8").replace("Restart=on-failure", "Restrat=on-failure"))
    verified = analyze("verify", "--man=no", str(unit))
    assert "Restrat" in verified.stdout + verified.stderr


def test_the_service_is_well_confined() -> None:
    threshold = str(int(MOST_EXPOSURE * 10))
    judged = analyze("security", "--offline=true", f"--threshold={threshold}", str(UNIT))
    assert judged.returncode == 0, judged.stdout
    assert "Overall exposure level" in judged.stdout
