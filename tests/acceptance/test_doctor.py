"""The doctor against a platform on which one thing at a time is wrong; it never sends anything unless asked."""

import asyncio
import contextlib
import io
import json
import re
import socket

import pytest

from tests.acceptance.conftest import CLOUD, EVERYTHING, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.cli import app
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import APP_SECRET

QUICK = {"accounts": f'["{CLOUD}"]', "forward__pace": "0.05", "forward__media_delay": "0"}
NOTHING = EVERYTHING.replace("everything = true", 'contains = ["没有人会写的字"]')


def said(words: str, **given) -> Inject:
    return Inject(**{"chat": ROOM, "sender": WANG, "account": CLOUD, "content_raw": text(words), **given})


def doctor(daemon, *flags: str) -> tuple[int, str]:
    """In this process, which saves the second that a start takes."""
    said_ = io.StringIO()
    with contextlib.redirect_stdout(said_):
        code = app.main(["doctor", *flags], daemon.environment())
    return code, said_.getvalue()


async def ask(daemon, *flags: str) -> dict[str, dict[str, str]]:
    """Each probe by its name."""
    code, out = await asyncio.to_thread(doctor, daemon, *flags, "--json")
    rows = {row["name"]: row for row in map(json.loads, out.splitlines())}
    assert code == any(row["verdict"] == "wrong" for row in rows.values())
    for row in rows.values():
        assert row["saw"]
        assert bool(row["do"]) == (row["verdict"] != "ok"), row
    return rows


def verdicts(rows) -> dict[str, str]:
    return {name: row["verdict"] for name, row in rows.items()}


MERGE = '{"title":"记录","items":[{"msg_type":"text","content":{"items":[{"type":"text","text":"里面"}]}}]}'


async def test_on_a_good_platform_all_is_well_once_messages_have_come(make_daemon, platform):
    daemon = await start(make_daemon(**{**QUICK, "forward__pace": "1s"}, pull__mode="off"), platform, own_copies="both")
    kinds = ("text", "picture", "voice", "video", "file", "link", "program", "card", "merge")
    contents = {"text": text("你好"), "merge": MERGE}
    for n, kind in enumerate(kinds):
        await platform.inject(said("", type=kind, content_raw=contents.get(kind, f'{{"title":"第{n}个"}}')), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    rows = await ask(daemon, "--public-url", f"http://{daemon.ready['callback']}")
    assert set(verdicts(rows).values()) == {"ok"}, rows
    assert {line.rules for line in daemon.deliveries()} == {("all",)}, "the doctor forwards nothing"
    assert json.loads(daemon.cli("audit", "--json"))["ok"] is True


@pytest.mark.parametrize(
    ("fault", "endpoint", "probe", "hint"),
    [
        (Fault(errcode=101, message="app_id error"), "token", "token", "AppID"),
        (Fault(errcode=102, message="app_secret error"), "token", "token", "AppSecret"),
        (Fault(errcode=103, message="grant_type error"), "token", "token", "grant_field"),
        (Fault(errcode=113, message="ip 203.0.113.9 not allowed"), "token", "whitelist", "whitelist"),
        (Fault(errcode=113, message="ip not allowed"), "list", "whitelist", "whitelist"),
        (Fault(errcode=114, message="app_id expired"), "token", "token", "renew"),
        (Fault(status=404, body="nginx"), "token", "token", "api.base_url"),
        (Fault(errcode=1001, message="未知错误"), "chatLogs", "pull.rows", "pull.mode"),
    ],
    ids=["app id", "secret", "grant", "whitelist", "whitelist at the call", "lapsed", "base url", "logs"],
)
async def test_what_the_platform_refuses_is_told_with_what_to_do(make_daemon, platform, fault, endpoint, probe, hint):
    daemon = make_daemon(**QUICK)
    await platform.fail(fault, endpoint=endpoint, times=None)
    rows = await ask(daemon)
    assert rows[probe]["verdict"] == "wrong"
    assert hint in rows[probe]["do"]
    code, told = await asyncio.to_thread(doctor, daemon, "--lang", "zh")
    assert (code, f"✗ {probe}" in told, "不对" in told) == (1, True, True)
    assert await platform.calls() == []


async def test_who_is_away_or_has_another_time_or_another_name_is_told(make_daemon, platform):
    daemon = make_daemon(**QUICK)
    daemon.settings["accounts"] = f'["{CLOUD}","168000"]'
    await platform.behave(date_ahead_s=300)
    rows = await ask(daemon)
    assert (rows["clock"]["verdict"], "300 s behind" in rows["clock"]["saw"]) == ("wrong", True)
    assert "168000" in rows["accounts"]["saw"]
    daemon.settings["accounts"] = f'["{CLOUD}","{REAL}"]'
    await platform.behave(date_ahead_s=0)
    await platform.online(REAL, False)
    rows = await ask(daemon)
    assert rows["clock"]["verdict"] == "ok"
    assert (rows["accounts"]["verdict"], REAL in rows["accounts"]["saw"]) == ("wrong", True)
    daemon.settings["api.base_url"] = "http://127.0.0.1:9"
    rows = await ask(daemon)
    assert (rows["platform"]["verdict"], rows["token"]["verdict"]) == ("wrong", "wrong")


async def test_directions_that_are_the_other_way_round_are_found(make_daemon, platform):
    daemon = make_daemon(**QUICK)
    assert (await ask(daemon))["pull.direction"]["verdict"] == "unknown"
    now = 1_750_000_000_000
    await platform.inject(*(said(f"第{n}条", msg_time=now + n * 1000) for n in range(5)), push=False)
    assert (await ask(daemon))["pull.direction"]["verdict"] == "ok"
    await platform.behave(direction_newer=1)
    rows = await ask(daemon)
    assert (rows["pull.direction"]["verdict"], "direction_newer" in rows["pull.direction"]["do"]) == ("wrong", True)
    await platform.behave(direction_newer=2, rows_path="result.odd")
    assert (await ask(daemon))["pull.rows"]["verdict"] == "wrong"


async def test_a_wrong_key_and_logs_with_other_ids_are_found_by_what_came(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, **QUICK, pull__mode="off"), platform)
    await platform.inject(said("一"), said("二"), wait=True)
    assert verdicts(await ask(daemon))["pull.ids"] == "ok"
    await platform.behave(pulled_svrid="different")
    rows = await ask(daemon)
    assert (rows["pull.ids"]["verdict"], rows["key"]["verdict"]) == ("wrong", "ok")
    assert daemon.stop() == 0
    daemon.settings["callback.aes_key"] = "another-encoding-aes-key-32-char"
    await start(daemon, platform)
    await platform.inject(said("三"), wait=True)
    rows = await ask(daemon)
    assert (rows["key"]["verdict"], "EncodingAESKey" in rows["key"]["do"]) == ("wrong", True)
    daemon.settings["callback.aes_key"] = "short"
    assert (await ask(daemon))["settings"]["verdict"] == "wrong"


async def test_callbacks_that_do_not_come_are_told_from_silence(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, **QUICK, pull__interval="1s"), platform)
    await until(lambda: daemon.log("pull.baseline"))
    rows = await ask(daemon)
    assert (rows["callbacks"]["verdict"], rows["key"]["verdict"]) == ("unknown", "unknown")
    await platform.inject(said("只能拉取到"), push=False)
    await until(daemon.received)
    rows = await ask(daemon)
    assert (rows["callbacks"]["verdict"], "back office" in rows["callbacks"]["do"]) == ("wrong", True)


async def test_the_public_address_is_tried_with_and_without_a_daemon(make_daemon, platform):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        daemon = make_daemon(**QUICK, callback__port=port, pull__mode="off")
        rows = await ask(daemon, "--public-url", f"http://127.0.0.1:{port}")
        assert rows["callback.url"]["verdict"] == "unknown", "somebody else has the port"
    assert (await ask(daemon, "--public-url", f"http://127.0.0.1:{port}"))["callback.url"]["verdict"] == "ok"
    await start(daemon, platform)
    here = f"http://127.0.0.1:{port}"
    assert (await ask(daemon, "--public-url", here))["callback.url"]["verdict"] == "ok"
    assert (await ask(daemon, "--public-url", here + "/proxied"))["callback.url"]["verdict"] == "wrong"
    assert (await ask(daemon, "--public-url", "http://127.0.0.1:9"))["callback.url"]["verdict"] == "wrong"
    daemon.settings["callback.aes_key"] = "another-encoding-aes-key-32-char"
    rows = await ask(daemon, "--public-url", here)
    assert (rows["callback.url"]["verdict"], "aes_key" in rows["callback.url"]["do"]) == ("wrong", True)
    assert daemon.balanced()["deliveries"]["pending"] == 0


async def test_own_copies_are_awaited_only_when_asked_and_through_the_daemon(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, **QUICK, pull__mode="off", forward__echo_window="2s"), platform)
    rows = await ask(daemon, "--forward-to", OPS)
    assert rows["own_copies"]["verdict"] == "unknown", "there is nothing to forward"
    await platform.inject(said("可以转发的"), wait=True)
    assert (await ask(daemon))["own_copies"]["verdict"] == "unknown"
    assert await platform.calls() == []
    rows = await ask(daemon, "--forward-to", OPS)
    assert rows["own_copies"]["verdict"] == "ok"
    [call] = [call for call in await platform.calls() if call["result"] == "0"]  # the doctor's token voids the daemon's
    assert (call["chats"], call["contents"]) == ([OPS], [text("可以转发的")])
    assert [row["verb"] for row in daemon.rows("actions")] == ["doctor"]
    daemon.balanced()


async def test_watching_tells_each_type_as_it_comes(make_daemon, platform):
    daemon = await start(make_daemon(NOTHING, **QUICK, pull__mode="off"), platform)

    async def write() -> None:
        await asyncio.sleep(1)
        await platform.inject(said("来了"), said("", type="merge", content_raw='{"file":"1"}'), wait=True)

    rows, _ = await asyncio.gather(ask(daemon, "--watch", "5s"), write())
    assert rows["type.text"]["verdict"] == "ok"
    assert "type.merge" in rows
    assert rows["types"]["verdict"] == "wrong"
    assert "rules.text_paths" in rows["types"]["do"], "nothing can be read inside the merge"


async def test_a_report_can_be_shown_to_strangers(make_daemon, platform):
    daemon = await start(make_daemon(**QUICK, pull__mode="off"), platform)
    await platform.inject(said("绝密的话 13800138000"), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    await platform.online(CLOUD, False)
    await platform.fail(Fault(errcode=113, message=f"ip 203.0.113.9 of {CLOUD}"), endpoint="chatLogs", times=None)
    file = daemon.directory / "report.txt"
    flags = ("--public-url", f"http://{daemon.ready['callback']}", "--report", str(file))
    assert (await asyncio.to_thread(doctor, daemon, *flags))[0] == 1
    told = file.read_text("utf-8")
    assert "✗ accounts" in told
    assert "forward.pace" in told
    for secret in (APP_SECRET, "acceptance-callback-secret", CLOUD, ROOM, WANG, "小云", "绝密", "13800138000",
                   "203.0.113.9", daemon.ready["callback"], daemon.base_url.removeprefix("http://"),
                   str(daemon.directory)):  # fmt: skip
        assert secret not in told, secret
    assert not re.search(r"\d{9,}", re.sub("id-[0-9a-f]{12}", "", told))
    assert doctor(daemon, "--report", str(file)) == (2, "")
    assert doctor(daemon, "--watch", "1h", "--report", str(daemon.directory / "nowhere" / "report.txt")) == (2, "")


async def test_settings_that_cannot_be_read_are_a_finding_and_no_end(make_daemon):
    daemon = make_daemon(**QUICK)
    daemon.settings["forward.pace"] = "fast"
    rows = await ask(daemon)
    assert (list(rows), rows["settings"]["verdict"]) == (["settings"], "wrong")
    assert "forward.pace" in rows["settings"]["saw"]
    del daemon.settings["forward.pace"]
    daemon.rules("[[rules]]\nid = 1\n")
    daemon.settings["store.url"] = "postgresql://u:pw@nowhere/db"
    rows = await ask(daemon)
    assert verdicts(rows) | {"rules": "wrong", "store": "wrong", "daemon": "unknown"} == verdicts(rows)
    assert "pw" not in str(rows)
