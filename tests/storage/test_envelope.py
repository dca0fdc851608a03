"""What is kept short comes back whole."""

from hypothesis import example, given
from hypothesis import strategies as st

from yzj_daemon.storage.envelope import fold, unfold

IDS = ["1688850000000001", "R:10900000000000001", "7881300000000001", "text", "7000000000000000001", "1000001", ""]

ELEMENT = (
    '{"msg_type": "text", "svrid": "7000000000000000001", "wx_svrid": "1000001", "from_wxid": "7881300000000001", '
    '"to_wxid": "R:10900000000000001", "chat_wxid": "R:10900000000000001", "wxid": "1688850000000001", "content": }'
)


@given(st.text(), st.lists(st.text(), max_size=7))
@example("", ["", "", ""])
@example("\x0eabcd", ["abcd"])
@example('{"a":"abcdabcd"}', ["abcd", "\x01\x01\x01\x01", "bcda"])
@example("a value of marks \x02 itself", ["\x02\x02\x02\x02"])
def test_whatever_it_is_it_comes_back(envelope: str, values: list[str]) -> None:
    assert unfold(fold(envelope, values), values) == envelope


def test_ids_that_have_a_column_are_not_kept_twice() -> None:
    folded = fold(ELEMENT, IDS)
    assert len(folded) < len(ELEMENT) * 0.65
    assert not any(value in folded for value in IDS if len(value) >= 4 and value != "text")
    assert unfold(folded, IDS) == ELEMENT


def test_what_was_written_before_is_read_as_it_stands() -> None:
    assert unfold(ELEMENT, IDS) == ELEMENT
