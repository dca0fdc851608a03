import asyncio

import pytest

from tests.unit.yzj.platform import HandClock
from yzj_daemon.delivery import Deferred, Refused, Unanswered
from yzj_daemon.yzj.answers import envelope
from yzj_daemon.yzj.token import Grant, TokenSource, grant_request, granted

NETWORK = Deferred("network", lane_wide=True, detail="down")


class Issuer:
    """Issues ``t1``, ``t2``, …, each living ``lifetime`` seconds, or fails with ``fault``, a turn of the loop later."""

    def __init__(self, lifetime=7200.0, fault=None):
        self.lifetime = lifetime
        self.fault = fault
        self.asked = 0

    async def __call__(self):
        self.asked += 1
        asked = self.asked
        await asyncio.sleep(0)
        return self.fault or Grant(f"t{asked}", self.lifetime)


@pytest.fixture
def clock():
    return HandClock()


async def test_a_thousand_callers_make_one_request(clock):
    issuer = Issuer()
    tokens = TokenSource(issuer, clock)
    assert set(await asyncio.gather(*(tokens.get() for _ in range(1000)))) == {"t1"}
    assert issuer.asked == 1


async def test_a_token_is_renewed_five_minutes_before_its_end(clock):
    tokens = TokenSource(Issuer(7200), clock)
    assert await tokens.get() == "t1"
    clock.seconds += 6899
    assert await tokens.get() == "t1"
    clock.seconds += 2
    assert await tokens.get() == "t2"


async def test_a_short_life_is_renewed_at_its_half(clock):
    tokens = TokenSource(Issuer(60), clock)
    assert await tokens.get() == "t1"
    clock.seconds += 29
    assert await tokens.get() == "t1"
    clock.seconds += 2
    assert await tokens.get() == "t2"


async def test_a_token_that_cannot_be_renewed_is_good_to_its_end(clock):
    issuer = Issuer(7200)
    tokens = TokenSource(issuer, clock)
    await tokens.get()
    issuer.fault = NETWORK
    clock.seconds += 7000
    assert await tokens.get() == "t1"
    clock.seconds += 201
    assert await tokens.get() == NETWORK


async def test_a_thousand_callers_renew_a_refused_token_once(clock):
    issuer = Issuer()
    tokens = TokenSource(issuer, clock)
    refused = await tokens.get()

    async def again():
        tokens.invalidate(refused)
        return await tokens.get()

    assert set(await asyncio.gather(*(again() for _ in range(1000)))) == {"t2"}
    assert issuer.asked == 2


async def test_an_old_token_that_is_refused_says_nothing_of_the_new_one(clock):
    tokens = TokenSource(Issuer(), clock)
    old = await tokens.get()
    tokens.invalidate(old)
    assert await tokens.get() == "t2"
    tokens.invalidate(old)
    assert await tokens.get() == "t2"


async def test_a_failure_answers_everybody_for_a_few_seconds(clock):
    issuer = Issuer(fault=NETWORK)
    tokens = TokenSource(issuer, clock)
    assert set(await asyncio.gather(*(tokens.get() for _ in range(100)))) == {NETWORK}
    assert issuer.asked == 1
    clock.seconds += 4.9
    assert await tokens.get() == NETWORK
    assert issuer.asked == 1
    clock.seconds += 0.2
    issuer.fault = None
    assert await tokens.get() == "t2"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Deferred("blocked", lane_wide=True), "blocked"),
        (Unanswered("timeout"), "network"),
        (Refused("bad_parameter"), "blocked"),
        (Deferred("rate_limited", 60_000, lane_wide=True), "rate_limited"),
    ],
)
async def test_without_a_token_the_whole_lane_waits(clock, fault, reason):
    got = await TokenSource(Issuer(fault=fault), clock).get()
    assert (got.reason, got.lane_wide) == (reason, True)


async def test_tokens_refused_again_and_again_are_not_fetched_without_pause(clock):
    issuer = Issuer()
    tokens = TokenSource(issuer, clock)
    for _ in range(10):
        got = await tokens.get()
        if isinstance(got, str):
            tokens.invalidate(got, "110: no")
    assert issuer.asked == 2
    assert await tokens.get() == Deferred("token", lane_wide=True, detail="110: no")
    clock.seconds += 5.1
    assert await tokens.get() == "t3"


async def test_a_token_that_was_accepted_may_be_refused_later_without_a_pause(clock):
    issuer = Issuer()
    tokens = TokenSource(issuer, clock)
    for expected in ("t1", "t2", "t3", "t4"):
        assert await tokens.get() == expected
        tokens.accepted(expected)
        tokens.invalidate(expected)


async def test_a_cancelled_caller_leaves_the_others_their_token(clock):
    issuer = Issuer()
    tokens = TokenSource(issuer, clock)
    first, second = asyncio.create_task(tokens.get()), asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "t2"
    assert first.cancelled()


async def test_a_fixed_token_never_ends_and_is_tried_again_after_a_pause(clock):
    tokens = TokenSource.fixed("mine", clock)
    clock.seconds += 10**9
    assert await tokens.get() == "mine"
    tokens.invalidate("mine")
    assert await tokens.get() == "mine"
    tokens.invalidate("mine", "110: no")
    assert await tokens.get() == Deferred("token", lane_wide=True, detail="110: no")
    clock.seconds += 5.1
    assert await tokens.get() == "mine"


def test_the_request_is_what_the_vendor_documents():
    assert grant_request("app", "s", "grand_type") == (
        b'{"app_id":"app","app_secret":"s","grand_type":"client_credentials"}'
    )


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        (b'{"access_token":"t","expires_in":60}', "auto", Grant("t", 60.0)),
        (b'{"errcode":0,"data":{"access_token":"t","expires_in":"60"}}', "auto", Grant("t", 60.0)),
        (b'{"data":{"x":{"token":"t","expires_in":60}}}', "data.x.token", Grant("t", 60.0)),
        (b'{"access_token":"t"}', "auto", Grant("t", 7200.0)),
        (b'{"access_token":"t","expires_in":0}', "auto", Grant("t", 7200.0)),
        (b'{"access_token":"t","expires_in":"soon"}', "auto", Grant("t", 7200.0)),
        (b'{"access_token":"t","expires_in":NaN}', "auto", None),
        (b'{"access_token":"t","expires_in":"NaN"}', "auto", Grant("t", 7200.0)),
        (b'{"access_token":"t","expires_in":1e400}', "auto", Grant("t", 7200.0)),
        (b'{"access_token":""}', "auto", None),
        (b'{"access_token":7}', "auto", None),
        (b'{"access_token":"a\\r\\nb"}', "auto", None),
        (b'{"access_token":"t"}', "data.token", None),
        (b'{"data":[]}', "auto", None),
        (b"nonsense", "auto", None),
    ],
)
def test_a_token_is_found_where_it_stands(body, path, expected):
    assert granted(envelope(body), path) == expected


def test_a_token_shows_nowhere():
    assert "hidden" not in repr(Grant("hidden"))
    assert "hidden" not in repr(TokenSource.fixed("hidden", HandClock()))
