"""One trace a message: the same ids in every process, and no word of the message."""

import hashlib

import pytest

from yzj_daemon.errors import SettingsProblem
from yzj_daemon.ops import traces
from yzj_daemon.settings.model import FIELDS


def test_the_ids_are_what_the_documentation_says():
    trace, first = traces.ids("acc", "123")
    digest = hashlib.sha256(b"acc\x00123").hexdigest()
    assert f"{trace:032x}{first:016x}" == digest[:48]


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.25, 150, 350), (1.0, 1_000, 1_000)])
def test_a_share_of_the_messages_is_traced_and_always_the_same(share, least, most):
    chosen = [trace for n in range(1_000) if (trace := traces.shown("acc", str(n), share))]
    assert least <= len(chosen) <= most
    assert set(chosen) <= {f"{traces.ids('acc', str(n))[0]:032x}" for n in range(1_000)}


def test_without_the_extra_it_says_what_to_install():
    with pytest.raises(SettingsProblem, match=r"yzj-daemon\[otel\]"):
        raise traces._not_installed(ImportError("no", name="opentelemetry"))


def test_every_setting_of_traces_is_documented():
    from tests.unit.test_docs_alerts import ROOT

    text = (ROOT / "docs" / "traces.md").read_text(encoding="utf-8")
    assert [name for name in FIELDS if name.startswith("traces.") and f"`{name}`" not in text] == []
