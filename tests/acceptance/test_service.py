"""The process as a supervisor sees it: start, ready, reload, stop, refuse."""

import asyncio
import json
import signal
import socket

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, EVERYTHING, OPS, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject

ONE = f'["{CLOUD}"]'


def said(words: str) -> Inject:
    return Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(words))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_waits_for_the_call_in_flight_and_ends_well(make_daemon, platform, number):
    daemon = await start(make_daemon(accounts=ONE, forward__pace="0.05"), platform, own_copies="none")
    await platform.fail(Fault(delay=1500))
    await platform.inject(said("在路上"), said("还没走"), wait=True)
    await until(lambda: daemon.deliveries("sending"))
    assert await asyncio.to_thread(daemon.stop, number) == 0
    assert [line.state for line in daemon.deliveries()] == ["sent", "pending"]
    assert len(await platform.calls()) == 1
    daemon.balanced()


async def test_health_and_numbers_are_on_the_private_door(make_daemon, platform):
    daemon = await start(make_daemon(accounts=ONE), platform)
    async with httpx.AsyncClient(trust_env=False, base_url=daemon.ops) as client:
        assert (await client.get("/healthz")).text == "ok\n"
        ready = await client.get("/readyz", params={"verbose": ""})
        assert (ready.status_code, ready.json()["checks"]) == (200, {"store": "ok", "rules": "ok", "token": "ok"})
        numbers = (await client.get("/metrics")).text
        assert "yzj_build_info" in numbers
        assert "yzj_rules_reload_success 1.0" in numbers
        assert (await client.post("/callback/" + "x", content=b"")).status_code == 404


async def test_a_daemon_without_a_token_is_alive_and_not_ready(make_daemon, platform):
    await platform.fail(Fault(errcode=102, message="app_secret error"), endpoint="token", times=None)
    daemon = await start(make_daemon(accounts=ONE, pull__mode="off"), platform)
    async with httpx.AsyncClient(trust_env=False, base_url=daemon.ops) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz", params={"verbose": ""})
        assert answer.status_code == 503
        assert "token" in answer.json()["checks"]["token"]


@pytest.mark.parametrize(("flags", "given"), [(["--dry-run"], {}), ([], {"forward__dry_run": "true"})])
async def test_a_dry_run_decides_and_never_calls(make_daemon, platform, flags, given):
    daemon = await start(make_daemon(accounts=ONE, **given), platform, *flags)
    await platform.inject(said("看看"), wait=True)
    assert daemon.balanced()["suppressed"] == {"shadow": 1}
    assert await platform.calls() == []
    assert daemon.stop() == 0


async def test_new_rules_are_taken_up_and_bad_ones_change_nothing(make_daemon, platform):
    daemon = await start(make_daemon(accounts=ONE, forward__pace="0.05", rules__poll="0.2"), platform)
    await platform.inject(said("一"), wait=True)
    await platform.calls(answered=1)  # one after the other: a machine under load may miss a callback and pull it later
    daemon.rules(EVERYTHING.replace("everything = true", 'contains = ["二"]'))
    await until(lambda: len(daemon.log("rules.in_force")) == 2)
    await platform.inject(said("一"), said("二"), wait=True)
    await platform.calls(answered=2)
    daemon.rules("[[rules]]\nid = 'broken'\n")
    assert daemon.process is not None
    daemon.process.send_signal(signal.SIGHUP)
    await until(lambda: daemon.log("rules.refused"))
    await platform.inject(said("二二"), said("三"), wait=True)
    calls = await platform.calls(answered=3)
    assert [call["contents"][0] for call in calls] == [text("一"), text("二"), text("二二")]
    status = json.loads(daemon.cli("status", "--json"))
    assert (status["state"], status["rules"]["ok"]) == ("running", False)
    assert "rules.toml" in status["rules"]["error"]
    daemon.balanced()


async def test_the_supervisor_hears_ready_watchdog_and_stopping(make_daemon, platform, tmp_path):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(path))
        supervisor.settimeout(10)
        daemon = make_daemon(accounts=ONE)
        daemon.extra = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "400000"}
        await start(daemon, platform)
        heard = [supervisor.recv(4096).decode() for _ in range(3)]
        daemon.stop()
        while "STOPPING=1" not in heard[-1]:
            heard.append(supervisor.recv(4096).decode())
    assert any("READY=1" in said and "STATUS=" in said for said in heard)
    assert "WATCHDOG=1" in heard


async def test_a_socket_of_the_supervisor_wins(make_daemon, platform):
    """Passed as systemd does: file descriptor 3, LISTEN_FDS, LISTEN_PID."""
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        daemon = make_daemon(accounts=ONE)
        daemon.listener = listener
        await start(daemon, platform, own_copies="none")
        assert daemon.ready["callback"].endswith(f":{listener.getsockname()[1]}")
        await platform.inject(said("从插座来"), wait=True)
        assert daemon.balanced()["received"] == 1
    finally:
        listener.close()


@pytest.mark.parametrize(
    ("settings", "rules", "code", "words"),
    [
        ({"forward.pace": "fast"}, EVERYTHING, 3, ["forward.pace", "YZJ_FORWARD__PACE"]),
        ({"no.such": "1"}, EVERYTHING, 3, ["no.such", "YZJ_NO__SUCH"]),
        ({"callback.aes_key": "short"}, EVERYTHING, 3, ["callback.aes_key"]),
        ({"store.url": "sqlite:////proc/none/store.db"}, EVERYTHING, 4, ["/proc/none", "store.url"]),
        ({}, "[[rules]]\nid = 'x'\nforward_to = []\n", 1, ["rules.toml:3", "forward_to"]),
        ({"rules.path": "/nowhere/rules.toml"}, EVERYTHING, 1, ["/nowhere/rules.toml"]),
    ],
    ids=["value", "name", "key", "store", "rules", "no rules"],
)
async def test_what_it_cannot_start_with_is_told_with_its_place(make_daemon, settings, rules, code, words):
    daemon = make_daemon(rules)
    daemon.settings.update(settings)
    daemon.start(wait=False)
    assert daemon.process is not None
    assert daemon.process.wait(20) == code
    said_ = daemon.log_file.read_text()
    assert "Traceback" not in said_
    assert all(word in said_ for word in words), said_


async def test_two_daemons_do_not_share_a_store_or_an_address(make_daemon, platform):
    one = await start(make_daemon(accounts=ONE), platform)
    other = make_daemon(accounts=ONE)
    other.settings["store.url"] = f"sqlite:///{one.directory}/store.db"
    other.start(wait=False)
    assert other.process is not None
    assert other.process.wait(20) == 4
    assert str(one.process.pid) in other.log_file.read_text()
    port = one.ready["callback"].rpartition(":")[2]
    third = make_daemon(accounts=ONE, callback__port=port)
    third.start(wait=False)
    assert third.process is not None
    assert third.process.wait(20) == 3
    assert "callback.port" in third.log_file.read_text()


async def test_no_secret_and_no_text_is_logged(make_daemon, platform):
    daemon = await start(make_daemon(accounts=ONE, log__level="info"), platform)
    await platform.inject(said("只有客户知道的话"), wait=True)
    await platform.calls(answered=1)
    daemon.stop()
    logged = daemon.log_file.read_text()
    assert "只有客户知道的话" not in logged
    assert not [word for word in ("sandbox-secret", "acceptance-callback-secret", "sandbox-encoding") if word in logged]
    [decided] = [line for line in daemon.log("message.decided") if line["reason"] == "matched"]
    [ended] = daemon.log("call.ended")
    assert decided["rules"] == ["all"]
    assert (ended["outcome"], ended["chats"]) == ("sent", [OPS])
