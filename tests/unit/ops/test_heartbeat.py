"""A sign of life goes out while all is well, and only then; a receiver that fails harms nobody."""

import pytest

from tests.receiver import receiving
from yzj_daemon.ops.heartbeat import Heartbeat


@pytest.mark.parametrize(("ill", "signs"), [("", 1), ("a loop is stuck", 0)])
async def test_it_is_given_while_all_is_well(ill, signs):
    with receiving() as receiver:
        await Heartbeat(f"{receiver.url}/ping/uuid", lambda: ill).beat()
        assert [path for _, path, _ in receiver.requests] == ["/ping/uuid"] * signs


async def test_a_receiver_that_fails_or_is_not_there_is_only_logged(capsys):
    with receiving() as receiver:
        receiver.status = 500
        await Heartbeat(receiver.url, lambda: "").beat()
    await Heartbeat(receiver.url, lambda: "").beat()
    await Heartbeat("http://[", lambda: "").beat()
    assert capsys.readouterr().out.count("heartbeat.failed") == 3
