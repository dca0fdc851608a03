"""Help in two languages: every text is written as a pair, and the commands are told which half to speak."""

from functools import partial
from typing import Any

import typer

from yzj_daemon.errors import Lang, Phrase

_BETWEEN = "\x1f"

_PANELS = {
    "argument": Phrase("参数", "Arguments"),
    "option": Phrase("选项", "Options"),
}
COMMANDS = Phrase("命令", "Commands")
HELP = Phrase("显示这份帮助", "Show this help")
_USAGE = Phrase("用法:", "Usage:")
_OPTIONS = Phrase("[选项]", "[OPTIONS]")
_COMMAND = Phrase("命令 [参数]...", "COMMAND [ARGS]...")


def both(zh: str, en: str) -> str:
    """A help text in both languages, until :func:`speak` picks one."""
    return f"{zh}{_BETWEEN}{en}"


def halves(text: str) -> Phrase | None:
    """The pair that :func:`both` made; None for a text in one language only."""
    zh, between, en = text.partition(_BETWEEN)
    return Phrase(zh, en) if between and zh and en else None


def speak(command: Any, lang: Lang) -> None:
    """Make a command, its options and all commands below it speak one language.

    Raises:
        ValueError: a help text lacks one of the languages.
    """
    command.help = _half(command.help, command.name, lang)
    command.options_metavar = _OPTIONS.to(lang)
    command.subcommand_metavar = _COMMAND.to(lang)
    command.get_usage = partial(_usage, command, lang)
    for param in command.params:
        param.help = _half(param.help, f"{command.name} {param.name}", lang)
        _tell(param, lang)
    for child in getattr(command, "commands", {}).values():
        child.rich_help_panel = COMMANDS.to(lang)
        speak(child, lang)
    offered = command.get_help_option(typer.Context(command))  # typer keeps it: what is said here stays
    offered.help = HELP.to(lang)
    _tell(offered, lang)


def _usage(command: Any, lang: Lang, context: Any) -> str:
    return " ".join((_USAGE.to(lang), context.command_path, *command.collect_usage_pieces(context)))


def _tell(param: Any, lang: Lang) -> None:
    """What Typer would tell of it besides its help are Python's names of types, and English words."""
    param.rich_help_panel = _PANELS[param.param_type_name].to(lang)
    param.show_default = False
    if param.param_type_name == "argument":
        param.display_type_rich = _nothing
    elif param.is_flag:
        param.metavar = ""


def _nothing(ctx: Any) -> None:
    """An argument's name tells its type."""


def _half(text: str | None, where: str, lang: Lang) -> str:
    phrase = halves(text or "")
    if phrase is None:
        raise ValueError(f"{where}: help must be written in both languages")
    return phrase.to(lang)
