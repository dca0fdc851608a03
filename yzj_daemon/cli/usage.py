"""What is wrong with a command line, in the operator's language. Typer tells it in English only."""

import difflib
from collections.abc import Collection
from typing import Any

from typer.core import TyperGroup

from yzj_daemon.errors import Phrase, UsageProblem


class Commands(TyperGroup):
    """Commands under one name."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Raises UsageProblem: there is no such command."""
        if args and args[0] not in self.commands:
            raise no_such_command(args[0], self.commands, ctx.command_path)
        return super().resolve_command(ctx, args)


def no_such_command(name: str, known: Collection[str], path: str) -> UsageProblem:
    near = " ".join(difflib.get_close_matches(name, known))
    return UsageProblem(
        Phrase(f"没有这个命令: {path} {name}", f"no such command: {path} {name}"),
        _meant(near) if near else _see(path),
    )


def is_help(error: Any) -> bool:
    """A group was called without a command, and has shown its help."""
    return type(error).__name__ == "NoArgsIsHelpError"


def problem(error: Any) -> UsageProblem:
    """A usage error of Typer's, in both languages."""
    return UsageProblem(_what(error), _todo(error))


def _what(error: Any) -> Phrase:
    match type(error).__name__:
        case "NoSuchOption":
            return Phrase(f"没有这个选项: {error.option_name}", f"no such option: {error.option_name}")
        case "BadOptionUsage":
            return Phrase(f"{error.option_name} 用法不对: 它要有一个值", f"{error.option_name} needs a value")
        case "MissingParameter" if error.param is not None:
            name = _name(error.param)
            return Phrase(f"缺少 {name}", f"{name} is missing")
        case "BadParameter" if error.param is not None:
            return _wrong_value(error)
        case _:
            said = error.format_message()
            return Phrase(f"命令写得不对: {said}", f"the command line is wrong: {said}")


def _wrong_value(error: Any) -> Phrase:
    """Options with values of one kind only are weighed by Typer: whole numbers in a range."""
    name, value = _name(error.param), error.__cause__.errors()[0]["input"]
    limits = error.param.type_descriptor.parameter_info
    least, most = limits.min, limits.max
    if most is None:
        return Phrase(
            f"{name} 不能是 {value!r}, 应为不小于 {least} 的整数",
            f"{name} cannot be {value!r}; expected a whole number, {least} or more",
        )
    return Phrase(
        f"{name} 不能是 {value!r}, 应为 {least} 到 {most} 的整数",
        f"{name} cannot be {value!r}; expected a whole number from {least} to {most}",
    )


def _name(param: Any) -> str:
    return str(param.opts[-1] if param.param_type_name == "option" else param.display_name_raw)


def _todo(error: Any) -> Phrase:
    near = " ".join(getattr(error, "possibilities", None) or ())
    if near:
        return _meant(near)
    return _see(error.ctx.command_path if getattr(error, "ctx", None) else "yzj-daemon")


def _meant(near: str) -> Phrase:
    return Phrase(f"是不是想写 {near}", f"did you mean {near}")


def _see(path: str) -> Phrase:
    return Phrase(f"看用法: {path} --help", f"see: {path} --help")
