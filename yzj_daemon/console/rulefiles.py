"""Rule files written from the console: whether they may be, a draft put in place, an earlier set put back.

Everything here looks at the disk: for threads.
"""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from yzj_daemon.console import drafts
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.drafts import Checked, Draft
from yzj_daemon.errors import Phrase
from yzj_daemon.rules import files
from yzj_daemon.rules.files import FileChanged

LONGEST_NAME: Final = 200
"""Bytes of the name of a new file: most disks take 255, and it is written under a longer one first."""


class Hindered(msgspec.Struct, frozen=True):
    """Nothing was written, and will not be until somebody does something about it."""

    why: Phrase


class Stale(msgspec.Struct, frozen=True):
    """Somebody else changed the file since the draft was begun; this is what it says now."""

    text: str


class Wrong(msgspec.Struct, frozen=True):
    """The rules with the draft are not good."""

    checked: Checked


class Written(msgspec.Struct, frozen=True):
    """It is on the disk. ``checked``: the rules that it makes."""

    checked: Checked


def hindrance(desk: Desk, *names: str) -> Phrase | None:
    """Why these rule files cannot be written from here; None: nothing is known that keeps them from it.

    Without names: any of them.
    """
    if not desk.settings.ops.edit_rules:
        return Phrase(
            "设置 ops.edit_rules = false: 控制台不写规则文件",
            "the console writes no rule files: ops.edit_rules is false",
        )
    path = desk.settings.rules.path
    wanted = [path / name for name in names] if path.is_dir() else [path]
    return next((why for each in wanted if (why := _hindrance(each))), None)


def _hindrance(path: Path) -> Phrase | None:
    real = path.resolve()
    if any(part.startswith("..") for part in real.parts):
        return Phrase(
            f"{path} 来自 Kubernetes 的 ConfigMap, 只读: 改 ConfigMap, 守护进程会自己采用",
            f"{path} comes from a ConfigMap, which is read-only: change that, and the daemon takes it up",
        )
    if real.exists() and not (real.stat().st_mode & 0o222 and os.access(real, os.W_OK)):
        return _no_right(path)
    if not os.access(real.parent, os.W_OK):
        return _no_right(real.parent)
    return None


def _no_right(path: Path) -> Phrase:
    return Phrase(
        f"守护进程没有写 {path} 的权限, 或磁盘只读 (systemd: ReadWritePaths)",
        f"the daemon may not write {path}, or the disk is read-only (systemd: ReadWritePaths)",
    )


def alone(desk: Desk) -> Phrase | None:
    """Why there is no place for another rule file; None: there is."""
    path = desk.settings.rules.path
    if path.is_dir():
        return None
    return Phrase(
        f"rules.path 是单个文件 {path}, 没有地方放新文件: 把它移进一个目录, 让 rules.path 指向目录, 就可以分成多个文件",
        f"rules.path is one file, {path}, so there is no place for another: move it into a directory and let "
        "rules.path name that, and the rules may be several files",
    )


def unfit(desk: Desk, name: str) -> Phrase | None:
    """Why no rule file by this name can be begun; None: it can."""
    if why := alone(desk):
        path = desk.settings.rules.path
        return None if name == path.name and not os.path.lexists(path) else why
    if not (is_name(name) and name.isprintable() and files.is_rule_file(name) and len(name.encode()) <= LONGEST_NAME):
        return Phrase(
            f"文件名不能用: {name!r}。它要以 .toml 结尾, 不含 / 和 \\, 不以 . 开头, 不太长, 也不像编辑器的临时文件",
            f"no rule file can be called {name!r}: a name ends in .toml, has no / or \\, does not begin with a dot, is "
            "not very long, and is not what an editor calls its temporary files",
        )
    directory = desk.settings.rules.path
    if os.path.lexists(directory / name):
        return Phrase(f"已经有文件 {name}", f"there is already a file {name}")
    if len(drafts.on_disk(desk).texts) >= files.MAX_FILES:
        return Phrase(f"规则文件最多 {files.MAX_FILES} 个", f"there may be {files.MAX_FILES} rule files at most")
    return None


def is_name(name: str) -> bool:
    """Whether it names something in a directory, and nothing elsewhere."""
    return name not in {"", ".", ".."} and not set(name) & {"/", "\\", "\0"}


def apply(desk: Desk, draft: Draft) -> Written | Wrong | Stale | Hindered:
    """Put the draft in place of its file, whole or not at all, if it is good and the file says what it said."""
    if why := hindrance(desk, draft.file):
        return Hindered(why)
    before = drafts.on_disk(desk).texts.get(draft.file)
    if (drafts.NEW if before is None else drafts.base_of(before)) != draft.base:
        return Stale(drafts.shown(before or ""))
    if before is None and (why := unfit(desk, draft.file)):
        return Hindered(why)
    checked = drafts.checked(desk, draft)
    if checked.ruleset is None:
        return Wrong(checked)
    try:
        _write(_path(desk, draft.file), before, draft.text)
    except (FileChanged, FileExistsError):
        return Stale(drafts.shown(drafts.on_disk(desk).texts.get(draft.file, "")))
    except OSError as error:
        return Hindered(_failed(desk, error))
    return Written(checked)


def _write(path: Path, before: str | None, text: str) -> None:
    if before is None:
        files.create(path, drafts.as_written(text, ""))
    else:
        files.replace(path, before, drafts.as_written(text, before))


def restore(desk: Desk, texts: Mapping[str, str], base: str) -> Hindered | Stale | None:
    """Make the files say this; ``base``: what all of them said when somebody asked for it.

    A file that has no place in it is removed where the history keeps its text: it says what is in force.
    """
    if why := hindrance(desk, *texts):
        return Hindered(why)
    if base_of_all(drafts.on_disk(desk).texts) != base:
        return Stale("")
    try:
        files.restore(desk.settings.rules.path, texts, desk.rules().texts())
    except OSError as error:
        return Hindered(_failed(desk, error))
    return None


def base_of_all(texts: Mapping[str, str]) -> str:
    """What tells one state of the files from another."""
    return drafts.base_of("\0".join(part for pair in sorted(texts.items()) for part in pair))


def _path(desk: Desk, name: str) -> Path:
    path = desk.settings.rules.path
    return path / name if path.is_dir() else path


def _failed(desk: Desk, error: OSError) -> Phrase:
    where, said = error.filename or desk.settings.rules.path, error.strerror or str(error)
    if error.errno == errno.ENOSPC:
        return Phrase(f"磁盘满了, 没有写入 {where}", f"the disk is full; {where} was not written")
    return Phrase(f"写不了 {where}: {said}", f"{where} cannot be written: {said}")
