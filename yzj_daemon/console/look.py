"""How pages are made: the templates, the files that come with them, and small drawings."""

import hashlib
import mimetypes
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from yzj_daemon.console.nav import NAV
from yzj_daemon.console.tones import TONES


class Asset(msgspec.Struct, frozen=True):
    """A file that pages ask for. ``tag`` names its content."""

    body: bytes
    media_type: str
    tag: str


@cache
def assets() -> dict[str, Asset]:
    """All shipped files by name."""
    found = {}
    for file in (files("yzj_daemon.console") / "static").iterdir():
        if file.is_file():
            body = file.read_bytes()
            media_type = mimetypes.guess_type(file.name)[0] or "text/plain"
            found[file.name] = Asset(body, media_type, hashlib.sha256(body).hexdigest()[:12])
    return found


def address(name: str) -> str:
    """Where a shipped file is, under a name of its content: browsers may keep it for ever."""
    return f"/static/{name}?v={assets()[name].tag}"


@cache
def templates() -> Environment:
    """Everything is escaped, and a name that nobody gave is a mistake."""
    environment = Environment(
        loader=PackageLoader("yzj_daemon.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(asset=address, spark=spark, nav=NAV, tones=TONES)
    return environment


class Spark(msgspec.Struct, frozen=True):
    """A course of numbers as an SVG path. ``line`` is the top edge, ``area`` what lies below it."""

    width: int
    height: int
    line: str
    area: str


def spark(course: Sequence[int], width: int = 240, height: int = 40) -> Spark:
    """Bars would tell more than sixty numbers are worth: an edge of steps, one step for each number."""
    most, step = max((*course, 1)), width / max(len(course), 1)
    tops = [round(height - 1 - (height - 3) * value / most, 1) for value in course]
    steps = "".join(f"V{top:g}H{round((at + 1) * step, 1):g}" for at, top in enumerate(tops))
    return Spark(width, height, f"M0,{tops[0] if tops else height:g}{steps}", f"M0,{height}{steps}V{height}Z")
