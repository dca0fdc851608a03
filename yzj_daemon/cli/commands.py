"""All commands under one name: where each is written, what the help of all says of it, and how Typer runs one."""

from importlib import import_module
from typing import Annotated, Any, Final

import msgspec
import typer

from yzj_daemon.cli import line, usage, words
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import UsageProblem


class _Command(msgspec.Struct, frozen=True):
    """``module`` of this package has the ``function``; without one, it has ``commands``, which tell their own help."""

    module: str
    function: str = ""
    help: str = ""


_COMMANDS: Final = {
    "run": _Command("run", "run", both("守护进程, 直到 SIGTERM 或 Ctrl-C", "The daemon, until SIGTERM or Ctrl-C")),
    "demo": _Command(
        "demo", "demo", both("演示: 假平台、真守护进程、样例消息", "The demo: fake platform, real daemon, samples")
    ),
    "sandbox": _Command(
        "sandbox",
        "sandbox",
        both("只运行假平台, 可编排故障", "The fake platform alone, with faults to script; for try-outs"),
    ),
    "check": _Command(
        "rules", "check", both("检查设置和规则, 一次列出所有错误", "Check settings and rules: every mistake at once")
    ),
    "test": _Command("rules", "examples", both("运行规则自带的例子", "Run the rules' own examples")),
    "explain": _Command(
        "explain", "explain", both("一条消息为什么匹配或不匹配每条规则", "Why a message matches each rule, or not")
    ),
    "example": _Command(
        "example",
        "example",
        both("把一条存下的消息遮住个人信息, 加成规则的例子", "A stored message, masked, as an example of a rule"),
    ),
    "preview": _Command(
        "preview",
        "preview",
        both(
            "新规则会多转发什么、少转发什么: 用存下的消息试",
            "What new rules would forward in addition, and what no longer: tried on the stored messages",
        ),
    ),
    "status": _Command("lanes", "status", both("现在怎么样, 该做什么", "How things are, and what to do")),
    "lanes": _Command(
        "lanes", "lanes", both("每个账号的队列: 多少在等, 还要多久", "Each account's queue: how much waits, how long")
    ),
    "doctor": _Command(
        "doctor",
        "doctor",
        both(
            "逐项检查设置和平台: 什么对、什么不对、该做什么",
            "Ask everything once: what is right, what is wrong, what to do",
        ),
    ),
    "tap": _Command(
        "tap", "tap", both("实时看决定和结果, 直到 Ctrl-C", "Decisions and outcomes as they happen, until Ctrl-C")
    ),
    "accounts": _Command(
        "accounts", "accounts", both("托管账号的名字和状态", "Hosted accounts by name, and how they are")
    ),
    "alerts": _Command("alerts"),
    "chats": _Command("chats"),
    "messages": _Command("messages"),
    "deliveries": _Command("verbs"),
    "mute": _Command("mutes"),
    "rules": _Command("rule_history"),
    "replay": _Command(
        "replay",
        "replay",
        both(
            "用现在的规则重新判断存下的消息; 先数, --execute 才发送",
            "Decide stored messages again; counts first, sends with --execute",
        ),
    ),
    "actions": _Command("mutes", "actions", both("谁在什么时候做了什么", "Who did what, and when")),
    "audit": _Command(
        "store", "audit", both("账目是否平衡; 不平衡则退出码为 1", "Do the books balance? Exit code 1 if not")
    ),
    "db": _Command("store"),
    "service": _Command("service"),
    "console": _Command(
        "console",
        "console",
        both("控制台的一次性链接, 不用密码", "A link that opens the console once, without a password"),
    ),
    "settings": _Command("settings", "settings", both("每个设置的值和来源", "Every setting's value and source")),
    "schema": _Command(
        "schema", "schema", both("规则文件的 JSON Schema, 给编辑器用", "The JSON Schema of rule files, for editors")
    ),
    "version": _Command("settings", "version", both("版本", "The version")),
}


def program(name: str = "") -> typer.Typer:
    """The program with the one command of this name, or with all of them where there is no such command.

    To load them all takes longer than most of them run, and a daemon would keep them.
    """
    made = typer.Typer(
        name="yzj-daemon",
        cls=_Program,
        help=both(
            "云真机企业微信账号的规则转发: 收到、存好、按规则转发原消息",
            "Rule-based forwarder for WeCom accounts hosted on YZJ: receive, store, forward originals by rules",
        ),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
    )
    made.callback()(_everywhere)
    for each in (name,) if name in _COMMANDS else _COMMANDS:
        _add(made, each, _COMMANDS[each])
    return made


def carry_out(written: line.Line, session: Session) -> int:
    """Run the command that a line names; answers its exit code.

    Raises:
        UsageProblem: the line is not understood.
        KeyboardInterrupt: a question was answered with Ctrl-C.
    """
    command = typer.main.get_command(program(written.command))
    words.speak(command, session.lang)
    try:
        # not through its main, which ends the process where a pipe breaks
        with command.make_context("yzj-daemon", written.others, obj=session) as context:
            answer = command.invoke(context)
    except typer.Exit as told:
        answer = told.exit_code
    except typer.Abort as abort:
        raise KeyboardInterrupt from abort
    except typer.TyperException as error:
        if not usage.is_help(error):
            raise usage.problem(error) from error
        answer = UsageProblem.exit_code
    return answer if isinstance(answer, int) else 0


def _add(made: typer.Typer, name: str, command: _Command) -> None:
    module = import_module(f"yzj_daemon.cli.{command.module}")
    if command.function:
        made.command(name, help=command.help)(getattr(module, command.function))
    else:
        made.add_typer(module.commands, name=name)


class _Program(usage.Commands):
    """The options of every command are told in its help; on the line before a command there are none left."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-"):
            self.params = []
        return super().parse_args(ctx, args)


def _everywhere(
    config: Annotated[
        str | None,
        typer.Option(line.CONFIG, metavar="FILE", help=both("设置文件 (TOML)", "the settings file (TOML)")),
    ] = None,
    lang: Annotated[
        str | None, typer.Option(line.LANG, metavar="zh|en", help=both("输出的语言", "the language of the output"))
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            line.SET, metavar="NAME=VALUE", help=both("改一个设置, 可多次", "change one setting; may be repeated")
        ),
    ] = None,
) -> None:
    """For the help only: ``line.py`` has taken these off the line."""
