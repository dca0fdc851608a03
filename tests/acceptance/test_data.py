"""Backup, restore, upgrade, downgrade, a store without content, and a tap: the real process, the real files."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import CLOUD, EVERYTHING, LI, OPS, REAL, ROOM, WANG, start, text, until
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.samples import SAMPLES

OLD = Path(__file__).parents[1] / "storage" / "stores" / "0006.sql"
QUICK = {"accounts": f'["{CLOUD}"]', "forward__pace": "0.05"}


def said(words: str, account: str = CLOUD, chat: str = ROOM) -> Inject:
    return Inject(chat=chat, sender=WANG, account=account, content_raw=text(words))


async def contents(platform, **given) -> list[str]:
    return [call["contents"][0] for call in await platform.calls(**given)]


async def test_what_was_forwarded_between_backup_and_restore_is_not_forwarded_again(make_daemon, platform, tmp_path):
    daemon = await start(make_daemon(**QUICK, pull__interval="1s", pull__overlap="0"), platform)
    await until(lambda: daemon.log("pull.baseline"))
    await platform.inject(said("备份之前"), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    await until(lambda: daemon.log("pulled") or daemon.log("pull.baseline"))
    copy = tmp_path / "copy.db"
    daemon.cli("db", "backup", str(copy))
    await platform.inject(said("备份之后 一"), said("备份之后 二"), wait=True)
    await until(lambda: len(daemon.deliveries("confirmed")) == 3)
    assert "running" in daemon.cli("status")
    assert "is using the store" in restored_while_running(daemon, copy)
    assert daemon.stop() == 0
    told = json.loads(daemon.cli("db", "restore", str(copy), "--yes", "--json"))
    assert told["aside"] in {str(file) for file in daemon.directory.iterdir()}
    await start(daemon, platform)
    await platform.inject(said("恢复之后"), wait=True)
    await until(lambda: len(daemon.deliveries("confirmed")) == 4, longest=30)
    assert sorted(await contents(platform)) == sorted(map(text, ["备份之前", "备份之后 一", "备份之后 二", "恢复之后"]))
    assert {line.state for line in daemon.deliveries()} == {"confirmed"}, "their own copies prove that they had left"
    daemon.balanced()


def restored_while_running(daemon, copy: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "yzj_daemon", "--lang", "en", "db", "restore", str(copy), "--yes"],
        env=daemon.environment(),
        cwd=daemon.directory,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 4
    return done.stderr.decode()


async def test_without_own_copies_what_may_have_been_forwarded_waits_for_a_person(make_daemon, platform, tmp_path):
    daemon = await start(make_daemon(**QUICK, pull__interval="1s"), platform, own_copies="none")
    await until(lambda: daemon.log("pull.baseline"))
    daemon.cli("db", "backup", str(tmp_path / "copy.db"))
    await platform.inject(said("也许发过"), wait=True)
    await platform.calls(answered=1)
    await until(lambda: daemon.deliveries("sent"))
    assert daemon.stop() == 0
    daemon.cli("db", "restore", str(tmp_path / "copy.db"), "--yes")
    await start(daemon, platform)
    [held] = await until(lambda: daemon.deliveries("held"))
    assert held.reason == "restored"
    await asyncio.sleep(1)
    assert len(await platform.calls()) == 1
    daemon.cli("deliveries", "release", str(held.id), "--yes")
    await until(lambda: daemon.deliveries("sent"))
    assert len(await platform.calls(answered=2)) == 2, "a person said so"


async def test_a_store_of_the_release_before_opens_and_goes_on_with_what_it_owes(make_daemon, platform):
    daemon = make_daemon(pull__mode="off", forward__pace="0.05", fresh=True)
    with closing(sqlite3.connect(daemon.directory / "store.db")) as old:
        old.executescript(OLD.read_text("utf-8"))
    owed = {(line["id"], line["chat"]) for line in pending(daemon)}
    assert len(owed) == 2
    await start(daemon, platform, received_by="unchecked")
    [upgraded] = daemon.log("store.upgraded")
    assert (upgraded["before"], upgraded["level"]) == ("0006", "info")
    calls = await platform.calls(answered=2)
    assert {chat for call in calls for chat in call["chats"]} == {chat for _, chat in owed}
    assert {call["contents"][0] for call in calls} == {text("退款,等账号上线")}
    await until(lambda: not daemon.deliveries("pending", "sending"))
    daemon.balanced()
    assert json.loads(daemon.cli("db", "check", "--json"))["ok"] is True


def pending(daemon) -> list[dict[str, object]]:
    with closing(sqlite3.connect(daemon.directory / "store.db")) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute("SELECT * FROM deliveries WHERE state = 'pending'")]


async def test_a_store_of_a_later_release_is_refused_and_not_touched(make_daemon):
    daemon = make_daemon()
    path = daemon.directory / "store.db"
    with closing(sqlite3.connect(path)) as store:
        store.execute("UPDATE alembic_version SET version_num = '9001'")
        store.commit()
    before = path.read_bytes()
    for _ in range(2):
        daemon.start(wait=False)
        assert daemon.process is not None
        assert daemon.process.wait(20) == 4
        told = daemon.log_file.read_text()
        assert "9001" in told
        assert "newer version" in told
        assert "Traceback" not in told
    for command in (["status"], ["db", "upgrade"], ["messages", "list"]):
        daemon.cli(*command, check=4)
    assert path.read_bytes() == before


async def test_with_content_off_originals_arrive_whole_and_no_word_stays(make_daemon, platform):
    rules = EVERYTHING.replace("everything = true", 'contains = ["退款"]')
    daemon = await start(make_daemon(rules, **QUICK, store__content="none", pull__mode="off"), platform)
    await platform.inject(SAMPLES[0].sent(ROOM, WANG, CLOUD), said("家里的地址是长安街一号"), wait=True)
    assert SAMPLES[0].content in await contents(platform, answered=1)
    await until(lambda: daemon.deliveries("confirmed"))
    await until(lambda: not any(daemon.cli("messages", "list", "--json").count(w) for w in ("退款", "长安街")))
    shown = json.loads(daemon.cli("messages", "show", "1", "--json"))
    assert (shown["kept"], shown["decision"]["rules"], shown["deliveries"][0]["state"]) == (False, ["all"], "confirmed")
    daemon.balanced()
    assert daemon.stop() == 0
    files = b"".join(file.read_bytes() for file in daemon.directory.glob("store.db*"))
    assert "长安街".encode() not in files
    assert "我要退款".encode() not in files
    assert "长安街" not in daemon.log_file.read_text()


def tapping(daemon) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "yzj_daemon", "tap", "--json", "--account", CLOUD],
        env=daemon.environment(),
        cwd=daemon.directory,
        stdout=subprocess.PIPE,
        text=True,
    )


async def talking(platform) -> None:
    """On and on: nobody can see from outside since when a tap listens."""
    while True:
        await asyncio.sleep(0.5)
        await platform.inject(said("现在"), said("别的账号", REAL, LI), wait=True)


async def test_a_tap_shows_decisions_and_outcomes_as_they_happen(make_daemon, platform):
    daemon = await start(
        make_daemon(accounts=f'["{CLOUD}","{REAL}"]', forward__pace="0.05", pull__mode="off"), platform
    )
    await platform.inject(said("以前"), wait=True)
    await until(lambda: daemon.deliveries("confirmed"))
    with tapping(daemon) as tap:
        talk = asyncio.create_task(talking(platform))
        try:
            assert tap.stdout is not None
            lines: list[dict[str, Any]] = []
            # what it sees first may be the outcome of a message that was decided before it looked
            while not any(line.get("rules") == ["all"] for line in lines) or lines[-1].get("state") != "confirmed":
                lines.append(json.loads(await asyncio.wait_for(asyncio.to_thread(tap.stdout.readline), 20)))
        finally:
            talk.cancel()
            tap.terminate()
    decisions = [line for line in lines if line["event"] == "decision"]
    assert {line["account"] for line in lines} == {CLOUD}
    assert "以前" not in {line["text"] for line in decisions}
    assert {line["chat"] for line in lines if line["event"] == "delivery"} == {OPS}
