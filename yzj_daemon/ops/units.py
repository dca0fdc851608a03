"""The units that systemd is given, made from the ones that are shipped to what a machine is like. Pure text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Final

from yzj_daemon.errors import Phrase, UsageProblem

SERVICE: Final = "yzj-daemon.service"
SOCKET: Final = "yzj-daemon.socket"

PROGRAM: Final = "/opt/yzj-daemon/bin/yzj-daemon"
DIRECTORY: Final = "/etc/yzj-daemon"
CONFIG: Final = f"{DIRECTORY}/settings.toml"
PORT: Final = 8080
STATES: Final = "/var/lib"

RELOADS_SINCE: Final = 253
"""The release of systemd that knows ``Type=notify-reload``."""

_HIDDEN: Final = ("/home", "/root", "/run/user")
"""What ``ProtectHome`` keeps from a service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One installation. Paths are absolute; ``user`` "" is one that systemd makes up; ``systemd`` is its release.

    Raises:
        UsageProblem: a value cannot stand in a unit, or does not go with another one.
    """

    program: str = PROGRAM
    config: str = CONFIG
    user: str = ""
    state: str = f"{STATES}/yzj-daemon"
    port: int = PORT
    systemd: int = RELOADS_SINCE

    def __post_init__(self) -> None:
        for option, value in (("--program", self.program), ("--config", self.config), ("--state", self.state)):
            if not re.fullmatch(r"/[\w./+@:~-]*[\w+-]", value, re.ASCII) or ".." in value:
                raise _wrong(option, value, Phrase("绝对路径, 不含空格", "an absolute path without spaces"))
        if self.user and not re.fullmatch(r"[a-z_][a-z0-9_-]{0,30}", self.user):
            raise _wrong("--user", self.user, Phrase("一个用户名", "the name of a user"))
        if not self.user and self._state_name is None:
            raise UsageProblem(
                Phrase(
                    f"--state {self.state}: {STATES} 之外的目录需要一个固定的用户",
                    f"--state {self.state}: a directory outside {STATES} needs a user that stays the same",
                ),
                Phrase("加上 --user 名字, 并让这个目录属于它", "add --user NAME, and give that user the directory"),
            )

    @property
    def directory(self) -> str:
        """Where settings, rules and secrets lie."""
        return str(PurePosixPath(self.config).parent)

    def service(self) -> str:
        text = shipped(SERVICE).replace(PROGRAM, self.program)
        text = text.replace(CONFIG, self.config).replace(DIRECTORY, self.directory)
        for before, after in self._changes():
            assert before in text, before
            text = text.replace(before, after)
        return text

    def socket(self) -> str:
        return shipped(SOCKET).replace(f"ListenStream={PORT}\nBacklog", f"ListenStream={self.port}\nBacklog")

    def findings(self, interpreter: str) -> list[Phrase]:
        """What will not work. ``interpreter``: the Python behind the program, links resolved."""
        return [_hidden(path) for path in (self.program, self.config, interpreter) if _is_hidden(path)]

    @property
    def _state_name(self) -> str | None:
        inside = PurePosixPath(self.state).is_relative_to(STATES) and self.state != STATES
        return str(PurePosixPath(self.state).relative_to(STATES)) if inside else None

    def _changes(self) -> Iterator[tuple[str, str]]:
        if self.systemd < RELOADS_SINCE:
            yield "Type=notify-reload\n", "Type=notify\nExecReload=/bin/kill -HUP $MAINPID\n"
        if self.user:
            yield "DynamicUser=yes\n", f"User={self.user}\n"
        if self._state_name is None:
            own = f"Environment=STATE_DIRECTORY={self.state}\nReadWritePaths={self.state}\n"
            yield "StateDirectory=yzj-daemon\nStateDirectoryMode=0700\n", own
            yield "WorkingDirectory=%S/yzj-daemon\n", f"WorkingDirectory={self.state}\n"
        elif self._state_name != "yzj-daemon":
            yield "StateDirectory=yzj-daemon\n", f"StateDirectory={self._state_name}\n"
            yield "WorkingDirectory=%S/yzj-daemon\n", f"WorkingDirectory=%S/{self._state_name}\n"


def shipped(name: str) -> str:
    """A unit as it is shipped: inside an installed package, in ``systemd/`` of a checkout."""
    inside = files("yzj_daemon") / "systemd" / name
    beside = Path(__file__).parents[2] / "systemd" / name
    return (inside if inside.is_file() else beside).read_text("utf-8")


def release(said: str) -> int:
    """The number in what ``systemctl --version`` says; the newest ways where it says none."""
    found = re.match(r"systemd (\d+)", said)
    return int(found[1]) if found else RELOADS_SINCE


def _is_hidden(path: str) -> bool:
    return any(PurePosixPath(path).is_relative_to(hidden) for hidden in _HIDDEN)


def _hidden(path: str) -> Phrase:
    return Phrase(
        f"{path}: 服务看不到 /home 和 /root 里的文件; 请把程序装到 /opt/yzj-daemon (用系统自带的 Python)",
        f"{path}: the service sees nothing in /home and /root; install the program in /opt/yzj-daemon "
        "(with the system's own Python)",
    )


def _wrong(option: str, value: str, wanted: Phrase) -> UsageProblem:
    return UsageProblem(
        Phrase(f"{option} 要是{wanted.zh}: {value!r}", f"{option} takes {wanted.en}: {value!r}"),
    )
