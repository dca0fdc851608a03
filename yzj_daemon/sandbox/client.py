"""A client of the control endpoint, for tests and the demo."""

import ssl
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.sandbox.faults import Fault, Match, Script
from yzj_daemon.sandbox.incoming import AccountChange, Inject, Injection, Notification, WorldChange

Row = dict[str, Any]
WAIT_S = 60.0


class SandboxControl:
    """``base_url`` is a sandbox's root, without the vendor prefix. Use as an async context.

    What the sandbox does not accept is a UsageProblem with its words; a sandbox that is away is httpx's error.
    """

    def __init__(self, base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + "/_sandbox",
            timeout=WAIT_S,
            transport=transport,
            trust_env=False,
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # plain HTTP: loading the world's CAs takes 0.1 s
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def inject(
        self, *messages: Inject, push: bool = True, batch: bool = False, wait: bool = False
    ) -> list[list[dict[str, str]]]:
        """The ids that each message got at each account that received it. ``wait``: until all was pushed."""
        asked = Injection(messages=list(messages), push=push, batch=batch, wait=wait)
        made: list[list[dict[str, str]]] = (await self._ask("POST", "/messages", asked))["ids"]
        return made

    async def notify(self, type: str, account: str, data: bytes, *, wait: bool = False) -> None:  # noqa: A002 - wire name
        asked = Notification(type=type, account=account, data=msgspec.Raw(data), wait=wait)
        await self._ask("POST", "/notifications", asked)

    async def fail(
        self,
        fault: Fault,
        *,
        endpoint: str = "forwardMsg",
        account: str | None = None,
        chat: str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> None:
        """One scripted fault; the meanings are those of :mod:`yzj_daemon.sandbox.faults`."""
        match = Match(account=account, chat=chat)
        await self.faults(Script(endpoint=endpoint, match=match, skip=skip, times=times, fault=fault))

    async def faults(self, *scripts: Script) -> None:
        await self._ask("POST", "/faults", list(scripts))

    async def pending_faults(self) -> list[Script]:
        return msgspec.convert(await self._ask("GET", "/faults"), list[Script])

    async def clear_faults(self) -> None:
        await self._ask("DELETE", "/faults")

    async def behave(self, **changes: object) -> Row:
        """Changes options of :class:`~yzj_daemon.sandbox.behaviour.Behaviour`; answers all of them."""
        return await self._row("PATCH", "/behaviour", changes)

    async def behaviour(self) -> Row:
        return await self._row("GET", "/behaviour")

    async def change_world(self, change: WorldChange) -> Row:
        return await self._row("POST", "/accounts", change)

    async def online(self, account: str, online: bool = True) -> None:
        await self.change_world(WorldChange(accounts=[AccountChange(account=account, online=online)]))

    async def world(self) -> Row:
        return await self._row("GET", "/world")

    async def calls(self, *, since: int = 0, limit: int = 0, answered: int = 0) -> list[Row]:
        """ForwardMsg calls from index ``since`` on, once ``answered`` calls have their answer."""
        return await self._rows("/calls", since=since, limit=limit, answered=answered)

    async def arrivals(self, chat: str = "", *, since: int = 0, limit: int = 0) -> list[Row]:
        """What really came into a chat, or into any."""
        return await self._rows("/arrivals", chat=chat, since=since, limit=limit)

    async def pushes(self, *, since: int = 0, limit: int = 0) -> list[Row]:
        return await self._rows("/pushes", since=since, limit=limit)

    async def stats(self) -> Row:
        return await self._row("GET", "/stats")

    async def settled(self) -> None:
        """Returns once all copies have arrived and all pushes have their end."""
        await self._ask("GET", "/settled")

    async def expire_tokens(self) -> int:
        return int((await self._row("POST", "/expire_tokens"))["expired"])

    async def reset(self) -> None:
        await self._ask("POST", "/reset")

    async def _row(self, method: str, path: str, body: object = None) -> Row:
        row: Row = await self._ask(method, path, body)
        return row

    async def _rows(self, path: str, **query: str | int) -> list[Row]:
        rows: list[Row] = await self._ask("GET", path, query=query)
        return rows

    async def _ask(
        self, method: str, path: str, body: object = None, *, query: dict[str, str | int] | None = None
    ) -> Any:
        content = None if body is None else msgspec.json.encode(body)
        answer = await self._http.request(method, path, content=content, params=query)
        if answer.status_code == 400:
            error = answer.json()["error"]
            raise UsageProblem(Phrase(error["zh"], error["en"]))
        answer.raise_for_status()
        return answer.json()
