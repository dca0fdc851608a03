"""What is wrong with a rule beyond its shape: names that nobody has, words that fold away, keys that do nothing yet.

Looks at the rule as written, so that one mistake hides no other.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any, Final, get_args

from yzj_daemon.errors import Phrase
from yzj_daemon.message import KNOWN_TYPES
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, FoldName, fold, variants_known
from yzj_daemon.rules.mistakes import did_you_mean
from yzj_daemon.rules.model import RECEIVER
from yzj_daemon.rules.names import Names, closest
from yzj_daemon.rules.source import Path, Source
from yzj_daemon.rules.tables import RuleEntry, nested

_NO_VARIANTS: Final = Phrase(
    "简体繁体互通需要安装附加包", "treating traditional and simplified as equal needs a package that is not installed"
)
_FOLDS: Final[frozenset[FoldName]] = frozenset(get_args(FoldName))


def rule(entry: RuleEntry, names: Names, windows: AbstractSet[str]) -> Iterator[Finding]:
    """The findings of one rule. ``windows``: the names of all windows."""
    source, path, raw = entry.source, entry.path, entry.raw
    yield from options(source, path, raw, windows)
    yield from _entries(source, (*path, "forward_to"), raw.get("forward_to"), names)
    for place, table, how in _conditions((*path, "when"), raw.get("when"), DEFAULT_FOLD):
        yield from _condition(source, place, table, how, names)
    examples = raw.get("examples")
    for number, example in enumerate(examples if isinstance(examples, list) else []):
        yield from _example(source, (*path, "examples", number), example, names)


def options(source: Source, path: Path, raw: dict[str, Any], windows: AbstractSet[str]) -> Iterator[Finding]:
    """The findings of what a rule and ``[defaults]`` have in common."""
    during = raw.get("during", [])
    for place, name in _placed((*path, "during"), during):
        if name not in windows:
            message = Phrase(f"没有叫“{name}”的时间窗", f'there is no window "{name}"')
            meant = closest(name, windows)
            yield source.finding(
                "error", "unknown-window", place, message, name, did_you_mean(meant) if meant else None
            )


def via(source: Source, place: Path, said: Any, names: Names, *, allowed: bool) -> Iterator[Finding]:
    """The findings of the account that a rule is to forward by."""
    if not isinstance(said, str) or said == RECEIVER:
        return
    if not allowed:
        message = Phrase(
            "设置 forward.same_account_only = true 时,只由收到消息的账号转发",
            "with forward.same_account_only = true, only the account that received a message forwards it",
        )
        hint = Phrase(
            '写 via = "receiver",或把设置改为 false(平台是否允许,先用 doctor 试)',
            'via = "receiver"; or set it to false, if the platform allows that',
        )
        yield source.finding("error", "via-not-allowed", place, message, said, hint)
    elif said in names.lists:
        told = Phrase(f"“{said}”是列表;这里只能写一个账号", f'"{said}" is a list; here stands one account')
        yield source.finding("error", "list-here", place, told, said)
    else:
        yield from _entry(source, place, said, names)


def entries_of_lists(source: Source, lists: Any, names: Names) -> Iterator[Finding]:
    """The findings of ``[lists]`` as written."""
    for name, entries in lists.items() if isinstance(lists, dict) else ():
        yield from _entries(source, ("lists", name), entries, names)


def _placed(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    """The entries that are text, each with its place."""
    if isinstance(value, str):
        yield path, value
    for place, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, str) and entry:
            yield (*path, place), entry


def _entries(source: Source, path: Path, value: Any, names: Names) -> Iterator[Finding]:
    for place, entry in _placed(path, value if isinstance(value, list) else []):
        yield from _entry(source, place, entry, names)


def _entry(source: Source, place: Path, entry: str, names: Names) -> Iterator[Finding]:
    doubt = names.doubt(entry)
    if doubt is not None:
        meant = names.guess(entry)
        suggestion = did_you_mean(meant) if meant else _NAME_IT
        yield source.finding("error", "unknown-name", place, doubt, entry, suggestion)


_NAME_IT: Final = Phrase(
    '在 [names] 里写上它的 id,例如 "运营群" = "R:10900000000000002"',
    'write its id under [names], such as "ops" = "R:10900000000000002"',
)


def _conditions(path: Path, when: Any, how: Fold) -> Iterator[tuple[Path, dict[str, Any], Fold]]:
    """The condition and all inside it, with the fold that each compares by."""
    if not isinstance(when, dict):
        return
    said = when.get("fold")
    if isinstance(said, list):
        how = frozenset(name for name in _FOLDS if name in said)
    yield path, when, how
    for place, inner in nested(path, when):
        yield from _conditions(place, inner, how)


def _condition(source: Source, path: Path, table: dict[str, Any], how: Fold, names: Names) -> Iterator[Finding]:
    for place, name in _placed((*path, "fold"), table.get("fold")):
        if name == "variants" and not variants_known():
            yield source.finding("error", "needs-extra", place, _NO_VARIANTS, name, "pip install 'yzj-daemon[opencc]'")
    for key in ("account", "chat", "sender"):
        yield from _entries(source, (*path, key), table.get(key), names)
    for place, kind in _placed((*path, "type"), table.get("type")):
        yield from _type(source, place, kind)
    for place, word in _keywords(path, table):
        yield from _keyword(source, place, word, how)


def _type(source: Source, place: Path, kind: str) -> Iterator[Finding]:
    if kind not in KNOWN_TYPES:
        meant = closest(kind, sorted(KNOWN_TYPES))
        message = Phrase(f"平台文档里没有“{kind}”这种消息", f'the platform documents no message type "{kind}"')
        yield source.finding("warning", "unknown-type", place, message, kind, did_you_mean(meant) if meant else None)


def _keywords(path: Path, table: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    for key in ("contains", "contains_all"):
        yield from _placed((*path, key), table.get(key))
    tests = table.get("field")
    for number, test in enumerate(tests if isinstance(tests, list) else []):
        if isinstance(test, dict):
            yield from _placed((*path, "field", number, "contains"), test.get("contains"))


def _keyword(source: Source, place: Path, word: str, how: Fold) -> Iterator[Finding]:
    if word and not fold(word, how):
        message = Phrase(
            "关键词只有看不见的字符,比较时什么也不剩", "a keyword of invisible characters: nothing is left to compare"
        )
        yield source.finding("error", "keyword-folds-away", place, message, ascii(word)[1:-1])
    elif word and not word.strip():
        message = Phrase("关键词只有空白,几乎每条消息都会匹配", "a keyword of white space only: most messages have it")
        yield source.finding("warning", "blank-keyword", place, message, ascii(word)[1:-1])


def _example(source: Source, path: Path, example: Any, names: Names) -> Iterator[Finding]:
    message = example.get("message") if isinstance(example, dict) else None
    if not isinstance(message, dict):
        return
    for key in ("account", "chat", "sender"):
        place, entry = (*path, "message", key), message.get(key)
        if isinstance(entry, str) and entry in names.lists:
            told = Phrase(
                f"“{entry}”是列表;这里只能写一个名字或 id", f'"{entry}" is a list; here stands one name or id'
            )
            yield source.finding("error", "list-here", place, told, entry)
        elif isinstance(entry, str) and entry:
            yield from _entry(source, place, entry, names)


def needs_at(source: Source, path: Path) -> Finding:
    """An example whose verdict would depend on when it is run."""
    message = Phrase(
        "规则在时间窗外不发送,所以例子要写时间", "the rule drops outside its window, so the example must say when"
    )
    return source.finding("error", "example-needs-at", path, message, "", "at = 2026-03-02T10:00:00")
