"""Logs: one JSON object a line on stderr, an event name and fields; readable lines on a terminal.

Never a person's name, address, subject or body: a field holds an id, a count, a code or a duration.
"""

import logging
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

ROOT = "vaguemestre"
QUIET = ("aiokafka", "faststream", "uvicorn", "asyncio", "opentelemetry")
"""Libraries whose chatter below WARNING tells an operator nothing."""


REPEAT_SECONDS = 60.0
SENTENCE = 60
"""Letters by which two lines of a library are one sentence."""
REMEMBERED = 1000

_SPEAKS: ContextVar[str | None] = ContextVar("service that speaks", default=None)


class Log:
    """A structured log: `log.info("relay_leads", schema="desk")` writes an event with fields."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{name}")

    def debug(self, event: str, **fields: Any) -> None:
        """Logs a detail for whoever looks for a fault; not written by default."""
        self._logger.debug(event, extra={"fields": fields})

    def info(self, event: str, **fields: Any) -> None:
        """Logs a normal event with its fields."""
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: Any) -> None:
        """Logs a warning: the program goes on, but somebody should know."""
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, *, trace: BaseException | None = None, **fields: Any) -> None:
        """Logs an error: somebody must act; `trace` adds where an exception came from."""
        self._logger.error(event, exc_info=trace, extra={"fields": fields})


def set_up(service: str, *, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Sets up logging: every line of this process goes to `stream` (stderr)."""
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(Readable() if target.isatty() else Json(service))
    handler.addFilter(Seldom())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)


def speak_as(service: str) -> None:
    """Has every line of the running task, and of those that it starts, say this service."""
    _SPEAKS.set(service)


@contextmanager
def silencing(library: str) -> Iterator[None]:
    """A context manager in which a library's log is silent, because we log the same ourselves."""
    logger = logging.getLogger(library)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


class Seldom(logging.Filter):
    """A log filter: a sentence that a library repeats is written once a minute only.

    Our own events are always written.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this log line is written: a library's repeated sentence is not, for a minute."""
        if hasattr(record, "fields"):
            return True
        sentence = (record.name, str(record.msg)[:SENTENCE])
        now = time.monotonic()
        if now - self._passed.get(sentence, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return False
        if len(self._passed) >= REMEMBERED:
            self._passed.clear()
        self._passed[sentence] = now
        return True


class Json(logging.Formatter):
    """The formatter of log lines as JSON objects: time (UTC), level, service, event, fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Formats one log record as a line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": _SPEAKS.get() or self._service,
            **_told(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class Readable(logging.Formatter):
    """The formatter of log lines for a person at a terminal: local hour, event, fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats one log record as a readable line."""
        told = _told(record)
        if (service := _SPEAKS.get()) is not None:
            told = {"service": service, **told}
        fields = " ".join(f"{name}={value}" for name, value in told.items() if name != "event")
        hour = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
        line = f"{hour} {record.levelname.lower():7} {told['event']}  {fields}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def where(error: BaseException) -> str:
    """Returns the place (file and line) where an error was raised, without values."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _told(record: logging.LogRecord) -> dict[str, Any]:
    fields = getattr(record, "fields", None)
    if fields is not None:
        return {"event": record.getMessage(), **fields}
    return {"event": "library", "library": record.name, "text": record.getMessage()}
