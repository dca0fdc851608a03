"""``demo``: the fake platform, the real daemon in a process of its own, and sample messages to watch.

What is shown comes from both ends: the decisions from the daemon's store, the calls from the platform that got them.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import typer

from yzj_daemon.cli import output
from yzj_daemon.cli.console import fresh
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Lang, Phrase, StoreProblem, UsageProblem
from yzj_daemon.wording import reasons

if TYPE_CHECKING:
    from yzj_daemon.sandbox.calls import Call
    from yzj_daemon.sandbox.incoming import Inject
    from yzj_daemon.sandbox.server import Sandbox
    from yzj_daemon.storage.engine import Store

LOOK_EVERY: Final = 0.1
BETWEEN_MESSAGES: Final = 0.6
READY_WITHIN: Final = 30.0
QUIET_AFTER: Final = 30.0
"""Seconds."""

SECRET: Final = "demo-callback-secret"  # noqa: S105 - of the demo, on loopback

ROOM: Final = "R:10900000000000001"
WANG: Final = "7881300000000002"
LI: Final = "7881300000000003"
_ORIGINAL: Final = Phrase("原文一字节不差", "the original, byte for byte")
_CHANGED: Final = Phrase("原文被改动!", "CHANGED!")

BOSS: Final = "7881300000000001"
ACCOUNT: Final = "1688850000000001"

SCRIPT: Final = (
    ("text", ROOM, WANG),
    ("merge", ROOM, LI),
    ("link", ROOM, LI),
    ("text with a cut emoji and needless escapes", ROOM, WANG),
    ("picture", ROOM, WANG),
    ("announcement", ROOM, BOSS),
    ("merge inside a merge", WANG, WANG),
    ("text", ROOM, ACCOUNT),
    ("redpacket", ROOM, LI),
    ("file", BOSS, BOSS),
    ("merge nested deeply", ROOM, LI),
)
"""Sample, chat, sender: what the customers of the demo say."""


def demo(
    context: typer.Context,
    directory: Annotated[
        Path,
        typer.Option(
            "--dir",
            help=both("放设置、规则、数据库和日志的目录", "where settings, rules, store and log of the demo go"),
        ),
    ] = Path("demo"),
    once: Annotated[
        bool, typer.Option("--once", help=both("样例播完就结束", "end when the samples were played"))
    ] = False,
) -> int:
    session = Session.of(context)
    return asyncio.run(_Demo(directory, session.lang, once=once).play())


class _Demo(msgspec.Struct):
    """One run of the demo. ``sent`` holds the contents that were injected, byte for byte."""

    directory: Path
    lang: Lang
    once: bool
    sent: set[bytes] = msgspec.field(default_factory=set)
    decided: int = 0
    told_calls: int = 0
    changed: int = 0
    forwarded: int = 0

    async def play(self) -> int:
        from yzj_daemon.sandbox.server import running

        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._say(Phrase("1. 启动假平台", "1. the fake platform starts"))
        async with running() as sandbox:
            self._prepare(sandbox)
            self._say(Phrase("2. 启动真正的守护进程", "2. the real daemon starts"))
            async with self._daemon() as ready:
                sandbox.platform.change({"callback_url": f"http://{ready['callback']}/callback/{SECRET}"})
                self._introduce(ready)
                telling = asyncio.create_task(self._tell(sandbox))
                playing = asyncio.create_task(self._play_script(sandbox))
                await _first(stop, playing)
                if not stop.is_set():
                    await _first(stop, asyncio.create_task(self._until_quiet(sandbox)))
                    well = self._summarize(sandbox)
                    if not self.once:
                        self._invite(sandbox, ready)
                        await _first(stop, telling)
                else:
                    well = True
                for task in (playing, telling):
                    task.cancel()
        return 0 if well else 1

    # Before -------------------------------------------------------------------------------------------------------

    def _prepare(self, sandbox: "Sandbox") -> None:
        options = sandbox.platform.options
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            for old in (*self.directory.glob("demo.db*"), *self.directory.glob("daemon.log")):
                old.unlink()
            rules = self.directory / "rules.toml"
            if not rules.exists():
                rules.write_text(example_rules(), encoding="utf-8")
            (self.directory / "settings.toml").write_text(
                _SETTINGS.format(
                    base_url=sandbox.base_url,
                    app_id=options.app_id,
                    app_secret=options.app_secret,
                    secret=SECRET,
                    aes_key=options.aes_key,
                    directory=json.dumps(str(self.directory.resolve()))[1:-1],
                ),
                encoding="utf-8",
            )
        except OSError as error:
            raise UsageProblem(
                Phrase(f"不能写入 {self.directory}: {error}", f"cannot write to {self.directory}: {error}"),
                Phrase("用 --dir 指定另一个目录", "name another directory with --dir"),
            ) from error

    @asynccontextmanager
    async def _daemon(self) -> AsyncIterator[dict[str, Any]]:
        """The daemon as anybody starts it; answers what it says when it is ready."""
        log = self.directory / "daemon.log"
        with log.open("wb") as output_:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "yzj_daemon", "--config", str(self.directory / "settings.toml"), "run",
                stdout=output_, stderr=output_, env=_environment(),
            )  # fmt: skip
        try:
            yield await self._ready(process, log)
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()

    async def _ready(self, process: asyncio.subprocess.Process, log: Path) -> dict[str, Any]:
        deadline = asyncio.get_running_loop().time() + READY_WITHIN
        while process.returncode is None and asyncio.get_running_loop().time() < deadline:
            for line in _lines(log):
                if line.get("event") == "daemon.ready":
                    return line
            await asyncio.sleep(LOOK_EVERY)
        said = _tail(log)
        raise StoreProblem(
            Phrase(f"守护进程没有启动:\n{said}", f"the daemon did not start:\n{said}"),
            Phrase(f"看 {log}", f"see {log}"),
        )

    def _introduce(self, ready: dict[str, Any]) -> None:
        self._say(
            Phrase(
                f"   规则 {self.directory}/rules.toml, {ready['rules']} 条; "
                f"健康和指标 http://{ready['ops']}/readyz /metrics",
                f"   rules {self.directory}/rules.toml, {ready['rules']} of them; health and numbers "
                f"http://{ready['ops']}/readyz /metrics",
            )
        )
        self._say(
            Phrase(
                "3. 客户发消息: 加密回调 → 存储 → 决定 → 每个账号每秒最多一次 forwardMsg",
                "3. customers write: encrypted callback → stored → decided → forwardMsg, one call a second per account",
            )
        )

    # While --------------------------------------------------------------------------------------------------------

    async def _play_script(self, sandbox: "Sandbox") -> None:
        for inject in _script():
            self.sent.add(inject.content_text())
            sandbox.platform.traffic.inject([inject], push=True, batch=False)
            await asyncio.sleep(BETWEEN_MESSAGES)

    async def _until_quiet(self, sandbox: "Sandbox") -> None:
        """Until everything that was received is decided and nothing waits in a lane."""
        from yzj_daemon.storage import outbox

        deadline = asyncio.get_running_loop().time() + QUIET_AFTER
        await sandbox.platform.traffic.settled()
        with _opened(self.directory) as store:
            while asyncio.get_running_loop().time() < deadline:
                owing = store.read_now(outbox.accounts_owing)
                if not owing and self.told_calls == sandbox.platform.calls.answered == sandbox.platform.calls.total:
                    return
                await asyncio.sleep(LOOK_EVERY)

    async def _tell(self, sandbox: "Sandbox") -> None:
        names = _names(sandbox)
        with _opened(self.directory) as store:
            while True:
                for line in self._new_decisions(store, names):
                    output.line(line)
                calls = list(sandbox.platform.calls.calls)
                while self.told_calls < len(calls) and calls[self.told_calls].answered is not None:
                    self._tell_call(calls[self.told_calls], names)
                    self.told_calls += 1
                output.flush()
                await asyncio.sleep(LOOK_EVERY)

    def _new_decisions(self, store: "Store", names: dict[str, str]) -> Iterator[str]:
        from yzj_daemon.storage import reports

        while received := store.read_now(lambda c: reports.received(c, self.decided + 1)):
            judged = store.read_now(lambda c: reports.judgement(c, self.decided + 1))
            self.decided += 1
            if judged is None or received.message.sender == received.message.account:
                continue  # its own copy of what was just forwarded
            message = received.message
            text = message.text.replace("\n", " ⏎ ")[:40] or f"[{message.type}]"
            who = f"{_name(message.sender, names)} @ {_name(message.chat, names)} → {_name(message.account, names)}"
            why = ", ".join(judged.rules) or reasons.decision(judged.reason).to(self.lang)
            mark = "✓" if judged.reason == "matched" else "·"
            yield output.visible(f"   {mark} {message.type:<12} {who}  “{text}”  {judged.reason}: {why}")

    def _tell_call(self, call: "Call", names: dict[str, str]) -> None:
        same = call.content() in self.sent
        self.changed += not same
        self.forwarded += len(call.chats) if call.result == "0" else 0
        chats = ", ".join(_name(chat, names) for chat in call.chats)
        told = [
            output.visible(f"   ➜ forwardMsg   {_name(call.account, names)} → {chats}  [{call.types[0]}]"),
            (_ORIGINAL if same else _CHANGED).to(self.lang),
            f"errcode {call.result}",
        ]
        if call.gap is not None:
            gap = f"{call.gap / 1000:.3f}"
            told.append(Phrase(f"距上次回答 {gap} 秒", f"{gap} s after the last answer").to(self.lang))
        output.line("  ".join(told))

    # After --------------------------------------------------------------------------------------------------------

    def _summarize(self, sandbox: "Sandbox") -> bool:
        from yzj_daemon.storage import reports

        with _opened(self.directory) as store:
            books = store.read_now(reports.books)
        stats = sandbox.platform.calls
        gap = "-" if stats.smallest_gap is None else f"{stats.smallest_gap / 1000:.3f}"
        suppressed = "  ".join(f"{reason} {count}" for reason, count in books.suppressed.items())
        self._say(
            Phrase(
                f"4. 收到 {books.received} 条, 匹配 {books.matched} 条, 未转发: {suppressed or '-'}; "
                f"{stats.total} 次调用送到 {self.forwarded} 个会话, 最小间隔 {gap} 秒, "
                f"{'原文都一字节不差' if not self.changed else f'{self.changed} 条原文被改动'}, "
                f"账目{'平衡' if books.balanced else '不平衡'}",
                f"4. {books.received} received, {books.matched} matched, not forwarded: {suppressed or '-'}; "
                f"{stats.total} calls reached {self.forwarded} chats, smallest gap {gap} s, "
                f"{'all originals byte for byte' if not self.changed else f'{self.changed} originals CHANGED'}, "
                f"the books {'balance' if books.balanced else 'do NOT balance'}",
            )
        )
        paced = stats.smallest_gap is None or stats.smallest_gap >= 1000
        return bool(books.balanced and books.received and self.forwarded and not self.changed and paced)

    def _invite(self, sandbox: "Sandbox", ready: dict[str, Any]) -> None:
        from yzj_daemon.ops.clock import SystemClock

        config, program = self.directory / "settings.toml", sys.argv[0]
        body = json.dumps(
            {"chat": ROOM, "sender": WANG, "content": {"items": [{"type": "text", "text": "我要投诉"}]}},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        self._say(
            Phrase(
                f"5. 还在运行, Ctrl-C 结束。试试(另开一个终端):\n"
                f"   curl -d '{body}' {sandbox.control_url}/_sandbox/messages\n"
                f"   {program} --config {config} messages list\n"
                f"   {program} --config {config} explain 1\n"
                f"   改 {self.directory}/rules.toml, 几秒后生效",
                f"5. still running, Ctrl-C ends it. Try, in another terminal:\n"
                f"   curl -d '{body}' {sandbox.control_url}/_sandbox/messages\n"
                f"   {program} --config {config} messages list\n"
                f"   {program} --config {config} explain 1\n"
                f"   edit {self.directory}/rules.toml: it is taken up within seconds",
            )
        )
        link = fresh(self.directory.resolve() / "demo.db", SystemClock().now())
        self._say(
            Phrase(
                f"   控制台 (链接只能用一次; 再要一个: {program} --config {config} console):\n   {link}\n"
                f"   健康: http://{ready['ops']}/readyz?verbose",
                f"   the console (the link works once; for another: {program} --config {config} console):\n   {link}\n"
                f"   health: http://{ready['ops']}/readyz?verbose",
            )
        )

    def _say(self, phrase: Phrase) -> None:
        output.line(phrase.to(self.lang))
        output.flush()


_SETTINGS: Final = """\
# 演示用的设置, 每次演示重新生成 / settings of the demo, written anew by each run
[api]
base_url   = "{base_url}"
app_id     = "{app_id}"
app_secret = "{app_secret}"
[callback]
host    = "127.0.0.1"
port    = 0
secret  = "{secret}"
aes_key = "{aes_key}"
[rules]
path = "{directory}/rules.toml"
[store]
url = "sqlite:///{directory}/demo.db"
[ops]
port = 0
[log]
format = "json"
"""


def example_rules() -> str:
    """``rules.example.toml``: inside an installed package, at the top of a checkout."""
    shipped = files("yzj_daemon") / "rules.example.toml"
    beside = Path(__file__).parents[2] / "rules.example.toml"
    return (beside if not shipped.is_file() else shipped).read_text("utf-8")


def _script() -> Iterator["Inject"]:
    from yzj_daemon.sandbox.samples import SAMPLES

    samples = {sample.name: sample for sample in SAMPLES}
    for name, chat, sender in SCRIPT:
        yield samples[name].sent(chat, sender, account="" if chat.startswith("R:") else ACCOUNT)


def _environment() -> dict[str, str]:
    """This environment without settings: the demo's are in its file."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("YZJ_")}
    return {name: value for name, value in kept.items() if name not in {"NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"}}


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    for line in log.read_bytes().splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            yield found


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2_000:]


def _names(sandbox: "Sandbox") -> dict[str, str]:
    world = sandbox.platform.world
    accounts = {account.id: account.name for account in world.accounts.values()}
    rooms = {room: found.name for room, found in world.rooms.items()}
    return {**world.persons, **accounts, **rooms}


def _name(id_: str, names: dict[str, str]) -> str:
    return names.get(id_, id_)


def _opened(directory: Path) -> Any:
    from contextlib import closing

    from yzj_daemon.storage.engine import Store

    return closing(Store(f"sqlite:///{directory.resolve()}/demo.db"))


async def _first(stop: asyncio.Event, other: "asyncio.Task[None]") -> None:
    """Until told to stop, or the other is done; what it raised is raised here."""
    told = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({told, other}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if other in done:
        await other
