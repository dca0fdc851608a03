"""All commands under one name, and the one place where what goes wrong becomes words and an exit code."""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import (
    accounts,
    alerts,
    chats,
    console,
    demo,
    doctor,
    example,
    explain,
    export,
    lanes,
    language,
    line,
    messages,
    mutes,
    output,
    preview,
    replay,
    rule_history,
    rules,
    run,
    sandbox,
    schema,
    service,
    settings,
    store,
    tap,
    usage,
    verbs,
    words,
)
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Lang, Phrase, Problem, UsageProblem

if TYPE_CHECKING:
    from yzj_daemon.web.porter import Porter

INTERRUPTED = 130
"""What a shell reports of a command that Ctrl-C ended."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_OURS = Phrase(
    "yzj-daemon: 这是程序自己的错误, 请把以上内容(其中的密钥已遮住)报告给我们",
    "yzj-daemon: this is a mistake of the program; please report what stands above (known secrets are masked)",
)


class _Program(usage.Commands):
    """The options of every command are told in its help; on the line before a command there are none left."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-"):
            self.params = []
        return super().parse_args(ctx, args)


app = typer.Typer(
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

app.command("run", help=both("守护进程, 直到 SIGTERM 或 Ctrl-C", "The daemon, until SIGTERM or Ctrl-C"))(run.run)
app.command("demo", help=both("演示: 假平台、真守护进程、样例消息", "The demo: fake platform, real daemon, samples"))(
    demo.demo
)
app.command(
    "sandbox", help=both("只运行假平台, 可编排故障", "The fake platform alone, with faults to script; for try-outs")
)(sandbox.sandbox)
app.command("check", help=both("检查设置和规则, 一次列出所有错误", "Check settings and rules: every mistake at once"))(
    rules.check
)
app.command("test", help=both("运行规则自带的例子", "Run the rules' own examples"))(rules.examples)
app.command("explain", help=both("一条消息为什么匹配或不匹配每条规则", "Why a message matches each rule, or not"))(
    explain.explain
)
app.command(
    "example",
    help=both("把一条存下的消息遮住个人信息, 加成规则的例子", "A stored message, masked, as an example of a rule"),
)(example.example)
app.command(
    "preview",
    help=both(
        "新规则会多转发什么、少转发什么: 用存下的消息试",
        "What new rules would forward in addition, and what no longer: tried on the stored messages",
    ),
)(preview.preview)
app.command("status", help=both("现在怎么样, 该做什么", "How things are, and what to do"))(lanes.status)
app.command("lanes", help=both("每个账号的队列: 多少在等, 还要多久", "Each account's queue: how much waits, how long"))(
    lanes.lanes
)
app.command(
    "doctor",
    help=both(
        "逐项检查设置和平台: 什么对、什么不对、该做什么",
        "Ask everything once: what is right, what is wrong, what to do",
    ),
)(doctor.doctor)
app.command("tap", help=both("实时看决定和结果, 直到 Ctrl-C", "Decisions and outcomes as they happen, until Ctrl-C"))(
    tap.tap
)
app.command("accounts", help=both("托管账号的名字和状态", "Hosted accounts by name, and how they are"))(
    accounts.accounts
)
app.add_typer(alerts.commands, name="alerts")
app.add_typer(chats.commands, name="chats")
messages.commands.command(
    "export",
    help=both(
        "导出为 JSON, 一行一条, 新的在前; --redact 遮住文字、名字和编号",
        "Export as JSON lines, newest first; --redact masks words, names and ids",
    ),
)(export.export)
app.add_typer(messages.commands, name="messages")
app.add_typer(verbs.commands, name="deliveries")
app.add_typer(mutes.commands, name="mute")
app.add_typer(rule_history.commands, name="rules")
app.command(
    "replay",
    help=both(
        "用现在的规则重新判断存下的消息; 先数, --execute 才发送",
        "Decide stored messages again; counts first, sends with --execute",
    ),
)(replay.replay)
app.command("actions", help=both("谁在什么时候做了什么", "Who did what, and when"))(mutes.actions)
app.command("audit", help=both("账目是否平衡; 不平衡则退出码为 1", "Do the books balance? Exit code 1 if not"))(
    store.audit
)
app.add_typer(store.commands, name="db")
app.add_typer(service.commands, name="service")
app.command(
    "console", help=both("控制台的一次性链接, 不用密码", "A link that opens the console once, without a password")
)(console.console)
app.command("settings", help=both("每个设置的值和来源", "Every setting's value and source"))(settings.settings)
app.command("schema", help=both("规则文件的 JSON Schema, 给编辑器用", "The JSON Schema of rule files, for editors"))(
    schema.schema
)
app.command("version", help=both("版本", "The version"))(settings.version)


@app.callback()
def everywhere(
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


def main(
    args: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, porter: "Porter | None" = None
) -> int:
    """Run one command; answers its exit code. ``porter`` stands at the door already, for ``run``."""
    args = sys.argv[1:] if args is None else args
    written = line.Line.of(args)
    environ = os.environ if environ is None else environ
    session = Session(lang=language.choose(written.lang, environ), environ=environ, porter=porter, words=args)
    try:
        return _invoke(written, session)
    except Problem as problem:
        return _told(problem, session.lang)
    except typer.TyperException as error:
        return UsageProblem.exit_code if usage.is_help(error) else _told(usage.problem(error), session.lang)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _let_go_of_the_output()  # the reader (head, less) has seen enough
        return 0
    except OSError as error:
        if error.errno not in _FULL:
            return _surprised(error, session)
        _let_go_of_the_output()
        return _told(_no_room(error), session.lang)
    except Exception as surprise:  # noqa: BLE001 - Python itself would show what its text holds, secrets too
        return _surprised(surprise, session)


def _let_go_of_the_output() -> None:
    """The interpreter must not flush into it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _no_room(error: OSError) -> Problem:
    return Problem(
        Phrase(f"写不下: {error.strerror}; 输出不完整", f"no room to write: {error.strerror}; the output is not whole"),
        Phrase("腾出磁盘空间, 再来一次", "make room on the disk, and do it again"),
    )


def _invoke(written: line.Line, session: Session) -> int:
    written.check_lang()
    session.lang_asked = bool(written.lang)
    session.config = written.config
    session.overrides = written.overrides
    command = typer.main.get_command(app)
    words.speak(command, session.lang)
    output.never_fail()
    try:
        # not through its main, which ends the process where a pipe breaks
        with command.make_context("yzj-daemon", written.others, obj=session) as context:
            answer = command.invoke(context)
    except typer.Exit as told:
        answer = told.exit_code
    sys.stdout.flush()
    return answer if isinstance(answer, int) else 0


def _surprised(surprise: Exception, session: Session) -> int:
    """A mistake of ours: all that helps to mend it, without secrets."""
    import traceback

    from yzj_daemon.ops.redaction import Redaction

    text = Redaction(session.secrets()).text("".join(traceback.format_exception(surprise)))
    sys.stderr.write(text + _OURS.to(session.lang) + "\n")
    return 1


def _told(problem: Problem, lang: Lang) -> int:
    told = "\n".join(output.visible(text) for text in problem.to(lang).split("\n"))
    sys.stderr.write(f"yzj-daemon: {told}\n")
    return problem.exit_code
