"""One message forwarded on purpose, to see what comes of it. By the running daemon, at its pace, like any other."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from yzj_daemon.clock import MINUTE, Clock, Millis
from yzj_daemon.doctor.probe import Probe, ok, unknown, wrong
from yzj_daemon.errors import Phrase
from yzj_daemon.fingerprint import fingerprint
from yzj_daemon.storage import controls, evidence, outbox, reports

if TYPE_CHECKING:
    from yzj_daemon.storage.engine import Store
    from yzj_daemon.storage.reports import DeliveryLine, Received

NAME: Final = "own_copies"
RULE: Final = "doctor"
"""What stands where the name of the rule does that asked for it."""

LOOK_EVERY: Final = 0.25
ENDED: Final = frozenset({"confirmed", "failed", "unknown", "expired", "dropped", "held"})


async def forwarded(
    store: "Store", chat: str, account: str, who: str, *, max_age: Millis, patience: Millis, clock: Clock
) -> Probe:
    """Forward the newest text there is to a chat, and wait up to ``patience`` (ms) for its own copy."""
    now = clock.now()
    found = store.read_now(partial(evidence.to_forward, chat=chat, account=account, since=now - max_age))
    if found is None:
        return unknown(
            NAME,
            Phrase("没有最近收到的文字消息可以转发", "no text was received lately that could be forwarded"),
            Phrase("请人给托管账号发一条文字, 再问一次", "let somebody write to a hosted account, then ask again"),
        )
    delivery = store.write_now(partial(_owe, found=found, chat=chat, who=who, now=now))
    until = clock.monotonic() + patience / 1000
    line = store.read_now(partial(reports.delivery, delivery_id=delivery))
    while line is not None and line.state not in ENDED and clock.monotonic() < until:
        await asyncio.sleep(LOOK_EVERY)
        line = store.read_now(partial(reports.delivery, delivery_id=delivery))
    return _judged(line)


def _owe(connection: Connection, found: "Received", chat: str, who: str, now: Millis) -> int:
    draft = outbox.draft(
        message_id=found.id,
        event=found.event,
        nonce=outbox.next_nonce(connection, found.event, found.id),
        account=found.message.account,
        chat=chat,
        rules=[RULE],
        priority=0,
        solo=True,
        strict=False,
        on_unknown="hold",
        fingerprint=fingerprint(found.message.type, found.message.content),
        reason="doctor",
        due_at=now,
        expires_at=now + 5 * MINUTE,
        now=now,
    )
    outbox.add(connection, [draft], 1)
    controls.record(connection, who, "doctor", {"message": str(found.id), "chat": chat}, 1, now)
    return max(line.id for line in reports.deliveries_of(connection, found.id))


def _judged(line: "DeliveryLine | None") -> Probe:
    state = "" if line is None else line.state
    reason = "" if line is None else line.reason
    match state:
        case "confirmed":
            return ok(NAME, "转发了一条, 副本回来了", "one message was forwarded, and its copy came back")
        case "sent":
            return wrong(
                NAME,
                Phrase(
                    "转发了一条, 平台接受了, 副本没有回来",
                    "one message was forwarded and accepted; its copy did not come back",
                ),
                Phrase(
                    '看目标会话里有没有。没有副本, 不知道是否送达的转发只能人工判定: 保持 forward.on_unknown = "hold"',
                    "look whether it is there. Without copies only a person can settle unknown deliveries: keep "
                    'forward.on_unknown = "hold"',
                ),
            )
        case "pending" | "sending":
            return unknown(
                NAME,
                Phrase(f"还没有发出 ({reason or state})", f"it has not left yet ({reason or state})"),
                Phrase(
                    "守护进程在试运行 (forward.dry_run, --dry-run)? 账号掉线? 看 yzj-daemon lanes",
                    "is it a dry run (forward.dry_run, --dry-run)? is the account logged out? see yzj-daemon lanes",
                ),
            )
        case _:
            return wrong(
                NAME,
                Phrase(f"没有送到: {state} {reason}", f"it did not arrive: {state} {reason}"),
                Phrase(
                    "账号在那个会话里吗? 看 yzj-daemon deliveries list --rule doctor",
                    "is the account in that chat? see yzj-daemon deliveries list --rule doctor",
                ),
            )
