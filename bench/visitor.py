"""Somebody who looks at the console of a running daemon, with a session of their own."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from bench.process import Running
from yzj_daemon.console.access.links import KeyFile


@asynccontextmanager
async def inside(running: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Entered by the link that ``yzj-daemon console`` prints."""
    key = KeyFile.read(running.directory / "store.db")
    async with httpx.AsyncClient(base_url=key.url, follow_redirects=True, timeout=30, trust_env=False) as client:
        (await client.get(key.link("bench", round(time.time() * 1000)))).raise_for_status()
        yield client


async def look(client: httpx.AsyncClient, page: str) -> float:
    """Seconds until the whole page is there, over loopback."""
    began = time.perf_counter()
    answer = await client.get(page)
    answer.raise_for_status()
    return time.perf_counter() - began
