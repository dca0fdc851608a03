"""``rules.example.toml`` is what people begin with."""

from pathlib import Path

from yzj_daemon.rules import examples
from yzj_daemon.rules.load import load_checked
from yzj_daemon.yzj import payloads

EXAMPLE = Path(__file__).parents[3] / "rules.example.toml"


def test_the_example_file_has_no_findings():
    assert load_checked(EXAMPLE, payloads.split).findings == ()


def test_every_rule_in_it_has_examples_and_they_hold():
    loaded = load_checked(EXAMPLE, payloads.split)
    assert loaded.ruleset is not None
    assert {example.rule for example in loaded.examples} == {rule.id for rule in loaded.ruleset.rules}
    assert all(result.passed for result in examples.run(loaded, payloads.split))


def test_it_shows_both_what_matches_and_what_does_not():
    assert {example.expect for example in load_checked(EXAMPLE, payloads.split).examples} == {"match", "no-match"}
