"""Drafts of rule files: begun from what is on the disk, checked as they are written, held against the rules in force.

A draft lives in the browser. ``base`` tells what its file said when it was begun, so that nobody's change is lost.
"""

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from yzj_daemon.console.desk import Desk
from yzj_daemon.rules import examples, files, load
from yzj_daemon.rules.examples import Result
from yzj_daemon.rules.files import Files
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.load import Loaded
from yzj_daemon.rules.ruleset import Difference, Ruleset, difference
from yzj_daemon.yzj import payloads

BY_ITSELF: Final = 256 << 10
"""Characters of all files up to which a draft is checked as it is written; above, when somebody asks for it."""

NEW: Final = ""
"""The base of a draft whose file is not there yet."""

_BOM: Final = "\ufeff"


class Draft(msgspec.Struct, frozen=True):
    """``file``: its name among the rule files. ``text``: with plain line ends and no byte order mark."""

    file: str
    text: str
    base: str


class Checked(msgspec.Struct, frozen=True):
    """``ruleset`` is None where there are errors. ``findings``: errors first. ``changed``: against what is in force."""

    ruleset: Ruleset | None
    findings: tuple[Finding, ...]
    results: tuple[Result, ...]
    changed: Difference | None

    @property
    def errors(self) -> int:
        return sum(finding.level == "error" for finding in self.findings)

    @property
    def failed(self) -> int:
        return sum(not result.passed for result in self.results)


def on_disk(desk: Desk) -> Files:
    return files.read(desk.settings.rules.path)


def begun(found: Files, name: str) -> Draft | None:
    """A draft of a file as it is; None where there is no such file, or it cannot be read."""
    text = found.texts.get(name)
    return None if text is None else Draft(name, shown(text), base_of(text))


def base_of(text: str) -> str:
    """What tells one text of a file from another."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]


def shown(text: str) -> str:
    """A file's text for an editor, which has one kind of line end."""
    return text.removeprefix(_BOM).replace("\r\n", "\n")


def as_written(text: str, before: str) -> str:
    """What an editor sent, with the line ends and the byte order mark that the file had."""
    plain = text.replace("\r\n", "\n")
    ends = plain.replace("\n", "\r\n") if "\r\n" in before else plain
    return _BOM + ends if before.startswith(_BOM) else ends


def texts_with(found: Files, draft: Draft) -> dict[str, str]:
    """All rule files, with the draft in place of its own."""
    return {**found.texts, draft.file: as_written(draft.text, found.texts.get(draft.file, ""))}


def loaded(desk: Desk, found: Files, draft: Draft) -> Loaded:
    """The rules with the draft in place of its file, or beside the others; those that cannot be read are told."""
    others = tuple(
        finding for finding in found.findings if finding.id != "no-rules" and Path(finding.file).name != draft.file
    )
    return load.load_texts(texts_with(found, draft), found.directory, desk.settings.dialect()).told(others)


def checked(desk: Desk, draft: Draft) -> Checked:
    """Everything that the daemon would say of it, the examples included."""
    rules = loaded(desk, on_disk(desk), draft)
    results = examples.run(rules, payloads.split, desk.settings.dialect().paths)
    proven = rules.told(result.finding() for result in results if not result.passed)
    return Checked(
        ruleset=proven.ruleset,
        findings=tuple(sorted(proven.findings, key=lambda finding: (finding.level, finding.file != draft.file))),
        results=tuple(sorted(results, key=lambda result: result.passed)),
        changed=difference(desk.ruleset.rules, rules.ruleset.rules) if rules.ruleset else None,
    )
