"""``check`` and ``test``: what is wrong with the rules, and whether their own examples hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yzj_daemon.cli import checked, filters, output, tree
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.errors import Lang, Phrase

if TYPE_CHECKING:
    from yzj_daemon.rules.examples import Result
    from yzj_daemon.rules.finding import Finding
    from yzj_daemon.rules.load import Loaded
    from yzj_daemon.rules.ruleset import Rule

RulesPath = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH",
        help=both("规则文件或目录, 默认 rules.path", "a rule file or directory; by default rules.path"),
    ),
]


def check(
    context: typer.Context,
    path: RulesPath = None,
    strict: Annotated[bool, typer.Option("--strict", help=both("警告也算错误", "warnings count as errors"))] = False,
    online: Annotated[
        bool,
        typer.Option("--online", help=both("还问平台: 账号和会话", "ask the platform about accounts and chats, too")),
    ] = False,
    if_changed: Annotated[
        bool,
        typer.Option(
            checked.OPTION,
            help=both(
                "作为服务时: 自上次检查通过后没有变化就不再检查",
                "as a service: not again what was found good and did not change since",
            ),
        ),
    ] = False,
    as_json: filters.Json = False,
) -> int:
    from yzj_daemon.rules import load
    from yzj_daemon.yzj import payloads

    session = Session.of(context)
    found = session.settings.findings()
    loaded = load.load_checked(
        session.settings.rules.path if path is None else path, payloads.split, session.settings.dialect()
    )
    loaded = _with_observed(session, loaded)
    if online and loaded.ruleset is not None:
        from yzj_daemon.cli.online import told

        loaded = told(session, loaded)
    if as_json:
        for finding in loaded.findings:
            output.as_json(finding.row(session.lang))
    else:
        _print_findings(loaded, found, session.lang)
    wrong = loaded.ruleset is None or (strict and bool(loaded.findings or found))
    if if_changed and not wrong:
        _remember(session)
    return 1 if wrong else 0


def _remember(session: Session) -> None:
    """For the service's next start: the files that settings and rules came from, and how to stand at the door."""
    from yzj_daemon.settings.load import DOTENV, secrets_beside
    from yzj_daemon.web.porter import Order

    told = session.config or session.environ.get("YZJ_CONFIG")
    config = Path(told) if told else None
    order = Order.of(session.settings)
    beside = secrets_beside(config, session.environ)
    read = [session.settings.rules.path, DOTENV, *(path for path in (config, beside) if path)]
    checked.remember(session.words, session.environ, read, {"door": order and order.row()})


def _with_observed(session: Session, loaded: "Loaded") -> "Loaded":
    """With what the store, where there is one, tells of the rules."""
    from yzj_daemon.rules.observed import Lane, Seen, findings
    from yzj_daemon.storage import memory

    if loaded.ruleset is None or not session.has_store():
        return loaded
    with session.store() as store:
        last = store.read_now(memory.last_matches)
    now, forward = session.now, session.settings.forward
    seen = {
        id_: Seen(now - one.known_at, now - (one.matched_at or one.known_at), one.matches) for id_, one in last.items()
    }
    lane = Lane(forward.max_targets, forward.pace, forward.max_age)
    return loaded.told(findings(loaded.ruleset.rules, seen, lane))


def _print_findings(loaded: "Loaded", settings: list[Phrase], lang: Lang) -> None:
    for finding in loaded.findings:
        _print_finding(finding, lang)
    for unwise in settings:
        output.line(f"{Phrase('设置', 'settings').to(lang)}: warning {unwise.to(lang)}")
    errors = sum(finding.level == "error" for finding in loaded.findings)
    warnings = len(loaded.findings) - errors + len(settings)
    if loaded.ruleset is None:
        output.line(
            Phrase(
                f"{errors} 个错误, {warnings} 个警告; 这份规则不会被使用",
                f"{errors} errors, {warnings} warnings; these rules are not used",
            ).to(lang)
        )
        return
    rules, examples, digest = len(loaded.ruleset.rules), len(loaded.examples), loaded.ruleset.hash
    output.line(
        Phrase(
            f"规则没有错误: {rules} 条启用, {examples} 个例子通过, {warnings} 个警告 ({digest})",
            f"the rules are good: {rules} enabled, {examples} examples pass, {warnings} warnings ({digest})",
        ).to(lang)
    )


def _print_finding(finding: "Finding", lang: Lang) -> None:
    output.line(output.visible(finding.to(lang)))
    if finding.value:
        output.detail(finding.value)


def examples(context: typer.Context, path: RulesPath = None, as_json: filters.Json = False) -> int:
    from yzj_daemon.rules import examples as own
    from yzj_daemon.rules import load
    from yzj_daemon.yzj import payloads

    session = Session.of(context)
    loaded = load.load(session.settings.rules.path if path is None else path, session.settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    results = own.run(loaded, payloads.split)
    if as_json:
        for result in results:
            output.as_json(_row(result, session.lang))
    else:
        _print_results(loaded, results, session.lang)
    return 0 if all(result.passed for result in results) else 1


def _row(result: "Result", lang: Lang) -> dict[str, Any]:
    example, verdict = result.example, result.verdict
    return {
        "rule": example.rule,
        "name": example.name,
        "file": example.place.file,
        "line": example.place.line,
        "expect": example.expect,
        "passed": result.passed,
        "why": result.why.to(lang) if result.why else "",
        "failed": verdict.failed.row() if verdict and verdict.failed else None,
        "found": [list(found) for found in verdict.found] if verdict else [],
    }


def _print_results(loaded: "Loaded", results: "tuple[Result, ...]", lang: Lang) -> None:
    assert loaded.ruleset is not None
    by_rule: dict[str, list[Result]] = {}
    for result in results:
        by_rule.setdefault(result.example.rule, []).append(result)
    tree.show([_rule(rule, by_rule.get(rule.id, []), lang) for rule in loaded.ruleset.rules])
    failed = sum(not result.passed for result in results)
    output.line(
        Phrase(f"{len(results)} 个例子, {failed} 个不通过", f"{len(results)} examples, {failed} failed").to(lang)
    )


def _rule(rule: "Rule", results: "list[Result]", lang: Lang) -> tree.Branch:
    if not results:
        none = Phrase("(没有例子)", "(no examples)").to(lang)
        return tree.Branch(((f"- {rule.id}", tree.PLAIN), (f"  {f'{rule.description} {none}'.strip()}", tree.FAINT)))
    passed = sum(result.passed for result in results)
    more = f"{passed}/{len(results)}  {rule.description}".rstrip()
    return tree.verdict(rule.id, more, (_example(result, lang) for result in results), good=passed == len(results))


def _example(result: "Result", lang: Lang) -> tree.Branch:
    """The example, and the first condition that decided against it, with what it asked for and what it found."""
    example = result.example
    place = "" if result.passed else f"  {example.place.file}:{example.place.line}"
    why = () if result.why is None else (tree.told(result.why.to(lang), tree.BAD),)
    return tree.verdict(example.label, f"→ {example.expect}{place}", why, good=result.passed)
