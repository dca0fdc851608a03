"""The control endpoint: what a test or an operator lets happen, and what it sees. JSON under ``/_sandbox``.

======  ==================  ==========================================================================================
POST    ``/messages``       inject one message or many: an :class:`Injection`, an :class:`Inject`, or a list of these
                            → ``{"ids": [[{account, svrid, wx_svrid, wx_msgid}…]…]}``, one list per message
POST    ``/notifications``  push a notification that is no chat message: a :class:`Notification`
POST    ``/faults``         add scripts (:mod:`yzj_daemon.sandbox.faults`), one or a list
GET     ``/faults``         what of them is left
DELETE  ``/faults``         none from now on
GET     ``/behaviour``      every option (:class:`Behaviour`) with its value
PATCH   ``/behaviour``      change some
POST    ``/accounts``       a :class:`WorldChange`: accounts on- or offline, rooms, members, persons
GET     ``/world``          accounts, rooms, persons
GET     ``/calls``          forwardMsg calls; ``since`` (index), ``limit``; ``answered=N`` waits until N have an answer
GET     ``/arrivals``       what really came into the chats; ``chat``, ``since``, ``limit``
GET     ``/pushes``         callbacks with their end; ``since``, ``limit``
GET     ``/stats``          counts, percentiles of callback answers in ms, smallest gap of calls in ms
GET     ``/settled``        waits until all copies have arrived and all pushes have their end
POST    ``/expire_tokens``  all tokens are out of date
POST    ``/reset``          back to how the sandbox started
======  ==================  ==========================================================================================

A mistake is answered 400 with ``{"error": {"zh": …, "en": …}}``, and nothing was done.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.sandbox.faults import Script
from yzj_daemon.sandbox.incoming import Inject, Injection, Notification, WorldChange
from yzj_daemon.sandbox.platform import Platform
from yzj_daemon.sandbox.world import Record

T = TypeVar("T")
PERCENTILES = (50, 90, 99, 100)


def application(platform: Platform) -> Starlette:
    control = _Control(platform)
    return Starlette(
        routes=[Route("/_sandbox" + path, act, methods=[method]) for method, path, act in control.routes()]
    )


class _Control:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def routes(self) -> Iterator[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
        yield "POST", "/messages", self._checked(self.messages)
        yield "POST", "/notifications", self._checked(self.notifications)
        yield "POST", "/faults", self._checked(self.add_faults)
        yield "GET", "/faults", self._checked(self.faults)
        yield "DELETE", "/faults", self._checked(self.clear_faults)
        yield "GET", "/behaviour", self._checked(self.behaviour)
        yield "PATCH", "/behaviour", self._checked(self.change)
        yield "POST", "/accounts", self._checked(self.change_world)
        yield "GET", "/world", self._checked(self.world)
        yield "GET", "/calls", self._checked(self.calls)
        yield "GET", "/arrivals", self._checked(self.arrivals)
        yield "GET", "/pushes", self._checked(self.pushes)
        yield "GET", "/stats", self._checked(self.stats)
        yield "GET", "/settled", self._checked(self.settled)
        yield "POST", "/expire_tokens", self._checked(self.expire_tokens)
        yield "POST", "/reset", self._checked(self.reset)

    @staticmethod
    def _checked(act: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        """A handler that answers JSON, and 400 for what a person has to mend."""

        async def handle(request: Request) -> Response:
            try:
                return JSONResponse(await act(request))
            except UsageProblem as problem:
                return JSONResponse({"error": {"zh": problem.to("zh"), "en": problem.to("en")}}, status_code=400)

        return handle

    async def messages(self, request: Request) -> Any:
        asked = _injection(await request.body())
        made = self._platform.traffic.inject(asked.messages, push=asked.push, batch=asked.batch)
        if asked.wait:
            await self._platform.traffic.settled()
        return {"ids": [[_ids(record) for record in records] for records in made]}

    async def notifications(self, request: Request) -> Any:
        asked = _decoded(await request.body(), Notification)
        self._platform.notify(asked)
        if asked.wait:
            await self._platform.traffic.settled()
        return {}

    async def add_faults(self, request: Request) -> Any:
        scripts = _one_or_many(await request.body(), Script)
        for script in scripts:
            script.check()
        for script in scripts:
            self._platform.faults.add(script)
        return {"added": len(scripts)}

    async def faults(self, _request: Request) -> Any:
        return msgspec.to_builtins(self._platform.faults.pending())

    async def clear_faults(self, _request: Request) -> Any:
        self._platform.faults.clear()
        return {}

    async def behaviour(self, _request: Request) -> Any:
        return msgspec.to_builtins(self._platform.behaviour)

    async def change(self, request: Request) -> Any:
        self._platform.change(_decoded(await request.body(), dict[str, Any]))
        return msgspec.to_builtins(self._platform.behaviour)

    async def change_world(self, request: Request) -> Any:
        self._platform.change_world(_decoded(await request.body(), WorldChange))
        return await self.world(request)

    async def world(self, _request: Request) -> Any:
        world = self._platform.world
        return {
            "accounts": [{"account": a.id, "name": a.name, "online": a.online} for a in world.accounts.values()],
            "rooms": [{"room": r.id, "name": r.name, "members": sorted(r.members)} for r in world.rooms.values()],
            "persons": [{"person": wxid, "name": name} for wxid, name in world.persons.items()],
        }

    async def calls(self, request: Request) -> Any:
        answered = _number(request, "answered")
        if answered:
            await self._platform.calls.until(answered)
        since = _number(request, "since")
        newer = (call for call in self._platform.calls.calls if call.index >= since)
        return [call.row() for call in _limited(newer, request)]

    async def arrivals(self, request: Request) -> Any:
        chat = request.query_params.get("chat", "")
        found = (a for a in self._platform.world.arrivals if chat in ("", a.chat))
        rows = islice(found, _number(request, "since"), None)
        return [
            {"chat": a.chat, "sender": a.sender, "type": a.type, "content": a.content.decode(), "at": a.at}
            for a in _limited(rows, request)
        ]

    async def pushes(self, request: Request) -> Any:
        since = _number(request, "since")
        newer = (push for push in self._platform.pusher.done if push.index >= since)
        return [push.row() for push in _limited(newer, request)]

    async def stats(self, _request: Request) -> Any:
        pusher, calls = self._platform.pusher, self._platform.calls
        answered = sorted(push.ms for push in pusher.done if push.outcome == "answered")
        return {
            "requests": self._platform.requests,
            "tokens_issued": self._platform.tokens.issued,
            "calls": {
                "total": calls.total,
                "answered": calls.answered,
                "results": calls.results,
                "smallest_gap_ms": calls.smallest_gap,
                "overlaps": calls.overlaps,
            },
            "pushes": {
                "total": pusher.total,
                "waiting": pusher.waiting,
                "outcomes": pusher.outcomes,
                "late_today": pusher.late_today,
                "stopped": pusher.is_stopped(),
                "ms": {f"p{share}": _percentile(answered, share) for share in PERCENTILES},
            },
        }

    async def settled(self, _request: Request) -> Any:
        await self._platform.traffic.settled()
        return {}

    async def expire_tokens(self, _request: Request) -> Any:
        return {"expired": self._platform.tokens.expire()}

    async def reset(self, _request: Request) -> Any:
        await self._platform.reset()
        return {}


def _ids(record: Record) -> dict[str, str]:
    return {
        "account": record.account,
        "svrid": record.svrid,
        "wx_svrid": record.wx_svrid,
        "wx_msgid": record.wx_msgid,
    }


def _injection(body: bytes) -> Injection:
    """An injection in its long form, from any of the three."""
    if not body.lstrip().startswith(b"{"):
        return Injection(messages=_decoded(body, list[Inject]))
    if "messages" in _decoded(body, dict[str, msgspec.Raw]):
        return _decoded(body, Injection)
    return Injection(messages=[_decoded(body, Inject)])


def _one_or_many(body: bytes, shape: type[T]) -> list[T]:
    if body.lstrip().startswith(b"["):
        return _decoded(body, list[shape])  # type: ignore[valid-type]
    return [_decoded(body, shape)]


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageProblem(
            Phrase(f"请求体不符合约定: {error}", f"the request's body is not as documented: {error}"),
            Phrase("见 sandbox/control.py 的说明", "see the text of sandbox/control.py"),
        ) from error


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not text.isdecimal():
        raise UsageProblem(
            Phrase(f"参数 {name} 不是数字: {text!r}", f"the parameter {name} is not a number: {text!r}"),
        )
    return int(text)


def _limited(items: Iterable[T], request: Request) -> Sequence[T]:
    """``limit`` 0: all."""
    return list(islice(items, _number(request, "limit") or None))


def _percentile(ordered: Sequence[float], share: int) -> float | None:
    """Nearest rank; None without any value."""
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]
