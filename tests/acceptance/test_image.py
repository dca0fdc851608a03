"""The image, built for real from the Containerfile and run for real: as nobody in particular, on a read-only root.

No image registry is asked: the base is made of Debian's packages. It takes about a minute: ``make image``.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import CLOUD, OPS, ROOM, SECRET, WANG, text, until
from yzj_daemon.sandbox.client import SandboxControl
from yzj_daemon.sandbox.incoming import Inject
from yzj_daemon.sandbox.platform import AES_KEY, APP_ID, APP_SECRET

ROOT = Path(__file__).parents[2]
TOOLS = ("buildah", "debootstrap", "unshare", "setpriv", "chroot")
LONGEST = 900
"""Seconds for a build: packages of two registries are fetched."""

RULES = f"""
[[rules]]
id = "refund"
forward_to = ["{OPS}"]
when = {{ contains = ["退款"] }}
"""

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(2 * LONGEST),
    pytest.mark.skipif(os.geteuid() != 0, reason="an image is built and mounted by root here"),
]


@dataclass(frozen=True)
class Image:
    """``root``: its files, mounted. ``config``: what it says about how it is run."""

    root: Path
    config: dict[str, Any]
    bytes: int

    @property
    def user(self) -> tuple[str, str]:
        user, _, group = self.config["User"].partition(":")
        return user, group

    def command(self, directory: Path, *words: str) -> list[str]:
        """As a runtime would: its own root, read-only, one volume, the rules; no privileges."""
        [volume] = self.config["Volumes"]
        user, group = self.user
        script = f"""
            mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"
            mount --bind {directory}/state "$0{volume}"
            mount --bind {directory}/rules "$0/etc/yzj-daemon/rules"
            mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev"
            mount --bind /etc/resolv.conf "$0/etc/resolv.conf"
            exec {shutil.which("chroot")} "$0" setpriv --reuid {user} --regid {group} --clear-groups --no-new-privs \\
                --bounding-set=-all --inh-caps=-all sh -c 'cd {self.config["WorkingDir"]} && exec "$@"' sh "$@"
        """
        return ["unshare", "--mount", "--propagation", "private", "sh", "-eu", "-c", script, str(self.root), *words]

    @property
    def program(self) -> list[str]:
        return [*self.config["Entrypoint"], *self.config["Cmd"]]

    @property
    def environment(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.config["Env"])


def run(*words: str, **more: Any) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LONGEST, cwd=ROOT, **more)
    assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    assert not missing, f"missing: {missing}; make image installs them"
    place = tmp_path_factory.mktemp("image")
    store = {
        "BUILDAH_ISOLATION": "chroot",
        "STORAGE_DRIVER": "vfs",
        "CONTAINERS_STORAGE_CONF": str(_storage(place)),
    }
    environment = {**os.environ, **store}
    run(str(ROOT / "deploy" / "debian-base"), "localhost/base", env=environment)
    arguments = ("--format", "docker", "--build-arg", "BASE=localhost/base", "-f", "deploy/Containerfile")
    run("buildah", "build", "--quiet", *arguments, "-t", "localhost/yzj-daemon", ".", env=environment)
    container = run("buildah", "from", "localhost/yzj-daemon", env=environment)
    told = json.loads(run("buildah", "inspect", "--type", "image", "localhost/yzj-daemon", env=environment))
    root = Path(run("buildah", "mount", container, env=environment))
    try:
        yield Image(root, told["Docker"]["config"], sum(f.lstat().st_size for f in (root / "opt").rglob("*")))
    finally:
        run("buildah", "umount", container, env=environment)
        run("buildah", "rm", container, env=environment)
        shutil.rmtree(place, ignore_errors=True)


def _storage(place: Path) -> Path:
    conf = place / "storage.conf"
    conf.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{place}/images"\nrunroot = "{place}/run"\n')
    return conf


@pytest.fixture
def directory(tmp_path: Path, image: Image) -> Path:
    for name in ("state", "rules"):
        (tmp_path / name).mkdir()
    (tmp_path / "rules" / "rules.toml").write_text(RULES, "utf-8")
    os.chown(tmp_path / "state", *map(int, image.user))
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() == "root" and path != Path("/") and path.is_relative_to("/tmp/pytest-of-root"):
            path.chmod(0o755)
    return tmp_path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def settings(image: Image, sandbox) -> dict[str, str]:
    return {
        **image.environment,
        "YZJ_API__BASE_URL": sandbox.base_url,
        "YZJ_API__APP_ID": APP_ID,
        "YZJ_API__APP_SECRET": APP_SECRET,
        "YZJ_CALLBACK__SECRET": SECRET,
        "YZJ_CALLBACK__AES_KEY": AES_KEY,
        "YZJ_CALLBACK__PORT": str(free_port()),
        "YZJ_OPS__PORT": str(free_port()),
        "YZJ_ACCOUNTS": f'["{CLOUD}"]',
        "YZJ_LOG__FORMAT": "json",
    }


def started(image: Image, directory: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(image.command(directory, *image.program), env=settings, stdout=log, stderr=log)


async def test_the_image_forwards_as_nobody_on_a_read_only_root(
    image: Image, directory: Path, settings: dict[str, str], platform: SandboxControl
) -> None:
    daemon = started(image, directory, settings)
    try:
        await until(lambda: b"daemon.ready" in (directory / "log").read_bytes(), 60)
        url = f"http://127.0.0.1:{settings['YZJ_CALLBACK__PORT']}/callback/{SECRET}"
        await platform.behave(callback_url=url, own_copies="none")
        await platform.inject(Inject(chat=ROOM, sender=WANG, account=CLOUD, content_raw=text("我要退款")), wait=True)
        calls = await platform.calls(answered=1)
        assert [call["contents"][0] for call in calls] == [text("我要退款")]
        assert _identity(daemon.pid) == {"Uid": image.user[0], "Gid": image.user[1], "CapEff": "0", "NoNewPrivs": "1"}
        assert _touch(image, directory, settings, "/opt/yzj-daemon/x") == "Read-only file system"
        check = image.config["Healthcheck"]["Test"]
        assert check[0] == "CMD"
        await asyncio.to_thread(run, *image.command(directory, *check[1:]), env=settings)
        daemon.send_signal(getattr(signal, image.config["StopSignal"]))
        assert daemon.wait(30) == 0
    finally:
        daemon.kill()
        daemon.wait(10)
    written = sorted(path.name for path in (directory / "state").iterdir())
    assert "yzj-daemon.db" in written
    print(f"{image.bytes / (1 << 20):.0f} MiB beside the base")
    assert image.bytes < 200 << 20


async def test_a_daemon_that_is_not_there_is_not_healthy(
    image: Image, directory: Path, settings: dict[str, str]
) -> None:
    check = image.config["Healthcheck"]["Test"][1:]
    done = await asyncio.to_thread(
        subprocess.run, image.command(directory, *check), env=settings, capture_output=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert b"URLError" in done.stderr


def test_nothing_but_the_program_is_in_it(image: Image) -> None:
    names = {path.name for path in (image.root / "opt" / "yzj-daemon" / "bin").iterdir()}
    assert {"yzj-daemon", "python3"} <= names
    assert not names & {"pip", "uv", "pytest"}
    assert not (image.root / "src").exists()
    assert not (image.root / "uv").exists()


def _identity(pid: int) -> dict[str, str]:
    lines = (line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    told = {name: value.split()[0].lstrip("0") or "0" for name, value in lines if value.strip()}
    return {name: told[name] for name in ("Uid", "Gid", "CapEff", "NoNewPrivs")}


def _touch(image: Image, directory: Path, settings: dict[str, str], path: str) -> str:
    words = ("python3", "-c", f"import pathlib; pathlib.Path({path!r}).touch()")
    done = subprocess.run(
        image.command(directory, *words), env=settings, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    return done.stderr.strip().rpartition("] ")[2].partition(":")[0]
