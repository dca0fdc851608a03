"""sd_notify over real datagram sockets, sockets passed by number, and the unit file."""

import configparser
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.ops.activation import listen_fds
from yzj_daemon.ops.systemd import Notifier, status_line
from yzj_daemon.ops.units import SERVICE, SOCKET, Service, release

UNITS = Path(__file__).parents[3] / "systemd"
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


def test_a_reload_is_told_with_its_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        before = time.monotonic_ns() // 1_000
        assert Notifier({"NOTIFY_SOCKET": str(tmp_path / "notify")}).reloading("again")
        first, second, third = listening.recv(4096).decode().split("\n")
    assert (first, third) == ("RELOADING=1", "STATUS=again")
    assert before <= int(second.removeprefix("MONOTONIC_USEC=")) <= time.monotonic_ns() // 1_000


@pytest.mark.parametrize(
    ("given", "zh", "en"),
    [
        ({}, "3 条规则生效; 没有等待转发的", "3 rules in force; nothing waits"),
        (
            {"waiting": 12, "oldest": 7.4},
            "3 条规则生效; 12 条等待转发, 最久 7 秒",
            "3 rules in force; 12 waiting, the oldest 7 s",
        ),
        (
            {"refused": True, "unknown": 2, "dry_run": True},
            "2 条转发结果不明; 规则文件有错, 之前的规则仍生效; 3 条规则生效; 试运行, 不转发",
            (
                "2 deliveries unknown; the rule files have mistakes, the set before decides; 3 rules in force; "
                "dry run, nothing is forwarded"
            ),
        ),
    ],
)
def test_the_status_line_tells_a_person_what_matters(given: dict[str, Any], zh: str, en: str) -> None:
    given = {"waiting": 0, "oldest": 0.0, "unknown": 0, "refused": False, **given}
    assert status_line(rules=3, **given) == Phrase(zh, en)


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


# The unit files ---------------------------------------------------------------------------------------------------

NEWEST = Service()


def section(text: str, name: str) -> configparser.SectionProxy:
    unit = configparser.RawConfigParser(strict=False, comment_prefixes=("#",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    return unit[name]


def test_the_units_are_as_promised() -> None:
    service, sock = section(NEWEST.service(), "Service"), section(NEWEST.socket(), "Socket")
    assert service["Type"] == "notify-reload"
    assert service["Restart"] == "on-failure"
    assert service["StateDirectory"] == "yzj-daemon"
    assert service["LoadCredential"] == "yzj:/etc/yzj-daemon/credentials"
    assert service["ExecStart"].split()[1] == "run"
    assert service["ExecStartPre"].split()[1:3] == ["check", "--if-changed"]
    assert "ExecStop" not in service, "systemd gives its commands no credentials"
    assert int(service["TimeoutStopSec"]) > 5 * 15, "a step of a lane is up to four calls of api.timeout"
    assert int(service["WatchdogSec"]) > 0
    assert (sock["ListenStream"], sock["Backlog"]) == ("8080", "4096")
    assert "yzj-daemon.socket" in section(NEWEST.service(), "Unit")["Wants"]
    assert "PartOf" not in section(NEWEST.socket(), "Unit"), "a restart of the service must not close its door"


def test_the_files_in_the_tree_are_what_is_installed_by_default() -> None:
    assert NEWEST.service() == (UNITS / SERVICE).read_text("utf-8")
    assert NEWEST.socket() == (UNITS / SOCKET).read_text("utf-8")


def test_a_unit_says_what_was_asked_for() -> None:
    made = Service(
        program="/srv/venv/bin/yzj-daemon",
        config="/srv/conf/own.toml",
        user="yzj",
        state="/data/yzj",
        port=9443,
        systemd=252,
    )
    service = section(made.service(), "Service")
    assert service["ExecStart"] == "/srv/venv/bin/yzj-daemon run --config /srv/conf/own.toml"
    assert service["LoadCredential"] == "yzj:/srv/conf/credentials"
    assert (service["User"], "DynamicUser" in service) == ("yzj", False)
    assert service["ReadWritePaths"] == service["WorkingDirectory"] == "/data/yzj"
    assert service["Environment"] == "STATE_DIRECTORY=/data/yzj"
    assert (service["Type"], service["ExecReload"]) == ("notify", "/bin/kill -HUP $MAINPID")
    assert section(made.socket(), "Socket")["ListenStream"] == "9443"
    below = section(Service(state="/var/lib/yzj/second").service(), "Service")
    assert (below["StateDirectory"], below["WorkingDirectory"]) == ("yzj/second", "%S/yzj/second")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"program": "/opt/my venv/yzj"}, "--program"),
        ({"config": "settings.toml"}, "--config"),
        ({"config": "/etc/%i/settings.toml"}, "--config"),
        ({"config": "/etc/../settings.toml"}, "--config"),
        ({"user": "root;x"}, "--user"),
        ({"state": "/data/yzj"}, "--user"),
    ],
)
def test_what_cannot_stand_in_a_unit_is_refused(given: dict[str, Any], word: str) -> None:
    with pytest.raises(UsageProblem, match=word):
        Service(**given)


def test_a_program_that_the_service_cannot_see_is_told() -> None:
    assert Service().findings("/usr/bin/python3") == []
    told = Service(program="/home/me/venv/bin/yzj-daemon").findings("/root/.pyenv/bin/python3.11")
    assert [phrase.en.partition(":")[0] for phrase in told] == [
        "/home/me/venv/bin/yzj-daemon",
        "/root/.pyenv/bin/python3.11",
    ]


@pytest.mark.parametrize(("said", "number"), [("systemd 252 (252.38-1)\n+PAM", 252), ("", 253), ("Python 3", 253)])
def test_the_release_of_systemd_is_read(said: str, number: int) -> None:
    assert release(said) == number


# As systemd reads them --------------------------------------------------------------------------------------------


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program is not None, "systemd-analyze is needed: make system"
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=30)


VARIANTS = {
    "default": {},
    "own user": {"user": "daemon", "state": "/var/lib/other"},
    "own directory": {"user": "daemon", "state": "/srv/yzj", "port": 9443},
}


@pytest.fixture(params=VARIANTS)
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The units for the systemd that is here, with a program that exists, so that only their own mistakes are found."""
    program = tmp_path / "yzj-daemon"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = release(analyze("--version").stdout)
    made = Service(program=str(program), systemd=here, **VARIANTS[request.param])
    (tmp_path / SERVICE).write_text(made.service(), encoding="utf-8")
    (tmp_path / SOCKET).write_text(made.socket(), encoding="utf-8")
    return tmp_path


def verified(directory: Path) -> tuple[int, list[str]]:
    """Exit code, and what is said of our units."""
    said = analyze("verify", "--man=no", str(directory / SERVICE), str(directory / SOCKET))
    lines = (said.stdout + said.stderr).splitlines()
    return said.returncode, [line for line in lines if "yzj-daemon" in line]


def test_systemd_finds_no_mistake_in_the_units(installed: Path) -> None:
    assert verified(installed) == (0, [])


@pytest.mark.parametrize("installed", ["default"], indirect=True)
def test_systemd_would_find_a_mistake(installed: Path) -> None:
    unit = installed / SERVICE
    unit.write_text(unit.read_text(encoding="utf-8").replace("Restart=on-failure", "Restrat=on-failure"))
    assert any("Restrat" in line for line in verified(installed)[1])


def test_the_service_is_well_confined(installed: Path) -> None:
    threshold = str(int(MOST_EXPOSURE * 10))
    judged = analyze("security", "--offline=true", f"--threshold={threshold}", str(installed / SERVICE))
    assert judged.returncode == 0, judged.stdout
    assert "Overall exposure level" in judged.stdout
