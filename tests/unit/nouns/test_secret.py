"""A secret is known again in whatever clothes it comes."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yzj_daemon.secret import MASK, forms, longest_first, without


@given(st.text(min_size=1))
def test_no_usual_way_to_write_a_secret_hides_it(secret: str) -> None:
    in_json = json.dumps(secret)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    for written in (secret, quote(raw, safe=""), in_json, in_json.replace("/", "\\/"), repr(secret)[1:-1]):
        assert written in forms(secret)


@pytest.mark.parametrize("text", ["a/b+c", "a%2Fb%2Bc", "a\\/b+c"])
def test_it_is_taken_out_and_what_stands_around_it_stays(text: str) -> None:
    assert without(f"say {text}!", longest_first(["a/b+c"])) == f"say {MASK}!"


def test_a_secret_that_begins_another_leaves_nothing_of_the_longer_one() -> None:
    assert without("abcdef abc", longest_first(["abc", "abcdef"])) == f"{MASK} {MASK}"


def test_an_empty_secret_is_none() -> None:
    assert longest_first([""]) == ()
