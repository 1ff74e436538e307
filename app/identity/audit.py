"""The audit log: who saw credit and personal data, one line each time, whatever `log_level` says.

This module is the `Audit` of `resolvers.context`.
"""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _as_json
from typing import Any

import structlog

from domain.caller import Caller
from domain.identity import CaseKey

NAME = "audit"
DIGITS = 16


def saw(caller: Caller, what: Collection[str], keys: Collection[CaseKey], correlation_id: str) -> None:
    """Note that a caller was shown something. These fields are all there ever are, and none of what was shown.

    Args:
        caller: who saw it.
        what: what not everybody may see: `credit`, `customer`, `signature`.
        keys: what was asked for.
        correlation_id: of the request.
    """
    told = (caller, frozenset(what), frozenset(keys))
    if _book.lines is None:
        _log().info("saw", **_seen(*told), correlation_id=correlation_id)
    else:
        _book.lines.add(f'{_beginning(*told)}, "correlation_id": {_as_json(correlation_id)}')


def revealed(caller: Caller, names: Collection[str], correlation_id: str) -> None:
    """Note that a caller was shown parked letters as they came.

    Args:
        caller: who saw them.
        names: what they are called here.
        correlation_id: of the request.
    """
    _log().info(
        "revealed",
        client=caller.client,
        subject=pseudonym(caller.subject),
        tenant=caller.tenant,
        roles=sorted(role.value for role in caller.roles),
        letters=sorted(names),
        correlation_id=correlation_id,
    )


def pseudonym(subject: str | None) -> str | None:
    """What stands for a person: 16 hexadecimal digits of the SHA-256 of the subject.

    A subject may be a name or an address, and logs go far. An auditor who asks about a person knows the subject, and
    finds the lines; who reads the lines alone does not know the person.
    """
    return None if subject is None else hashlib.sha256(subject.encode()).hexdigest()[:DIGITS]


def keep_audit(*, is_kept: bool, write: Callable[[str], object] | None = None) -> None:
    """Keep the audit log, or not; its level is its own.

    Args:
        is_kept: whether.
        write: takes lines of JSON, so that the line of an answer that is given every 50 us does not cost as much again;
            null: they are written as all others are.
    """
    logging.getLogger(NAME).setLevel(logging.INFO if is_kept else logging.CRITICAL)
    if _book.lines is not None:
        _book.lines.flush()
    _book.lines = _Lines(write) if is_kept and write is not None else None


class _Lines:
    """Lines that are JSON already, written together at the end of a turn of the event loop: before answers are sent.

    All of a turn have one time, that of its first line: to write it for each would take half of what a line costs.

    Args:
        write: takes text.
    """

    __slots__ = ("_end", "_waiting", "_write")

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._waiting: list[str] = []
        self._end = ""

    def add(self, line: str) -> None:
        """Have a line written that lacks only its time."""
        self._waiting.append(line)
        if len(self._waiting) == 1:
            moment = datetime.now(UTC).isoformat()[: -len("+00:00")]
            self._end = f', "timestamp": "{moment}Z"}}\n'
            try:
                asyncio.get_running_loop().call_soon(self.flush)
            except RuntimeError:  # nobody is served here
                self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self._write(self._end.join([*waiting, ""]))


@dataclass(slots=True)
class _Book:
    """Where lines go; null: where all others go."""

    lines: _Lines | None = None


_book = _Book()


def _seen(caller: Caller, what: frozenset[str], keys: frozenset[CaseKey]) -> dict[str, Any]:
    """What a line says besides when, and of which request."""
    return {
        "client": caller.client,
        "subject": pseudonym(caller.subject),
        "tenant": caller.tenant,
        "roles": sorted(role.value for role in caller.roles),
        "sections": sorted(what),
        "cases": sorted(f"{key.scheme.value}:{key.value}" for key in keys),
    }


@lru_cache(maxsize=2_000)
def _beginning(caller: Caller, what: frozenset[str], keys: frozenset[CaseKey]) -> str:
    """A line without what is another each time, nor its end."""
    return json.dumps(_seen(caller, what, keys) | {"event": "saw", "level": "info", "pid": os.getpid()})[:-1]


def _log() -> structlog.stdlib.BoundLogger:
    """Bound anew each time, so that it is never from before logging was set up."""
    bound: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(NAME), wrapper_class=structlog.stdlib.BoundLogger, cache_logger_on_first_use=False
    )
    return bound
