"""docs/settings.md and docs/commands.md, made of the very tables the program works by: ``make docs``.

``python -m yzj_daemon.cli.manual settings|commands`` writes one of them to standard output.
"""

import sys
from collections.abc import Iterator
from typing import Any, Final

from yzj_daemon.errors import Phrase

_MADE: Final = "由程序生成(`make docs`)。Made from the program (`make docs`)."

_ABOUT_SETTINGS: Final = """\
# 设置 / Settings

{made}

设置文件是 TOML(`--config FILE` 或 `YZJ_CONFIG`)。每一项也可以是环境变量: `api.app_id` 写作 `YZJ_API__APP_ID`; 或是
`$CREDENTIALS_DIRECTORY`、`YZJ_SECRETS_DIR` 目录里以变量命名的文件; 两者都没有时, 是设置文件旁边 `credentials/` 里的
文件 (读得了的话), 名字可以不带 `YZJ_`。
先后: 命令行 `--set`、环境变量、`.env`、密钥文件、设置文件、默认值。
🔑 是密钥: 处处显示为 `**********`, 不能写在命令行上。`yzj-daemon settings` 列出每一项现在的值和来源。

The settings file is TOML (`--config FILE` or `YZJ_CONFIG`). Each of them may be a variable, too: `api.app_id` is
`YZJ_API__APP_ID`; or a file named like the variable in `$CREDENTIALS_DIRECTORY` or `YZJ_SECRETS_DIR`; where neither
is set, a file in `credentials/` beside the settings file (for who may read it), with or without `YZJ_`. Order: `--set`
on the command line, environment, `.env`, secret files, settings file, default. 🔑 is a secret: shown as `**********`
everywhere, and not taken from the command line. `yzj-daemon settings` lists every value and where it comes from.
"""

_ABOUT_COMMANDS: Final = """\
# 命令 / Commands

{made}

退出码 / exit codes: 0 好 well · 1 答案是"否" the answer is "no" · 2 用法 usage · 3 设置 settings ·
4 够不到数据库或平台 the store or the platform is out of reach.

这些选项可以写在任何位置 / these options may stand anywhere:

{everywhere}
"""


def settings() -> str:
    from yzj_daemon.settings.meanings import MEANINGS, SECTIONS
    from yzj_daemon.settings.model import FIELDS, SECRETS, Settings, expected

    defaults = {row["name"]: row["default"] for row in Settings().rows()}
    lines = [_ABOUT_SETTINGS.format(made=_MADE)]
    for section, title in SECTIONS.items():
        lines += [f"## `{section}`: {title}", ""]
        lines += ["| 设置 setting | 默认 default | 写法 | 意思 | written as | meaning |", "|---|---|---|---|---|---|"]
        for name in (name for name in FIELDS if name.partition(".")[0] == section):
            key = f"`{name}`" + (" 🔑" if name in SECRETS else "")
            default = f"`{defaults[name]}`" if defaults[name] else ""
            written, meaning = expected(name), MEANINGS[name]
            lines.append(_row(key, default, written.zh, meaning.zh, written.en, meaning.en))
        lines.append("")
    return "\n".join(lines)


def commands() -> str:
    everywhere, *found = _commands()
    lines = [_ABOUT_COMMANDS.format(made=_MADE, everywhere="\n".join(_params(everywhere)))]
    for command in found:
        lines += [f"## `{command['usage']}`", "", _cell(command["help"]), ""]
        if params := list(_params(command)):
            lines += [*params, ""]
    return "\n".join(lines)


def _commands() -> list[dict[str, Any]]:
    """The program itself and every command that does something, in the order of the help."""
    import typer

    from yzj_daemon.cli.commands import program

    return list(_described(typer.main.get_command(program()), ("yzj-daemon",)))


def _described(command: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    children = getattr(command, "commands", {})
    if not children or len(path) == 1:
        arguments = [_argument(param) for param in command.params if param.param_type_name == "argument"]
        yield {"usage": " ".join((*path, *arguments)), "help": _pair(command.help), "params": command.params}
    for name, child in children.items():
        if not child.hidden:
            yield from _described(child, (*path, name))


def _argument(param: Any) -> str:
    name = str(param.display_name_raw)
    return name if param.required else f"[{name}]"


def _params(command: dict[str, Any]) -> Iterator[str]:
    """A table of what may stand behind the command; nothing where there is nothing."""
    if command["params"]:
        yield from ("| | | |", "|---|---|---|")
    for param in command["params"]:
        told = _pair(param.help)
        yield _row(_spelled(param), told.zh, told.en)


def _spelled(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"`{_argument(param)}`"
    metavar = "" if param.is_flag else f" {param.metavar or param.name.upper()}"
    return ", ".join(f"`{name}{metavar}`" for name in (*param.opts, *param.secondary_opts))


def _pair(text: str | None) -> Phrase:
    from yzj_daemon.cli.words import halves

    found = halves(text or "")
    assert found is not None, text
    return found


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


PAGES: Final = {"settings": settings, "commands": commands}

if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
