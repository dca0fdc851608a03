"""A large rule set that stays: taken apart into bytes, and put together again once what loading it took is gone.

What is left of a set lies scattered over many times its size in memory: between its rules stood the text's tree, the
tables, the places. Python gives a piece of memory back only when nothing in it is used any more.
"""

import pickle  # nosec B403 - its own bytes, which never leave the process
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from yzj_daemon.rules import pattern
from yzj_daemon.rules.load import Loaded, uncollected
from yzj_daemon.rules.ruleset import Ruleset
from yzj_daemon.rules.text import Paths

AT_ONCE: Final = 100
"""Rules of one pickle, which remembers all it met until its end; what several of them share is shared among these."""


class Parcel(NamedTuple):
    """A loaded set in few large pieces."""

    rules: tuple[bytes, ...]
    rest: bytes
    files: Mapping[str, str]
    paths: Paths


def packed(loaded: Loaded, told: int) -> Parcel:
    """A set that has rules, without its examples, and with so many of its findings."""
    ruleset = loaded.ruleset
    assert ruleset is not None
    rest = ruleset.hash, ruleset.timezone, dict(ruleset.names), loaded.findings[:told]
    pattern.forget()
    return Parcel(
        rules=tuple(_pickled(ruleset.rules[at : at + AT_ONCE]) for at in range(0, len(ruleset.rules), AT_ONCE)),
        rest=_pickled(rest),
        files=loaded.files,
        paths=ruleset.paths,
    )


def unpacked(parcel: Parcel) -> Loaded:
    """The same set."""
    with uncollected():
        rules = [rule for some in parcel.rules for rule in pickle.loads(some)]  # noqa: S301  # nosec B301 - as above
        digest, timezone, names, findings = pickle.loads(parcel.rest)  # noqa: S301  # nosec B301 - as above
        ruleset = Ruleset(rules, digest=digest, timezone=timezone, names=names, paths=parcel.paths)
    return Loaded(ruleset, findings, parcel.files)


def _pickled(what: Any) -> bytes:
    return pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
