"""One-time links: whoever can read the daemon's key file on this machine gets in without a password.

The daemon makes a new key at every start and leaves it beside the store, readable by its own user alone.
``yzj-daemon console`` signs a short-lived ticket with it, which opens the console once.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

import msgspec

from yzj_daemon.clock import MINUTE, Clock, Millis
from yzj_daemon.errors import Phrase, StoreProblem

VALID: Final[Millis] = 10 * MINUTE

_KEY_BYTES: Final = 32


class KeyFile(msgspec.Struct, frozen=True):
    """What the daemon leaves for the commands. ``url``: where the console is, as this machine reaches it."""

    url: str
    key: bytes

    @staticmethod
    def of(store: Path) -> Path:
        return store.with_name(store.name + ".console")

    @classmethod
    def read(cls, store: Path) -> "KeyFile":
        """Raises StoreProblem: there is none, or this user may not read it."""
        path = cls.of(store)
        try:
            told = json.loads(path.read_bytes())
            return cls(told["url"], bytes.fromhex(told["key"]))
        except FileNotFoundError as error:
            raise _no_daemon(path) from error
        except PermissionError as error:
            raise _not_ours(path) from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _no_daemon(path) from error

    def write(self, store: Path) -> None:
        """Whole and private from its first byte on."""
        path = self.of(store)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"url": self.url, "key": self.key.hex()}, file)
        beside.replace(path)

    def link(self, who: str, now: Millis) -> str:
        """An address that opens the console once, for ``who``, within the next minutes."""
        return f"{self.url}/enter?ticket={_ticket(self.key, who, now + VALID)}"


class Links:
    """The daemon's side: knows which tickets were used."""

    def __init__(self, clock: Clock, key: bytes = b"") -> None:
        self._clock = clock
        self._used: dict[str, Millis] = {}
        self.key = key or secrets.token_bytes(_KEY_BYTES)

    def redeem(self, ticket: str) -> str:
        """For whom this ticket was made, and it is used from now on; "" when it is forged, late or used already."""
        now = self._clock.now()
        self._used = {nonce: until for nonce, until in self._used.items() if until > now}
        told = _read(self.key, ticket)
        if told is None or not now < told["until"] <= now + VALID + MINUTE or told["nonce"] in self._used:
            return ""
        self._used[told["nonce"]] = told["until"]
        return str(told["who"])


def _ticket(key: bytes, who: str, until: Millis) -> str:
    body = json.dumps({"who": who, "until": until, "nonce": secrets.token_urlsafe(12)}, ensure_ascii=False).encode()
    return f"{_text(body)}.{_text(_signature(key, body))}"


def _read(key: bytes, ticket: str) -> dict[str, Any] | None:
    body, _, signature = ticket.partition(".")
    try:
        signed, given = _bytes(body), _bytes(signature)
    except ValueError:
        return None
    if not hmac.compare_digest(_signature(key, signed), given):
        return None
    told: dict[str, Any] = json.loads(signed)
    return told


def _signature(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, b"console link\n" + body, hashlib.sha256).digest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises ValueError: not base64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _no_daemon(path: Path) -> StoreProblem:
    return StoreProblem(
        Phrase(f"没有正在运行的守护进程: 没有 {path}", f"no daemon is running: there is no {path}"),
        Phrase(
            "先启动它 (yzj-daemon run), 并用同样的设置 (--config) 运行这个命令",
            "start it first (yzj-daemon run), and give this command the same settings (--config)",
        ),
    )


def _not_ours(path: Path) -> StoreProblem:
    return StoreProblem(
        Phrase(f"没有权限读取 {path}", f"{path} may not be read"),
        Phrase("用守护进程的用户运行: sudo -u 用户 yzj-daemon console", "run it as the daemon's user: sudo -u USER …"),
    )
