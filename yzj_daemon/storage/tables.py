"""The schema. Instants are ms since 1970 UTC; lists and trees are JSON text; ids of the vendor are text.

One schema for both engines. ``migrations/`` must arrive at exactly this (tests/storage/test_migrations.py).
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _instant(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(default))


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


QUEUED = "state = 'pending' AND NOT parked"
PARKED = "state = 'pending' AND parked"
ORDERED = "strict AND state IN ('pending', 'sending', 'unknown')"


WAITING = "ix_deliveries_waiting"
"""The index of what waits, by lane. SQLite has to be told of it: it would rather read all that waits by its state."""


def _only(rows: str) -> dict[str, Any]:
    """A partial index: it holds what waits, and stays small however long the history grows."""
    return {"sqlite_where": text(rows)}


accounts = Table(
    "accounts",
    metadata,
    Column("account", Text, primary_key=True),
    _text("name"),
    Column("online", Boolean),  # null: the vendor does not tell
    Column("checked_at", BigInteger),  # when /wechat/list last named it
    Column("seen_at", BigInteger),  # when it last received something
)

chats = Table(
    "chats",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # room, contact
    _text("name"),
    _text("earlier_name"),  # what it was called before; "": it never changed
    Column("renamed_at", BigInteger),  # when that was noticed
    _instant("first_seen_at"),
    _instant("synced_at"),  # when an account's list last named it
    Index(None, "kind", "id"),
)

chat_accounts = Table(
    "chat_accounts",
    metadata,
    Column("account", Text, primary_key=True),
    Column("chat", Text, primary_key=True),
    _instant("synced_at"),
    Index(None, "chat"),
    sqlite_with_rowid=False,
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("id", Id, primary_key=True),
    Column("hash", Text, nullable=False, unique=True),
    _instant("loaded_at"),
    # rules/packing.py: its files, so that any decision can be explained with the set of then
    Column("packed", LargeBinary, nullable=False, server_default=""),
)

rule_changes = Table(
    "rule_changes",
    metadata,
    Column("id", Id, primary_key=True),
    _instant("at"),  # when it came into force
    Column("rule_set_id", Id, ForeignKey("rule_sets.id"), nullable=False),
    _count("rules"),
    _text("summary"),  # JSON: {"added": […], "changed": […], "removed": […]} against the set before
)

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("key", Text, nullable=False),  # dedup key within the account: Original.id
    Column("event", Text, nullable=False),  # the same for all hosted accounts that saw one room message
    _text("chat"),
    _text("chat_type"),
    _text("sender"),
    _text("type"),
    Column("sent_at", BigInteger),
    _instant("received_at"),
    _text("source"),  # callback, pull
    _text("svrid"),
    _text("wx_svrid"),
    _text("wx_msgid"),
    _flag("self_sent"),
    _flag("opaque"),
    _text("text"),
    _text("content"),  # exactly as received
    _text("envelope"),  # the rest of the received element: envelope.py
    _count("content_at", -1),
    _text("fingerprint"),  # of a content that was not kept; "": text, content and envelope are here
    UniqueConstraint("account", "key"),
    Index(None, "chat", "id"),
    Index(None, "received_at"),
    Index(None, "event"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    Column("nonce", Integer, primary_key=True, server_default="0"),  # 0: on receipt; a replay has its own
    Column("reason", Text, nullable=False),  # matched, or a suppression
    _text("rules"),  # JSON: ids of all rules that matched
    _text("trail"),  # JSON: what decided and the near misses, bounded; "" when there is nothing to tell
    Column("rule_set_id", Id, ForeignKey("rule_sets.id")),
    _instant("decided_at"),
    Index("ix_decisions_too_old", "decided_at", **_only("reason = 'too_old'")),
    sqlite_with_rowid=False,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False),
    Column("event", Text, nullable=False),
    Column("nonce", Integer, nullable=False, server_default="0"),
    Column("account", Text, nullable=False),  # the lane it leaves by
    Column("chat", Text, nullable=False),  # the target
    Column("state", Text, nullable=False),
    _text("reason"),
    _text("rules"),  # JSON: ids of all rules that asked for it
    _text("rule"),  # the first of them: fairness and metrics
    _count("priority"),
    Column("turn", BigInteger, nullable=False, server_default="0"),  # place in the lane's round robin
    _flag("solo"),  # travels alone in its call
    _flag("strict"),  # leaves after what an older message owes the same chat
    _flag("parked"),  # not yet due: outside the queue until due_at has come
    _text("on_unknown"),  # hold, resend
    _text("fingerprint"),  # of the original, to know its copies again: fingerprint.py
    _instant("due_at"),
    Column("expires_at", BigInteger),
    _count("attempts"),
    Column("call_id", Id),  # the call that carries or last carried it
    _instant("created_at"),
    _instant("updated_at"),
    UniqueConstraint("event", "chat", "nonce"),
    Index(None, "message_id"),
    Index("ix_deliveries_queue", "account", text("priority DESC"), "turn", "attempts", "id", **_only(QUEUED)),
    Index("ix_deliveries_due", "account", "due_at", **_only(PARKED)),
    Index("ix_deliveries_turns", "account", "rule", "turn", **_only(QUEUED)),
    Index("ix_deliveries_ordered", "account", "chat", "message_id", **_only(ORDERED)),
    Index(WAITING, "account", "created_at", **_only("state = 'pending'")),
    Index("ix_deliveries_expires", "expires_at", **_only("state = 'pending'")),
    Index("ix_deliveries_state", "state", "id"),
    Index(None, "fingerprint", "chat"),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", Text, nullable=False),
    Column("message_id", Id, nullable=False),
    _instant("began_at"),
    Column("ended_at", BigInteger),  # null: on its way, or the process died
    _text("outcome"),  # sent, deferred, refused, unanswered
    _text("reason"),
    _text("detail"),  # the vendor's or the network's own words
    Index(None, "account", "began_at"),
    Index(None, "message_id"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("call_id", Id, ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Text, nullable=False),
    Column("chat", Text, nullable=False),
    _instant("began_at"),
    Index(None, "account", "began_at"),
    Index(None, "delivery_id"),
    sqlite_with_rowid=False,
)

lanes = Table(
    "lanes",
    metadata,
    Column("account", Text, primary_key=True),
    Column("state", Text, nullable=False, server_default="ready"),
    Column("next_at", BigInteger, nullable=False, server_default="0"),
    _count("strikes"),
    _text("reason"),
    Column("turn", BigInteger, nullable=False, server_default="0"),  # the round robin's virtual time
    Column("updated_at", BigInteger, nullable=False, server_default="0"),
    Column("owner", Id),  # the daemon that leases it, of several on one store; null: nobody
)

daemons = Table(
    "daemons",
    metadata,
    Column("id", Id, primary_key=True),  # anew whenever a lease was lost: what has an older one is fenced off
    _text("name"),  # host and process
    _text("version"),
    _text("rules_hash"),
    _instant("started_at"),
    _instant("leased_until"),  # by the database's clock
)

grants = Table(
    "grants",
    metadata,
    Column("name", Text, primary_key=True),
    _text("sealed"),  # the access token, encrypted with a key made of the application's secret
    Column("ends_at", BigInteger, nullable=False, server_default="0"),
    Column("fetching_until", BigInteger, nullable=False, server_default="0"),  # somebody is fetching a new one
)

allowances = Table(
    "allowances",
    metadata,
    Column("name", Text, primary_key=True),
    Column("calls", Float(53), nullable=False),  # calls that may be spent
    _instant("at"),  # as of when; later than now: nothing grows until then
)

publications = Table(
    "publications",
    metadata,
    Column("id", Id, primary_key=True),
    _instant("at"),
    _text("who"),
    Column("rule_set_id", Id, ForeignKey("rule_sets.id")),  # null: from now on each daemon's own files again
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    _instant("received_at"),
    _text("source"),
    _text("account"),
    _text("type"),
    _text("body"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True),
    _instant("received_at"),
    _text("source"),
    _text("reason"),
    _text("detail"),
    Column("body", LargeBinary, nullable=False),
)

mutes = Table(
    "mutes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # rule, chat, account
    Column("value", Text, nullable=False),  # its id
    Column("until", BigInteger, nullable=False),
    _text("comment"),
    _text("who"),
    _instant("created_at"),
    Column("lifted_at", BigInteger),  # null: until its time
    Index(None, "until"),
)

rule_matches = Table(
    "rule_matches",
    metadata,
    Column("rule", Text, primary_key=True),
    _instant("known_at"),  # when a rule set with this rule first came into force
    Column("matched_at", BigInteger),  # null: never
    Column("matches", BigInteger, nullable=False, server_default="0"),
    sqlite_with_rowid=False,
)

cooldowns = Table(
    "cooldowns",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("key", Text, primary_key=True, server_default=""),  # the sender or chat it rests for; "": all
    _instant("until"),
    Index(None, "until"),
)

probes = Table(
    "probes",
    metadata,
    Column("name", Text, primary_key=True),
    _instant("at"),  # when it was last written, to see whether the store can be
)

held_rules = Table(
    "held_rules",
    metadata,
    Column("rule", Text, primary_key=True),
    _text("why"),
    _instant("held_at"),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Id, primary_key=True),
    _instant("at"),
    _text("who"),
    _text("verb"),  # hold, release, requeue, drop, settle, mute, unmute, replay
    _text("what"),  # JSON: the filter or ids, and what was said
    _count("affected"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("account", Text, primary_key=True),
    Column("chat", Text, primary_key=True, server_default=""),  # "" pulls the whole account
    _text("svrid"),  # newest message pulled; "" when the account had none
    Column("sent_at", BigInteger, nullable=False, server_default="0"),
    Column("floor_at", BigInteger, nullable=False, server_default="0"),  # baseline: older is the past, never decided
    _instant("pulled_at"),
)

troubles = Table(
    "troubles",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True, server_default=""),  # account or rule; "": the whole daemon
    _text("name"),
    _instant("since"),
    Column("gone_at", BigInteger, nullable=False, server_default="0"),  # 0: it stands
    Column("told_at", BigInteger, nullable=False, server_default="0"),  # 0: nobody was told
    _count("level"),  # at which it was told
    _flag("open"),  # told, and not yet told that it is over
    sqlite_with_rowid=False,
)

late_acks = Table(
    "late_acks",
    metadata,
    Column("day", Text, primary_key=True),  # of the platform's calendar
    _count("late"),
    sqlite_with_rowid=False,
)
