"""How many examples a property is tried with: few in ``make test``, many in ``make soak``."""

import os
from typing import Final

from hypothesis import settings

EXAMPLES: Final = int(os.environ.get("PROPERTIES", "40"))
"""Of each property that does not say how many it needs."""


def times(factor: float) -> settings:
    """For a property that needs so many times as many."""
    return settings(max_examples=max(1, round(EXAMPLES * factor)))
