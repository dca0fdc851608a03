"""What the settings of a daemon say of its rules and of how messages are read."""

import msgspec

from yzj_daemon.rules.text import DEFAULT_PATHS, Paths


class Dialect(msgspec.Struct, frozen=True):
    """``paths``: where the words stand, per type of message. ``any_via``: a rule may name the account that forwards.

    ``served``: the hosted accounts that the daemon serves; none: all there are.
    """

    paths: Paths = msgspec.field(default_factory=lambda: DEFAULT_PATHS)
    any_via: bool = False
    served: frozenset[str] = frozenset()


DEFAULT = Dialect()
