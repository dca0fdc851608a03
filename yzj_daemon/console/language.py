"""In which language a person is answered: what they chose, what the setting says, what their browser prefers."""

from typing import Final, Literal

from yzj_daemon.errors import Lang

COOKIE: Final = "yzj_lang"

_SPOKEN: Final[dict[str, Lang]] = {"zh": "zh", "en": "en"}


def choose(cookie: str, setting: Literal["auto", "zh", "en"], accepted: str, environment: Lang) -> Lang:
    """``accepted`` is the browser's Accept-Language."""
    if cookie in _SPOKEN:
        return _SPOKEN[cookie]
    if setting != "auto":
        return setting
    return _preferred(accepted) or environment


def _preferred(accepted: str) -> Lang | None:
    """The language with the greatest weight of those we speak, the first of equals; None where none is among them."""
    weights: dict[Lang, float] = {}
    for entry in accepted[:500].split(","):
        tag, _, parameters = entry.strip().lower().partition(";")
        lang = _SPOKEN.get(tag.partition("-")[0])
        if lang is not None:
            weights[lang] = max(weights.get(lang, 0.0), _weight(parameters))
    best = max(weights, key=weights.__getitem__, default=None)
    return best if best is not None and weights[best] > 0 else None


def _weight(parameters: str) -> float:
    """1 where none is told, 0 where it cannot be read."""
    name, _, value = parameters.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
