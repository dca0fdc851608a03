"""The rule files on the disk: which there are, and their text."""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from yzj_daemon.errors import Phrase
from yzj_daemon.rules.finding import Finding

MAX_FILE: Final = 16 << 20
"""Bytes of one rule file."""

MAX_FILES: Final = 1_000

_TEMPORARY: Final = (".*", "#*#", "*~", "*.swp", "*.tmp", "4913")
"""What editors leave behind, and what Kubernetes keeps beside the files of a volume."""


@dataclass(frozen=True, slots=True)
class Files:
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


def read_bytes(path: Path, limit: int) -> bytes | None:
    """All of a file, or None when it is larger than ``limit``. Raises OSError, also for what is no file."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path.name} is not a file")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    return content if len(content) <= limit else None


def failure(
    id: Literal["unreadable", "not-utf-8", "too-big", "no-rules"],  # noqa: A002 - the finding's field
    name: str,
    message: Phrase,
) -> Finding:
    """A file as a whole that cannot be used."""
    return Finding(level="error", id=id, file=_printable(name), line=0, column=0, message=message)


def _rule_files(directory: Path) -> Iterator[Path]:
    for path in directory.iterdir():
        temporary = any(fnmatch.fnmatchcase(path.name, pattern) for pattern in _TEMPORARY)
        if path.name.endswith(".toml") and not temporary:
            yield path


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
