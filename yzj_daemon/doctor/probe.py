"""What was looked at, what was seen, and what to do."""

from typing import Literal

import msgspec

from yzj_daemon.errors import Lang, Phrase

Verdict = Literal["ok", "wrong", "unknown"]


class Probe(msgspec.Struct, frozen=True):
    """``unknown``: nothing speaks against it, and nothing for it yet. ``do`` is None where there is nothing to do."""

    name: str
    verdict: Verdict
    saw: Phrase
    do: Phrase | None = None

    def row(self, lang: Lang) -> dict[str, str]:
        do = "" if self.do is None else self.do.to(lang)
        return {"name": self.name, "verdict": self.verdict, "saw": self.saw.to(lang), "do": do}


def ok(name: str, zh: str, en: str) -> Probe:
    return Probe(name, "ok", Phrase(zh, en))


def wrong(name: str, saw: Phrase, do: Phrase) -> Probe:
    return Probe(name, "wrong", saw, do)


def unknown(name: str, saw: Phrase, do: Phrase) -> Probe:
    return Probe(name, "unknown", saw, do)
