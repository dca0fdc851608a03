"""Rule files into a rule set, or into every mistake in them. Nothing of a bad set is ever used."""

import gc
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from yzj_daemon.errors import Lang, Phrase, RulesProblem
from yzj_daemon.rules import examples, files, lint, tables
from yzj_daemon.rules.book import Book
from yzj_daemon.rules.dialect import DEFAULT, Dialect
from yzj_daemon.rules.examples import Example, Split
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.rules.source import Source

TOLD: Final = 50
"""Errors that a problem repeats; the rest are counted."""


class Loaded(msgspec.Struct, frozen=True):
    """``ruleset`` is None if and only if a finding is an error. Findings are in the order of the files.

    ``files``: name, relative to the rules' directory, -> text. ``examples``: those of enabled rules.
    """

    ruleset: Ruleset | None
    findings: tuple[Finding, ...]
    files: Mapping[str, str]
    examples: tuple[Example, ...] = ()

    def told(self, more: Iterable[Finding]) -> "Loaded":
        """The same rules with more findings, in their places; an error among them leaves no rule set."""
        more = tuple(more)
        refused = any(finding.level == "error" for finding in more)
        findings = _sorted((*self.findings, *more))
        return replace(self, findings=findings, ruleset=None if refused else self.ruleset)


def load(path: Path, dialect: Dialect = DEFAULT) -> Loaded:
    """The rules of a file or a directory. Never raises for what stands, or does not stand, there."""
    found = files.read(path)
    with uncollected():
        return _load(found.texts, found.directory, dialect, found.findings)


def load_texts(texts: Mapping[str, str], directory: Path | None = None, dialect: Dialect = DEFAULT) -> Loaded:
    """The rules of texts from memory. ``directory``: where the files of examples are."""
    with uncollected():
        return _load(texts, directory, dialect, ())


def load_kept(texts: Mapping[str, str], dialect: Dialect = DEFAULT) -> Loaded:
    """A set as the store kept it: it was good when it came into force, whichever accounts are served by now."""
    return load_texts(texts, dialect=replace(dialect, any_via=True))


def load_checked(path: Path, split: Split, dialect: Dialect = DEFAULT) -> Loaded:
    """The rules, proven by their examples."""
    loaded = load(path, dialect)
    return loaded.told(result.finding() for result in examples.run(loaded, split, dialect.paths) if not result.passed)


def problem(loaded: Loaded) -> RulesProblem:
    """All errors as one problem."""
    errors = [finding for finding in loaded.findings if finding.level == "error"]
    return RulesProblem(
        Phrase(
            f"规则有 {len(errors)} 处错误,整套规则都没有使用\n{_lines(errors, 'zh')}",
            f"the rules have {len(errors)} error(s); nothing of them is used\n{_lines(errors, 'en')}",
        ),
        Phrase("改好后运行 yzj-daemon check", "mend them, then run yzj-daemon check"),
    )


def _lines(errors: list[Finding], lang: Lang) -> str:
    lines = [f"  {error.to(lang)}" for error in errors[:TOLD]]
    return "\n".join([*lines, f"  … +{len(errors) - TOLD}"] if len(errors) > TOLD else lines)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the cyclic garbage collector, which would walk a million objects that stay again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load(texts: Mapping[str, str], directory: Path | None, dialect: Dialect, found: tuple[Finding, ...]) -> Loaded:
    texts = dict(sorted(texts.items()))
    findings = list(found)
    if not texts and not findings:
        findings.append(files.failure("no-rules", "", Phrase("没有任何规则文件", "there is no rule file")))
    parts = [tables.read(source) for source in _sources(texts, findings)]
    whole = Book(parts, every_file=not findings, any_via=dialect.any_via)
    findings.extend(finding for part in parts for finding in part.findings)
    findings.extend(whole.findings())
    if any(finding.level == "error" for finding in findings):
        return Loaded(None, _sorted(findings), texts)
    return _built(whole, findings, texts, examples_in=directory, dialect=dialect)


def _built(
    whole: Book, findings: list[Finding], texts: Mapping[str, str], *, examples_in: Path | None, dialect: Dialect
) -> Loaded:
    rules = whole.rules()
    enabled = [(entry, rule) for entry, rule in rules if whole.enabled(entry)]
    findings.extend(lint.findings(enabled, whole.names, dialect.served))
    findings.extend(whole.unused())
    findings = list(lint.allowed(findings, rules))
    ruleset = Ruleset(
        [rule for _, rule in enabled],
        digest=_digest(texts),
        timezone=whole.zone.key,
        paths=dialect.paths,
        names={id_: name for name, id_ in reversed(whole.names.ids.items())},
    )
    return Loaded(ruleset, _sorted(findings), texts, tuple(whole.examples(examples_in, dialect.paths)))


def _sources(texts: Mapping[str, str], findings: list[Finding]) -> Iterator[Source]:
    for name, text in texts.items():
        try:
            text.encode()
        except UnicodeEncodeError:
            findings.append(files.failure("not-utf-8", name, Phrase("不是 UTF-8 文本", "no UTF-8 text")))
            continue
        yield Source(name, text.removeprefix("\ufeff"))


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.file, finding.line, finding.column, finding.id)))


def _digest(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(list(texts.items())).encode()).hexdigest()[:16]
