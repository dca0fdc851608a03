"""The rules as a graph: readable with a few rules and with hundreds."""

import itertools
import re
from collections.abc import Awaitable, Callable

from tests.console.conftest import Console
from yzj_daemon.console import graph
from yzj_daemon.console.graph import ENDS, HIGH, REST, RULES, WIDTH, Drawing, Flow, drawn

FEW = """
[names]
"运营群" = "R:ops"
"老板" = "788"
[[rules]]
id = "退款"
forward_to = ["运营群", "老板"]
[rules.when]
contains = ["退款"]
[[rules]]
id = "文件"
mode = "shadow"
forward_to = ["运营群"]
[rules.when]
type = ["file"]
chat = ["R:customers"]
[[rules]]
id = "群里"
forward_to = ["老板"]
[rules.when]
chat_type = "room"
type = ["link"]
"""


def many(number: int) -> list[Flow]:
    return [
        Flow(f"规则{n}", (f"R:{n % 90}", f"S:{n}"), tuple(f"T:{(n + each) % 70}" for each in range(9)), "good", n)
        for n in range(number)
    ]


def column(drawing: Drawing, name: str) -> list[graph.Node]:
    return [node for node in drawing.nodes if node.column == name]


async def test_sources_rules_and_targets_are_drawn_by_name(
    make_console: Callable[..., Console], receive: Callable[..., Awaitable[None]]
) -> None:
    await receive("退款", "退款啊")
    async with make_console(FEW).seated() as browser:
        page = (await browser.get("/graph")).text
        nodes = re.findall(r'class="node (\w+)[^"]*"[^>]*>.*?<text[^>]*>(.*?)</text>', page, re.DOTALL)
        assert sorted(nodes) == sorted(
            [
                ("source", "anywhere"), ("source", "R:customers"), ("source", "room"),
                ("rule", "退款"), ("rule", "文件"), ("rule", "群里"), ("target", "运营群"), ("target", "老板"),
            ]
        )  # fmt: skip
        assert len(re.findall("<path ", page)) == 3 + 4
        assert "style=" not in page
        widths = dict.fromkeys(re.findall(r'stroke-width="([\d.]+)"', page))
        assert len(widths) == 2, "what matched is drawn thicker"
        only = (await browser.get("/graph?q=R:customers")).text
        assert re.findall(r'class="node rule[^"]*"[^>]*>.*?<text[^>]*>(.*?)</text>', only, re.DOTALL) == ["文件"]
        assert "No rule is like that" in (await browser.get("/graph?q=nothing")).text


def test_hundreds_of_rules_make_no_bigger_drawing() -> None:
    drawing = drawn(many(300), str)
    assert len(column(drawing, "rule")) == RULES
    assert drawing.left == 300 - RULES
    assert len(column(drawing, "source")) <= ENDS + 1
    assert len(column(drawing, "target")) <= ENDS + 1
    assert column(drawing, "target")[-1].key == REST
    assert drawing.height <= graph.ROW * (ENDS + 1)


def test_nothing_covers_anything_else_and_all_is_inside() -> None:
    for flows in (many(1), many(5), many(300)):
        drawing = drawn(flows, str)
        for name in ("source", "rule", "target"):
            nodes = sorted(column(drawing, name), key=lambda node: node.y)
            assert all(below.y - above.y >= HIGH for above, below in itertools.pairwise(nodes))
            assert all(node.y >= 0 and node.y + HIGH <= drawing.height for node in nodes)
            assert all(node.x >= 0 and node.x + graph.NODE <= WIDTH for node in nodes)


def test_a_long_name_is_cut_to_fit_and_told_whole() -> None:
    (node,) = column(drawn([Flow("a", ("x",), (), "good", 0)], lambda _key: "很长的群名" * 10), "source")
    assert len(node.label) <= graph.LABEL // 2 + 1
    assert node.label.endswith("…")
    assert node.name == "很长的群名" * 10


def test_without_rules_there_is_an_empty_drawing() -> None:
    assert drawn([], str).nodes == ()
