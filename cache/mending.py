"""Says in the log what was dropped or cut of what a source says: which fields, and how often; never what it was."""

from collections import Counter
from collections.abc import Iterable

import structlog

from domain.foreign import Mended

log = structlog.get_logger()


def report(mended: Iterable[Mended], source: str) -> None:
    """One line for each field and what was done to it.

    Args:
        mended: of one answer, or of one batch of events.
        source: configured id.
    """
    for (field, repair), count in Counter(mended).items():
        log.warning("mended", source=source, field=field, repair=repair.value, count=count)
