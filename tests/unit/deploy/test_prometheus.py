"""What is shipped for Prometheus and Grafana, and docs/metrics.md, speak of exactly the numbers there are."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from yzj_daemon.ops.metrics import Metrics

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "prometheus"
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "yzj-daemon.json").read_text(encoding="utf-8"))
PROMTOOL = shutil.which("promtool", path=f"{ROOT}/.tools") or shutil.which("promtool")

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool: make system gets it where there is apt")

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def described() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, type and labels of every metric, as a scrape names them."""
    for collector in Metrics("test")._registry._collector_to_names:
        for family in collector.collect():
            name = family.name + ("_total" if family.type == "counter" else "")
            yield name, family.type, tuple(getattr(collector, "_labelnames", ()))


def series() -> dict[str, set[str]]:
    """Every series that can be asked for, and its labels."""
    found: dict[str, set[str]] = {}
    for name, kind, labels in described():
        base = name.removesuffix("_total")
        for suffix in SUFFIXES[kind]:
            found[base + suffix] = {*labels, *(["le"] if suffix == "_bucket" else [])}
    return found


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((RULES / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    """All that is asked of Prometheus."""
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    yield from (annotation["expr"] for annotation in DASHBOARD["annotations"]["list"])
    yield from (variable["definition"] for variable in DASHBOARD["templating"]["list"] if "definition" in variable)
    yield from (alert["expr"] for alert in alerts())


def promtool(*arguments: str, cwd: Path = RULES) -> subprocess.CompletedProcess[str]:
    assert PROMTOOL is not None
    return subprocess.run([PROMTOOL, *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=50)


def test_every_number_is_documented_with_its_type_and_labels_and_no_other_is() -> None:
    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([`\w ]*) ?\|", text, re.MULTILINE)
    told = {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    assert told == {name: (kind, labels) for name, kind, labels in described()}


@pytest.mark.parametrize("expression", list(dict.fromkeys(expressions())))
def test_dashboard_and_alerts_ask_for_numbers_and_labels_that_there_are(expression: str) -> None:
    known, asked = series(), re.findall(r"\b((?:yzj|process)_\w+)(?:\{([^}]*)\})?", expression)
    assert asked or expression.startswith("up{")
    for name, matchers in asked:
        assert name in known
        assert set(re.findall(r"(\w+) ?[=!]~?", matchers)) <= known[name] | {"instance", "job"}
    for by in re.findall(r"by \(([^)]*)\)", expression):
        assert {label.strip() for label in by.split(",")} <= set().union(*(known[n] for n, _ in asked)) | {"instance"}


@needs_promtool
def test_what_is_shipped_is_accepted() -> None:
    for arguments in (("check", "rules", "alerts.yaml"), ("check", "config", "--syntax-only", "scrape.yaml")):
        done = promtool(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    asked = [expression for expression in dict.fromkeys(expressions()) if not expression.startswith("label_values")]
    rules = [{"record": f"q{n}", "expr": query.replace("$instance", ".*")} for n, query in enumerate(asked)]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "q", "rules": rules}]}))
    done = promtool("check", "rules", "queries.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(asked)} rules found" in done.stdout


@needs_promtool
def test_each_alert_fires_for_what_is_ill_and_for_nothing_else() -> None:
    done = promtool("test", "rules", "alerts_test.yaml")
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
@pytest.mark.parametrize("name", [alert["alert"] for alert in alerts()])
def test_the_tests_of_the_alerts_notice_one_that_never_fires(name: str, tmp_path: Path) -> None:
    shutil.copytree(RULES, tmp_path / "rules")
    path = tmp_path / "rules" / "alerts.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    for rule in told["groups"][0]["rules"]:
        if rule["alert"] == name:
            rule["expr"] = "vector(0) > 1"
    path.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    assert promtool("test", "rules", "alerts_test.yaml", cwd=tmp_path / "rules").returncode != 0


def test_each_alert_says_what_is_the_matter_and_what_to_do_in_both_languages() -> None:
    for alert in alerts():
        assert alert["labels"]["severity"] in {"info", "warning", "critical"}
        assert re.search("[\u4e00-\u9fff]", alert["annotations"]["summary"]) or "{{" in alert["annotations"]["summary"]
        assert alert["annotations"]["description"]
