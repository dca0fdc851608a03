"""How this platform behaves: every unknown of the vendor's pages as an option that can be turned the other way.

The numbers U1-U22 are those of the vendor contract. The defaults are its assumptions. A behaviour is frozen; changing
it makes another one, so that an exchange under way sees one behaviour throughout.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from yzj_daemon.errors import Phrase, UsageProblem

Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
BodyForm = Annotated[str, Meta(pattern=r"\A(base64|urlsafe|json_string|json:[A-Za-z_][A-Za-z0-9_]*|raw|plain)\Z")]
RowsPath = Annotated[str, Meta(pattern=r"\A[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Spans are in ms unless the name says otherwise; 0 means none wherever a limit is counted."""

    # Answers: U4, U18, U22
    errcode_as: Literal["int", "string"] = "int"
    text_field: Literal["message", "errmsg", "both"] = "message"
    error_status: Annotated[int, Meta(ge=200, le=599)] = 200
    """HTTP status of an answer whose ``errcode`` is not 0."""
    answer_after: Count = 0
    """Every answer takes this long."""
    date_ahead_s: int = 0
    """By how much the Date header of every answer is ahead of the true time."""

    # Access: U4
    token_nesting: Literal["root", "data"] = "root"  # noqa: S105 - a place, not a secret
    token_lifetime_s: Annotated[int, Meta(ge=1)] = 7200
    token_voids_old: bool = True
    grant_field: Literal["grand_type", "grant_type", "either"] = "grand_type"
    allow_ips: tuple[str, ...] = ()
    """Whitelist (113); empty or holding ``*``: no check."""
    contract_expired: bool = False
    """Every call answers 114."""
    server_ips: tuple[str, ...] = ("127.0.0.1",)

    # Rate limits (407), per minute of this process: 11490690941344440
    sends_per_minute: Count = 500
    reads_per_minute: Count = 500

    # forwardMsg: U14-U17
    received_by: Literal["account", "anyone", "unchecked"] = "account"
    """Who must have received a message, byte for byte, for it to be forwarded; else 406."""
    unknown_target: Literal[0, 406, 1001] = 406
    partial: bool = True
    """A call with a bad target reaches its good ones all the same, while answering the error."""
    offline_text: str = "账号不在线,请重新登录"
    target_text: str = "目标会话不存在"
    max_targets: Count = 0
    max_messages: Count = 0
    message_spacing: Count = 1000
    """Several messages of one call leave this far apart."""
    own_copies: Literal["both", "callback", "log", "none"] = "both"
    own_copy_delay: Count = 50
    own_copy_content: Literal["same", "rewritten"] = "same"
    """``rewritten``: equal as JSON, other bytes."""

    # Callbacks: U1, U5, U19, U20
    callbacks: bool = True
    callback_url: str = ""
    test_callback_url: str = ""
    test_accounts: tuple[str, ...] = ()
    """These push to the test address only (11490688556517654)."""
    body_form: BodyForm = "base64"
    gzip: bool = False
    data_form: Literal["array", "object"] = "array"
    type_suffix: str = " "
    """Behind the notification's type: the vendor's samples end in a space."""
    corp_wxid: Literal["shown", "missing"] = "shown"
    push_timeout: Annotated[int, Meta(ge=1)] = 1000
    push_concurrency: Annotated[int, Meta(ge=1)] = 64
    push_order: Literal["kept", "reversed", "shuffled"] = "kept"
    push_keepalive: bool = True
    drop_probability: Share = 0.0
    duplicate_probability: Share = 0.0
    late_limit: Count = 1000
    """After more late answers in a day, callbacks stop until the next one (China time)."""
    late_counts_errors: bool = False
    """An answer other than 2xx counts as late too."""

    # Ids and content of messages: U12, U13
    shown_ids: tuple[Literal["svrid", "wx_svrid", "wx_msgid"], ...] = ("svrid", "wx_svrid", "wx_msgid")
    wx_ids_shared: bool = True
    """All hosted accounts see one room message under the same ``wx_svrid`` and ``wx_msgid``."""
    pulled_svrid: Literal["same", "different"] = "same"
    pushed_content: Literal["object", "string"] = "object"
    pulled_content: Literal["object", "string"] = "object"

    # chatLogs and lists: U9-U12
    rows_path: RowsPath = "data"
    list_path: RowsPath = "data"
    pager: bool = False
    page_size_max: Annotated[int, Meta(ge=1)] = 100
    direction_newer: Literal[1, 2] = 2
    cursor_inclusive: bool = True
    unknown_cursor: Literal["refused", "newest", "empty"] = "refused"
    sort: Literal["asc", "desc", "shuffled"] = "asc"
    newer_first_page: Literal["nearest", "newest"] = "nearest"
    """Which rows page 1 holds when there are more newer ones than a page takes."""
    account_wide: Literal["allowed", "refused", "empty"] = "allowed"
    history_depth: Count = 0


def changed(current: Behaviour, changes: Mapping[str, object]) -> Behaviour:
    """``current`` with ``changes``. Raises UsageProblem on an unknown option or a value that it cannot take."""
    known = Behaviour.__struct_fields__
    for name in changes:
        if name not in known:
            raise _unknown(name, known)
    try:
        return msgspec.convert({**msgspec.structs.asdict(current), **changes}, Behaviour)
    except msgspec.ValidationError as error:
        raise _wrong_value(str(error)) from error


def _unknown(name: str, known: tuple[str, ...]) -> UsageProblem:
    near = ", ".join(get_close_matches(name, known, n=3)) or ", ".join(known)
    return UsageProblem(
        Phrase(f"沙箱没有名为 {name!r} 的行为选项", f"the sandbox has no behaviour option named {name!r}"),
        Phrase(f"可用的选项: {near}", f"options: {near}"),
    )


def _wrong_value(detail: str) -> UsageProblem:
    return UsageProblem(
        Phrase(f"沙箱行为选项的值不对: {detail}", f"a behaviour option of the sandbox has a wrong value: {detail}"),
        Phrase("按 sandbox/behaviour.py 中的取值修改", "use a value listed in sandbox/behaviour.py"),
    )
