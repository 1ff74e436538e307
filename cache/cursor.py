"""Where in the outbox somebody is: a position in the stream of every partition, written as one opaque text."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from domain.errors import InvalidRequest

BEGINNING = "0-0"
"""The position before everything that a stream ever had."""

VERSION = "1"
LONGEST = 8_192
"""Characters of the longest text that is looked at; of a cluster of a hundred nodes it has half of that."""

_POSITION = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")


def cursor_of(place: Sequence[str]) -> str:
    """A place as text."""
    return urlsafe_b64encode(" ".join((VERSION, *place)).encode()).decode().rstrip("=")


def place_of(cursor: str, partitions: int) -> list[str]:
    """The place that a text means.

    Args:
        cursor: what `cursor_of` wrote.
        partitions: how many positions it has to have.

    Raises:
        InvalidRequest: it is no such text, or of another store.
    """
    version, *place = _decoded(cursor).split(" ")
    if version != VERSION or len(place) != partitions or not all(map(_POSITION.fullmatch, place)):
        raise InvalidRequest(field="after", found=cursor[:64], allowed="the cursor of an operational event")
    return place


def is_later(position: str, other: str) -> bool:
    """Whether one position of a stream is behind another."""
    return _spelled_out(position) > _spelled_out(other)


def _spelled_out(position: str) -> tuple[int, int]:
    moment, _, number = position.partition("-")
    return int(moment), int(number)


def _decoded(cursor: str) -> str:
    if len(cursor) > LONGEST:
        return ""
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        return ""
