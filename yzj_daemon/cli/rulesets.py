"""Where a command finds the rule set that it asks: on disk, or in the store, as it was when it decided."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from yzj_daemon.cli.session import Session
from yzj_daemon.errors import Phrase, RulesProblem

if TYPE_CHECKING:
    from yzj_daemon.rules.ruleset import Ruleset
    from yzj_daemon.storage.engine import Store


def on_disk(session: Session, path: Path | None = None) -> "Ruleset":
    """The rules of a file or directory, by default those of ``rules.path``. Raises RulesProblem."""
    from yzj_daemon.rules import load

    loaded = load.load(session.settings.rules.path if path is None else path, session.settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    return loaded.ruleset


def proven(session: Session, path: Path) -> "Ruleset":
    """The rules of a file or directory that the daemon would take up. Raises RulesProblem: all that ``check`` finds."""
    from yzj_daemon.rules import load
    from yzj_daemon.yzj import payloads

    loaded = load.load_checked(path, payloads.split, session.settings.dialect())
    if loaded.ruleset is None:
        raise load.problem(loaded)
    return loaded.ruleset


def stored(session: Session, sources: Mapping[str, str]) -> "Ruleset":
    """The set as the store kept it. Raises RulesProblem: this version cannot read it any more."""
    from yzj_daemon.rules import load

    loaded = load.load_kept(sources, session.settings.dialect())
    if loaded.ruleset is None:
        raise RulesProblem(_UNREADABLE, load.problem(loaded).what)
    return loaded.ruleset


_UNREADABLE = Phrase(
    "数据库里保存的规则集, 这个版本已经读不懂了",
    "the rule set that the store keeps cannot be read by this version any more",
)


def in_force(session: Session, store: "Store") -> "Ruleset":
    """The newest that the store knows, else the one on disk. Raises RulesProblem."""
    from yzj_daemon.storage import reports

    sources = store.read_now(reports.sources_in_force)
    return stored(session, sources) if sources else on_disk(session)
