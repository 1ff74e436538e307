"""What can be done about parked letters: try them again, or give them up, with the reason on record."""

from collections.abc import Mapping, Sequence
from enum import Enum

import structlog

from cache.inbox import InboxStream
from cache.parking import Parking

log = structlog.get_logger()


class Outcome(Enum):
    """What became of a parked letter."""

    RETRIED = "RETRIED"
    DISCARDED = "DISCARDED"
    NOT_FOUND = "NOT_FOUND"


async def retry(inbox: InboxStream, parking: Parking, names: Sequence[str]) -> Mapping[str, Outcome]:
    """Put letters back into the inbox; what still fails is parked again, under a new name.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    parked = await parking.named(names)
    await inbox.put_back([each.letter for each in parked.values()])
    await parking.forget(list(parked))
    return {name: Outcome.RETRIED if name in parked else Outcome.NOT_FOUND for name in names}


async def discard(parking: Parking, names: Sequence[str], reason: str) -> Mapping[str, Outcome]:
    """Give letters up; who, what and why is logged.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    parked = await parking.named(names)
    for name, each in parked.items():
        log.warning("parked letter discarded", name=name, source=each.letter.source, id=each.letter.id, reason=reason)
    await parking.forget(list(parked))
    return {name: Outcome.DISCARDED if name in parked else Outcome.NOT_FOUND for name in names}
