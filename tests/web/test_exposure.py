"""The private bind tells this machine everything, and others yes or no until they show the token."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from yzj_daemon.settings.reach import is_loopback
from yzj_daemon.web.exposure import Private

TOKEN = "ops-token-0123456789"


async def said(request) -> PlainTextResponse:
    return PlainTextResponse("told", headers={"x-frame-options": "SAMEORIGIN"} if "framed" in request.url.path else {})


class Bind:
    def __init__(self, token: str | None = None) -> None:
        self.denied = 0
        app = Starlette(routes=[Route(path, said) for path in ("/healthz", "/readyz", "/metrics", "/framed")])
        self.app = Private(app, token, self.deny)

    def deny(self) -> None:
        self.denied += 1

    async def ask(self, path: str, peer: str = "127.0.0.1", host: str = "127.0.0.1:8081", **headers) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(peer, 4711))
        dashed = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx.AsyncClient(transport=transport, base_url="http://ops") as http:
            return await http.get(path, headers={"host": host, **dashed})


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8081", "localhost:8081", "[::1]:8081", "localhost"])
async def test_this_machine_may_ask_everything(peer, host):
    bind = Bind()
    for path in ("/metrics", "/healthz?verbose", "/readyz"):
        assert (await bind.ask(path, peer, host)).status_code == 200
    assert not bind.denied


async def test_other_machines_hear_yes_or_no_and_what_would_let_them_ask_more():
    bind = Bind()
    for path in ("/healthz", "/readyz"):
        assert (await bind.ask(path, "10.0.0.9")).status_code == 200
    for path in ("/metrics", "/healthz?verbose", "/", "/api/v1/status"):
        answer = await bind.ask(path, "10.0.0.9", authorization="Bearer ")
        assert answer.status_code == 403
        assert "ops.token" in answer.json()["message"]
        assert "told" not in answer.text
    assert bind.denied == 4


async def test_the_token_opens_it_and_nothing_like_the_token_does():
    bind = Bind(TOKEN)
    assert (await bind.ask("/metrics", "10.0.0.9", authorization=f"Bearer {TOKEN}")).text == "told"
    for wrong in ("", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer"):
        answer = await bind.ask("/metrics", "10.0.0.9", authorization=wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert TOKEN not in answer.text
    assert bind.denied == 6


@pytest.mark.parametrize("passed_on", ["x_forwarded_for", "forwarded", "via", "x_real_ip", "x_forwarded_host"])
async def test_what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine(passed_on):
    assert (await Bind().ask("/metrics", **{passed_on: "for=203.0.113.5"})).status_code == 403
    assert (await Bind(TOKEN).ask("/metrics", authorization=f"Bearer {TOKEN}", via="1.1 p")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8081", "", "10.0.0.1:8081", "127.0.0.1.evil.example"])
async def test_a_web_page_whose_name_points_here_is_turned_away(host):
    assert (await Bind().ask("/metrics", host=host)).status_code == 403


async def test_a_host_named_twice_is_not_from_this_machine():
    bind = Bind()
    twice = [(b"host", b"evil.example"), (b"host", b"127.0.0.1")]
    scope = {"type": "http", "path": "/metrics", "query_string": b"", "headers": twice, "client": ("127.0.0.1", 1)}
    sent = []

    async def send(event) -> None:
        sent.append(event)

    await bind.app(scope, None, send)
    assert sent[0]["status"] == 403


async def test_every_answer_forbids_scripts_frames_and_referrers_unless_the_application_says_otherwise():
    bind = Bind()
    for peer in ("127.0.0.1", "10.0.0.9"):
        headers = (await bind.ask("/metrics", peer)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; frame-ancestors 'none'")
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    assert (await bind.ask("/framed")).headers.get_list("x-frame-options") == ["SAMEORIGIN"]


def test_which_binds_are_this_machine_alone():
    assert all(map(is_loopback, ("127.0.0.1", "::1", "localhost", "127.1.2.3")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "10.0.0.1", "example.com", "")))
