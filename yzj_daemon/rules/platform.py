"""What the platform knows of the ids in rule files: accounts it does not host, chats that nobody sees, other names."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from yzj_daemon.errors import Phrase
from yzj_daemon.rules import lint, tables
from yzj_daemon.rules.book import Book
from yzj_daemon.rules.dialect import DEFAULT, Dialect
from yzj_daemon.rules.finding import Finding
from yzj_daemon.rules.fold import DEFAULT_FOLD, fold
from yzj_daemon.rules.model import RECEIVER
from yzj_daemon.rules.names import GUESSES, closest
from yzj_daemon.rules.source import Path, Source
from yzj_daemon.rules.tables import RuleEntry, Tables, conditions

NEAR: Final = 0.9
"""How much of two ids must agree for one to be taken for a misspelling of the other: most share half their digits."""

SETTING: Final = "settings accounts"
"""Where a finding stands whose account is named by the setting."""

Place = tuple[Source, Path]


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """``accounts``: hosted account -> whether it is online, None where the platform does not tell.

    ``chats``: id -> name, "" where it has none; ``names``: the same of accounts. ``whole``: every list of chats was
    read, so that a chat that is not there is nowhere.
    """

    accounts: Mapping[str, bool | None]
    chats: Mapping[str, str]
    names: Mapping[str, str] = msgspec.field(default_factory=dict)
    whole: bool = True


def findings(texts: Mapping[str, str], platform: Platform, dialect: Dialect = DEFAULT) -> tuple[Finding, ...]:
    """Warnings about a rule set without mistakes, each id told once where it stands. ``texts``: its files."""
    parts = [tables.read(Source(name, text.removeprefix("\ufeff"))) for name, text in texts.items()]
    book = Book(parts, any_via=dialect.any_via)
    told = [*_Known(parts, book, platform).findings(), *_served(dialect.served, platform)]
    return tuple(lint.allowed(told, book.rules()))


class _Known:
    """The ids of the rules, held against the platform's. An id stands where it is written: mostly under ``[names]``."""

    def __init__(self, parts: list[Tables], book: Book, platform: Platform) -> None:
        self._parts = parts
        self._book = book
        self._platform = platform
        self._named = {name: (part.source, ("names", name)) for part in parts for name in part.head.names}
        self._listed = {name: (part.source, ("lists", name)) for part in parts for name in part.head.lists}
        self._guesses = GUESSES

    def findings(self) -> Iterator[Finding]:
        accounts, chats = self._accounts(), self._chats()
        for account, (source, path) in accounts.items():
            yield from self._account(account, source, path)
        for chat, (source, path) in chats.items() if self._platform.whole else ():
            if chat not in self._platform.chats and chat not in self._platform.accounts:
                yield self._unknown_chat(chat, source, path)
        yield from self._renamed()

    def _accounts(self) -> dict[str, Place]:
        """The accounts that are named, each with the first place that its id stands at."""
        found: dict[str, Place] = {}
        for entry in self._entries():
            for place, table in conditions((*entry.path, "when"), entry.raw.get("when")):
                self._gather(found, entry.source, (*place, "account"), table.get("account"))
            self._via(found, entry.source, (*entry.path, "via"), entry.raw)
        for part in self._parts:
            self._via(found, part.source, ("defaults", "via"), part.source.tree.get("defaults", {}))
        return found

    def _chats(self) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for entry in self._entries():
            self._gather(found, entry.source, (*entry.path, "forward_to"), entry.raw.get("forward_to"))
            for place, table in conditions((*entry.path, "when"), entry.raw.get("when")):
                self._gather(found, entry.source, (*place, "chat"), table.get("chat"))
        return found

    def _entries(self) -> Iterator[RuleEntry]:
        return (entry for part in self._parts for entry in part.rules if self._book.enabled(entry))

    def _via(self, found: dict[str, Place], source: Source, path: Path, table: Mapping[str, Any]) -> None:
        said = table.get("via", RECEIVER)
        if said != RECEIVER:
            for id_, place in self._ids(said, (source, path)):
                found.setdefault(id_, place)

    def _gather(self, found: dict[str, Place], source: Source, path: Path, entries: Any) -> None:
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            for id_, place in self._ids(entry, (source, (*path, number))):
                found.setdefault(id_, place)

    def _ids(self, entry: str, at: Place) -> Iterator[tuple[str, Place]]:
        """The ids that an entry stands for, each with where it is written."""
        waiting, seen = [(entry, at)], {entry}
        while waiting:
            said, place = waiting.pop()
            names = self._book.names
            if said in names.lists:
                source, path = self._listed[said]
                inside = [(inner, (source, (*path, number))) for number, inner in enumerate(names.lists[said])]
                waiting.extend(pair for pair in inside if pair[0] not in seen)
                seen.update(names.lists[said])
            elif said in names.ids:
                yield names.ids[said], self._named[said]
            else:
                yield said, place

    def _account(self, account: str, source: Source, path: Path) -> Iterator[Finding]:
        if account not in self._platform.accounts:
            message, hint = _no_account(account), self._meant(account, path, self._platform.names)
            yield source.finding("warning", "unknown-account", path, message, account, hint)
        elif self._platform.accounts[account] is False:
            yield source.finding(
                "warning", "offline-account", path, _offline(account, self._platform), account, _LOG_IN
            )

    def _unknown_chat(self, chat: str, source: Source, path: Path) -> Finding:
        message = Phrase(
            f"没有一个托管账号的群和联系人里有 {chat}",
            f"{chat} is among the rooms and contacts of no hosted account",
        )
        hint = self._meant(chat, path, self._platform.chats)
        return source.finding("warning", "unknown-chat", path, message, chat, hint)

    def _meant(self, id_: str, path: Path, known: Mapping[str, str]) -> Phrase | None:
        """The known one with the nearest name, where the id has one, else with the nearest id."""
        self._guesses -= len(known)
        if self._guesses < 0:
            return None
        by_name = {name: other for other, name in known.items() if name}
        name = closest(str(path[1]), by_name) if path[0] == "names" else ""
        meant = by_name[name] if name else next(iter(difflib.get_close_matches(id_, known, 1, NEAR)), "")
        told = f"{meant} ({known[meant]})" if meant and known[meant] else meant
        return Phrase(f"是不是 {told}?", f"is it {told}?") if told else None

    def _renamed(self) -> Iterator[Finding]:
        """Names that are not the platform's; of several for one id, one that is will do."""
        right = {id_ for name, id_ in self._book.names.ids.items() if _alike(name, self._platform.chats.get(id_, ""))}
        for name, (source, path) in self._named.items():
            id_ = self._book.names.ids[name]
            now = self._platform.chats.get(id_, "")
            if now and id_ not in right:
                message = Phrase(f"“{name}”在平台上叫“{now}”", f'"{name}" is called "{now}" on the platform')
                yield source.finding("warning", "renamed-chat", path, message, id_, f'"{now}" = "{id_}"')


def _alike(name: str, other: str) -> bool:
    return fold(name, DEFAULT_FOLD).split() == fold(other, DEFAULT_FOLD).split()


def _served(accounts: frozenset[str], platform: Platform) -> Iterator[Finding]:
    """The accounts that the setting names."""
    for account in sorted(accounts):
        if account not in platform.accounts:
            yield _of_setting("unknown-account", account, _no_account(account))
        elif platform.accounts[account] is False:
            yield _of_setting("offline-account", account, _offline(account, platform), _LOG_IN)


def _of_setting(told: str, account: str, message: Phrase, hint: Phrase | None = None) -> Finding:
    return Finding(
        level="warning", id=told, file=SETTING, line=0, column=0, message=message, value=account, suggestion=hint
    )


def _no_account(account: str) -> Phrase:
    return Phrase(f"平台没有托管账号 {account}", f"the platform hosts no account {account}")


def _offline(account: str, platform: Platform) -> Phrase:
    name = platform.names.get(account, "")
    shown = f"{account} ({name})" if name else account
    return Phrase(f"账号 {shown} 不在线", f"account {shown} is offline")


_LOG_IN: Final = Phrase("在云真机后台重新登录它", "log it in at the platform again")
