"""``service``: the daemon under systemd, for those who have no package of their distribution."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from yzj_daemon.cli import output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Lang, Phrase, Problem

if TYPE_CHECKING:
    from yzj_daemon.ops.units import Service

commands = typer.Typer(help=both("作为 systemd 服务安装", "As a service of systemd"), no_args_is_help=True)

UNITS = Path("/etc/systemd/system")

Program = Annotated[
    str | None,
    typer.Option("--program", metavar="PATH", help=both("程序, 默认是这一个", "the program; by default this one")),
]
Settings = Annotated[
    str | None,
    typer.Option(
        "--settings",
        metavar="FILE",
        help=both(
            "服务的设置文件, 默认 /etc/yzj-daemon/settings.toml",
            "the service's settings file; by default /etc/yzj-daemon/settings.toml",
        ),
    ),
]
User = Annotated[
    str,
    typer.Option(
        "--user",
        metavar="NAME",
        help=both("以这个用户运行, 默认由 systemd 分配", "run as this user; by default one that systemd makes up"),
    ),
]
State = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="DIR",
        help=both("数据目录, 默认 /var/lib/yzj-daemon", "where the store lies; by default /var/lib/yzj-daemon"),
    ),
]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=both("回调的端口", "the port of the callbacks"))]
Root = Annotated[
    Path,
    typer.Option(
        "--root",
        metavar="DIR",
        help=both("装到这个目录下, 用于打包; 不调用 systemctl", "install below this directory, to package it"),
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help=both("只说会做什么", "say what would be done, and do nothing"))]


class _Step(msgspec.Struct, frozen=True):
    """One thing to do, and the word for it. ``do`` is None where all is as it should be."""

    said: Phrase
    path: str
    do: Callable[[], None] | None


@commands.command("print", help=both("显示单元文件, 不安装", "Show the unit files, install nothing"))
def show(
    program: Program = None, settings: Settings = None, user: User = "", state: State = None, port: Port = 8080
) -> None:
    service = _service(program, settings, user, state, port)
    for name, text in _units(service):
        output.line(f"# {UNITS / name}")
        output.line(text)


@commands.command(
    help=both(
        "安装或更新服务; 已有的设置和规则不动", "Install or renew the service; settings and rules that exist stay"
    )
)
def install(
    context: typer.Context,
    program: Program = None,
    settings: Settings = None,
    user: User = "",
    state: State = None,
    port: Port = 8080,
    root: Root = Path("/"),
    dry_run: DryRun = False,
) -> None:
    lang = Session.of(context).lang
    service = _service(program, settings, user, state, port)
    for finding in service.findings(os.path.realpath(sys.executable)):
        output.line(f"! {finding.to(lang)}")
    _take(_to_install(service, root, lang), lang, dry_run=dry_run)
    if dry_run:
        return
    _systemctl(root, "daemon-reload")
    _say_next(service, lang)


@commands.command(
    help=both("停止并移除服务; 设置、规则和数据留下", "Stop and remove the service; settings, rules and store stay")
)
def uninstall(context: typer.Context, root: Root = Path("/"), dry_run: DryRun = False) -> None:
    lang = Session.of(context).lang
    steps = list(_to_uninstall(root))
    if not dry_run and any(step.do for step in steps):
        _systemctl(root, "disable", "--now", *_names())
    _take(iter(steps), lang, dry_run=dry_run)
    if not dry_run:
        _systemctl(root, "daemon-reload")
    output.line(
        Phrase(
            "留下的: /etc/yzj-daemon (设置、规则、密钥) 和 /var/lib/yzj-daemon (消息)。不再需要时自己删除。",
            "What stays: /etc/yzj-daemon (settings, rules, secrets) and /var/lib/yzj-daemon (messages). "
            "Remove them yourself when nobody needs them.",
        ).to(lang)
    )


# What there is to do ----------------------------------------------------------------------------------------------


def _to_install(service: "Service", root: Path, lang: Lang) -> Iterator[_Step]:
    directory = _below(root, service.directory)
    yield _directory(directory, 0o755)
    yield _directory(directory / "credentials", 0o700)
    yield _kept(_below(root, service.config), lambda: _settings(service).to(lang))
    yield _kept(directory / "rules.toml", lambda: _rules().to(lang))
    for name, text in _units(service):
        yield _written(_below(root, str(UNITS)) / name, text)


def _to_uninstall(root: Path) -> Iterator[_Step]:
    for name in _names():
        path = _below(root, str(UNITS)) / name
        there = path.exists()
        word = Phrase("移除", "remove") if there else Phrase("没有", "not there")
        yield _Step(word, str(path), path.unlink if there else None)


def _directory(path: Path, mode: int) -> _Step:
    if path.is_dir():
        return _Step(Phrase("已有", "exists"), f"{path}/", None)

    def make() -> None:
        path.mkdir(parents=True)
        path.chmod(mode)

    return _Step(Phrase("创建", "make"), f"{path}/", make)


def _kept(path: Path, text: Callable[[], str]) -> _Step:
    """Somebody's own file once it is there."""
    if path.exists():
        return _Step(Phrase("保留", "keep"), str(path), None)
    return _Step(Phrase("写入", "write"), str(path), lambda: _put(path, text()))


def _written(path: Path, text: str) -> _Step:
    before = path.read_text("utf-8") if path.exists() else None
    if before == text:
        return _Step(Phrase("没有变化", "unchanged"), str(path), None)
    word = Phrase("写入", "write") if before is None else Phrase("更新", "renew")
    return _Step(word, str(path), lambda: _put(path, text))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)


def _take(steps: Iterator[_Step], lang: Lang, *, dry_run: bool) -> None:
    for step in steps:
        output.line(f"{step.said.to(lang):10}{step.path}")
        if step.do is None or dry_run:
            continue
        try:
            step.do()
        except OSError as error:
            raise _refused(step.path, error) from error


# Words ------------------------------------------------------------------------------------------------------------


def _say_next(service: "Service", lang: Lang) -> None:
    where = service.directory
    told = Phrase(
        f"""
接下来:
  1. 填写 {service.config}
  2. 每个密钥一个文件, 放在 {where}/credentials/, 例如 (只有 root 能读):
       install -m 600 /dev/stdin {where}/credentials/API__APP_SECRET
  3. 写规则 {where}/rules.toml
  4. 检查      {service.program} check --config {service.config}
  5. 启动      systemctl enable --now yzj-daemon.socket yzj-daemon.service
  6. 看它怎样  systemctl status yzj-daemon; journalctl -u yzj-daemon -f""",
        f"""
Next:
  1. fill in {service.config}
  2. one file for each secret in {where}/credentials/, for example (readable by root alone):
       install -m 600 /dev/stdin {where}/credentials/API__APP_SECRET
  3. write the rules, {where}/rules.toml
  4. check           {service.program} check --config {service.config}
  5. start           systemctl enable --now yzj-daemon.socket yzj-daemon.service
  6. see how it does systemctl status yzj-daemon; journalctl -u yzj-daemon -f""",
    )
    output.line(told.to(lang))


def _settings(service: "Service") -> Phrase:
    """The least that a person must fill in."""

    def written(where: str, secrets: str, more: str) -> str:
        return f"""\
[api]
base_url = "https://oapi-yzj.miaokol.com"  # {where}
app_id   = ""

# {secrets} API__APP_SECRET, CALLBACK__SECRET, CALLBACK__AES_KEY: {service.directory}/credentials/

[rules]
path = "{service.directory}/rules.toml"

[store]
url = "sqlite:///{service.state}/yzj-daemon.db"

# {more}: {service.program} settings
"""

    return Phrase(
        written("或 http://<你的 OEM 域名>/oapi", "密钥不写在这里, 每个一个文件,", "所有设置和默认值"),
        written(
            "or http://<your OEM domain>/oapi",
            "each secret has a file of its own,",
            "all settings",
        ),
    )


def _rules() -> Phrase:
    """Forwards nothing until somebody says so."""
    rule = """
[[rules]]
id         = "first"
enabled    = false
forward_to = ["R:00000000000000000"]
[rules.when]
contains = ["退款"]
"""
    zh = "# 第一条规则: 填上目标会话, 改好条件, 去掉 enabled = false; 然后 yzj-daemon check"
    en = "# A first rule: name the target chat, mend the conditions, drop enabled = false; then yzj-daemon check"
    return Phrase(f"{zh}\n{rule}", f"{en}\n{rule}")


def _refused(path: str, error: OSError) -> Problem:
    why = error.strerror or str(error)
    return Problem(
        Phrase(f"{path}: {why}", f"{path}: {why}"),
        Phrase("用 root 运行 (sudo), 或先看 --dry-run", "run it as root (sudo), or look at --dry-run first"),
    )


# The machine ------------------------------------------------------------------------------------------------------


def _service(program: str | None, settings: str | None, user: str, state: str | None, port: int) -> "Service":
    from yzj_daemon.ops import units

    return units.Service(
        program=program or _this_program(),
        config=settings or units.CONFIG,
        user=user,
        state=state or f"{units.STATES}/yzj-daemon",
        port=port,
        systemd=units.release(_said_by("systemctl", "--version")),
    )


def _this_program() -> str:
    """The command beside the interpreter that runs this: also inside an environment that is not active."""
    return str(Path(sysconfig.get_path("scripts")) / "yzj-daemon")


def _units(service: "Service") -> tuple[tuple[str, str], ...]:
    from yzj_daemon.ops import units

    return ((units.SERVICE, service.service()), (units.SOCKET, service.socket()))


def _names() -> tuple[str, ...]:
    from yzj_daemon.ops import units

    return (units.SOCKET, units.SERVICE)


def _below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def _said_by(*words: str) -> str:
    if shutil.which(words[0]) is None:
        return ""
    asked = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)  # noqa: S603 - our own words
    return asked.stdout


def _systemctl(root: Path, *words: str) -> None:
    """Only where systemd runs, and runs this tree."""
    if root == Path("/") and Path("/run/systemd/system").is_dir():
        subprocess.run(["systemctl", *words], check=False, timeout=120)  # noqa: S603, S607 - the machine's own
