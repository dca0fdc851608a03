"""Taking out of a message what is nobody's business, for an example that many will read.

Masked are phone and card numbers, e-mail addresses, ids, the queries of links, and names of people as far as they can
be told. Masks keep the shape: a digit becomes a 0, a letter an x, a Chinese character 某, so that most regexes find
what they found. Numbers of up to five digits, dates, and what stands in ``kept`` remain.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from yzj_daemon.rules.found import Span

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_TITLES: Final = "先生|女士|小姐|太太|老师|师傅|经理|医生|律师|总监|老板|同学|总(?=[,，。.!！?？:：\\s]|$)"
_HAN: Final = "[\u4e00-\u9fff·]"
_LABELS: Final = "姓名|联系人|收货人|收件人|寄件人|发件人|客户名|客户姓名|称呼|Name|name"

_DATE: Final = r"(?<!\d)(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}(?!\d)"
_MAIL: Final = r"(?<![A-Za-z0-9_.+%-])[A-Za-z0-9_.+%-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_LINK: Final = r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+"
_NUMBER: Final = r"\d(?:[ -]?\d){5,}[Xx]?"
_MIXED: Final = r"(?<![A-Za-z0-9_-])(?=[A-Za-z_-]*\d)(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{12,}"
_plain: Final = re.compile(
    f"(?P<date>{_DATE})|(?P<mail>{_MAIL})|(?P<link>{_LINK})|(?P<mixed>{_MIXED})|(?P<number>{_NUMBER})"
)
_names: Final = re.compile(
    f"(?:[{_SURNAMES}]{_HAN}{{0,2}})(?={_TITLES})"
    f"|(?<=@)[^\\s@,，。:：]{{1,20}}"
    f"|(?:(?<=我是)|(?<=我叫)|(?<=本人))[{_SURNAMES}]{_HAN}{{1,2}}(?!{_HAN})"
    f"|^[{_SURNAMES}]{_HAN}{{1,2}}(?=[:：])"
    f"|(?:{_LABELS})\\s*[:：]\\s*(?P<said>[^\\s,，。;；]{{1,20}})"
    f"|^(?P<whose>.{{1,40}}?)的聊天记录"
    f"|(?:Mr|Mrs|Ms|Dr)\\.?\\s+(?P<mister>[A-Z][a-z]+(?:\\s[A-Z][a-z]+)?)",
    re.MULTILINE,
)
_WORDS: Final = """
    群聊 群 所有人 all 谢谢 顾客 金额 金价 金牌 方案 方式 方法 方便 高度 高级 白天 万元 万一 马上 马路 何时 何地 何况
    余款 余额 黄金 白银 石油 程序 毛利 毛重 严重 钱款 江苏 江西 于是 任务 任何 郑重 施工 路线 雷达
"""
_NOBODY: Final = frozenset(_WORDS.split())
"""What stands where names do, and names nobody."""

_mobile = re.compile(r"(?:86[ -]?)?1[3-9]\d")

_PERSONS: Final = frozenset(
    {"nickname", "sendername", "fromname", "fromnickname", "username", "displayname", "author", "realname", "remark"}
)
"""Keys of a content that hold the name of a person, in lower case, without ``_`` and ``-``."""

_SPOKEN: Final = frozenset({"content", "text", "msg", "message", "msgtype", "msgtime"})

MASKED_NAME: Final = "某某"
MAX_NAME: Final = 20


class Masking(msgspec.Struct, frozen=True):
    """``names``: people whose names are known. ``ids``: ids that the rules speak of themselves.

    ``kept``: the places in a text that no mask may touch.
    """

    names: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    kept: Callable[[str], Iterable[Span]] = lambda _: ()

    def text(self, text: str) -> str:
        """The text, masked; as long as it was."""
        kept = {place for start, end in self.kept(text) for place in range(start, end)}
        masked = list(text)
        for start, end in self._found(text):
            for place in range(start, end):
                if place not in kept:
                    masked[place] = _mask(text[place])
        return "".join(masked)

    def tree(self, value: Any, key: str = "") -> Any:
        """Parsed JSON, every text and long number in it masked."""
        match value:
            case str() | int() if str(value) in self.ids:
                return value
            case str() if _plainly(key) in _PERSONS:
                return MASKED_NAME if not any(True for _ in self.kept(value)) else self.text(value)
            case str():
                inner = _json_in(value)
                return self.text(value) if inner is None else json.dumps(self.tree(inner), ensure_ascii=False)
            case bool():
                return value
            case int() if len(str(abs(value))) > 5:
                return int("1" + "0" * (len(str(abs(value))) - 1))
            case dict():
                return {name: self.tree(inner, _meaning(name, value)) for name, inner in value.items()}
            case list():
                return [self.tree(inner, key) for inner in value]
            case _:
                return value

    def _found(self, text: str) -> Iterator[Span]:
        for found in _plain.finditer(text):
            if found.lastgroup != "date":
                yield found.start() + _spared(found), found.end()
        for found in _names.finditer(text):
            span = next((found.span(group) for group in ("said", "whose", "mister") if found[group]), found.span())
            if text[slice(*span)] not in _NOBODY:
                yield span
        for name in self.names:
            yield from ((found.start(), found.end()) for found in re.finditer(re.escape(name), text))


def people(tree: Any) -> Iterator[str]:
    """Names of people that stand in a content under a key of their own."""
    match tree:
        case dict():
            for key, value in tree.items():
                if isinstance(value, str) and _plainly(_meaning(key, tree)) in _PERSONS and 2 <= len(value) <= MAX_NAME:
                    yield value
                yield from people(value)
        case list():
            for value in tree:
                yield from people(value)
        case str() if (inner := _json_in(tree)) is not None:
            yield from people(inner)


def _meaning(key: str, table: dict[str, Any]) -> str:
    """The key; ``name`` beside what somebody said is who said it, and elsewhere that of a file or a place."""
    return "nickname" if _plainly(key) == "name" and not _SPOKEN.isdisjoint(map(_plainly, table)) else key


def _json_in(text: str) -> Any:
    """What a text holds if it is JSON once more, else None."""
    if text.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _spared(found: re.Match[str]) -> int:
    """How much of the beginning tells what it is, and of whom it tells nothing."""
    match found.lastgroup:
        case "link":
            cut = re.search(r"[?#]", found[0])
            return cut.end() if cut else len(found[0])
        case "mixed":
            return len(re.match("[A-Za-z]{0,4}", found[0])[0])  # type: ignore[index]  # it matches nothing, too
        case "number" if mobile := _mobile.match(found[0]):
            return mobile.end()
        case _:
            return 0


def _mask(char: str) -> str:
    if char.isdigit():
        return "0"
    if char.isascii():
        return ("X" if char.isupper() else "x") if char.isalpha() else char
    return "某" if char.isalpha() else char


def _plainly(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
