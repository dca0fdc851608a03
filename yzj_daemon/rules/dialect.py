"""What the settings of a daemon say of its rules and of how messages are read."""

from dataclasses import dataclass, field

from yzj_daemon.rules.text import DEFAULT_PATHS, Paths


@dataclass(frozen=True, slots=True)
class Dialect:
    """``paths``: where the words stand, per type of message. ``any_via``: a rule may name the account that forwards.

    ``served``: the hosted accounts that the daemon serves; none: all there are.
    """

    paths: Paths = field(default_factory=lambda: DEFAULT_PATHS)
    any_via: bool = False
    served: frozenset[str] = frozenset()


DEFAULT = Dialect()
