"""Mutes and held rules are read anew only when somebody may have changed them, and then at once."""

from contextlib import closing

from yzj_daemon.storage import controls
from yzj_daemon.storage.engine import Store

RULE = ("rule", "r")


async def test_what_another_process_changes_shows_at_the_next_transaction(store: Store, url: str):
    standing = controls.Standing()

    async def seen(now: int = 100) -> tuple[bool, bool]:
        return await store.write(lambda c: (RULE in standing.look(c, now)[0], "r" in standing.look(c, now)[1]))

    assert await seen() == (False, False)
    with closing(Store(url)) as other:
        number = other.write_now(lambda c: controls.mute(c, "rule", "r", 200, "why", "me", 100))
        assert await seen() == (True, False)
        assert await seen(now=200) == (False, False), "its time is over, though nobody changed anything"
        other.write_now(lambda c: controls.hold_rule(c, "r", "why", 100))
        assert await seen() == (True, True)
        other.write_now(lambda c: controls.unmute(c, [number], 100))
        assert await seen() == (False, True)


async def test_what_the_daemon_itself_changes_shows_at_once(store: Store):
    standing = controls.Standing()

    async def seen() -> tuple[bool, bool]:
        return await store.write(lambda c: (RULE in standing.look(c, 1)[0], "r" in standing.look(c, 1)[1]))

    assert await seen() == (False, False)
    await store.write(lambda c: controls.hold_rule(c, "r", "why", 1))
    number = await store.write(lambda c: controls.mute(c, "rule", "r", 200, "why", "me", 1))
    assert await seen() == (True, True)
    await store.write(lambda c: controls.release_rule(c, "r"))
    await store.write(lambda c: controls.unmute(c, [number], 1))
    assert await seen() == (False, False)
