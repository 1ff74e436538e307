"""Logging: one line per event, the same chain for our own words and the libraries'."""

import logging
import os
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.identity.audit import keep_audit
from app.settings import Settings
from domain.dead_letter import without_values

HIDDEN = "(hidden)"
_SECRET_KEY = re.compile(r"token|secret|password|authorization|api.?key|cookie|signature", re.IGNORECASE)
_CREDENTIAL = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+|(?<=://)[^/@\s]+(?=@)")


def add_process(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Say which process it was: several may serve one port, and write to one log."""
    event["pid"] = os.getpid()
    return event


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Take out values under secret-sounding keys, credentials in text, and what somebody sent."""
    for key, value in event.items():
        if _SECRET_KEY.search(key):
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = without_values(_CREDENTIAL.sub(HIDDEN, value), HIDDEN)
    return event


def show_invisible(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Spell out what would steer a terminal or turn the line around; a traceback keeps its lines."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = visible(value, kept="\n" if key == "exception" else "")
    return event


def visible(text: str, kept: str = "") -> str:
    """The text with everything spelled out that is not to be seen, but for the characters that are kept."""
    return "".join(each if each.isprintable() or each in kept else f"\\u{ord(each):04x}" for each in text)


def _renderers(log_format: str) -> list[Processor]:
    """The last steps of a line. Tracebacks are text by then: others would print the values of variables."""
    if log_format == "json":
        return [structlog.processors.JSONRenderer()]
    return [show_invisible, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]


def start_logging(settings: Settings) -> None:
    """Send every log line of the process, libraries included, to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        add_process,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers(settings.log_format)],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    keep_audit(is_kept=settings.audit, write=handler.stream.write if settings.log_format == "json" else None)
    for noisy in ("uvicorn.access", "httpx", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
