"""How records look on the wire: elements of ``data``, notifications, and answers. Text is put together, not dumped."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import groupby

from yzj_daemon.sandbox.behaviour import Behaviour
from yzj_daemon.sandbox.jsontext import quoted
from yzj_daemon.sandbox.world import CORP, Record

CORP_ID = 1970325026041234567
"""The platform's numeric corp id: beyond 2^53, as real ones may be."""


def element(record: Record, behaviour: Behaviour, *, pulled: bool) -> bytes:
    """A record as an element of ``data`` (fields: section 5.1 of the contract), its content byte for byte."""
    form = behaviour.pulled_content if pulled else behaviour.pushed_content
    content = record.content if form == "object" else quoted(record.content.decode())
    parts = [
        b'{"corp_id":%d,"user_id":"10021","sub_user_id":10087' % CORP_ID,
        b',"wxid":%b,"chat_wxid":%b' % (quoted(record.account), quoted(record.chat)),
        b',"chat_type":%d' % (2 if record.is_room else 1),
        b',"from_wxid":%b,"to_wxid":%b' % (quoted(record.sender), quoted(_receiver(record))),
        _ids(record, behaviour, pulled=pulled),
        b',"msg_type":%b,"content":%b,"msg_time":%d' % (quoted(record.type), content, record.sent_at),
        b',"msg_hash":"%b","client_id":""' % blake2b(record.content, digest_size=8).hexdigest().encode(),
    ]
    if record.extra:
        parts.append(b',"extra":' + record.extra)
    if record.members:
        parts.append(b"," + record.members)
    return b"".join([*parts, b"}"])


def _receiver(record: Record) -> str:
    return record.chat if record.is_room or record.sender == record.account else record.account


def _ids(record: Record, behaviour: Behaviour, *, pulled: bool) -> bytes:
    different = pulled and behaviour.pulled_svrid == "different"
    ids = {
        "svrid": record.pulled_svrid if different else record.svrid,
        "wx_svrid": record.wx_svrid,
        "wx_msgid": record.wx_msgid,
    }
    return b"".join(b',"%b":%b' % (name.encode(), quoted(ids[name])) for name in behaviour.shown_ids)


def notifications(records: Sequence[Record], behaviour: Behaviour) -> list[bytes]:
    """Records as ``chatMsg`` notifications: neighbours of one account share one, unless ``data`` is an object."""
    if behaviour.data_form == "object":
        return [notification("chatMsg", r.account, element(r, behaviour, pulled=False), behaviour) for r in records]
    made = []
    for account, group in groupby(records, key=lambda record: record.account):
        elements = b",".join(element(record, behaviour, pulled=False) for record in group)
        made.append(notification("chatMsg", account, b"[" + elements + b"]", behaviour))
    return made


def notification(type: str, account: str, data: bytes, behaviour: Behaviour) -> bytes:  # noqa: A002 - wire name
    corp = b',"corp_wxid":' + quoted(CORP) if behaviour.corp_wxid == "shown" else b""
    return b'{"type":%b%b,"rel_wxid":%b,"data":%b}' % (
        quoted(type + behaviour.type_suffix),
        corp,
        quoted(account),
        data,
    )


def packet(made: Iterable[bytes]) -> bytes:
    """Notifications as the array that is encrypted as a whole."""
    return b"[" + b",".join(made) + b"]"


def answer(code: int, behaviour: Behaviour, text: str = "", members: bytes = b"") -> bytes:
    """An answer's body. ``members`` is JSON text of what stands beside ``errcode``."""
    parts = [b'"errcode":%d' % code if behaviour.errcode_as == "int" else b'"errcode":"%d"' % code]
    if text:
        fields = ("message", "errmsg") if behaviour.text_field == "both" else (behaviour.text_field,)
        parts += [b'"%b":%b' % (name.encode(), quoted(text)) for name in fields]
    if members:
        parts.append(members)
    return b"{" + b",".join(parts) + b"}"


def rows(elements: Iterable[bytes], path: str, total: int, page_size: int, behaviour: Behaviour) -> bytes:
    """Rows at ``path`` as members of an answer, with the pager at the root where the behaviour wants one."""
    first, *inner = path.split(".")
    value = b"[" + b",".join(elements) + b"]"
    for name in reversed(inner):
        value = b'{"%b":%b}' % (name.encode(), value)
    made = b'"%b":%b' % (first.encode(), value)
    if behaviour.pager:
        pages = -(-total // page_size)
        made += b',"pager":{"numPages":%d,"numRecords":%d}' % (pages, total)
    return made
