import pytest

from yzj_daemon.errors import UsageProblem
from yzj_daemon.sandbox.behaviour import Behaviour, changed
from yzj_daemon.sandbox.platform import Options, Platform


def test_changing_makes_another_behaviour():
    before = Behaviour()
    after = changed(before, {"own_copies": "none", "push_concurrency": 3})
    assert (before.own_copies, after.own_copies, after.push_concurrency) == ("both", "none", 3)


def test_an_unknown_option_names_its_neighbours():
    with pytest.raises(UsageProblem, match="own_copies"):
        changed(Behaviour(), {"own_copy": "none"})


@pytest.mark.parametrize(
    "changes",
    [
        {"own_copies": "sometimes"},
        {"drop_probability": 1.5},
        {"body_form": "json:"},
        {"body_form": "base64\n"},
        {"push_timeout": 0},
        {"direction_newer": 3},
        {"rows_path": ""},
    ],
)
def test_a_value_that_an_option_cannot_take_is_named(changes):
    with pytest.raises(UsageProblem) as caught:
        changed(Behaviour(), changes)
    assert next(iter(changes)) in caught.value.to("zh")


@pytest.mark.parametrize(
    "changes", [{"callback_url": "ftp://x"}, {"test_callback_url": "http://"}, {"allow_ips": ["x"]}]
)
def test_addresses_are_checked_before_anything_uses_them(changes):
    platform = Platform(Options())
    before = platform.behaviour
    with pytest.raises(UsageProblem):
        platform.change(changes)
    assert platform.behaviour is before
