"""Traces for OpenTelemetry: one a message, from its callback to the answer of forwardMsg.

A message may wait in the store for hours and leave by another process than the one that took it in. So nothing of a
trace is stored: its id, and that of its first span, are derived from the account and id of the message, and every
process arrives at the same ones. The SDK is an extra (``otel``), loaded only where it is asked for; it sends from a
thread of its own, out of a bounded queue, and what does not fit or arrive is dropped.
"""

import hashlib
import socket
import threading
from typing import Any, Final

from yzj_daemon.clock import Millis
from yzj_daemon.delivery import Call, Outcome, Sent, in_words
from yzj_daemon.errors import Phrase, SettingsProblem
from yzj_daemon.message import Message

NANOS: Final = 1_000_000
"""In a millisecond."""

QUEUED: Final = 8_192
"""Spans that wait to be sent; what comes on top is dropped."""

TIMEOUT: Final = 5.0
"""Seconds for one batch."""

LAST_WORDS: Final = 2.0
"""Seconds at the end for what still waits."""

_SPAN_BYTES: Final = 8
_TRACE_BYTES: Final = 16


def ids(account: str, key: str) -> tuple[int, int]:
    """Trace id and the id of its first span, of the message with this id that the account received."""
    digest = hashlib.sha256(f"{account}\0{key}".encode()).digest()
    return int.from_bytes(digest[:_TRACE_BYTES]), int.from_bytes(digest[_TRACE_BYTES : _TRACE_BYTES + _SPAN_BYTES])


def is_chosen(trace: int, sample: float) -> bool:
    """Whether a trace is among the ``sample`` (0 to 1) of all: by its id, so that every process keeps the same ones."""
    return (trace & ((1 << 64) - 1)) < int(sample * (1 << 64))


def shown(account: str, key: str, sample: float) -> str:
    """A message's trace as collectors show it; "" where its like is not traced."""
    trace, _ = ids(account, key)
    return f"{trace:032x}" if is_chosen(trace, sample) else ""


class Traces:
    """Sends spans to ``endpoint`` (OTLP over HTTP), of ``sample`` (0 to 1) of all messages.

    Raises:
        SettingsProblem: the extra is not installed.
    """

    def __init__(self, endpoint: str, sample: float, version: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import ReadableSpan
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
            from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
        except ImportError as missing:
            raise _not_installed(missing) from missing
        self._span, self._context, self._kind = ReadableSpan, SpanContext, SpanKind
        self._well, self._ill = Status(StatusCode.OK), Status(StatusCode.ERROR)
        self._flags = TraceFlags(TraceFlags.SAMPLED)
        self._scope = InstrumentationScope("yzj_daemon", version)
        self._new_id = RandomIdGenerator().generate_span_id
        about = {"service.name": "yzj-daemon", "service.version": version, "service.instance.id": socket.gethostname()}
        self._resource = Resource.create(about)
        self._sample = sample
        exporter = OTLPSpanExporter(endpoint=endpoint, timeout=TIMEOUT)
        self._processor = BatchSpanProcessor(exporter, max_queue_size=QUEUED)

    def received(
        self, message: Message, row: int, source: str, reason: str, at: Millis, began: Millis, committed: Millis
    ) -> None:
        """A message came in at ``at``; from ``began`` to ``committed`` it was decided and stored."""
        trace, first = ids(message.account, message.id)
        if not is_chosen(trace, self._sample):
            return
        told = {"yzj.message": str(row), "yzj.account": message.account, "yzj.type": message.type}
        self._emit("receive", trace, first, None, at, committed, {**told, "yzj.source": source}, kind="CONSUMER")
        self._emit("decide", trace, self._new_id(), first, began, committed, {"yzj.reason": reason})

    def called(self, call: Call, outcome: Outcome, began: Millis, ended: Millis) -> None:
        """A call carried the message from ``began`` to ``ended``. A first one waited since the message was received."""
        trace, first = ids(call.received_by, call.key)
        if not is_chosen(trace, self._sample):
            return
        tried = max(delivery.attempts for delivery in call.deliveries)
        since = min(delivery.due_at for delivery in call.deliveries) if tried else call.received_at
        told = {"yzj.account": call.account, "yzj.attempt": tried + 1}
        self._emit("wait in lane", trace, self._new_id(), first, min(since, began), began, told)
        name, why, _ = in_words(outcome)
        told |= {"yzj.call": str(call.id), "yzj.targets": len(call.chats), "yzj.outcome": name, "yzj.reason": why}
        well = isinstance(outcome, Sent)
        self._emit("forward", trace, self._new_id(), first, began, ended, told, kind="CLIENT", well=well)

    def close(self) -> None:
        """Send what still waits, for a moment."""
        ending = threading.Thread(target=self._processor.shutdown, name="traces-end", daemon=True)
        ending.start()
        ending.join(LAST_WORDS)

    def _emit(
        self,
        name: str,
        trace: int,
        span: int,
        parent: int | None,
        start: Millis,
        end: Millis,
        told: dict[str, Any],
        *,
        kind: str = "INTERNAL",
        well: bool = True,
    ) -> None:
        self._processor.on_end(
            self._span(
                name=name,
                context=self._context(trace, span, is_remote=False, trace_flags=self._flags),
                parent=None
                if parent is None
                else self._context(trace, parent, is_remote=True, trace_flags=self._flags),
                resource=self._resource,
                attributes=told,
                kind=self._kind[kind],
                status=self._well if well else self._ill,
                start_time=start * NANOS,
                end_time=max(start, end) * NANOS,
                instrumentation_scope=self._scope,
            )
        )


def _not_installed(missing: ImportError) -> SettingsProblem:
    return SettingsProblem(
        Phrase(
            f"traces.endpoint: 没有安装 OpenTelemetry ({missing.name})",
            f"traces.endpoint: OpenTelemetry is not installed ({missing.name})",
        ),
        Phrase(
            "pip install 'yzj-daemon[otel]', 或去掉这个设置", "pip install 'yzj-daemon[otel]', or leave the setting out"
        ),
    )
