"""A rule's ``mode`` in the text of its file: changed at one place, and all else as it was, to the byte."""

import tomllib
from typing import Any, Literal

from yzj_daemon.rules.source import Path, Source

Mode = Literal["live", "shadow"]


def with_mode(text: str, rule: str, mode: Mode) -> str | None:
    """The file with this rule in this mode; None where the rule does not stand in it, or not in a way that is known."""
    source = Source("", text)
    number = next((n for n, each in enumerate(source.tree.get("rules", ())) if each.get("id") == rule), None)
    if number is None:
        return None
    changed = _changed(source, ("rules", number), mode)
    return changed if changed is not None and _proven(source.tree, changed, number, mode) else None


def _changed(source: Source, keys: Path, mode: Mode) -> str | None:
    whole = source.text.encode()
    written = source.value_span((*keys, "mode"))
    if written is not None:
        return (whole[: written[0]] + f'"{mode}"'.encode() + whole[written[1] :]).decode()
    key, value = source.span((*keys, "id")), source.value_span((*keys, "id"))
    if key is None or value is None:
        return None
    if source.section(keys) is None:  # the rule is written on one line, inside a list
        return (whole[: value[1]] + f', mode = "{mode}"'.encode() + whole[value[1] :]).decode()
    begins, ends = whole.rfind(b"\n", 0, key[0]) + 1, whole.find(b"\n", value[1])
    line_end = len(whole) if ends < 0 else ends
    above, newline = whole[:line_end].removesuffix(b"\r"), b"\r\n" if b"\r\n" in whole else b"\n"
    added = whole[begins : key[0]] + b"mode" + _between(whole[key[1] : value[0]]) + f'"{mode}"'.encode()
    return (above + newline + added + whole[len(above) :]).decode()


def _between(written: bytes) -> bytes:
    """As behind ``id``: ``mode`` is longer by two, and the signs stay below one another where there is room."""
    return written[2:] if written.startswith(b"   ") else written


def _proven(before: dict[str, Any], text: str, number: int, mode: Mode) -> bool:
    """The text says that, and nothing else than before."""
    try:
        after = tomllib.loads(text)
    except ValueError:
        return False
    wanted = [{**each, "mode": mode} if n == number else each for n, each in enumerate(before["rules"])]
    return after == {**before, "rules": wanted}
