"""What is allowed, and hardly meant: warnings about rules that load. A rule may name those it means in ``allow``."""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import cycle
from yzj_daemon.rules.condition import All, AnyOf, Condition, Everything, Not, OneOf, Words
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.names import Names
from yzj_daemon.rules.ruleset import Rule
from yzj_daemon.rules.source import Path, Source
from yzj_daemon.rules.tables import RuleEntry, conditions

Entries = Sequence[tuple[RuleEntry, Rule]]
"""Rules that are switched on, as written and as they are."""

_looks_like_regex = re.compile(r"\.[*+]|\\[dwsb]|\S\|\S|^\^.|.\$$")
_ideographs = re.compile("[\u4e00-\u9fff]+")
_SCRIPTS: Final = ("LATIN", "CYRILLIC", "GREEK")
"""Scripts whose letters look alike."""


def findings(entries: Entries, names: Names, served: frozenset[str]) -> Iterator[Finding]:
    """``served``: the accounts of the setting; none: all there are."""
    for entry, rule in entries:
        yield from _self_target(entry, rule, names)
        yield from _duplicate_targets(entry, rule, names)
        yield from _keywords(entry)
        yield from _examples(entry)
        yield from _accounts(entry, rule, served)
    yield from _round_trips(entries)
    yield from _unreachable(entries)


def allowed(told: Iterable[Finding], entries: Entries) -> Iterator[Finding]:
    """All but the warnings that the rule at whose lines they stand allows."""
    spans = _Spans(entries)
    return (one for one in told if one.level == "error" or one.id not in spans.allowed_at(one.file, one.line))


class _Spans:
    """Which rule a line of a file belongs to: the last one that begins at it or above."""

    def __init__(self, entries: Entries) -> None:
        self._starts: dict[str, list[tuple[int, frozenset[str]]]] = {}
        for entry, rule in entries:
            self._starts.setdefault(entry.source.name, []).append((rule.place.line, rule.allow))
        self._any = any(rule.allow for _, rule in entries)

    def allowed_at(self, file: str, line: int) -> frozenset[str]:
        if not self._any:
            return frozenset()
        starts = self._starts.get(file, [])
        begun = bisect_right(starts, line, key=itemgetter(0))
        return starts[begun - 1][1] if begun else frozenset()


# One rule ------------------------------------------------------------------------------------------------------------


def _self_target(entry: RuleEntry, rule: Rule, names: Names) -> Iterator[Finding]:
    """A rule for one chat alone that forwards to that chat."""
    assert entry.table is not None
    chats = names.resolve(entry.table.when.chat or ())
    if len(chats) == 1 and chats[0] in rule.targets:
        message = Phrase(
            "目标就是消息所在的会话;消息不会转回原会话",
            "the target is the chat that the messages come from; nothing is sent back to where it came from",
        )
        yield entry.source.finding("warning", "self-target", (*entry.path, "forward_to"), message, chats[0])


def _duplicate_targets(entry: RuleEntry, rule: Rule, names: Names) -> Iterator[Finding]:
    assert entry.table is not None
    times = Counter(chat for said in entry.table.forward_to for chat in names.resolve([said]))
    double = [chat for chat in rule.targets if times[chat] > 1]
    if double:
        message = Phrase("同一个目标写了不止一次;只会发一次", "a target stands more than once; it is sent to once")
        yield entry.source.finding("warning", "duplicate-target", (*entry.path, "forward_to"), message, double[0])


def _keywords(entry: RuleEntry) -> Iterator[Finding]:
    for place, word in _said_words((*entry.path, "when"), entry.raw.get("when")):
        if _looks_like_regex.search(word):
            message = Phrase(
                "contains 按字面比较,这里像是正则表达式", "contains compares literally, and this looks like a regex"
            )
            hint = Phrase("几个词分开写,或者改用 regex", "write the words one by one, or use regex")
            yield entry.source.finding("warning", "regex-in-contains", place, message, word, hint)
        if len(mixed := _scripts(word)) > 1:
            message = Phrase(
                f"关键词里混有看起来一样的字母({'、'.join(mixed)})",
                f"a keyword mixes letters that look alike ({', '.join(mixed)})",
            )
            hint = Phrase("用输入法重新输入这个词", "type the word anew")
            yield entry.source.finding("warning", "look-alike", place, message, word, hint)


def _said_words(path: Path, when: Any) -> Iterator[tuple[Path, str]]:
    for place, table in conditions(path, when):
        for key in ("contains", "contains_all"):
            yield from (((*place, key, n), word) for n, word in enumerate(table.get(key, ())))


def _scripts(word: str) -> list[str]:
    """The alphabets that a word mixes; what is no letter of them does not count."""
    if word.isascii() or _ideographs.fullmatch(word):
        return []
    found = {unicodedata.name(char, "").split(" ")[0] for char in word if char.isalpha()}
    return [name.title() for name in _SCRIPTS if name in found]


def _examples(entry: RuleEntry) -> Iterator[Finding]:
    assert entry.table is not None
    if not entry.table.examples:
        message = Phrase("没有例子:改动后没人知道它还对不对", "no example: nobody will notice when a change breaks it")
        hint = Phrase(
            "yzj-daemon example 消息编号 --rule 规则",
            "yzj-daemon example MESSAGE --rule RULE writes one of a real message",
        )
        yield entry.source.finding("warning", "no-examples", (*entry.path, "id"), message, entry.table.id, hint)


def _accounts(entry: RuleEntry, rule: Rule, served: frozenset[str]) -> Iterator[Finding]:
    if not served:
        return
    named = {
        value for part in rule.when.parts if isinstance(part, OneOf) and part.key == "account" for value in part.values
    }
    for account in sorted((named | ({rule.via} - {""})) - served):
        message = Phrase(f"账号 {account} 不在设置 accounts 里", f"account {account} is not among those of the setting")
        yield entry.source.finding("warning", "account-not-served", (*entry.path, "when"), message, account)


# All rules -----------------------------------------------------------------------------------------------------------


def _round_trips(entries: Entries) -> Iterator[Finding]:
    """Rules along which a message could come round again."""
    by_id = {rule.id: entry for entry, rule in entries}
    for rule, trail in cycle.cycles(rule for _, rule in entries):
        way = " → ".join(trail)
        message = Phrase(
            f"消息可能沿着 {way} 转回来;运行时会拦住,但多半不是你想要的",
            f"a message may come round along {way}; it is stopped at run time, and hardly what is wanted",
        )
        hint = Phrase("去掉其中一个方向", "leave one of the directions out")
        entry = by_id[rule.id]
        yield entry.source.finding("warning", "cycle", (*entry.path, "forward_to"), message, way, hint)


def _unreachable(entries: Entries) -> Iterator[Finding]:
    """Rules that an earlier one with ``stop`` leaves nothing to match."""
    stops = _Stops()
    for entry, rule in sorted(entries, key=lambda pair: -pair[1].priority):
        first = next((stop for stop in stops.sharing(rule) if covers(stop.condition, rule.condition)), None)
        if first is not None:
            message = Phrase(
                f"规则 {first.id} 会先匹配并停止,这条永远轮不到",
                f"rule {first.id} matches first and stops; this one never has its turn",
            )
            yield entry.source.finding("warning", "unreachable", (*entry.path, "id"), message, rule.id)
        elif rule.stop and not (rule.during and rule.outside == "drop"):
            stops.add(rule)


class _Stops:
    """Rules with ``stop``, filed so that a rule is held only against those that could cover it."""

    def __init__(self) -> None:
        self._filed: dict[_Key, list[Rule]] = {}
        self._lengths: set[int] = set()
        self._always: list[Rule] = []

    def add(self, rule: Rule) -> None:
        """Under every value of one of its keys: whatever it covers names some of them."""
        keys = next((keys for part in rule.condition.parts if (keys := list(_keys(part, deep=False)))), None)
        if keys is None:
            self._always.append(rule)
        for key in keys or ():
            self._filed.setdefault(key, []).append(rule)
            self._lengths.add(len(key[1]))

    def sharing(self, rule: Rule) -> Iterator[Rule]:
        yield from self._always
        for name, value in _keys(rule.condition, deep=True):
            for inner in self._pieces(value) if name == _WORD else (value,):
                yield from self._filed.get((name, inner), ())

    def _pieces(self, word: str) -> Iterator[str]:
        """A word is covered by any word inside it."""
        for length in self._lengths:
            yield from (word[at : at + length] for at in range(len(word) - length + 1))


_Key = tuple[str, str]
_WORD: Final = "word"


def _keys(condition: Condition, *, deep: bool) -> Iterator[_Key]:
    """The values and words that a condition names; with ``deep`` also inside ``all`` and ``any``."""
    match condition:
        case OneOf(key=name, values=values):
            yield from ((name, value) for value in sorted(values))
        case Words(folded=words):
            yield from ((_WORD, word) for word in words)
        case All(parts=parts) | AnyOf(parts=parts) if deep:
            for part in parts:
                yield from _keys(part, deep=True)
        case _:
            return


def covers(wide: Condition, narrow: Condition) -> bool:
    """Whether whatever satisfies ``narrow`` surely satisfies ``wide``. False where nobody can tell by looking."""
    match wide:
        case Everything():
            return True
        case All(parts=parts):
            return all(covers(part, narrow) for part in parts)
        case AnyOf(parts=parts) if any(covers(part, narrow) for part in parts):
            return True
        case _:
            pass
    match narrow:
        case All(parts=parts):
            return any(covers(wide, part) for part in parts)
        case AnyOf(parts=parts):
            return bool(parts) and all(covers(wide, part) for part in parts)
        case _:
            return _one_covers(wide, narrow)


def _one_covers(wide: Condition, narrow: Condition) -> bool:
    match wide, narrow:
        case OneOf(key=key, values=values), OneOf(key=other, values=fewer):
            return key == other and fewer <= values
        case Words(key="contains", folded=words, fold=how), Words(key=kind, folded=others, fold=same) if how == same:
            held = [any(word in other for word in words) for other in others]
            return all(held) if kind == "contains" else any(held)
        case Words(key="contains_all", folded=words, fold=how), Words(key="contains_all", folded=others, fold=same) if (
            how == same
        ):
            return all(any(word in other for other in others) for word in words)
        case Not(part=part), Not(part=other):
            return covers(other, part)
        case _:
            return wide == narrow


def unused(source: Source, table: str, used: frozenset[str]) -> Iterator[Finding]:
    """Names, lists and windows that nothing refers to."""
    defined = source.tree.get(table)
    for name in defined if isinstance(defined, dict) else ():
        if name not in used:
            message = Phrase(f"“{name}”没有任何地方用到", f'"{name}" is used nowhere')
            yield source.finding("warning", "unused", (table, name), message, name)
