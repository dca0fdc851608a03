"""What was found good and did not change since: by ``check --if-changed``, for the service's next start.

A restart runs the check twice: a process that ends has it made while it still serves, and it is made again before the
new one starts, when callbacks wait. The second time must take next to nothing, so next to nothing is loaded here. And
the new process learns from the same note how to stand at the door before it has read its settings.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import yzj_daemon

OPTION = "--if-changed"

_STAMP = "checked.json"
_DIRECTORIES = ("CREDENTIALS_DIRECTORY", "YZJ_SECRETS_DIR")


_COMMANDS = frozenset({"check", "run", OPTION, "--dry-run"})
"""Words of a command line that change nothing about what the settings say."""


def is_asked(line: Sequence[str]) -> bool:
    """Whether this command line wants no check where nothing changed."""
    return "check" in line and OPTION in line


def note(line: Sequence[str], environ: Mapping[str, str]) -> dict[str, Any] | None:
    """What was noted when these very settings and rules were found good by this very program; None: they were not."""
    if (stamp := _stamp(environ)) is None:
        return None
    try:
        told = json.loads(stamp.read_text(encoding="utf-8"))
        same = told["digest"] == _digest(bytes.fromhex(told["salt"]), line, environ, told["paths"])
        return dict(told["note"]) if same else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remember(
    line: Sequence[str], environ: Mapping[str, str], paths: Iterable[Path], noted: Mapping[str, object]
) -> None:
    """All was well. ``paths``: what was read besides the variables and the secrets. Kept for services alone.

    Where it cannot be kept, the next check is a whole one.
    """
    if (stamp := _stamp(environ)) is None:
        return
    salt, absolute = os.urandom(16), [str(path.absolute()) for path in paths]
    digest = _digest(salt, line, environ, absolute)
    told = json.dumps({"salt": salt.hex(), "digest": digest, "paths": absolute, "note": noted})
    try:
        stamp.unlink(missing_ok=True)
        stamp.touch(0o600)
        stamp.write_text(told, encoding="utf-8")
    except OSError:
        return


def of_the_next_start(line: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The command line that lets the next start of this very service begin at once; none where nobody would wait."""
    if _stamp(environ) is None or "LISTEN_FDS" not in environ:
        return ()
    return ("check", OPTION, *(word for word in line if word not in _COMMANDS))


def _stamp(environ: Mapping[str, str]) -> Path | None:
    state = environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(state) / _STAMP if state else None


def _digest(salt: bytes, line: Sequence[str], environ: Mapping[str, str], paths: Iterable[str]) -> str:
    """Of everything that a check depends on. The salt keeps what the digest tells about a secret to this file."""
    whole = blake2b(key=salt)
    for part in _parts(line, environ, paths):
        whole.update(len(part).to_bytes(8, "big") + part)
    return whole.hexdigest()


def _parts(line: Sequence[str], environ: Mapping[str, str], paths: Iterable[str]) -> Iterator[bytes]:
    asked = sorted(set(line) - _COMMANDS)
    yield f"{yzj_daemon.__version__} {Path(yzj_daemon.__file__).stat().st_mtime_ns} {asked}".encode()
    for name, value in sorted(environ.items()):
        if name.upper().startswith("YZJ_"):
            yield f"{name}={value}".encode()
    for path in (*paths, *(environ[name] for name in _DIRECTORIES if environ.get(name))):
        yield from _contents(Path(path))


def _contents(path: Path) -> Iterator[bytes]:
    """Of a file, or of the files in a directory; of what is not there, that it is not."""
    if path.is_dir():
        for inside in sorted(inside for inside in path.iterdir() if inside.is_file()):
            yield from _contents(inside)
    else:
        yield str(path).encode()
        yield path.read_bytes() if path.exists() else b"-"
