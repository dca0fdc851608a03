"""A dead man's switch: somebody elsewhere is told that all is well, and raises the alarm when that stays away."""

from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger("yzj_daemon.heartbeat")

TIMEOUT: Final = 10.0
"""Seconds for one sign of life."""


class Heartbeat:
    """GETs ``url`` as often as :meth:`beat` is called, in the manner of healthchecks.io.

    ``ill`` answers why no sign of life may be given, "" when all is well.
    """

    def __init__(self, url: str, ill: Callable[[], str]) -> None:
        self._url = url
        self._ill = ill

    async def beat(self) -> None:
        if why := self._ill():
            log.error("heartbeat.withheld", why=why)
            return
        import httpx  # loaded by those who asked for it

        try:
            async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client:
                answer = await client.get(self._url)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log.warning("heartbeat.failed", error=f"{type(error).__name__}: {error}")
            return
        if not answer.is_success:
            log.warning("heartbeat.failed", status=answer.status_code)
