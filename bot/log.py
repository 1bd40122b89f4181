"""Logging: one line an event, JSON for machines and colour for people, and no secret in either.

A secret is whatever was given to `redact`, and whatever looks like a bot token. It is struck out of the
event's values, of messages and tracebacks of any library, and once more of the finished line.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Final, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

STRUCK: Final = "***"
MIN_SECRET: Final = 4
"""A shorter one would strike out half of every line."""

_QUIET: Final = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiohttp.access": logging.WARNING,
}
_TOKEN = re.compile(r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}")
_TOKEN_IN_PATH = re.compile(r"(/bot)\d+(?::|%3[Aa])[^/\s\"'\\<>)]+")
_secrets: list[str] = []
_formatter = logging.Formatter()


def redact(secret: str) -> None:
    """From now on this string appears in no log line."""
    if len(secret) >= MIN_SECRET and secret not in _secrets:
        _secrets.append(secret)
        _secrets.sort(key=len, reverse=True)


def scrub(text: str) -> str:
    """The text without secrets."""
    for secret in _secrets:
        text = text.replace(secret, STRUCK)
    return _TOKEN.sub(STRUCK, _TOKEN_IN_PATH.sub(rf"\1{STRUCK}", text))


def configure_logging(*, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers to one stream: JSON, or colours on a terminal."""
    out = stream if stream is not None else sys.stderr
    handler = logging.StreamHandler(out)
    handler.setFormatter(_LineFormatter(is_for_people=out.isatty()))
    guard(handler)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def guard(handler: logging.Handler) -> None:
    """Strike secrets out of whatever this handler is given; for handlers that others install."""
    handler.addFilter(RedactingFilter())


class RedactingFilter(logging.Filter):
    """Cleans a record before any formatter sees it: message, arguments and traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; the record is what changes."""
        if isinstance(record.msg, dict):
            record.msg = _clean(record.msg)
        else:
            record.msg, record.args = scrub(_message(record)), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = scrub(record.exc_text)
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):  # a wrong format string is no reason to lose the line
        return f"{record.msg} {record.args}"


def redact_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """As a structlog processor: every value of the event, however deep."""
    for key, value in event.items():
        if not key.startswith("_"):
            event[key] = _clean(value)
    return event


def _clean(value: object) -> object:
    if isinstance(value, str):
        return scrub(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {_clean(key): _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(one) for one in value]
    return scrub(str(value))


def _common() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact_event,
    ]


def _renderer(*, is_for_people: bool) -> Processor:
    if is_for_people:
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


class _LineFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, *, is_for_people: bool) -> None:
        super().__init__(
            foreign_pre_chain=_common(),
            processors=[self.remove_processors_meta, _renderer(is_for_people=is_for_people)],
        )

    def format(self, record: logging.LogRecord) -> str:
        return scrub(super().format(record))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("muster").critical("uncaught", exc_info=(kind, error, trace))
