"""What the client meets: a clock set by hand, and a platform that answers what the test says."""

import inspect
import json
from collections import Counter

import httpcore
import httpx

from yzj_daemon.delivery import Call
from yzj_daemon.yzj.client import ApiOptions, Vendor

BASE = "http://vendor.test/oapi"
SECRET = "s3cret-s3cret"
NOW = 1_800_000_000_000
CALL = Call(
    id=1, account="1688", chats=("R:1",), type="text", sent_at=5, content='{"n":1.0}', message_id=1, deliveries=()
)


class HandClock:
    def __init__(self):
        self.seconds = 1000.0

    def now(self):
        return NOW

    def monotonic(self):
        return self.seconds


class Platform:
    """Tokens are ``t1``, ``t2``, …; every other path answers by its entry in ``answers``: a value, or what makes one.

    ``asked`` holds every request by path.
    """

    def __init__(self, **answers):
        self.answers = {"forward": ok(), **answers}
        self.token_answer = None
        self.issued = 0
        self.asked = []

    def __call__(self, request):
        name = request.url.path.removeprefix("/oapi").rsplit("/", 1)[-1]
        self.asked.append((name, request))
        if name == "token":
            return self._token(request)
        answer = self.answers["forward" if name == "forwardMsg" else name]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _token(self, request):
        if callable(self.token_answer):
            return self.token_answer(request)
        if self.token_answer is not None:
            return self.token_answer
        self.issued += 1
        return httpx.Response(200, json={"errcode": 0, "access_token": f"t{self.issued}", "expires_in": 7200})

    def counts(self):
        return Counter(name for name, _ in self.asked)

    def vendor(self, clock=None, *, pull=None, on_call=None, **options):
        settings = {"base_url": BASE, "app_id": "app", "app_secret": SECRET, **options}
        return Vendor(
            ApiOptions(**settings),
            clock or HandClock(),
            pull=pull,
            engine=Line(self),
            on_call=on_call,
        )


class Line:
    """In place of the network: from an ``httpx.Request`` to an ``httpx.Response``, or to one in a while."""

    def __init__(self, answer):
        self.answer = answer

    async def handle_async_request(self, request):
        url = request.url
        body = b"".join([part async for part in request.stream])
        asked = httpx.Request(
            request.method.decode(),
            f"{url.scheme.decode()}://{url.host.decode()}{url.target.decode()}",
            headers=request.headers,
            content=body,
        )
        answer = self.answer(asked)
        answer = await answer if inspect.isawaitable(answer) else answer
        return httpcore.Response(answer.status_code, headers=answer.headers.raw, content=answer.content)

    async def aclose(self):
        pass


def ok(data=None):
    return httpx.Response(200, json={"errcode": 0, "data": data})


def error(code, text="", field="message", status=200):
    return httpx.Response(status, json={"errcode": code, field: text})


def token_of(request):
    if request.method == "GET":
        return request.url.params["access_token"]
    return json.loads(request.content)["access_token"]
