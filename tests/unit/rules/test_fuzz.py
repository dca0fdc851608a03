"""Whatever a file or a message holds: findings and decisions, never an exception."""

import json
from datetime import date, datetime, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.properties import times
from tests.unit.rules.messages import message
from yzj_daemon.message import KNOWN_TYPES, Message, Original
from yzj_daemon.rules import text
from yzj_daemon.rules.finding import ERRORS, WARNINGS
from yzj_daemon.rules.load import load_texts

NIGHT = datetime.fromisoformat("2026-03-02T23:00:00")

GOOD: dict[str, Any] = {
    "version": 1,
    "timezone": "Asia/Shanghai",
    "names": {"甲": "R:7", "乙": "7881300000000001"},
    "lists": {"l": ["甲", "乙"], "m": ["l", "R:8"]},
    "windows": {"w": {"days": ["mon-fri"], "hours": ["22:00-06:00"], "except_dates": ["2026-10-01..2026-10-07"]}},
    "defaults": {"max_age": "2h", "outside": "drop"},
    "rules": [
        {
            "id": "a",
            "forward_to": ["m"],
            "during": ["w"],
            "limit": "30/10m",
            "cooldown": "1h",
            "cooldown_by": "sender",
            "when": {
                "type": ["text", "merge"],
                "sender": ["l"],
                "any": [{"contains": ["退款"], "fold": ["case"]}, {"regex": ["a+", "退.款"]}],
                "not": {"field": [{"path": "items[].text", "contains": ["x"]}, {"path": "n", "min": 1, "max": 2.5}]},
            },
            "examples": [
                {"message": {"text": "退款", "sender": "乙"}, "at": NIGHT, "expect": "match"},
                {"message": {"content": {"items": [1]}}, "at": NIGHT, "expect": "no-match"},
            ],
        },
        {
            "id": "b",
            "forward_to": ["R:9"],
            "priority": 5,
            "stop": True,
            "when": {"items": {"min_count": 1, "any": {"contains_all": ["a", "b"]}}},
        },
        {"id": "c", "forward_to": ["甲"], "when": {"everything": True}},
    ],
}


def test_what_the_trees_are_mutated_from_is_good():
    assert load_texts({"rules.toml": toml(GOOD)}).ruleset is not None


scalars = st.one_of(
    st.text(max_size=4),
    st.sampled_from(["甲", "l", "R:7", "w", "1h", "mon", "receiver", "(", "\ud800"]),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.booleans(),
    st.just(NIGHT),
    st.just(date(2026, 3, 2)),
    st.just(time(10)),
)
keys = st.text(min_size=0, max_size=3) | st.sampled_from(
    [
        "when",
        "any",
        "all",
        "not",
        "field",
        "items",
        "examples",
        "message",
        "id",
        "forward_to",
        "regex",
        "contains",
        "via",
    ]
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def trees(draw: st.DrawFn) -> Any:
    """The good tree with a few of its values replaced, removed, doubled or put under another key."""
    tree = _copy(GOOD)
    for _ in range(draw(st.integers(1, 4))):
        holder = draw(st.sampled_from(list(_holders(tree))))
        _mutate(draw, holder)
    return tree


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _holders(value: Any) -> list[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value] if isinstance(value, dict | list) else []
    return own + [holder for each in inner for holder in _holders(each)]


def _mutate(draw: st.DrawFn, holder: Any) -> None:
    if not holder:
        if isinstance(holder, list):
            holder.append(draw(values))
        return
    where = draw(st.sampled_from(list(holder) if isinstance(holder, dict) else list(range(len(holder)))))
    match draw(st.sampled_from(["replace", "remove", "double", "move"])):
        case "replace":
            holder[where] = draw(values)
        case "remove":
            del holder[where]
        case "double" if isinstance(holder, list):
            holder.append(_copy(holder[where]))
        case _ if isinstance(holder, dict):
            holder[draw(keys)] = _copy(holder[where])


def toml(tree: dict[str, Any]) -> str:
    """Every tree that TOML can hold, on one line a key."""
    return "".join(f"{_quoted(key)} = {_written(value)}\n" for key, value in tree.items())


def _written(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_quoted(key)} = {_written(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_written, value)) + "]"
        case bool():
            return str(value).lower()
        case str():
            return _quoted(value)
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _quoted(words: str) -> str:
    r"""JSON's escapes are TOML's, but for DEL, and for halves of a pair, which TOML has not."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


@times(4)
@given(trees())
def test_no_tree_raises_or_is_half_used(tree):
    loaded = load_texts({"rules.toml": toml(tree)})
    assert (loaded.ruleset is None) is any(finding.level == "error" for finding in loaded.findings)
    assert {finding.id for finding in loaded.findings} <= ERRORS | WARNINGS
    assert all(finding.line >= 1 and finding.column >= 1 for finding in loaded.findings if finding.id != "not-utf-8")
    for finding in loaded.findings:
        json.dumps(finding.row("zh")), finding.to("en")


WHENS = [
    'contains = ["退款", "a"]',
    'contains = ["Ａ"]\nfold = []',
    'contains_all = ["a", "b"]',
    "regex = ['a.b', '(?i)退|\\bx', '^$']",
    'type = ["merge", "text"]',
    'sender = ["1"]\nchat_type = "room"',
    'field = [{ path = "items[].text", contains = ["a"] }, { path = "n", min = 1 }, { path = "x[].y", exists = true }]',
    'field = [{ path = "t", regex = "a" }, { path = "t", equals = 1 }, { path = "t", in = ["a", 2, true] }]',
    'items = { min_count = 1, any = { contains = ["a"] } }',
    'items = { all = { not = { contains = ["a"] } } }',
    "self_sent = true",
    "everything = true",
    'not = { any = [{ contains = ["a"] }, { regex = ["b"] }] }',
    'all = [{ type = ["merge"] }, { not = { items = { any = { type = ["text"] } } } }]',
]
RULES = "".join(
    f'[[rules]]\nid = "r{number}"\nforward_to = ["R:9"]\n[rules.when]\n{when}\n' for number, when in enumerate(WHENS)
)
RULESET = load_texts({"rules.toml": RULES}).ruleset

contents = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["a", "退款", "ab"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["items", "text", "content", "type", "msg_type", "n", "t", "x", "title"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
bodies = contents.map(json.dumps) | st.text(max_size=40) | contents.map(lambda inner: json.dumps(json.dumps(inner)))


@st.composite
def received(draw: st.DrawFn) -> Message:
    """A message whose text is read from its content, as intake does, or is any text at all."""
    kind = draw(st.sampled_from([*sorted(KNOWN_TYPES), "unheard_of", ""]))
    content = draw(bodies)
    if draw(st.booleans()):
        return message(draw(st.text(max_size=20)), type=kind, content=content, opaque=draw(st.booleans()))
    original = Original(
        account="A",
        id="1",
        chat=draw(st.sampled_from(["R:1", "2", ""])),
        chat_type=draw(st.sampled_from(["room", "private"])),
        sender=draw(st.text(max_size=2)),
        type=kind,
        sent_at=draw(st.none() | st.integers(-(2**53), 2**53)),
        content=content,
    )
    return text.message_of(original, self_sent=draw(st.booleans()))


@times(6)
@given(received(), st.integers(0, 2**43))
def test_no_message_raises_and_the_index_agrees_with_every_rule_in_turn(one, now):
    assert RULESET is not None
    decision = RULESET.decide(one, now)
    verdicts = RULESET.explain(one, now)
    assert decision.errors == ()
    assert [match.rule.id for match in decision.matches] == [verdict.id for verdict in verdicts if verdict.matched]
    assert not any(verdict.error for verdict in verdicts)
    json.dumps([verdict.row() for verdict in verdicts])
    json.dumps([miss.row() for miss in decision.near])
