"""Chats with their names: what is kept, what is noticed, what is listed."""

from typing import Any

import pytest

from yzj_daemon.account import HostedAccount
from yzj_daemon.chat import Chat
from yzj_daemon.storage import directory, inbox
from yzj_daemon.storage.directory import ChatFilter, ChatLine, Counts, Learned, Place, Renamed
from yzj_daemon.storage.engine import Store

ROOM = Chat("R:1", "运营群")
WANG = Chat("7", "王客户")


def learn(store: Store, *chats: Chat, account: str = "A", now: int = 1_000) -> Learned:
    return store.write_now(lambda c: directory.learn(c, account, chats, now))


def listed(store: Store, limit: int = 50, below: Place | None = None, **narrowed: Any) -> list[str]:
    lines = store.read_now(lambda c: directory.listed(c, ChatFilter(**narrowed), limit, below))
    return [line.id for line in lines]


def line(store: Store, chat: str) -> ChatLine:
    [found] = store.read_now(lambda c: directory.listed(c, ChatFilter(chat=chat), 2))
    return found


def name(store: Store, id_: str) -> str:
    return store.read_now(lambda c: directory.name(c, id_))


def test_what_is_new_is_kept_with_when_and_by_whom_it_is_seen(store: Store):
    assert learn(store, ROOM, WANG) == Learned(2, ())
    assert learn(store, ROOM, account="B", now=2_000) == Learned(0, ())
    assert line(store, "R:1") == ChatLine("R:1", "room", "运营群", "", None, 1_000, 2_000, ("A", "B"))
    assert line(store, "7") == ChatLine("7", "contact", "王客户", "", None, 1_000, 1_000, ("A",))
    assert learn(store) == Learned(0, ())


def test_a_rename_is_noticed_once_and_the_earlier_name_kept(store: Store):
    learn(store, ROOM, WANG)
    renamed = Chat("R:1", "运营一群")
    assert learn(store, renamed, WANG, now=2_000) == Learned(0, (Renamed("R:1", "运营一群", "运营群"),))
    assert learn(store, renamed, account="B", now=2_000) == Learned(0, ())
    assert learn(store, renamed, now=3_000) == Learned(0, ())
    assert learn(store, renamed, account="B", now=3_000) == Learned(0, ())
    assert line(store, "R:1") == ChatLine("R:1", "room", "运营一群", "运营群", 2_000, 1_000, 3_000, ("A", "B"))


@pytest.mark.parametrize(("first", "then", "kept"), [("", "x", "x"), ("x", "", "x"), ("", "", ""), ("x", "x", "x")])
def test_a_name_that_comes_or_is_not_told_is_no_rename(store: Store, first: str, then: str, kept: str):
    learn(store, Chat("R:1", first))
    assert learn(store, Chat("R:1", then), now=2_000).renamed == ()
    assert (line(store, "R:1").name, line(store, "R:1").earlier_name) == (kept, "")


def test_what_an_account_sees_no_longer_stays_known(store: Store):
    learn(store, ROOM, WANG)
    learn(store, ROOM, WANG, account="B")
    learn(store, WANG, now=2_000)
    assert store.write_now(lambda c: directory.unsee(c, "A", "contact", 2_000)) == 0
    assert store.write_now(lambda c: directory.unsee(c, "A", "room", 2_000)) == 1
    assert line(store, "R:1").accounts == ("B",)
    assert name(store, "R:1") == "运营群"
    assert listed(store, account="A") == ["7"]


def test_a_listing_goes_by_pages_rooms_first(store: Store):
    learn(store, *(Chat(f"R:{n}") for n in range(5)), *(Chat(str(n)) for n in range(5)))
    found: list[str] = []
    below = None
    while page := store.read_now(lambda c, below=below: directory.listed(c, ChatFilter(), 3, below)):
        found += [line.id for line in page]
        below = Place(page[-1].kind, page[-1].id)
    assert found == [*(f"R:{n}" for n in (4, 3, 2, 1, 0)), *"43210"]


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [({"kind": "room"}, ["R:1"]), ({"kind": "contact"}, ["7"]), ({"chat": "7"}, ["7"]), ({"account": "B"}, [])],
)
def test_a_listing_is_narrowed(store: Store, narrowed: dict[str, str], found: list[str]):
    learn(store, ROOM, WANG)
    assert listed(store, **narrowed) == found


def test_accounts_are_counted_and_named(store: Store):
    learn(store, ROOM, WANG, Chat("8"), now=5_000)
    learn(store, ROOM, account="B")
    assert store.read_now(directory.counted) == {"A": Counts(1, 2, 5_000), "B": Counts(1, 0, 1_000)}
    store.write_now(lambda c: inbox.listed(c, [HostedAccount(account="A", name="小云")], 1))
    assert [name(store, id_) for id_ in ("A", "R:1", "8", "nobody")] == ["小云", "运营群", "", ""]
