"""Sending alerts through Apprise, beside everything else: whatever a service does, forwarding never waits for it."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.ops.postman import masked
from yzj_daemon.trouble import Alert

log = structlog.get_logger("yzj_daemon.alerts")

LONGEST: Final = 45.0
"""Seconds after which whoever sends is ended."""

WAITS: Final = (0.0, 10.0, 30.0, 90.0, 270.0)
"""Seconds before each try of one alert. One that nobody took is told anew while its trouble stands."""

MOST: Final = 50
"""Alerts on their way at once; beyond, they are told later."""

AT_ONCE: Final = 2
"""Processes that send at once."""

_OURS: Final = ("YZJ_", "NOTIFY_SOCKET", "LISTEN_", "WATCHDOG_", "CREDENTIALS_DIRECTORY", "PYTHONWARNINGS")
"""Beginnings of variables that are the daemon's own business."""


def named(urls: Sequence[str], index: int) -> str:
    """Which URL is meant, without what is secret in it."""
    return f"alerts.urls[{index}] ({urls[index].partition('://')[0]}://…)"


async def deliver(alert: Alert | None, urls: Mapping[int, str], longest: float = LONGEST) -> dict[int, str]:
    """Why each URL did not take the alert, "" where it did. Without an alert, only whether the URL can be read."""
    said = {"title": alert.title, "body": alert.body, "good": alert.good} if alert is not None else {}
    letter = json.dumps({**said, "urls": {str(index): url for index, url in urls.items()}})
    told, fault = await _run_postman(letter, longest)
    return {index: told.get(str(index), masked(fault, url)) for index, url in urls.items()}


async def _run_postman(letter: str, longest: float) -> tuple[dict[str, str], str]:
    """The fates that were told, and what became of those that were not."""
    program = (sys.executable, "-P", "-m", "yzj_daemon.ops.postman")
    environ = {name: value for name, value in os.environ.items() if not name.upper().startswith(_OURS)}
    pipe = asyncio.subprocess.PIPE
    try:
        postman = await asyncio.create_subprocess_exec(*program, env=environ, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        return {}, f"no process could be started: {error.strerror or error}"
    told: dict[str, str] = {}
    reading = asyncio.gather(_fates(postman, letter, told), _last_words(postman))
    try:
        async with asyncio.timeout(longest):
            _, words = await reading
            await postman.wait()
    except TimeoutError:
        return told, f"no answer within {longest:g} s"
    else:
        return told, words or f"the sending process ended with {postman.returncode}"
    finally:
        if postman.returncode is None:
            postman.kill()
            await postman.wait()


async def _fates(postman: asyncio.subprocess.Process, letter: str, told: dict[str, str]) -> None:
    assert postman.stdin is not None
    assert postman.stdout is not None
    postman.stdin.write(letter.encode())
    postman.stdin.close()
    async for line in postman.stdout:
        fate: dict[str, Any] = json.loads(line)
        told[fate["url"]] = fate["why"]


async def _last_words(postman: asyncio.subprocess.Process) -> str:
    """The last line of its standard error: what a traceback ends with."""
    assert postman.stderr is not None
    words = (await postman.stderr.read()).decode(errors="replace").strip()
    return words.rpartition("\n")[2]


class Sender:
    """Tries each alert at every URL until it is taken, or given up."""

    def __init__(self, urls: Sequence[str], metrics: Metrics, *, waits: Sequence[float] = WAITS) -> None:
        self._urls = tuple(urls)
        self._metrics = metrics
        self._waits = waits
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def check(self) -> None:
        """Look at the URLs, beside everything else; the log tells of those that cannot work."""
        self._begin(self._check())

    def post(self, alert: Alert, done: Callable[[bool], None]) -> None:
        """Send it some time. ``done`` hears once whether anybody took it."""
        if len(self._tasks) >= MOST:
            log.error("alert.put_off", title=alert.title, why=f"{MOST} alerts are on their way")
            done(False)
            return
        self._begin(self._send(alert, done))

    async def stop(self) -> None:
        """Give up what is on its way: it counts as not sent, and is told after the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Any) -> None:
        task = asyncio.create_task(work, name="alert")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _check(self) -> None:
        for index, why in (await deliver(None, dict(enumerate(self._urls)))).items():
            if why:
                log.error("alerts.url_wrong", url=named(self._urls, index), why=why, todo="yzj-daemon alerts test")

    async def _send(self, alert: Alert, done: Callable[[bool], None]) -> None:
        left = dict(enumerate(self._urls))
        taken = False
        try:
            for wait in self._waits:
                await asyncio.sleep(wait)
                async with self._gate:
                    fates = await deliver(alert, left)
                self._tell(alert, fates)
                if not taken and "" in fates.values():
                    taken = True
                    done(True)
                left = {index: url for index, url in left.items() if fates[index]}
                if not left:
                    return
            log.error("alert.given_up", title=alert.title, urls=[named(self._urls, index) for index in left])
        finally:
            if not taken:
                done(False)

    def _tell(self, alert: Alert, fates: Mapping[int, str]) -> None:
        for index, why in fates.items():
            self._metrics.alerted("failed" if why else "sent")
            if why:
                log.error("alert.failed", title=alert.title, url=named(self._urls, index), why=why)
            else:
                log.info("alert.sent", title=alert.title, url=named(self._urls, index))
