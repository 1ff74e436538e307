"""Scalars whose spelling on the wire is part of the contract."""

from datetime import timedelta
from typing import NewType

import msgspec
import strawberry

MAX_DURATION = timedelta(days=366)


def _parse_duration(text: object) -> timedelta:
    try:
        duration = msgspec.convert(text, timedelta)
    except msgspec.ValidationError as error:
        raise ValueError(f"found {str(text)[:200]!r}, allowed: an ISO 8601 duration such as PT30S or P2D") from error
    if not timedelta(0) <= duration <= MAX_DURATION:
        raise ValueError(f"found {str(text)[:200]!r}, allowed: PT0S to P366D")
    return duration


def _write_duration(duration: timedelta) -> str:
    return str(msgspec.to_builtins(duration))


Duration = NewType("Duration", timedelta)

DURATION = strawberry.scalar(
    name="Duration",
    description="ISO 8601 duration, e.g. PT30S, P2D",
    specified_by_url="https://www.iso.org/standard/70907.html",
    parse_value=_parse_duration,
    serialize=_write_duration,
)
