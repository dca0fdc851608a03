"""Headers are found where a parser of TOML finds them, whatever looks like one."""

import tomllib

import pytest
import tree_sitter_toml
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Language, Parser

from yzj_daemon.rules import headers
from yzj_daemon.rules.source import Source

PIECES = (
    'a{n} = "[x]"\n',
    "b{n} = 'a\"[y]'  # [z] \"\n",
    'c{n} = """\n[no]\n\\"""[[no]]\n"quoted" ""two"" """""\n',
    "d{n} = '''\n[no]\n''[[no]]'''''\n",
    'e{n} = [\n["no"],\n  [[1], [2]],\n[ # ]\n3 ] ]\n',
    "f{n} = [[\"a]]\", 'b]'], []]\n",
    "g{n} = { h = [1, 2], i = { j = '[' } }\n",
    'k{n} = "\\\\" # "\n',
    'l{n} = "\\"[" # ]\n',
    'm{n} = """\\\\"""\n',
    "# [no] 中文 '''\n",
    "[t{n}]\n",
    "  [ t{n} . '[u]' ] # [v]\n",
    "[[list]]\n",
    '\t[[ "\\u4e2d文" ]]\n',
    "[list.in{n}]\n",
    '[[list."".x{n}]]\r\n',
    '["t{n}\\"]"]\n',
    "群 = 1\n".replace("群", '"群{n}"'),
    "\n",
)

texts = st.lists(st.sampled_from(PIECES), max_size=25).map(
    lambda pieces: "".join(piece.replace("{n}", str(number)) for number, piece in enumerate(pieces))
)


@given(texts)
def test_they_are_those_that_the_parser_finds(text: str) -> None:
    if not _valid(text):
        return
    found = [(each.start, each.line, each.grows) for each in headers.found(text.encode())]
    assert found == _parsed(text.encode())


@given(texts)
def test_each_table_of_the_tree_has_its_place(text: str) -> None:
    source = Source("x.toml", text)
    if source.broken is not None:
        return
    lines = text.split("\n")
    for number in range(len(source.tree.get("list", []))):
        line, column = source.place(("list", number))
        assert lines[line - 1][column - 1 :].strip().startswith(("[[list]]", "[list.in", '[[list."'))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[ a . b ]", ("a", "b")),
        ("['a.b'.c]", ("a.b", "c")),
        ('["\\u4e2d文"."]"]', ("中文", "]")),
        ('[""]', ("",)),
        ("[[a]]", ("a",)),
        ("[1.true]", ("1", "true")),
    ],
)
def test_their_keys_are_read(text: str, keys: tuple[str, ...]) -> None:
    [header] = headers.found(text.encode())
    assert header.keys == keys


def _valid(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _parsed(text: bytes) -> list[tuple[int, int, bool]]:
    root = Parser(Language(tree_sitter_toml.language())).parse(text).root_node
    assert not root.has_error
    found = (node for node in root.children if node.type in {"table", "table_array_element"})
    return [(node.start_byte, node.start_point.row + 1, node.type == "table_array_element") for node in found]
