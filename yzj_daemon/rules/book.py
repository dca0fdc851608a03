"""All rule files as one set: what they share, where they contradict each other, and what becomes of them."""

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import build, checks, examples, lint
from yzj_daemon.rules.examples import Example
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.mistakes import brief, did_you_mean
from yzj_daemon.rules.model import DEFAULT_TIMEZONE, DefaultsTable, merged
from yzj_daemon.rules.names import Names, closest, is_id, is_plain_id
from yzj_daemon.rules.ruleset import Place, Rule
from yzj_daemon.rules.source import Path as Keys
from yzj_daemon.rules.source import Source
from yzj_daemon.rules.tables import RuleEntry, Tables
from yzj_daemon.rules.text import Paths
from yzj_daemon.rules.window import Window

MAX_RULES: Final = 100_000

_NO_ZONES: Final = frozenset({"localtime", "posixrules", "Factory"})
"""Files of a zone database that are this machine's zone, or none."""

_UNKNOWN: Final = frozenset({"unknown-name", "unknown-window"})
"""What cannot be told while a file that may define it is beyond reading."""

Defined = tuple[Source, Keys]


class Book:
    """``findings`` first; the rest only when none of all findings is an error."""

    def __init__(self, parts: Iterable[Tables], *, every_file: bool = True, any_via: bool = False) -> None:
        """``every_file``: none of the files was beyond reading. ``any_via``: a rule may name who forwards."""
        self._any_via = any_via
        self._parts = tuple(parts)
        self._all_known = every_file and all(part.legible for part in self._parts)

    def findings(self) -> Iterator[Finding]:
        """What no file alone can tell, and what a rule refers to in vain."""
        yield from self._size()
        yield from self._one_value("timezone")
        yield from self._one_value("defaults")
        yield from self._bad_timezone()
        yield from self._clashes()
        yield from self._names()
        yield from self._windows()
        yield from (finding for finding in self._references() if self._all_known or finding.id not in _UNKNOWN)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The rules' zone; the usual one where what is written is none."""
        said = next((part.head.timezone for part in self._parts if "timezone" in part.head.model_fields_set), None)
        return _zone(said or "") or ZoneInfo(DEFAULT_TIMEZONE)

    @cached_property
    def names(self) -> Names:
        return Names(
            {**self._spoiled("names"), **{name: id_ for part in self._parts for name, id_ in part.head.names.items()}},
            {name: entries for part in self._parts for name, entries in part.head.lists.items()}
            | dict.fromkeys(self._spoiled("lists"), ()),
        )

    @cached_property
    def windows(self) -> dict[str, Window]:
        return {
            name: build.window(name, said, self.zone)
            for part in self._parts
            for name, said in part.head.windows.items()
        }

    @cached_property
    def defaults(self) -> DefaultsTable:
        return next((part.head.defaults for part in self._parts if "defaults" in part.source.tree), DefaultsTable())

    def rules(self) -> list[tuple[RuleEntry, Rule]]:
        """Every rule, resolved, also those that are switched off, in the order of the files."""
        return [(entry, self._rule(entry)) for entry in self._entries()]

    def enabled(self, entry: RuleEntry) -> bool:
        assert entry.table is not None
        return bool(merged(entry.table, self.defaults, "enabled"))

    def examples(self, directory: Path | None, paths: Paths) -> Iterator[Example]:
        """Those of the rules that are switched on."""
        for entry in self._entries():
            assert entry.table is not None
            for number, said in enumerate(entry.table.examples or () if self.enabled(entry) else ()):
                line, column = entry.source.place((*entry.path, "examples", number))
                yield examples.of(
                    said,
                    number + 1,
                    entry.table.id,
                    (Place(entry.source.name, line), column),
                    names=self.names,
                    zone=self.zone,
                    directory=directory,
                    paths=paths,
                )

    def unused(self) -> Iterator[Finding]:
        """Names, lists and windows that neither a rule nor another entry refers to."""
        said = frozenset(self._mentioned())
        for part in self._parts:
            for table in ("names", "lists", "windows"):
                yield from lint.unused(part.source, table, said)

    def _mentioned(self) -> Iterator[str]:
        """Every text that could be a name."""
        for part in self._parts:
            tree = part.source.tree
            waiting: list[Any] = [value for key, value in tree.items() if key not in {"names", "windows"}]
            while waiting:
                value = waiting.pop()
                if isinstance(value, str):
                    yield value
                elif isinstance(value, dict | list):
                    waiting.extend(value.values() if isinstance(value, dict) else value)

    def _rule(self, entry: RuleEntry) -> Rule:
        assert entry.table is not None
        place = Place(entry.source.name, entry.source.place(entry.path)[0])
        return build.rule(entry.table, self.defaults, self.names, self.windows, place)

    def _entries(self) -> Iterator[RuleEntry]:
        return (entry for part in self._parts for entry in part.rules)

    def _spoiled(self, table: str) -> dict[str, str]:
        """Names whose value is wrong: known, so that one mistake is told once."""
        return {name: "" for part in self._parts for of, name in part.spoiled if of == table}

    def _size(self) -> Iterator[Finding]:
        beyond = next(islice(self._entries(), MAX_RULES, None), None)
        if beyond is not None:
            message = Phrase(f"超过 {MAX_RULES} 条规则", f"more than {MAX_RULES} rules")
            yield beyond.source.finding("error", "too-many", beyond.path, message)
        good = bool(self._parts) and self._all_known and not any(part.findings for part in self._parts)
        if good and not any(part.source.tree.get("rules") for part in self._parts):
            message = Phrase("没有任何规则", "there are no rules")
            hint = Phrase(
                "规则以 [[rules]] 开头;要暂停一条规则,写 enabled = false",
                "a rule begins with [[rules]]; enabled = false pauses it",
            )
            yield self._parts[-1].source.finding("error", "no-rules", (), message, "", hint)

    def _one_value(self, key: str) -> Iterator[Finding]:
        """``timezone`` and ``defaults`` hold for all files, so they can only be said one way."""
        first: Source | None = None
        for part in self._parts:
            source = part.source
            if key not in source.tree:
                continue
            if first is None:
                first = source
            elif source.tree[key] != first.tree[key]:
                there = _where((first, (key,)))
                message = Phrase(
                    f"{key} 对所有文件有效,但和 {there} 写的不同",
                    f"{key} holds for all files, and {there} says otherwise",
                )
                yield source.finding("error", "two-values", (key,), message, brief(source.tree[key]))

    def _bad_timezone(self) -> Iterator[Finding]:
        for part in self._parts:
            said = part.head.timezone
            if _zone(said) is None:
                meant = closest(said, sorted(zoneinfo.available_timezones() - _NO_ZONES))
                message = Phrase(f"没有“{said}”这个时区", f'there is no time zone "{said}"')
                hint = did_you_mean(meant) if meant else 'timezone = "Asia/Shanghai"'
                yield part.source.finding("error", "bad-timezone", ("timezone",), message, said, hint)

    def _clashes(self) -> Iterator[Finding]:
        words: dict[str, Defined] = {}
        windows: dict[str, Defined] = {}
        rules: dict[str, Defined] = {}
        for part in self._parts:
            source = part.source
            for table in ("names", "lists"):
                yield from _defined(words, ((name, (source, (table, name))) for name in _keys(source, table)))
            yield from _defined(windows, ((name, (source, ("windows", name))) for name in _keys(source, "windows")))
            said = ((entry.raw.get("id"), (source, (*entry.path, "id"))) for entry in part.rules)
            yield from _defined(rules, said)

    def _names(self) -> Iterator[Finding]:
        cycles = {cycle[0]: cycle for cycle in self.names.cycles()}
        for part in self._parts:
            for name, id_ in part.head.names.items():
                yield from self._name(part.source, name, id_)
            for name in part.head.lists:
                if is_plain_id(name):
                    yield _looks_like_id(part.source, ("lists", name))
                if name in cycles:
                    trail = " → ".join(cycles[name])
                    message = Phrase(f"列表包含了自己:{trail}", f"a list contains itself: {trail}")
                    yield part.source.finding("error", "list-cycle", ("lists", name), message, name)

    def _name(self, source: Source, name: str, id_: str) -> Iterator[Finding]:
        path = ("names", name)
        if is_plain_id(name):
            yield _looks_like_id(source, path)
        if self.names.known(id_):
            message = Phrase(f"“{id_}”也是名字;这里要写 id", f'"{id_}" is itself a name; an id belongs here')
            yield source.finding("error", "name-of-a-name", path, message, id_)
        elif not is_id(id_):
            meant = self.names.guess(id_) if id_.strip() else ""
            message = Phrase(f"“{id_}”不像 id", f'"{id_}" does not look like an id')
            hint = did_you_mean(meant) if meant else '"R:10900000000000002", "7881300000000001"'
            yield source.finding("error", "unknown-name", path, message, id_, hint)

    def _windows(self) -> Iterator[Finding]:
        for part in self._parts:
            for name, said in part.head.windows.items():
                if not build.window(name, said, self.zone).ever_opens():
                    message = Phrase(f"时间窗“{name}”永远不会打开", f'window "{name}" never opens')
                    yield part.source.finding("error", "never-opens", ("windows", name), message, name)

    def _references(self) -> Iterator[Finding]:
        windows = {*self.windows, *self._spoiled("windows")}
        for part in self._parts:
            yield from checks.entries_of_lists(part.source, part.source.tree.get("lists"), self.names)
            defaults = part.source.tree.get("defaults")
            if isinstance(defaults, dict):
                yield from checks.options(part.source, ("defaults",), defaults, windows)
                yield from self._via(part.source, ("defaults",), defaults)
            for entry in part.rules:
                yield from checks.rule(entry, self.names, windows)
                yield from self._via(entry.source, entry.path, entry.raw)
                yield from self._timeless(entry)

    def _via(self, source: Source, path: Keys, raw: Mapping[str, Any]) -> Iterator[Finding]:
        if "via" in raw:
            yield from checks.via(source, (*path, "via"), raw["via"], self.names, allowed=self._any_via)

    def _timeless(self, entry: RuleEntry) -> Iterator[Finding]:
        said = entry.table
        if (
            said is None
            or merged(said, self.defaults, "outside") != "drop"
            or not merged(said, self.defaults, "during")
        ):
            return
        for number, example in enumerate(said.examples or ()):
            if example.at is None:
                yield checks.needs_at(entry.source, (*entry.path, "examples", number))


def _zone(key: str) -> ZoneInfo | None:
    try:
        return None if key in _NO_ZONES else ZoneInfo(key)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


def _keys(source: Source, table: str) -> Mapping[str, Any]:
    inside = source.tree.get(table)
    return inside if isinstance(inside, dict) else {}


def _defined(known: dict[str, Defined], said: Iterable[tuple[Any, Defined]]) -> Iterator[Finding]:
    """Adds what is said to what is known; what is known already is a clash."""
    for name, (source, path) in said:
        if not isinstance(name, str):
            continue
        first = known.setdefault(name, (source, path))
        if first != (source, path):
            there = _where(first)
            message = Phrase(f"“{name}”在 {there} 已经有了", f'"{name}" stands already at {there}')
            hint = Phrase("换一个名字,或去掉其中一个", "choose another name, or leave one of them out")
            yield source.finding("error", "duplicate", path, message, name, hint)


def _looks_like_id(source: Source, path: Keys) -> Finding:
    message = Phrase(f"“{path[-1]}”看起来是 id,不能当名字", f'"{path[-1]}" looks like an id, so it cannot be a name')
    return source.finding("error", "name-is-an-id", path, message, path[-1])


def _where(defined: Defined) -> str:
    source, path = defined
    return f"{source.name}:{source.place(path)[0]}"
