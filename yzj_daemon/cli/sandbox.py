"""``sandbox``: the fake platform alone, for try-outs and for tests of rules and settings."""

import json
from typing import Annotated

import typer

from yzj_daemon.cli import output
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Phrase, UsageProblem


def sandbox(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help=both("监听的地址", "the address to listen on"))] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=both("端口, 0 为任选", "the port; 0 takes any"))
    ] = 8090,
    callback: Annotated[
        str,
        typer.Option(
            "--callback", metavar="URL", help=both("把消息推送到这个回调地址", "push messages to this callback URL")
        ),
    ] = "",
    behaviour: Annotated[
        list[str] | None,
        typer.Option(
            "--behaviour",
            metavar="NAME=VALUE",
            help=both("平台行为的选项, 可多次", "an option of the platform's behaviour; may be repeated"),
        ),
    ] = None,
    prefix: Annotated[
        str, typer.Option("--prefix", help=both("接口路径前缀, 如 /oapi", "stands before every path, as in /oapi"))
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help=both("输出 JSON", "JSON"))] = False,
) -> None:
    from yzj_daemon.sandbox.behaviour import Behaviour, changed
    from yzj_daemon.sandbox.platform import Options
    from yzj_daemon.sandbox.server import Sandbox, serve

    session = Session.of(context)
    changes = dict(map(_change, behaviour or ()))
    if callback:
        changes["callback_url"] = callback
    options = Options(prefix=prefix, behaviour=changed(Behaviour(), changes))

    def on_ready(running: Sandbox) -> None:
        if as_json:
            output.as_json({"base_url": running.base_url, "control_url": running.control_url})
        else:
            _introduce(running, options, session)
        output.flush()

    serve(host, port, options, on_ready)


def _change(written: str) -> tuple[str, object]:
    """``NAME=VALUE``; the value is JSON, or else text."""
    name, equals, value = written.partition("=")
    if not equals or not name:
        raise UsageProblem(
            Phrase(f"--behaviour 要写成 名字=值: {written!r}", f"--behaviour takes NAME=VALUE: {written!r}"),
            Phrase("例如 --behaviour sort=desc", "for example --behaviour sort=desc"),
        )
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _introduce(running: object, options: object, session: Session) -> None:
    from yzj_daemon.sandbox.platform import Options
    from yzj_daemon.sandbox.server import Sandbox

    assert isinstance(running, Sandbox)
    assert isinstance(options, Options)
    lang = session.lang
    output.line(
        Phrase(
            "假平台已启动 (Ctrl-C 结束)。守护进程的设置:", "The fake platform is up (Ctrl-C ends it). For the daemon:"
        ).to(lang)
    )
    for name, value in (
        ("YZJ_API__BASE_URL", running.base_url),
        ("YZJ_API__APP_ID", options.app_id),
        ("YZJ_API__APP_SECRET", options.app_secret),
        ("YZJ_CALLBACK__AES_KEY", options.aes_key),
    ):
        output.line(f"  export {name}={value}")
    example = (
        '{"chat":"R:10900000000000001","sender":"7881300000000002","content":{"items":[{"type":"text","text":"hi"}]}}'
    )
    output.line(Phrase("让客户发一条消息:", "Let a customer send a message:").to(lang))
    output.line(f"  curl -d '{example}' {running.control_url}/_sandbox/messages")
    output.line(Phrase("编排故障 (下一次转发回答 407):", "Script a fault (the next forward answers 407):").to(lang))
    fault = '{"fault":{"errcode":407,"message":"over limit"}}'
    output.line(f"  curl -d '{fault}' {running.control_url}/_sandbox/faults")
    output.line(
        Phrase(
            f"看到了什么: {running.control_url}/_sandbox/calls , /arrivals , /pushes , /stats , /behaviour",
            f"What it saw: {running.control_url}/_sandbox/calls , /arrivals , /pushes , /stats , /behaviour",
        ).to(lang)
    )
