"""Who and what there is on the platform: hosted accounts, people, rooms, and every account's chat log.

Ids are strings. Content is JSON text as bytes, kept as given.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

CORP = "1970325000000001"
ARRIVALS_KEPT = 200_000

OwnCopies = Literal["both", "callback", "log", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One message as one hosted account holds it. ``seq`` is the order of arrival over all accounts.

    ``members`` is JSON text of further members of the element, ready to stand behind a comma; ``extra`` the trace
    of a send by the platform, as JSON text. ``sent_at`` is in ms.
    """

    seq: int
    account: str
    chat: str
    sender: str
    type: str
    content: bytes
    sent_at: int
    svrid: str
    wx_svrid: str
    wx_msgid: str
    extra: bytes = b""
    members: bytes = b""

    @property
    def is_room(self) -> bool:
        return is_room(self.chat)

    @property
    def pulled_svrid(self) -> str:
        """The id that chatLogs shows where it differs from the callback's (U13)."""
        return "7" + self.svrid


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as the people in a chat see it: what really came in, whatever is told to whom."""

    chat: str
    sender: str
    type: str
    content: bytes
    at: int


@dataclass(slots=True, kw_only=True)
class Room:
    id: str
    name: str
    members: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Account:
    """A hosted account. ``received`` holds what it may forward: (type, content) of what others sent it."""

    id: str
    name: str
    number: int
    online: bool = True
    log: list[Record] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    received: set[tuple[str, bytes]] = field(default_factory=set)

    def keep(self, record: Record, *, logged: bool = True) -> None:
        if logged:
            self.places[record.svrid] = len(self.log)
            self.log.append(record)
        if record.sender != self.id:
            self.received.add((record.type, record.content))


def is_room(chat: str) -> bool:
    return chat.startswith("R:")


class World:
    """All of it, in memory. ``say`` is the one way a message comes into the world."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.persons: dict[str, str] = {}
        self.rooms: dict[str, Room] = {}
        self.arrivals: deque[Arrival] = deque(maxlen=ARRIVALS_KEPT)
        self._numbers = count(1)

    def add_account(self, account: str, name: str = "", *, online: bool = True) -> None:
        """Adds an account, or puts an existing one on- or offline and renames it; its log stays."""
        known = self.accounts.get(account)
        if known is None:
            self.accounts[account] = Account(account, name or account, len(self.accounts) + 1, online)
        else:
            known.online, known.name = online, name or known.name

    def add_person(self, person: str, name: str = "") -> None:
        self.persons[person] = name or self.persons.get(person, person)

    def add_room(self, room: str, name: str = "", members: Iterable[str] = ()) -> None:
        """Adds a room, or adds members to an existing one. Unknown members become persons."""
        known = self.rooms.setdefault(room, Room(id=room, name=name or room))
        known.name = name or known.name
        for member in members:
            known.members.add(member)
            if member not in self.accounts:
                self.add_person(member)

    def name_of(self, wxid: str) -> str:
        account = self.accounts.get(wxid)
        return account.name if account else self.persons.get(wxid, wxid)

    def reaches(self, account: str, chat: str) -> bool:
        """Whether a message of ``account`` to ``chat`` has somewhere to arrive."""
        if is_room(chat):
            return chat in self.rooms and account in self.rooms[chat].members
        return chat != account and (chat in self.persons or chat in self.accounts)

    def hosts(self, chat: str, sender: str) -> list[str]:
        """The hosted accounts, other than the sender, that see what ``sender`` says in ``chat``."""
        if is_room(chat):
            members = self.rooms[chat].members if chat in self.rooms else set()
            return [account for account in self.accounts if account in members and account != sender]
        return [chat] if chat in self.accounts and chat != sender else []

    def arrive(self, chat: str, sender: str, type: str, content: bytes, at: int) -> None:  # noqa: A002 - wire name
        self.arrivals.append(Arrival(chat=chat, sender=sender, type=type, content=content, at=at))

    def number(self) -> int:
        return next(self._numbers)

    def logged(self, account: str | None) -> list[Record]:
        """The chat log of one account, or of all in order of arrival; an unknown account has none."""
        if account is not None:
            known = self.accounts.get(account)
            return known.log if known else []
        return sorted(_all_records(self.accounts.values()), key=lambda record: record.seq)


def _all_records(accounts: Iterable[Account]) -> Iterator[Record]:
    for account in accounts:
        yield from account.log


def default_world() -> World:
    """The world of the demo and of ``rules.example.toml``."""
    world = World()
    world.add_account("1688850000000001", "小云")
    world.add_account("1688850000000002", "小真")
    for person, name in _PERSONS.items():
        world.add_person(person, name)
    world.add_room("R:10900000000000001", "客户一群", [*world.accounts, *_PERSONS])
    world.add_room("R:10900000000000002", "运营群", ["1688850000000001", "7881300000000001"])
    world.add_room("R:10900000000000003", "值班群", ["1688850000000001", "7881300000000001"])
    return world


_PERSONS = {
    "7881300000000001": "老板",
    "7881300000000002": "王客户",
    "7881300000000003": "李客户",
}
