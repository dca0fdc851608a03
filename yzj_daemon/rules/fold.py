"""How ``contains`` compares: what is made equal in the keyword and in the text alike.

Every fold maps single characters, whatever stands around them. So ``fold(a + b) == fold(a) + fold(b)``, and a keyword
that stands in a text still stands in it when both are folded: the index rests on that.
"""

import re
import unicodedata
from typing import Final, Literal

FoldName = Literal["width", "case", "invisible"]
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


def fold(text: str, how: Fold) -> str:
    """``text`` as it is compared: invisible characters gone, full width made normal, case gone."""
    if not text.isascii():
        if "invisible" in how:
            text = _invisible.sub("", text)
        if "width" in how:
            text = _wide.sub(lambda found: _WIDTHS[found[0]], text)
    return text.casefold() if "case" in how else text
