"""Random conditions and messages over so few words and ids that they often meet."""

from hypothesis import strategies as st

from tests.unit.rules.messages import message
from yzj_daemon.message import Message
from yzj_daemon.rules.condition import (
    All,
    AnyOf,
    Condition,
    Everything,
    Fields,
    FieldTest,
    Items,
    Not,
    OneOf,
    Patterns,
    SelfSent,
    Words,
    table,
)
from yzj_daemon.rules.fold import DEFAULT_FOLD, Fold, fold
from yzj_daemon.rules.pattern import Pattern

MERGED = '{"items":[{"msg_type":"text","from_wxid":"1","content":{"items":[{"text":"退款A"}]}},{"msg_type":"picture"}]}'
LETTERS = "退款aA\uff21\u200b"

folds: st.SearchStrategy[Fold] = st.sampled_from(
    [DEFAULT_FOLD, frozenset(), frozenset({"case"}), frozenset({"width", "invisible"})]
)
words = st.text(LETTERS, min_size=1, max_size=3).filter(lambda word: fold(word, DEFAULT_FOLD) != "")
some_words = st.lists(words, min_size=1, max_size=3).map(tuple)
patterns = st.sampled_from(
    ["退款", "退.?款", "(?i)aa", "退|款a", "^退", "款$", "a+", "[退款]{2}", "(?:退a)*款", r"\bA", ".", "^$"]
).map(Pattern.of)
fields = st.sampled_from(
    [
        FieldTest(path="n", equals=(1,)),
        FieldTest(path="n", least=2),
        FieldTest(path="t", words=("退",)),
        FieldTest(path="t", patterns=(Pattern.of("a"),)),
        FieldTest(path="l[].n", exists=False),
    ]
)


def one_of(key: str, values: str) -> st.SearchStrategy[Condition]:
    return st.frozensets(st.sampled_from(values.split()), min_size=1).map(lambda chosen: OneOf(key, chosen))


_inner = st.one_of(
    one_of("type", "text picture"),
    one_of("sender", "1 2"),
    st.builds(Words.of, st.just("contains"), some_words, folds),
).map(lambda part: table((part,)))

silent_leaves: st.SearchStrategy[Condition] = st.one_of(
    one_of("type", "text merge picture"),
    one_of("account", "A B"),
    one_of("chat", "R:1 R:2 3"),
    one_of("chat_type", "room private"),
    one_of("sender", "1 2 3"),
    st.builds(Words.of, st.sampled_from(["contains", "contains_all"]), some_words, folds),
    st.lists(patterns, min_size=1, max_size=2).map(lambda chosen: Patterns(tuple(chosen))),
    st.lists(fields, min_size=1, max_size=2).map(lambda chosen: Fields(tuple(chosen))),
    st.builds(Items, st.integers(0, 2), st.none() | _inner, st.none() | _inner),
    st.just(Everything()),
)
"""Of every kind but ``self_sent``."""

leaves = silent_leaves | st.builds(SelfSent, st.booleans())


def tables(of: st.SearchStrategy[Condition]) -> st.SearchStrategy[All]:
    """What can stand under ``when``, nested as ``all``, ``any`` and ``not`` nest it."""

    def table_of(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[All]:
        return st.lists(parts, min_size=1, max_size=3).map(lambda chosen: table(tuple(chosen)))

    def nested(inner: st.SearchStrategy[All]) -> st.SearchStrategy[All]:
        several = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return table_of(of | several.map(All) | several.map(AnyOf) | inner.map(Not))

    return st.recursive(table_of(of), nested, max_leaves=6)


def _message(hidden: bool, **given: object) -> Message:
    text = "" if hidden else str(given.pop("text"))
    return message(**{**given, "text": text, "opaque": hidden})


messages: st.SearchStrategy[Message] = st.builds(
    _message,
    hidden=st.integers(0, 5).map(lambda roll: roll == 0),
    type=st.sampled_from(["text", "merge", "picture"]),
    account=st.sampled_from("AB"),
    chat=st.sampled_from(["R:1", "R:2", "3"]),
    chat_type=st.sampled_from(["room", "private"]),
    sender=st.sampled_from(["", "1", "2"]),
    text=st.text(LETTERS, max_size=8),
    content=st.sampled_from(['{"n":1,"t":"退"}', '{"n":3,"l":[{"n":0}]}', '{"t":"a"}', MERGED, "[]", "no JSON"]),
    self_sent=st.booleans(),
)
