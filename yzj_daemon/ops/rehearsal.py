"""The check of the next start, made while this process still serves: callbacks need not wait for it.

It cannot be a command of the unit: what ends a service is not given the service's credentials by systemd.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final

import structlog

log = structlog.get_logger("yzj_daemon.rehearsal")

LONGEST: Final = 30.0
"""Seconds that a stop waits for it."""

_OURS: Final = ("NOTIFY_SOCKET", "LISTEN_", "WATCHDOG_")
"""Beginnings of variables that mean this process and no other."""


async def rehearse(line: Sequence[str], longest: float = LONGEST) -> None:
    """Give a command line to the program that is installed by now, which may be a newer one.

    It writes to where this process writes. That it cannot be run, or takes too long, is logged and stops nobody.
    """
    environ = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    try:
        check = await asyncio.create_subprocess_exec(sys.executable, "-P", "-m", "yzj_daemon", *line, env=environ)
    except OSError as error:
        log.warning("rehearsal.impossible", error=str(error), still="the next start checks all by itself")
        return
    try:
        async with asyncio.timeout(longest):
            await check.wait()
    except TimeoutError:
        log.warning("rehearsal.given_up", seconds=longest, still="the next start checks all by itself")
    finally:
        if check.returncode is None:
            check.kill()
            await check.wait()
