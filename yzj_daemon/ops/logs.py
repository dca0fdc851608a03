"""Logs: one line an event, JSON for machines or colours for a terminal, secrets masked in all of them.

What libraries log through the standard library takes the same way.
"""

import json
import logging
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from yzj_daemon.ops.redaction import Redaction, drop_text

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "console", "json"]

CHATTY: Final = ("httpx", "httpcore", "apscheduler", "alembic", "sqlalchemy", "uvicorn")
"""Libraries that tell at info what our own lines tell better."""

OVERRUN: Final = "apscheduler.scheduler"
"""Warns of every turn that finds the one before still at work, which is what is wanted of it."""

_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def configure(level: Level, format: Format, secrets: set[str], stream: TextIO | None = None) -> Redaction:  # noqa: A002 - the setting's name
    """Log from now on to ``stream`` (default: standard error); answers the redaction, which may learn more secrets."""
    stream = stream or sys.stderr
    redaction = Redaction(secrets)
    processors = _processors(_render_for(format, stream, redaction))
    enduring = _Enduring(stream)
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_Factory(enduring),
        cache_logger_on_first_use=False,  # a second configure, as in tests, must reach loggers made before it
    )
    _route_standard_library(level, processors, enduring)
    global _sink, _redaction  # noqa: PLW0603 - as structlog's own configuration, which this mirrors
    _redaction = redaction
    line = processors[-1]
    _sink = _Sink(level, line.redaction, enduring) if isinstance(line, _JsonLine) else None
    return redaction


def learn(token: str) -> None:
    """Mask this one too, if anything is logged at all."""
    if _redaction is not None:
        _redaction.learn(token)


def many(logger: str, event: str, rows: Sequence[EventDict]) -> None:
    """One line at info for each row of plain values: as ``structlog.get_logger(logger).info(event, **row)`` each.

    Where lines are JSON, all are written at once, and looked through for secrets at once.
    """
    sink = _sink
    if sink is None or not sink.write(logger, event, rows):
        log = structlog.get_logger(logger)
        for row in rows:
            log.info(event, **row)


def _processors(render: Sequence[Processor]) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _add_level,
        _add_logger,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        drop_text,
        *render,
    ]


def _render_for(format: Format, stream: TextIO, redaction: Redaction) -> Sequence[Processor]:  # noqa: A002
    terminal = stream.isatty()
    if format == "json" or (format == "auto" and not terminal):
        return [_JsonLine(redaction)]
    plain = structlog.dev.plain_traceback
    return [redaction, _printable, structlog.dev.ConsoleRenderer(colors=terminal, exception_formatter=plain)]


class _JsonLine:
    """Renders one line of JSON without secrets.

    Most lines are of plain values with no secret near: they are written once and looked through whole. Only where
    something is suspected is each value taken apart.
    """

    def __init__(self, redaction: Redaction) -> None:
        self.redaction = redaction

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        if all(map(_is_plain, event.values())):
            line = _json(event)
            if not self.redaction.suspects(line):
                return line
        return _json(self.redaction(logger, method, event))


_PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def _is_plain(value: object) -> bool:
    kind = type(value)
    return kind in _PLAIN or (kind in {tuple, list} and all(type(inner) in _PLAIN for inner in value))  # type: ignore[attr-defined]


_encoder: Final = msgspec.json.Encoder()


def _json(event: EventDict) -> str:
    try:
        return _encoder.encode(event).decode()
    except (UnicodeEncodeError, OverflowError, ValueError, TypeError):  # lone surrogates, huge numbers
        return json.dumps(event, default=repr)


def _block(events: Sequence[EventDict]) -> str:
    """A line of JSON for each."""
    try:
        return _encoder.encode_lines(events).decode()
    except (UnicodeEncodeError, OverflowError, ValueError, TypeError):  # as above
        return "".join([_json(event) + "\n" for event in events])


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What came from outside must not steer a terminal."""
    return {key: value.translate(_CONTROL) if isinstance(value, str) else value for key, value in event.items()}


def _add_level(_logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["level"] = "error" if method == "exception" else method
    return event


def _add_logger(logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["logger"] = logger.name
    return event


class _Enduring:
    """A stream that may be full, or closed at its other end: what cannot be logged is counted, and stops nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0

    def write(self, line: str) -> None:
        try:
            if self._lost:
                self._stream.write(f'{{"event":"log.lines_lost","lines":{self._lost},"level":"error"}}\n')
                self._stream.flush()
                self._lost = 0
            self._stream.write(line)
        except (OSError, ValueError):  # ValueError: it was closed
            self._lost += 1

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._lost += 1


class _Sink:
    """Where many lines are written at once."""

    def __init__(self, level: Level, redaction: Redaction, stream: _Enduring) -> None:
        self._quiet = logging.getLevelName(level.upper()) > logging.INFO
        self._redaction = redaction
        self._stream = stream

    def write(self, logger: str, event: str, rows: Sequence[EventDict]) -> bool:
        """False where the lines must be looked at one by one; then nothing was written."""
        if self._quiet or not rows:
            return True
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        rest = {"event": event, "level": "info", "logger": logger, "timestamp": at}
        block = _block([{**row, **rest} for row in rows])
        if self._redaction.suspects(block):
            return False
        self._stream.write(block)
        self._stream.flush()
        return True


_sink: _Sink | None = None
_redaction: Redaction | None = None


class _Named(structlog.WriteLogger):
    def __init__(self, name: str, stream: _Enduring) -> None:
        super().__init__(stream)  # type: ignore[arg-type]  # it needs write and flush
        self.name = name


class _Factory:
    def __init__(self, stream: _Enduring) -> None:
        self._stream = stream

    def __call__(self, name: str = "yzj_daemon") -> _Named:
        return _Named(name, self._stream)


class _Bridge(logging.Handler):
    """Takes what libraries log through the standard library to the same processors."""

    def __init__(self, processors: Sequence[Processor], stream: _Enduring) -> None:
        super().__init__()
        self._processors = processors
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        event: EventDict = {"event": _message(record)}
        if record.exc_info and record.exc_info[0] is not None:
            event["exc_info"] = record.exc_info
        logger = _Named(record.name, self._stream)
        line: object = event
        for processor in self._processors:
            line = processor(logger, _method(record.levelno), line)  # type: ignore[arg-type]
        logger.msg(str(line))


def catch_the_rest() -> None:
    """Python writes what nobody caught past all logging, and with it whatever secret an error's text may hold."""
    log = structlog.get_logger("yzj_daemon.surprise")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("uncaught", exc_info=(kind, error, trace))

    def in_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_type is not SystemExit:
            thread = told.thread.name if told.thread else ""
            log.critical("uncaught", thread=thread, exc_info=(told.exc_type, told.exc_value, told.exc_traceback))

    def unraisable(told: "sys.UnraisableHookArgs") -> None:
        where = f"{told.err_msg or 'ignored'}: {type(told.object).__name__}"
        log.error("unraisable", where=where, exc_info=(told.exc_type, told.exc_value, told.exc_traceback))

    sys.excepthook, threading.excepthook, sys.unraisablehook = uncaught, in_thread, unraisable
    logging.captureWarnings(True)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a library's wrong arguments must not cost its line
        return f"{record.msg} {record.args!r}"


def _method(level: int) -> str:
    names = ((logging.ERROR, "error"), (logging.WARNING, "warning"), (logging.INFO, "info"))
    return next((name for least, name in names if level >= least), "debug")


def _route_standard_library(level: Level, processors: Sequence[Processor], stream: _Enduring) -> None:
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Bridge)]:
        root.removeHandler(handler)
    root.addHandler(_Bridge(processors, stream))
    root.setLevel(level.upper())
    logging.getLogger(OVERRUN).setLevel(logging.ERROR)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.INFO if level == "debug" else logging.WARNING)
