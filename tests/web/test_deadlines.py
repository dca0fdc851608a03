"""On the loop that the daemon runs on, and on Python's own."""

import asyncio

import pytest

from yzj_daemon.web.deadlines import Deadlines


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})])
async def test_what_is_late_is_told_once_and_what_was_met_is_not_however_little_time_there_is():
    late: list[str] = []
    deadlines = Deadlines[str](asyncio.get_running_loop(), late.append)
    for name, seconds in (("never", 60.0), ("now", 0.0), ("at once", 0.0), ("soon", 0.01), ("met", 0.02)):
        deadlines.watch(name, seconds)
    assert deadlines.met("met")
    async with asyncio.timeout(5):
        while len(late) < 3:
            await asyncio.sleep(0.001)
    assert sorted(late) == ["at once", "now", "soon"]
    assert not deadlines.met("now")
    assert deadlines.met("never")
    deadlines.watch("later", 0.01)
    async with asyncio.timeout(5):
        while "later" not in late:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.03)
    assert len(late) == 4


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": True})])
async def test_one_whose_telling_fails_keeps_no_other_from_being_told():
    late: list[str] = []

    def over(name: str) -> None:
        late.append(name)
        if name == "bad":
            raise ValueError(name)

    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    deadlines = Deadlines[str](asyncio.get_running_loop(), over)
    for name, seconds in (("bad", 0.0), ("good", 0.0), ("next", 0.01)):
        deadlines.watch(name, seconds)
    async with asyncio.timeout(5):
        while len(late) < 3:
            await asyncio.sleep(0.001)
