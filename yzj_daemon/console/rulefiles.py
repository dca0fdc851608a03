"""Rule files written from the console: whether they may be, a draft put in place, an earlier set put back.

Everything here looks at the disk: for threads.
"""

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yzj_daemon.console import drafts
from yzj_daemon.console.desk import Desk
from yzj_daemon.console.drafts import Checked, Draft
from yzj_daemon.errors import Phrase
from yzj_daemon.rules import files
from yzj_daemon.rules.files import FileChanged


@dataclass(frozen=True, slots=True)
class Hindered:
    """Nothing was written, and will not be until somebody does something about it."""

    why: Phrase


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody else changed the file since the draft was begun; this is what it says now."""

    text: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """The rules with the draft are not good."""

    checked: Checked


@dataclass(frozen=True, slots=True)
class Written:
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


def apply(desk: Desk, draft: Draft) -> Written | Wrong | Stale | Hindered:
    """Put the draft in place of its file, whole or not at all, if it is good and the file says what it said."""
    if why := hindrance(desk, draft.file):
        return Hindered(why)
    before = drafts.on_disk(desk).texts.get(draft.file)
    if before is None or drafts.base_of(before) != draft.base:
        return Stale(drafts.shown(before or ""))
    checked = drafts.checked(desk, draft)
    if checked.ruleset is None:
        return Wrong(checked)
    try:
        files.replace(_path(desk, draft.file), before, drafts.as_written(draft.text, before))
    except FileChanged:
        return Stale(drafts.shown(drafts.on_disk(desk).texts.get(draft.file, "")))
    except OSError as error:
        return Hindered(_failed(desk, error))
    return Written(checked)


def restore(desk: Desk, texts: Mapping[str, str], base: str) -> Hindered | Stale | None:
    """Make the files say this; ``base``: what all of them said when somebody asked for it."""
    if why := hindrance(desk, *texts):
        return Hindered(why)
    if base_of_all(drafts.on_disk(desk).texts) != base:
        return Stale("")
    try:
        files.restore(desk.settings.rules.path, texts)
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
