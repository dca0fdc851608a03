"""JSON as platforms really write it: texts, not values, so that every spelling can occur."""

from hypothesis import strategies as st

SPACE = st.sampled_from(["", "", "", " ", "\n", "\r\n\t "])

NUMBERS = [
    "0",
    "-0",
    "1.0",
    "1e400",
    "-1.5E-7",
    "9007199254740993",
    "123456789012345678901234567890",
    "0.10",
]
PIECES = [
    "a", "退款", "😀", "\u2028", " ", "content", '\\"content\\":', "{", "}", "[", "]", ",", ":", "\\n", "\\/", "\\\\",
    "\\u0041", "\\u9000", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\ud800\\u0041", "\\u0000",
]  # fmt: skip
KEYS = ["a", "content", "\\u0063ontent", "svrid", "data", "键", 'x\\"y', "\\ud800", ""]


def strings():
    return st.lists(st.sampled_from(PIECES), max_size=6).map(lambda pieces: f'"{"".join(pieces)}"')


def scalars():
    return st.one_of(st.sampled_from([*NUMBERS, "true", "false", "null"]), strings())


def arrays(items):
    return st.lists(st.tuples(SPACE, items, SPACE), max_size=4).flatmap(
        lambda parts: SPACE.map(lambda empty: "[" + (",".join(map("".join, parts)) or empty) + "]")
    )


def members(keys, values):
    spaced = st.tuples(SPACE, keys.map(lambda key: f'"{key}"'), SPACE, st.just(":"), SPACE, values, SPACE)
    return spaced.map("".join)


def objects(values, keys=None):
    parts = st.lists(members(keys or st.sampled_from(KEYS), values), max_size=4)
    return parts.flatmap(lambda found: SPACE.map(lambda empty: "{" + (",".join(found) or empty) + "}"))


def values():
    return st.recursive(scalars(), lambda inner: arrays(inner) | objects(inner), max_leaves=12)
