"""Who gets in, who does not, and what a page of somebody else's cannot do."""

import pytest
from starlette.responses import PlainTextResponse, Response

from tests.console.conftest import PASSWORD, VIEWER, Console, csrf
from yzj_daemon.console.access.links import KeyFile
from yzj_daemon.console.asked import Asked
from yzj_daemon.console.page import Act, Page


async def test_a_page_leads_to_the_door_and_from_there_back(console: Console) -> None:
    async with console.browser() as browser:
        answer = await browser.get("/?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/%3Fx%3D1")
        door = await browser.get(answer.headers["location"])
        assert 'name="next" value="/?x=1"' in door.text
        answer = await browser.post("/login", data={"name": "小王", "password": PASSWORD, "next": "/?x=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?x=1")
        assert (await browser.get("/")).status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_nobody_is_sent_elsewhere_after_logging_in(target: str, console: Console) -> None:
    async with console.browser() as browser:
        answer = await browser.post("/login", data={"name": "w", "password": PASSWORD, "next": target})
        assert answer.headers["location"] == "/"


async def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(console: Console) -> None:
    async with console.browser() as browser:
        plain = await browser.post("/login", data={"name": "w", "password": PASSWORD})
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(plain.headers["set-cookie"].split("; "))
        assert "Secure" not in plain.headers["set-cookie"]
        proxied = {"X-Forwarded-Proto": "https"}
        secure = await browser.post("/login", data={"name": "w", "password": PASSWORD}, headers=proxied)
        assert "Secure" in secure.headers["set-cookie"]


async def test_a_wrong_password_and_a_missing_name_are_told(console: Console) -> None:
    async with console.browser() as browser:
        answer = await browser.post("/login", data={"name": "小王", "password": "guess"})
        assert answer.status_code == 403
        assert "That is not the password" in answer.text
        assert 'value="小王"' in answer.text
        answer = await browser.post("/login", data={"name": " ", "password": PASSWORD})
        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers


async def test_who_guesses_must_wait_even_with_the_right_password(console: Console) -> None:
    async with console.browser() as browser:
        for _ in range(6):
            answer = await browser.post("/login", data={"name": "w", "password": "guess"})
        assert answer.status_code == 429
        answer = await browser.post("/login", data={"name": "w", "password": PASSWORD})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        console.clock.seconds += 2
        assert (await browser.post("/login", data={"name": "w", "password": PASSWORD})).status_code == 303


async def test_logging_out_ends_the_session(console: Console) -> None:
    async with console.inside() as browser:
        token = csrf((await browser.get("/")).text)
        cookie = browser.cookies["yzj_session"]
        assert (await browser.post("/logout", data={"csrf": token})).headers["location"] == "/login"
        again = await browser.get("/", headers={"Cookie": f"yzj_session={cookie}"})
        assert again.status_code == 303


async def test_a_session_that_is_over_sends_the_whole_page_to_the_door(console: Console) -> None:
    async with console.inside() as browser:
        console.clock.seconds += 8 * 3600 + 1
        answer = await browser.get("/overview/now", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


async def _ordered(asked: Asked) -> Response:
    return PlainTextResponse(f"{asked.who} {asked.form.get('what', '')}")


@pytest.fixture
def acting(console: Console) -> Console:
    """With something that only an operator may do."""
    console.more = (Act("/order", _ordered),)
    return console


async def test_an_operator_acts_under_their_name(acting: Console) -> None:
    async with acting.inside() as browser:
        token = csrf((await browser.get("/nowhere")).text)
        answer = await browser.post("/order", data={"csrf": token, "what": "退款"})
        assert answer.text == "console:小王 退款"
        answer = await browser.post("/order", data={"what": "x"}, headers={"X-CSRF-Token": token})
        assert answer.text == "console:小王 x"


async def test_a_viewer_may_look_and_not_act(acting: Console) -> None:
    async with acting.inside(VIEWER) as browser:
        token = csrf((await browser.get("/nowhere")).text)
        answer = await browser.post("/order", data={"csrf": token})
        assert answer.status_code == 403
        assert "viewer" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "guess"},
        {"X-CSRF-Token": "own", "Sec-Fetch-Site": "cross-site"},
        {"X-CSRF-Token": "own", "Sec-Fetch-Site": "same-site"},
        {"X-CSRF-Token": "own", "Origin": "http://evil.example"},
    ],
)
async def test_a_forged_request_does_nothing(headers: dict[str, str], acting: Console) -> None:
    async with acting.inside() as browser:
        token = csrf((await browser.get("/nowhere")).text)
        sent = {name: token if value == "own" else value for name, value in headers.items()}
        answer = await browser.post("/order", data={"what": "x"}, headers=sent)
        assert answer.status_code == 403
        assert "nothing was done" in answer.text


async def test_nobody_is_logged_in_by_another_site(console: Console) -> None:
    async with console.browser() as browser:
        given = {"name": "w", "password": PASSWORD}
        assert (await browser.post("/login", data=given, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403


async def test_a_form_that_is_too_big_is_refused(acting: Console) -> None:
    async with acting.inside() as browser:
        assert (await browser.post("/order", content=b"x=" + b"y" * (3 << 20))).status_code == 413
        assert (await browser.post("/order", content=b"&".join([b"x=y"] * 3_000))).status_code == 413


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8081", "127.0.0.2:8081", "localhost.evil"])
async def test_another_name_for_this_machine_is_refused(host: str, console: Console) -> None:
    async with console.browser(host=host) as browser:
        for path in ("/", "/login", "/static/console.css"):
            answer = await browser.get(path)
            assert answer.status_code == 403, path
            assert "ops.allowed_hosts" in answer.text
        assert (await browser.get("/healthz")).status_code == 200


async def test_the_names_of_loopback_and_those_of_the_setting_are_known(make_console) -> None:
    console = make_console(**{"ops.password": PASSWORD, "ops.allowed_hosts": ["YZJ.example.com"]})
    for host in ("localhost:8081", "[::1]:8081", "127.0.0.1", "yzj.example.com", "yzj.example.com:443"):
        async with console.browser(host=host) as browser:
            assert (await browser.get("/login")).status_code == 200, host


async def test_without_a_password_only_this_machine_is_served_and_only_by_link(make_console) -> None:
    console = make_console()
    async with console.browser(client="192.0.2.7") as browser:
        answer = await browser.get("/login")
        assert answer.status_code == 403
        assert "ops.password" in answer.text
    async with console.browser() as browser:
        assert "yzj-daemon console" in (await browser.get("/login")).text
        assert (await browser.post("/login", data={"name": "w", "password": ""})).status_code == 403
        link = KeyFile("", console.desk.links.key).link("root", console.clock.now())
        answer = await browser.get(link)
        assert answer.headers["location"] == "/"
        assert "root" in (await browser.get("/")).text
        used = await browser.get(link)
        assert used.status_code == 403
        assert "used already" in used.text


async def test_with_a_password_other_machines_are_served(console: Console) -> None:
    async with console.inside(client="192.0.2.7") as browser:
        assert (await browser.get("/")).status_code == 200


async def test_every_answer_binds_the_browser(console: Console) -> None:
    async with console.browser() as browser:
        for path in ("/login", "/", "/static/console.css", "/nowhere"):
            headers = (await browser.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"


async def test_shipped_files_may_be_kept_for_ever_and_pages_not_at_all(console: Console) -> None:
    async with console.browser() as browser:
        door = await browser.get("/login")
        assert door.headers["cache-control"] == "no-store"
        address = door.text.partition('stylesheet" href="')[2].partition('"')[0]
        assert "immutable" in (await browser.get(address)).headers["cache-control"]
        assert (await browser.get("/static/console.css?v=old")).headers["cache-control"] == "no-cache"
        assert (await browser.get("/static/../app.py")).status_code in {303, 404}


@pytest.mark.parametrize(
    ("headers", "lang"),
    [
        ({"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}, "zh-CN"),
        ({"Accept-Language": "fr, en;q=0.3"}, "en"),
        ({}, "en"),
    ],
)
async def test_the_door_speaks_the_browsers_language(make_console, headers: dict[str, str], lang: str) -> None:
    console = make_console(**{"ops.password": PASSWORD, "lang": "auto"})
    async with console.browser(**headers) as browser:
        assert f'<html lang="{lang}"' in (await browser.get("/login")).text


async def test_language_and_colours_that_were_chosen_stay(console: Console) -> None:
    async with console.inside() as browser:
        back = {"Referer": "http://127.0.0.1:8081/overview?x=1"}
        answer = await browser.post("/preferences", data={"lang": "zh"}, headers=back)
        assert answer.headers["location"] == "/overview?x=1"
        await browser.post("/preferences", data={"theme": "dark"}, headers={"Referer": "http://evil.example/"})
        page = (await browser.get("/")).text
        assert '<html lang="zh-CN" data-theme="dark">' in page
        assert "需要处理" in page


def _broken(asked: Asked) -> str:
    raise ZeroDivisionError("a secret of the inside")


async def test_a_surprise_is_told_and_logged_and_hides_its_inside(console: Console, capsys) -> None:
    console.more = (Page("/broken", _broken),)
    async with console.inside() as browser:
        answer = await browser.get("/broken")
    assert answer.status_code == 500
    assert "secret of the inside" not in answer.text
    assert "console.failed" in answer.text
    assert "console.failed" in capsys.readouterr().out
