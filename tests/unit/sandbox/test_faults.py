import msgspec
import pytest

from yzj_daemon.errors import UsageProblem
from yzj_daemon.sandbox.faults import Fault, Faults, Match, Script


def test_a_script_strikes_as_often_as_it_says_and_leaves():
    faults = Faults()
    faults.add(Script(fault=Fault(errcode=407), times=2))
    struck = [faults.strike("forwardMsg", "a", ("c",)) for _ in range(3)]
    assert [fault and fault.errcode for fault in struck] == [407, 407, None]
    assert faults.pending() == []


def test_a_script_without_times_strikes_for_ever():
    faults = Faults()
    faults.add(Script(fault=Fault(hang=True), times=None))
    assert all(faults.strike("forwardMsg") for _ in range(100))


def test_skipped_calls_go_well_and_only_matching_ones_count():
    faults = Faults()
    faults.add(Script(fault=Fault(errcode=1001), match=Match(account="a", chat="c"), skip=1))
    seen = [("b", ("c",)), ("a", ("d",)), ("a", ("c", "d")), ("a", ("c",)), ("a", ("c",))]
    assert [bool(faults.strike("forwardMsg", account, chats)) for account, chats in seen] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_the_first_script_that_matches_strikes():
    faults = Faults()
    faults.add(Script(fault=Fault(errcode=1), endpoint="token"))
    faults.add(Script(fault=Fault(errcode=2), endpoint="*"))
    faults.add(Script(fault=Fault(errcode=3)))
    assert [faults.strike("forwardMsg").errcode, faults.strike("forwardMsg").errcode] == [2, 3]


@pytest.mark.parametrize(
    ("fault", "after"),
    [
        (Fault(drop="before"), False),
        (Fault(drop="after"), True),
        (Fault(hang=True), False),
        (Fault(hang="after"), True),
        (Fault(truncate=True), True),
        (Fault(truncate=True, effect="before"), False),
        (Fault(status=502), False),
        (Fault(status=502, effect="after"), True),
        (Fault(errcode=407), False),
    ],
)
def test_whether_the_call_took_effect_follows_from_the_fault(fault, after):
    assert fault.took_effect is after


@pytest.mark.parametrize(
    ("script", "names"),
    [
        (Script(fault=Fault()), "delay"),
        (Script(fault=Fault(errcode=1, hang=True)), "errcode + hang"),
        (Script(fault=Fault(errcode=1), endpoint="forwardMessage"), "forwardMessage"),
    ],
)
def test_a_script_that_says_nothing_or_contradicts_itself_is_a_problem(script, names):
    with pytest.raises(UsageProblem, match="故障脚本") as caught:
        Faults().add(script)
    assert names in str(caught.value)


def test_an_unknown_kind_of_fault_is_refused():
    with pytest.raises(msgspec.ValidationError, match="explode"):
        msgspec.json.decode(b'{"fault":{"explode":true}}', type=Script)
