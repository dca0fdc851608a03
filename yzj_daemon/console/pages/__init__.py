"""The pages, one module each; ``ROUTES`` of a module are its pages and what can be done there."""

from typing import Final

from yzj_daemon.console.page import Act, Page
from yzj_daemon.console.pages import (
    actions,
    deliveries,
    draft,
    graph,
    history,
    message,
    messages,
    ordering,
    overview,
    replay,
    rules,
    trying,
)

PAGES: Final = (
    overview,
    messages,
    message,
    deliveries,
    ordering,
    rules,
    trying,
    graph,
    draft,
    history,
    replay,
    actions,
)
"""Add the module of a new page here, and its place in the navigation in ``nav.py``."""

ROUTES: Final[tuple[Page | Act, ...]] = tuple(route for page in PAGES for route in page.ROUTES)
