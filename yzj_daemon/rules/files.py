"""The rule files on the disk: which there are, their text, and another text in its place."""

import contextlib
import errno
import fnmatch
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from yzj_daemon.durable import sync_directory
from yzj_daemon.errors import Phrase
from yzj_daemon.rules.finding import Finding

MAX_FILE: Final = 16 << 20
"""Bytes of one rule file."""

MAX_FILES: Final = 1_000

_TEMPORARY: Final = (".*", "#*#", "*~", "*.swp", "*.tmp", "4913")
"""What editors leave behind, and what Kubernetes keeps beside the files of a volume."""


class FileChanged(Exception):  # noqa: N818 - what happened
    """A file that was about to be replaced was written by somebody else."""


class Files(msgspec.Struct, frozen=True):
    """``texts``: name -> text of what could be read. ``directory``: what the names are relative to."""

    directory: Path
    texts: dict[str, str]
    findings: tuple[Finding, ...]


def read(path: Path) -> Files:
    """One file, or the rule files of a directory. Never raises for what stands there."""
    findings: list[Finding] = []
    texts: dict[str, str] = {}
    try:
        single = not path.is_dir()
        paths = [path] if single else sorted(_rule_files(path))
    except (OSError, ValueError) as error:
        return Files(path, {}, (_unreadable(str(path), error),))
    if not paths:
        findings.append(
            failure("no-rules", str(path), Phrase("目录里没有 .toml 文件", "the directory has no .toml file"))
        )
    if len(paths) > MAX_FILES:
        message = Phrase(f"超过 {MAX_FILES} 个文件", f"more than {MAX_FILES} files")
        return Files(path, {}, (failure("too-big", str(path), message),))
    for each in paths:
        text = _text(each, str(path) if single else each.name)
        if isinstance(text, Finding):
            findings.append(text)
        else:
            texts[each.name] = text
    return Files(path.parent if single else path, texts, tuple(findings))


def signs(path: Path) -> frozenset[tuple[str, int, int, int]]:
    """What a glance tells of the rule files: each one's name, number, size and time of its last change.

    Links are followed, as Kubernetes' is that stands in front of a volume. Nobody is asked to tell of changes: the
    system would tell of every write to a store or a log in the same directory, too.
    """
    told: set[tuple[str, int, int, int]] = set()
    with contextlib.suppress(OSError, ValueError):
        for each in _rule_files(path) if path.is_dir() else (path,):
            with contextlib.suppress(OSError, ValueError):
                now = each.stat()
                told.add((each.name, now.st_ino, now.st_size, now.st_mtime_ns))
    return frozenset(told)


def read_bytes(path: Path, limit: int) -> bytes | None:
    """All of a file, or None when it is larger than ``limit``. Raises OSError, also for what is no file."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path.name} is not a file")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    return content if len(content) <= limit else None


def replace(path: Path, before: str, after: str) -> None:
    """Write a rule file anew, whole or not at all: whoever reads it sees one text or the other.

    What a link leads to is written, with the permissions and the owner that it had.

    Raises:
        FileChanged: it does not say ``before`` any more.
        OSError: it cannot be written; a file without any permission to write is not, whoever asks.
    """
    real = path.resolve(strict=True)
    was = real.stat()
    if not (was.st_mode & 0o222 and os.access(real, os.W_OK)):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(real))
    _put(real, after, was.st_mode & 0o7777, (was.st_uid, was.st_gid), instead_of=before)


def create(path: Path, text: str) -> None:
    """Make a rule file that is not there yet, whole or not at all.

    Raises:
        FileExistsError: there is something by this name.
        OSError: it cannot be written.
    """
    _put(path, text, 0o644, fresh=True)


def restore(path: Path, texts: Mapping[str, str], kept: Mapping[str, str] | None = None) -> None:
    """Make the rules at ``path`` say exactly these texts, each file whole or not at all.

    Rule files of a directory that are not among them are read no more: one that says what is ``kept`` of it elsewhere
    is removed, any other is set aside, as ``NAME.set-aside``.

    Raises:
        OSError: something cannot be written.
    """
    single = not path.is_dir()
    if single and len(texts) != 1:
        raise IsADirectoryError(errno.EISDIR, f"the set has {len(texts)} files, and this is one file", str(path))
    for name, text in texts.items():
        write(path if single else path / name, text)
    for extra in () if single else sorted(_rule_files(path)):
        if extra.name not in texts:
            _put_away(extra, (kept or {}).get(extra.name))


def _put_away(extra: Path, kept: str | None) -> None:
    if kept is not None and extra.read_bytes() == kept.encode(errors="surrogateescape"):
        extra.unlink()
    else:
        extra.rename(extra.with_name(extra.name + ".set-aside"))


def write(path: Path, text: str) -> None:
    """Write a rule file whole or not at all, whatever it says now, and make it where there is none. Raises OSError."""
    if path.exists():
        replace(path, path.read_bytes().decode(errors="surrogateescape"), text)
        return
    _put(path, text, 0o644)


def _put(
    path: Path,
    text: str,
    mode: int,
    owner: tuple[int, int] | None = None,
    instead_of: str | None = None,
    *,
    fresh: bool = False,
) -> None:
    """Beside it first, then in its place. ``instead_of``: what it must still say at the last moment.

    ``fresh``: nothing may be there, also at the last moment.
    """
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # no rule file by its name
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fchmod(descriptor, mode)
            if owner is not None:
                with contextlib.suppress(PermissionError):  # only root may keep another's file another's
                    os.fchown(descriptor, *owner)
            os.fsync(descriptor)
        if instead_of is not None:
            _insist(path, instead_of)
        if fresh:
            path.hardlink_to(beside)  # a rename would take the place of what is there
            Path(beside).unlink()
        else:
            Path(beside).rename(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def _insist(file: Path, before: str) -> None:
    if file.read_bytes() != before.encode(errors="surrogateescape"):
        raise FileChanged(str(file))


def failure(
    id: Literal["unreadable", "not-utf-8", "too-big", "no-rules"],  # noqa: A002 - the finding's field
    name: str,
    message: Phrase,
) -> Finding:
    """A file as a whole that cannot be used."""
    return Finding(level="error", id=id, file=_printable(name), line=0, column=0, message=message)


def is_rule_file(name: str) -> bool:
    """Whether a file of a directory by this name is one of the rules."""
    temporary = any(fnmatch.fnmatchcase(name, pattern) for pattern in _TEMPORARY)
    return name.endswith(".toml") and not temporary


def _rule_files(directory: Path) -> Iterator[Path]:
    return (path for path in directory.iterdir() if is_rule_file(path.name))


def _text(path: Path, name: str) -> str | Finding:
    try:
        path.name.encode()
        content = read_bytes(path, MAX_FILE)
        if content is None:
            return failure(
                "too-big", name, Phrase(f"文件超过 {MAX_FILE >> 20} MiB", f"larger than {MAX_FILE >> 20} MiB")
            )
        return content.decode()
    except UnicodeDecodeError as error:
        return failure(
            "not-utf-8",
            name,
            Phrase(
                f"不是 UTF-8 文本(第 {error.start + 1} 个字节);请用 UTF-8 编码另存",
                f"no UTF-8 text (byte {error.start + 1}); save it as UTF-8",
            ),
        )
    except (OSError, ValueError) as error:
        return _unreadable(name, error)


def _unreadable(name: str, error: Exception) -> Finding:
    match error:
        case FileNotFoundError():
            message = Phrase("规则文件不存在", "there is no such file or directory")
        case PermissionError():
            message = Phrase("没有读取权限", "no permission to read it")
        case OSError(strerror=str(said)):
            message = Phrase(f"无法读取:{said}", f"cannot be read: {said}")
        case _:
            message = Phrase(
                "无法读取:不是普通文件,或文件名不是 UTF-8", "cannot be read: no regular file, or its name is no UTF-8"
            )
    return failure("unreadable", name, message)


def _printable(name: str) -> str:
    return name.encode(errors="replace").decode()
