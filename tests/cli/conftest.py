"""Commands in this process, on a real store that was filled through the real intake."""

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.flow.conftest import NOW, HandClock, clock, metrics, running, take
from yzj_daemon.cli import app
from yzj_daemon.flow.intake import Intake, RulesInForce
from yzj_daemon.flow.plan import PlanPolicy
from yzj_daemon.message import Original
from yzj_daemon.ops.metrics import Metrics
from yzj_daemon.rules import load, packing
from yzj_daemon.storage.engine import Store, Work

__all__ = ["clock", "metrics"]

RULES = """
timezone = "Asia/Shanghai"
[names]
"运营群" = "R:ops"
[windows.day]
hours = ["09:00-18:00"]
[[rules]]
id = "退款"
description = "转给运营"
forward_to = ["运营群", "R:boss"]
[rules.when]
contains = ["退款"]
[[rules]]
id = "merge"
forward_to = ["R:merge"]
during = ["day"]
outside = "drop"
[rules.when]
type = ["merge"]
"""


@dataclass
class Shell:
    """One directory with settings in the environment; ``run`` answers exit code, output and errors."""

    directory: Path
    empty_store: Path
    capsys: pytest.CaptureFixture[str]
    clock: HandClock
    metrics: Metrics
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "YZJ_STORE__URL": f"sqlite:///{self.directory}/store.db",
            "YZJ_RULES__PATH": str(self.directory / "rules.toml"),
            "YZJ_LANG": "en",
            **self.settings,
        }

    def __call__(self, *args: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = app.main(args, {**self.environ, **(environ or {})})
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def rows(self, *args: str) -> list[dict[str, Any]]:
        code, out, err = self(*args, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    def one(self, *args: str, code: int = 0) -> dict[str, Any]:
        answered, out, err = self(*args, "--json")
        assert answered == code, err
        [line] = out.splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    def rules(self, toml: str) -> None:
        (self.directory / "rules.toml").write_text(toml, encoding="utf-8")

    def receive(self, *originals: Original) -> None:
        """Through the real intake, with the rules on disk."""
        if not (self.directory / "store.db").exists():
            shutil.copy(self.empty_store, self.directory / "store.db")
        store = Store(self.environ["YZJ_STORE__URL"])
        loaded = load.load(self.directory / "rules.toml")
        assert loaded.ruleset is not None
        intake = Intake(
            store,
            RulesInForce(loaded.ruleset, packing.pack(loaded.files)),
            PlanPolicy(max_age=10**15),
            clock=self.clock,
            metrics=self.metrics,
            wake=lambda accounts: None,
            max_targets=20,
        )

        async def receiving() -> None:
            async with running(intake):
                await take(intake, *originals)

        asyncio.run(receiving())
        store.close()

    def sql(self, statement: str) -> None:
        self.work(lambda connection: connection.exec_driver_sql(statement))

    def work(self, work: Work[Any]) -> Any:
        """On the store, in a transaction."""
        with closing(Store(self.environ["YZJ_STORE__URL"])) as store:
            return store.write_now(work)


@pytest.fixture
def shell(
    tmp_path: Path,
    empty_store: Path,
    capsys: pytest.CaptureFixture[str],
    clock: HandClock,
    metrics: Metrics,
    monkeypatch: pytest.MonkeyPatch,
) -> Shell:
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path, empty_store, capsys, clock, metrics)
    shell.rules(RULES)
    return shell


Receive = Callable[..., None]
AT = NOW
