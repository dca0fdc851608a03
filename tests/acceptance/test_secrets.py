"""No secret ever leaves the daemon's memory but to the platform itself: planted everywhere, then looked for."""

import asyncio
import base64
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.acceptance.conftest import CLOUD, ROOM, WANG, Daemon, text, until
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.faults import Fault
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import Options
from yzj_daemon.sandbox.server import Sandbox, running
from yzj_daemon.settings.model import SECRETS

PLANTED = {
    "api.app_secret": 'PlantedApp/Secret+"é',
    "callback.secret": "Planted-callback-secret.0123456789",
    "callback.aes_key": "PlantedEncodingAESKeyOf32Letters",
    "ops.token": "PlantedOpsToken/0123456789",
}
WORDS = "机密内容不得进入日志"


def planted() -> dict[str, str]:
    """Every secret setting there is, those of later days included; api.access_token excludes api.app_secret."""
    others = SECRETS - PLANTED.keys() - {"api.access_token"}
    made = {name: f"Planted.{name}.0123456789" for name in others}
    urls = {name: f"http://127.0.0.1:1/{value}" for name, value in made.items() if name.rpartition("_")[2] == "url"}
    lists = {name: f"json://127.0.0.1:1/{value}" for name, value in made.items() if name.endswith("urls")}
    return {**PLANTED, **made, **urls, **lists}


def forms(secret: str) -> set[bytes]:
    """As it is, in a URL, in JSON of either kind and as PHP writes it, in base64 and in hexadecimal."""
    raw = secret.encode()
    escaped = json.dumps(secret)[1:-1]
    whole = raw[: len(raw) // 3 * 3]  # what any base64 that begins here holds
    written = {
        secret,
        quote(secret, safe=""),
        escaped,
        escaped.replace("/", "\\/"),
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }
    return {form.encode() for form in written} | {base64.b64encode(whole), raw.hex().encode()}


def found(haystack: bytes, secrets: set[str]) -> set[str]:
    return {secret for secret in secrets for form in forms(secret) if form in haystack}


@pytest.fixture
async def plot() -> AsyncIterator[Sandbox]:
    """A platform with the planted credentials."""
    options = Options(app_secret=PLANTED["api.app_secret"], aes_key=PLANTED["callback.aes_key"])
    async with running(options) as sandbox:
        yield sandbox


@pytest.fixture
async def control(plot: Sandbox) -> AsyncIterator[SandboxControl]:
    async with SandboxControl(plot.control_url) as control:
        yield control


class Hunt:
    """Everything that was said or written, and the secrets that may not be in it."""

    def __init__(self, plot: Sandbox, daemon: Daemon) -> None:
        self._plot, self._daemon = plot, daemon
        self._planted = set(planted().values())
        self.heard: dict[str, bytes] = {}

    @property
    def secrets(self) -> set[str]:
        return self._planted | set(self._plot.platform.tokens._expiry)

    async def cli(self, *arguments: str) -> str:
        """Both streams of a command."""
        process = await asyncio.create_subprocess_exec(
            *self._daemon._command(*arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._daemon.environment(),
            cwd=self._daemon.directory,
        )
        out, _ = await process.communicate()
        self.heard[" ".join(arguments)] = out
        return out.decode()

    def process(self) -> None:
        """What ``ps`` and its like show of the process."""
        assert self._daemon.process is not None
        proc = Path(f"/proc/{self._daemon.process.pid}")
        self.heard["ps"] = b"".join((proc / name).read_bytes() for name in ("cmdline", "comm", "status"))

    def files(self) -> None:
        """The store, its write-ahead log, the logs, and whatever else was written."""
        for path in self._daemon.directory.rglob("*"):
            if path.is_file():
                self.heard[path.name] = path.read_bytes()

    def end(self) -> None:
        assert len(self.secrets) > len(self._planted)
        leaks = {where: leaked for where, said in self.heard.items() if (leaked := found(said, self.secrets))}
        assert not leaks


def echoes(hunt: Hunt) -> list[tuple[str, Fault]]:
    """The platform's answers, repeating all it was told, in every way it may."""
    all_ = " ".join(sorted(hunt.secrets))
    quoted = " ".join(quote(secret, safe="") for secret in sorted(hunt.secrets))
    return [
        ("forwardMsg", Fault(status=502, body=f"<html>{all_} {quoted}</html>")),
        ("forwardMsg", Fault(status=500, body=json.dumps({"errcode": 1001, "message": all_}))),
        ("forwardMsg", Fault(errcode=1001, message=quoted)),
        (
            "forwardMsg",
            Fault(
                status=200, body='{"errcode":1001,"message":{"you said":' + json.dumps(all_).replace("/", "\\/") + "}}"
            ),
        ),
        ("forwardMsg", Fault(errcode=110, message=all_)),
        ("forwardMsg", Fault(garbage="http")),
        ("forwardMsg", Fault(drop="after", reset=True)),
        ("chatLogs", Fault(status=500, body=all_)),
        ("chatLogs", Fault(errcode=1001, message=all_)),
        ("list", Fault(errcode=406, message=all_)),
    ]


async def test_no_secret_is_in_any_log_answer_command_process_title_or_file(make_daemon, plot, control):
    settings = {name.replace(".", "__"): value for name, value in planted().items() if not name.endswith("urls")}
    daemon = make_daemon(
        base_url=plot.base_url,
        accounts=f'["{CLOUD}"]',
        log__level="debug",
        pull__interval="0.2",
        forward__pace="0.05",
        **settings,
    )
    daemon.extra = {f"YZJ_{n.upper().replace('.', '__')}": v for n, v in planted().items() if n.endswith("urls")}
    hunt = Hunt(plot, daemon)
    await asyncio.to_thread(daemon.start)
    callback = f"http://{daemon.ready['callback']}/callback/{PLANTED['callback.secret']}"
    await control.behave(callback_url=callback)
    await control.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("成功")), wait=True)
    await until(lambda: daemon.deliveries("sent", "confirmed"))
    for endpoint, fault in echoes(hunt):
        await control.fail(fault, endpoint=endpoint)
    for n in range(10):
        await control.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(f"失败 {n}")), wait=True)
    await until(lambda: all_struck(control, "list"))  # it is asked by a command
    await control.fail(Fault(errcode=102, message=" ".join(hunt.secrets)), endpoint="token")
    await control.expire_tokens()
    await control.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("没有令牌")), wait=True)
    await until(lambda: all_struck(control, "list"))
    await strangers(daemon, hunt)
    await commands(hunt)
    hunt.process()
    assert daemon.stop() == 0
    hunt.files()
    hunt.end()
    attempts = hunt.heard["store.db"] + hunt.heard.get("store.db-wal", b"")
    assert b"**********" in attempts, "the platform's answers were kept, without what they repeated"


async def all_struck(control: SandboxControl, *but: str) -> bool:
    return {script.endpoint for script in await control.pending_faults()} <= set(but)


async def strangers(daemon: Daemon, hunt: Hunt) -> None:
    """What anybody may send to either door, with secrets where they do not belong, and what is answered."""
    public, private = f"http://{daemon.ready['callback']}", daemon.ops
    token = PLANTED["ops.token"]
    tries = [
        ("GET", f"{public}/callback/{PLANTED['callback.secret']}x", {}),
        ("POST", f"{public}/{PLANTED['callback.secret']}", {}),
        ("POST", f"{public}/callback/{PLANTED['callback.secret']}?token={token}", {"x-planted": token}),
        ("GET", f"{private}/metrics", {}),
        ("GET", f"{private}/healthz?verbose", {}),
        ("GET", f"{private}/readyz?verbose", {}),
        ("GET", f"{private}/{token}", {}),
        ("GET", f"{private}/metrics", {"x-forwarded-for": "203.0.113.7", "authorization": f"Bearer {token}x"}),
        ("GET", f"{private}/metrics", {"x-forwarded-for": "203.0.113.7", "authorization": f"Bearer {token}"}),
    ]
    async with httpx.AsyncClient(trust_env=False) as http:
        for number, (method, url, headers) in enumerate(tries):
            answer = await http.request(method, url, headers=headers, content=b"nonsense" if method == "POST" else None)
            hunt.heard[f"answer {number}"] = str(answer.headers).encode() + answer.content
    reader, writer = await asyncio.open_connection(*daemon.ready["callback"].split(":"))
    writer.write(f"POST /callback/{PLANTED['callback.secret']} HTTP/9\r\n{token}\r\n\r\n".encode())
    hunt.heard["malformed"] = await reader.read()
    writer.close()


async def commands(hunt: Hunt) -> None:
    assert "**********" in await hunt.cli("settings")
    lines = (
        "settings --json",
        "status",
        "deliveries list --json",
        "deliveries show 2",
        "explain 2",
        "check --online",
        "run",  # another one holds the store
        "--set api.base_url=nonsense check",
    )
    at_once = asyncio.Semaphore(4)

    async def ask(line: str) -> None:
        async with at_once:
            await hunt.cli(*line.split())

    await asyncio.gather(*map(ask, lines))
    assert "no such setting" in await hunt.cli("--set", "api.app_secrett=1", "settings")


async def test_a_secret_on_the_command_line_is_refused_and_not_repeated(make_daemon):
    daemon = make_daemon()
    for name in sorted(SECRETS):
        secret = f"Planted-{name}"
        out = await asyncio.to_thread(daemon.cli, "--set", f"{name}={secret}", "settings", check=3)
        assert out == ""
    for written in ("api.app_secret:Planted", "Planted"):
        assert await asyncio.to_thread(daemon.cli, "--set", written, "settings", check=2) == ""


@pytest.mark.parametrize("how", ["loop", "native"])
async def test_a_crash_tells_where_and_neither_secrets_nor_what_people_wrote(make_daemon, plot, control, how):
    settings = {name.replace(".", "__"): value for name, value in PLANTED.items()}
    daemon = await asyncio.to_thread(make_daemon(base_url=plot.base_url, accounts=f'["{CLOUD}"]', **settings).start)
    callback = f"http://{daemon.ready['callback']}/callback/{PLANTED['callback.secret']}"
    await control.behave(callback_url=callback)
    assert daemon.process is not None
    if how == "loop":
        with closing(sqlite3.connect(daemon.directory / "store.db")) as store, store:
            store.execute("CREATE TRIGGER no BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'a bug'); END")
        await control.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text(WORDS)), wait=True)
    else:
        daemon.process.send_signal(signal.SIGSEGV)
    assert await asyncio.to_thread(daemon.process.wait, 10) not in (0, None)
    log = daemon.log_file.read_bytes()
    assert (b"daemon.died" if how == "loop" else b"Fatal Python error: Segmentation fault") in log
    assert not found(log, set(PLANTED.values()) | set(plot.platform.tokens._expiry) | {WORDS})
