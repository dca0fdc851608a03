"""What goes in and out, as the OpenAPI document describes it."""

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from yzj_daemon.account import AccountState
from yzj_daemon.delivery import State
from yzj_daemon.lane import LaneState

T = TypeVar("T")

Id = Annotated[str, Field(pattern=r"^[0-9]{1,18}$", description="the id of a row, as a listing gives it")]
Words = Annotated[str, Field(max_length=200)]
When = Annotated[
    str,
    Field(
        max_length=40,
        description="an ISO 8601 date or time, of the rule set's zone without an offset; or 90s, 10m, 2h, 1d ago",
    ),
]
Instant = Annotated[str, Field(description="ISO 8601 with milliseconds and offset")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mistake(Shape):
    where: str
    message: str


class Problem(Shape):
    """RFC 9457. ``todo``: what to do about it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    todo: str = ""
    mistakes: list[Mistake] = []


class Page(Shape, Generic[T]):
    """Newest first. ``next``: ask with it as ``cursor`` for what follows; null: there is no more.

    ``searched_to``: so many rows were looked at that it stopped there, before the page was full; go on with ``next``.
    """

    rows: list[T]
    next: str | None
    searched_to: Instant | None = None


class Trouble(Shape):
    id: str
    subject: str
    count: int
    what: str
    todo: str


class Rules(Shape):
    """``ok``: the files on disk are in force; else ``error`` says why not."""

    hash: str
    ok: bool
    error: str | None


class Status(Shape):
    state: Literal["running"] = "running"
    version: str
    dry_run: bool
    rules: Rules
    deliveries: dict[Literal["pending", "sending", "held", "unknown"], int]
    attention: list[Trouble]


class Account(Shape):
    """``action``: what a person should do; "" when nothing."""

    account: str
    name: str
    state: AccountState
    lane: LaneState
    action: str
    rooms: int
    contacts: int
    synced_at: Instant | None


class Lane(Shape):
    """``drain_seconds`` null: it waits for a person."""

    account: str
    name: str
    state: LaneState
    reason: str
    depth: int
    oldest_seconds: float
    drain_seconds: float | None


class Message(Shape):
    """``kept`` false: the content is not in the store any more."""

    id: Id
    account: str
    chat: str
    sender: str
    type: str
    svrid: str
    source: str
    received_at: Instant
    text: str
    kept: bool


class Delivery(Shape):
    id: Id
    message_id: Id
    account: str
    chat: str
    state: State
    rules: list[str]
    attempts: int
    reason: str
    created_at: Instant
    updated_at: Instant


class Call(Shape):
    """One forwardMsg call. ``ended_at`` null: on its way, or the process died."""

    id: Id
    began_at: Instant
    ended_at: Instant | None
    seconds: float | None
    outcome: str
    reason: str
    detail: str


class DeliveryWhole(Delivery):
    calls: list[Call]


class Decision(Shape):
    """Why a message was forwarded or not. ``near``: rules that failed on one condition only."""

    reason: str
    rules: list[str]
    near: list[dict[str, Any]]
    suppressed: list[dict[str, Any]]
    errors: list[dict[str, Any]]
    rules_hash: str
    decided_at: Instant


class MessageWhole(Message):
    """``original``: the element of ``data``, byte for byte."""

    chat_type: str
    wx_svrid: str
    wx_msgid: str
    sent_at: Instant | None
    self_sent: bool
    opaque: bool
    decision: Decision | None
    deliveries: list[Delivery]
    original: str


class Explanation(BaseModel):
    """Every rule, with the conditions and values that decided; more keys as ``explain --json`` has them."""

    model_config = ConfigDict(extra="allow")

    message_id: str
    rules_hash: str
    matched: list[str]
    targets: list[str]
    reason: str
    text: str
    rules: list[dict[str, Any]]


class Explanations(Shape):
    rows: list[Explanation]


class Rule(Shape):
    """``held``: why its deliveries are held; "" when they are not. ``matches``: since ``known_at``."""

    id: str
    description: str
    owner: str
    mode: Literal["live", "shadow"]
    priority: int
    targets: list[str]
    via: str
    file: str
    line: int
    held: str
    matches: int
    matched_at: Instant | None
    known_at: Instant | None


class Finding(Shape):
    level: Literal["error", "warning"]
    id: str
    file: str
    line: int
    column: int
    message: str
    value: str
    suggestion: str


class RuleSet(Shape):
    """What is in force; ``mistakes``: why the files on disk are not."""

    hash: str
    timezone: str
    rules: list[Rule]
    mistakes: list[Finding]


class Mute(Shape):
    id: Id
    kind: Literal["rule", "chat", "account"]
    value: str
    until: Instant
    comment: str
    who: str
    created_at: Instant
    lifted_at: Instant | None


class NewMute(Shape):
    """``until``: a time to come, or how long from now: 90s, 10m, 2h, 1d."""

    kind: Literal["rule", "chat", "account"]
    value: Annotated[str, Field(min_length=1, max_length=200)]
    until: When
    comment: Annotated[str, Field(min_length=1, max_length=500)]


class Mutes(Shape):
    rows: list[Mute]


class Lifted(Shape):
    lifted: int


class Action(Shape):
    """Who did what, when, and to how many deliveries."""

    id: Id
    at: Instant
    who: str
    verb: str
    what: dict[str, Any]
    affected: int


class Books(Shape):
    """They balance (``ok``): every message is decided, every delivery is in a named state."""

    ok: bool
    received: int
    decided: int
    quarantined: int
    matched: int
    suppressed: dict[str, int]
    deliveries: dict[str, int]


# What is ordered for deliveries --------------------------------------------------------------------------------------


class Narrowed(Shape):
    """What a filter may say; all of it must hold. ``chat`` is the target."""

    account: Words = ""
    chat: Words = ""
    sender: Words = ""
    type: Words = ""
    rule: Words = ""
    state: State | None = None
    text: Words = ""
    since: When = ""
    until: When = ""


class Choice(Shape):
    """Which deliveries: ``ids``, or all that ``filter`` finds. An empty filter needs ``all``.

    ``dry_run`` only counts. ``expected``: nothing is done unless so many are ready, as a dry run told before.
    """

    ids: Annotated[list[Id], Field(max_length=1000)] = []
    filter: Narrowed = Narrowed()
    all: bool = False
    dry_run: bool = False
    expected: Annotated[int, Field(ge=0)] | None = None


class Requeue(Choice):
    """``again``: those that may have arrived are sent once more, and the chat may get them twice."""

    again: bool = False


class Settle(Choice):
    """What became of deliveries that nobody could know of."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    as_: Annotated[Literal["sent", "failed"], Field(alias="as")]


class Ordered(Shape):
    """``ready``: in a state that the order is for. ``doubtful``: may have arrived; of a filter told where it names
    such a state. ``other``: of ``ids``, those left as they are. ``done``: how many it was done to.
    """

    verb: str
    dry_run: bool
    ready: int
    doubtful: int
    other: int
    done: int
