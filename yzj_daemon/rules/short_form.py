"""A message as the short form of an example says it, with what is nobody's business masked.

There are several such forms. The first that makes the rule decide as it does of the message itself is the one to use:
they begin with the shortest and the most masked.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from yzj_daemon.clock import Millis
from yzj_daemon.message import Message
from yzj_daemon.rules import found
from yzj_daemon.rules.condition import Condition, Fields, FieldTest, Found, OneOf, Words
from yzj_daemon.rules.found import Span, leaves
from yzj_daemon.rules.masking import Masking, people
from yzj_daemon.rules.ruleset import Rule, Ruleset
from yzj_daemon.rules.text import ContentError, steps_of, tree_of

LONG_TEXT: Final = 200
SHOWN_AROUND: Final = 30
"""Characters of a long text around each matched word."""

MAX_DEEP: Final = 80
"""Containers inside one another: a rule file may nest 100 of them, and some stand around."""

_IDS: Final = ("account", "chat", "sender")
_NOTHING: Final = ...
"""A path leads nowhere; null is a value."""

_INTEGERS: Final = range(-(2**63), 2**63)


def of(
    ruleset: Ruleset, rule: Rule, message: Message, at: Millis, known: frozenset[str] = frozenset()
) -> Iterator[dict[str, Any]]:
    """The forms in which to try it: tables of an example's ``message``. ``known``: names of people it may speak of."""
    try:
        tree = tree_of(message.content)
        names = known.union(people(tree))
    except (ContentError, RecursionError):
        tree, names = None, known
    said = tuple(_said(rule.condition))
    pieces = next((match.found for match in ruleset.decide(message, at).matches if match.rule.id == rule.id), ())
    ids = frozenset(_known_ids(ruleset))
    head = _head(ruleset, ids, message)
    for kept in (said, (*said, *pieces)):
        masking = Masking(names, ids, partial(_kept, condition=rule.condition, found_=kept))
        for body in _bodies(rule, message, tree, masking, exact=kept is not said):
            yield {**head, **body}


def _said(condition: Condition) -> Iterator[Found]:
    """The words that the rule's file speaks of anyhow."""
    for leaf in leaves(condition):
        if isinstance(leaf, Words):
            yield from ((leaf.key, word) for word in leaf.said)
        elif isinstance(leaf, Fields):
            literals = (word for test in leaf.tests for word in (*test.words, *test.equals))
            yield from (("contains", word) for word in literals if isinstance(word, str))


def _kept(text: str, condition: Condition, found_: tuple[Found, ...]) -> tuple[Span, ...]:
    return found.spans(text, condition, found_)


def _head(ruleset: Ruleset, known: frozenset[str], message: Message) -> dict[str, Any]:
    """Who and where: by the names and ids that the rules know, else by made-up ids."""
    said: dict[str, str] = {}
    told: dict[str, Any] = {"type": message.type}
    for key in _IDS:
        id_ = getattr(message, key)
        if id_:
            told[key] = said.setdefault(id_, _who(ruleset, known, id_, len(said) + 1))
    assumed = "room" if message.chat.startswith("R:") else "private"
    return {
        **told,
        **({"chat_type": message.chat_type} if message.chat_type != assumed else {}),
        **({"self_sent": True} if message.self_sent else {}),
    }


def _who(ruleset: Ruleset, known: frozenset[str], id_: str, number: int) -> str:
    if id_ in known:
        return ruleset.names.get(id_, id_)
    return f"R:1000000000000000{number}" if id_.startswith("R:") else f"700000000000000{number}"


def _known_ids(ruleset: Ruleset) -> Iterator[str]:
    yield from ruleset.names
    for rule in ruleset.rules:
        yield from rule.targets
        for leaf in leaves(rule.condition):
            if isinstance(leaf, OneOf) and leaf.key in _IDS:
                yield from leaf.values


def _bodies(rule: Rule, message: Message, tree: Any, masking: Masking, *, exact: bool) -> Iterator[dict[str, Any]]:
    """The words, then with the fields that the rule looks at, then all of the content. ``exact``: fields unmasked."""
    text = masking.text(message.text)
    short = _shortened(text, masking)
    texts = [{"text": words} for words in dict.fromkeys((short, text))] if message.text else [{}]
    yield from ([] if message.opaque and message.text else texts)
    if message.opaque:
        yield {"content": {"title": short} if message.text else {}}
    fields = _pruned(tree, [steps_of(test.path) for test in _tests(rule.condition)])
    if isinstance(fields, dict):
        content = _as_toml(fields if exact else masking.tree(fields))
        yield from ({**words, "content": content} for words in texts)
    if isinstance(tree, dict) and not _deep(tree):
        yield {"content": _as_toml(masking.tree(tree))}


def _deep(tree: Any) -> bool:
    """Whether it nests deeper than a rule file may."""
    level = [tree]
    for _ in range(MAX_DEEP):
        inner = [each.values() if isinstance(each, Mapping) else each for each in level]
        level = [value for values in inner for value in values if isinstance(value, Mapping | list)]
        if not level:
            return False
    return True


def _tests(condition: Condition) -> Iterator[FieldTest]:
    for leaf in leaves(condition):
        if isinstance(leaf, Fields):
            yield from leaf.tests


def _shortened(text: str, masking: Masking) -> str:
    """The beginning of a long text, and what stands around the words that the rule speaks of."""
    if len(text) <= LONG_TEXT:
        return text
    around = [(0, SHOWN_AROUND), *((start - SHOWN_AROUND, end + SHOWN_AROUND) for start, end in masking.kept(text))]
    pieces: list[str] = []
    past = 0
    for start, end in around:
        if end > past:
            pieces += ["…"] if start > past else []
            pieces.append(text[max(start, past) : end])
            past = end
    return "".join([*pieces, "…"] if past < len(text) else pieces)


def _pruned(node: Any, ways: list[tuple[str, ...]]) -> Any:
    """What tests along these paths see of a content, and no more."""
    arrived = any(not way for way in ways)
    inner: Any = _NOTHING
    if isinstance(node, Mapping):
        told = {key: _pruned(value, [way[1:] for way in ways if way[:1] == (key,)]) for key, value in node.items()}
        inner = {key: value for key, value in told.items() if value is not _NOTHING}
    elif isinstance(node, list):
        told_each = (_pruned(each, [way[1:] for way in ways if way[:1] == ("[]",)]) for each in node)
        inner = [value for value in told_each if value is not _NOTHING]
    elif arrived:
        return {} if node is None else node  # no test but ``exists`` tells them apart from nothing
    return inner if arrived or inner else _NOTHING


def _as_toml(value: Any) -> Any:
    """Without null, which TOML does not have; numbers beyond its own become text, which compares the same."""
    match value:
        case Mapping():
            return {key: _as_toml(inner) for key, inner in value.items() if inner is not None}
        case list():
            return [_as_toml(inner) for inner in value if inner is not None]
        case str():
            return value.encode(errors="replace").decode()  # half an emoji has no UTF-8
        case bool():
            return value
        case int():
            return value if value in _INTEGERS else str(value)
        case _:
            return value
