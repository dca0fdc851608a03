"""What it costs to take up many rules, and to check them with their examples."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import corpus
from bench.machine import stopwatch
from yzj_daemon.rules.load import Loaded, load, load_checked
from yzj_daemon.yzj import payloads

ROUNDS = 3


def seconds(rules: int) -> float:
    """From a file to a rule set that decides."""
    return _best(corpus.rules(rules), load)


def checked_seconds(rules: int) -> float:
    """``check``: names, lists, windows and one example a rule, all of it linted, every example run."""
    return _best(corpus.rulebook(rules), _check)


def refused_seconds(rules: int) -> float:
    """``check`` of as many rules, each of which fails its example."""
    return _best(corpus.rulebook(rules, wrong=True), _check, good=False)


def _check(path: Path) -> Loaded:
    return load_checked(path, payloads.split)


def _best(toml: str, loading: Callable[[Path], Loaded], *, good: bool = True) -> float:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rules.toml"
        path.write_text(toml, encoding="utf-8")
        return min(_once(path, loading, good=good) for _ in range(ROUNDS))


def _once(path: Path, loading: Callable[[Path], Loaded], *, good: bool) -> float:
    began = stopwatch()
    loaded = loading(path)
    took = stopwatch() - began
    if (loaded.ruleset is not None) is not good:
        raise SystemExit(f"the rules are {'refused' if good else 'taken'}: {[f.to('en') for f in loaded.findings[:1]]}")
    return took
