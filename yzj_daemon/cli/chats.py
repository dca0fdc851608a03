"""``chats``: names for ids. What the rooms and contacts are called, who sees them, what they were called before."""

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from yzj_daemon.chat import CHAT_KINDS
from yzj_daemon.cli import filters, names, output, usage, vendor
from yzj_daemon.cli.session import Session
from yzj_daemon.cli.words import both
from yzj_daemon.delivery import in_words
from yzj_daemon.errors import Phrase, UsageProblem
from yzj_daemon.wording import when

if TYPE_CHECKING:
    from yzj_daemon.flow.directory import Synced
    from yzj_daemon.storage.directory import ChatFilter, ChatLine
    from yzj_daemon.storage.engine import Store

commands = typer.Typer(
    cls=usage.Commands, help=both("会话目录: 群和联系人的名字", "Rooms and contacts by name"), no_args_is_help=True
)

Kind = Annotated[str, typer.Option("--type", help=both("只看 room(群)或 contact(联系人)", "only room, or contact"))]
Named = Annotated[str, typer.Option("--text", help=both("名字里有这些字", "with these words in the name"))]

_HEADS = (
    Phrase("会话", "chat"),
    Phrase("类型", "type"),
    Phrase("名字", "name"),
    Phrase("规则里叫", "in the rules"),
    Phrase("原来叫", "was called"),
    Phrase("改名于", "renamed"),
    Phrase("在这些账号里", "seen by"),
)
_SYNC_HEADS = (
    Phrase("账号", "account"),
    Phrase("群", "rooms"),
    Phrase("联系人", "contacts"),
    Phrase("新的", "new"),
    Phrase("改名", "renamed"),
    Phrase("没读到", "not read"),
)


@commands.command("list", help=both("列出群和联系人, 群在前", "List rooms and contacts, rooms first"))
def list_(
    context: typer.Context,
    account: filters.Account = "",
    chat: filters.Chat = "",
    type_: Kind = "",
    text: Named = "",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    _list(Session.of(context), _narrowed(account, chat, type_), text, limit, as_json=as_json)


@commands.command(help=both("按名字或 id 找会话", "Find chats by name or id"))
def search(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS...",
            help=both("名字或 id 的一部分, 不分全角半角和大小写", "parts of a name or id, width and case aside"),
        ),
    ],
    account: filters.Account = "",
    type_: Kind = "",
    limit: filters.Limit = 50,
    as_json: filters.Json = False,
) -> None:
    _list(Session.of(context), _narrowed(account, "", type_), " ".join(words), limit, as_json=as_json)


def _narrowed(account: str, chat: str, kind: str) -> "ChatFilter":
    """Raises UsageProblem for a word that is no kind of chat: a typo must not look like an empty directory."""
    from yzj_daemon.storage.directory import ChatFilter

    if kind and kind not in CHAT_KINDS:
        raise UsageProblem(
            Phrase(f"--type 没有这一种: {kind}", f"--type knows no such kind: {kind}"),
            Phrase(f"可用的: {' '.join(CHAT_KINDS)}", f"the kinds: {' '.join(CHAT_KINDS)}"),
        )
    return ChatFilter(account=account, chat=chat, kind=kind)


def _list(session: Session, narrowed: "ChatFilter", text: str, limit: int, *, as_json: bool) -> None:
    written = names.written(session.settings.rules.path)
    with session.store() as store:
        found = (
            line
            for line in _all(store, narrowed)
            if says(text, line.id, line.name, line.earlier_name, written.get(line.id, ""))
        )
        output.listing(
            islice(found, limit or None),
            _HEADS,
            lambda line: _cells(session, line, written.get(line.id, "")),
            lambda line: _row(session, line, written.get(line.id, "")),
            json_lines=as_json,
            lang=session.lang,
        )


def _all(store: "Store", narrowed: "ChatFilter") -> Iterator["ChatLine"]:
    from yzj_daemon.storage.directory import Place, listed

    below: Place | None = None
    while True:
        page = store.read_now(partial(listed, narrowed=narrowed, limit=filters.PAGE, below=below))
        yield from page
        if len(page) < filters.PAGE:
            return
        below = Place(page[-1].kind, page[-1].id)


def says(wanted: str, *texts: str) -> bool:
    """Whether each of the words stands in one of the texts, compared as ``contains`` of a rule does."""
    from yzj_daemon.rules.fold import DEFAULT_FOLD, fold

    folded = [fold(text, DEFAULT_FOLD) for text in texts]
    return all(any(word in text for text in folded) for word in fold(wanted, DEFAULT_FOLD).split())


def _cells(session: Session, line: "ChatLine", in_rules: str) -> tuple[str, ...]:
    renamed = "-" if line.renamed_at is None else when.clock(line.renamed_at, session.zone)
    seen_by = " ".join(line.accounts) or "-"
    return (line.id, line.kind, line.name, in_rules or "-", line.earlier_name or "-", renamed, seen_by)


def _row(session: Session, line: "ChatLine", in_rules: str) -> dict[str, object]:
    return {
        "chat": line.id,
        "type": line.kind,
        "name": line.name,
        "rules_name": in_rules,
        "earlier_name": line.earlier_name,
        "renamed_at": when.iso(line.renamed_at, session.zone),
        "accounts": list(line.accounts),
        "first_seen_at": when.iso(line.first_seen_at, session.zone),
        "synced_at": when.iso(line.synced_at, session.zone),
    }


# Sync ---------------------------------------------------------------------------------------------------------------


@commands.command(help=both("现在就向平台读一遍目录", "Read the platform's lists now"))
def sync(context: typer.Context, account: filters.Account = "", as_json: filters.Json = False) -> int:
    session = Session.of(context)
    with session.store() as store:
        found = asyncio.run(_synced(session, store, account))
        known = names.of(session, store)
        output.listing(
            found,
            _SYNC_HEADS,
            lambda entry: _sync_cells(known.beside(entry[0]), entry[1]),
            lambda entry: _sync_row(*entry),
            json_lines=as_json,
            lang=session.lang,
        )
    return 1 if any(synced.read.faults for _, synced in found) else 0


async def _synced(session: Session, store: "Store", only: str) -> "list[tuple[str, Synced]]":
    """Account by account. Raises VendorProblem: the platform cannot be reached, or refuses us."""
    from yzj_daemon.flow.directory import Directory
    from yzj_daemon.storage import inbox

    found = []
    async with vendor.reached(session) as platform:
        listed = await vendor.accounts(platform)
        await store.write(partial(inbox.listed, accounts=listed, now=session.now))
        served = (only,) if only else session.settings.accounts or tuple(sorted(a.account for a in listed))
        lists = vendor.lists(session, platform)
        directory = Directory(store, lists, lambda: served, every=0, clock=session.clock)
        told = Phrase("读目录", "reading the lists")
        with output.progress(told, len(served), session.lang) as done:
            for account in served:
                synced = await directory.sync(account)
                if synced.read.hopeless:
                    raise vendor.problem(synced.read.hopeless)
                found.append((account, synced))
                done(1)
    return found


def _sync_cells(account: str, synced: "Synced") -> tuple[str, ...]:
    faults = "; ".join(f"{kind}: {words['detail'] or words['reason']}" for kind, words in _faults(synced).items())
    counts = (synced.count("room"), synced.count("contact"), synced.new, len(synced.renamed))
    return (account, *map(str, counts), faults or "-")


def _sync_row(account: str, synced: "Synced") -> dict[str, object]:
    return {
        "account": account,
        "rooms": synced.count("room"),
        "contacts": synced.count("contact"),
        "new": synced.new,
        "renamed": [change._asdict() for change in synced.renamed],
        "faults": _faults(synced),
    }


def _faults(synced: "Synced") -> dict[str, dict[str, str]]:
    words = {kind: in_words(fault) for kind, fault in synced.read.faults.items()}
    return {kind: {"reason": reason, "detail": detail} for kind, (_, reason, detail) in words.items()}
