"""How ``contains`` compares: what is made equal in the keyword and in the text alike.

Every fold maps single characters, whatever stands around them. So ``fold(a + b) == fold(a) + fold(b)``, and a keyword
that stands in a text still stands in it when both are folded: the index rests on that.
"""

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from typing import Final, Literal

FoldName = Literal["width", "case", "invisible", "variants"]
Fold = frozenset[FoldName]

DEFAULT_FOLD: Final[Fold] = frozenset({"width", "case", "invisible"})

_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point: drawn as nothing, typed or pasted unseen."""

_invisible = re.compile(f"[{_INVISIBLE}]")


def _narrow(char: str) -> str | None:
    kind, _, code = unicodedata.decomposition(char).partition(" ")
    return chr(int(code, 16)) if kind in {"<wide>", "<narrow>"} else None


_WIDTHS: Final = {
    char: plain for char in map(chr, (0x3000, *range(0xFF00, 0xFFF0))) if (plain := _narrow(char)) is not None
}
_wide = re.compile(f"[{''.join(_WIDTHS)}]")
_odd = re.compile(f"[{_INVISIBLE}{''.join(_WIDTHS)}]")
"""Either of them: most texts hold none, and are looked through once."""

_IDEOGRAPHS: Final = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x2EE60))
_TO_SIMPLIFIED: Final = ("t2s", "tw2s", "hk2s")


def variants_known() -> bool:
    """Whether the package that knows traditional and simplified characters is installed."""
    return find_spec("opencc") is not None


@cache
def _variants() -> dict[int, str]:
    """Traditional characters, of any region, and the simplified ones they are compared as (OpenCC).

    Character by character: OpenCC's phrases look at what stands around, which a fold must not.
    """
    from opencc import OpenCC  # an extra

    chars = [chr(code) for block in _IDEOGRAPHS for code in block]
    apart = "\n".join(chars)
    table: dict[int, str] = {}
    for name in _TO_SIMPLIFIED:
        for char, plain in zip(chars, OpenCC(name).convert(apart).split("\n"), strict=True):
            if plain != char and len(plain) == 1:
                table.setdefault(ord(char), plain)
    # what one step leaves traditional, another region's table may know
    return {code: table.get(ord(plain), plain) for code, plain in table.items()}


def fold(text: str, how: Fold) -> str:
    """``text`` as it is compared: invisible characters gone, full width made normal, traditional simplified, case gone.

    ``variants`` needs the extra ``opencc`` (:func:`variants_known`).
    """
    if not text.isascii():
        odd = _odd.search(text) is not None
        if odd and "invisible" in how:
            text = _invisible.sub("", text)
        if odd and "width" in how:
            text = _wide.sub(lambda found: _WIDTHS[found[0]], text)
        if "variants" in how:
            text = text.translate(_variants())
    return text.casefold() if "case" in how else text
