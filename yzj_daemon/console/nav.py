"""The navigation: which pages there are, in the order in which a day goes."""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """``name`` is also the page's title in the catalogue of words."""

    name: str
    path: str


NAV: Final = (
    Place("overview", "/"),
    Place("messages", "/messages"),
    Place("deliveries", "/deliveries"),
    Place("rules", "/rules"),
    Place("try", "/try"),
    Place("actions", "/actions"),
)
"""Add a new page here."""
