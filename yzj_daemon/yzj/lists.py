"""The platform's lists: hosted accounts, rooms, contacts. Their pages show few of the keys, so several are taken.

Vendor pages: 11490700568000978 (list), 11490700722316838 (rooms), 11490703448651212 (contacts).
"""

from collections.abc import Iterable, Iterator, Mapping

from yzj_daemon.account import HostedAccount
from yzj_daemon.chat import Chat
from yzj_daemon.yzj import jsontext
from yzj_daemon.yzj.answers import Accepted

ROWS_A_PAGE = 100
"""The most that the platform gives."""

ACCOUNT_NAMES = ("name", "nickname", "real_name", "alias")
CHAT_NAMES = ("nickname", "name", "room_name", "real_name", "alias", "remark")
"""Keys that may hold a name, best first. A remark is one account's own, so it names a chat that has nothing else."""

CHAT_IDS = ("wxid", "room_wxid", "chat_wxid", "contact_wxid")

ONLINE = {b"1": True, b"true": True, b"0": False, b"false": False}


def hosted(rows: Iterable[bytes]) -> dict[str, HostedAccount]:
    """The accounts among the rows of /wechat/list, by id."""
    found: dict[str, HostedAccount] = {}
    for fields in map(_members, rows):
        account = _first(fields, ("wxid",))
        if account:
            online = ONLINE.get(fields.get("online", b"").strip(b'"'))
            found[account] = HostedAccount(account=account, name=_first(fields, ACCOUNT_NAMES), online=online)
    return found


def chats(rows: Iterable[bytes]) -> tuple[Chat, ...]:
    """The rooms or contacts among the rows."""
    return tuple(_chats(rows))


def is_last(page: int, rows: int, answer: Accepted) -> bool:
    """The pager's word where there is one (seen beside ``data``), else a page that is not full."""
    pager = _members(answer.found.get("pager", b""))
    pages = jsontext.scalar(pager.get("numPages")) or ""
    return page >= int(pages) if pages.isdecimal() else rows < ROWS_A_PAGE


def _chats(rows: Iterable[bytes]) -> Iterator[Chat]:
    for fields in map(_members, rows):
        id_ = _first(fields, CHAT_IDS)
        if id_:
            yield Chat(id_, _first(fields, CHAT_NAMES).strip())


def _first(fields: Mapping[str, bytes], keys: Iterable[str]) -> str:
    """What stands first under one of the keys; "" for nothing."""
    return next(filter(None, (jsontext.scalar(fields.get(key)) for key in keys)), "")


def _members(text: bytes) -> Mapping[str, bytes]:
    """The members of an object; anything else has none."""
    try:
        return jsontext.members(text)
    except jsontext.NotJson:
        return {}
