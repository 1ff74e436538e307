"""What tests and curious people may do to the sandbox: break a system, count its calls."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

SYSTEMS = ("erp", "wms", "crm", "tms", "claims")


class Faults(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """How a system misbehaves; what is left out is well.

    Attributes:
        delay_ms: it answers so much later.
        status: it answers this HTTP status instead of data.
        retry_after: what it says in Retry-After with 429 and 503, in seconds.
        hang: it takes the request and answers only when this is over.
        malformed: it answers 200 with half of the JSON, or with a page for people.
        drip: it answers one byte every 200 ms.
    """

    delay_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    status: Annotated[int, Meta(ge=400, le=599)] | None = None
    retry_after: Annotated[int, Meta(ge=0, le=86_400)] = 30
    hang: bool = False
    malformed: bool | Literal["html"] = False
    drip: bool = False


WELL = Faults()


class Advance(Struct, frozen=True, forbid_unknown_fields=True):
    """By how much the world moves on, e.g. `PT2H`."""

    by: timedelta


class Tally(Struct):
    """How often an endpoint was called, and for how many entities in all."""

    calls: int = 0
    entities: int = 0


Counters = Mapping[str, dict[str, Tally]]
"""By system and endpoint."""

REQUESTS = 1_000
"""So many requests are remembered one by one."""


class Control:
    """The state of all systems as upstreams: their faults and their counters."""

    def __init__(self) -> None:
        self._faults = dict.fromkeys(SYSTEMS, WELL)
        self._changed = {system: asyncio.Event() for system in SYSTEMS}
        self._counters = _none()
        self._by_request: dict[str, Counters] = {}

    def faults(self, system: str) -> Faults:
        """How a system misbehaves."""
        return self._faults[system]

    def set_faults(self, system: str, faults: Faults) -> None:
        """Let a system misbehave so from now on; requests that hang look again."""
        self._faults[system] = faults
        self._changed[system].set()
        self._changed[system] = asyncio.Event()

    def heal(self) -> None:
        """All systems are well."""
        for system in SYSTEMS:
            self.set_faults(system, WELL)

    async def until_changed(self, system: str) -> None:
        """Wait until somebody sets the faults of a system."""
        await self._changed[system].wait()

    def counters(self, correlation_id: str | None = None) -> Counters:
        """Calls received, by system and endpoint; of one of the newest requests, or of all."""
        return self._counters if correlation_id is None else self._by_request.get(correlation_id, _none())

    def count(self, system: str, endpoint: str, entities: int, correlation_id: str = "") -> None:
        """A call was received, made for a request."""
        if correlation_id not in self._by_request and len(self._by_request) >= REQUESTS:
            del self._by_request[next(iter(self._by_request))]
        for counters in (self._counters, self._by_request.setdefault(correlation_id, _none())):
            tally = counters[system][endpoint]
            tally.calls += 1
            tally.entities += entities

    def reset_counters(self) -> None:
        """Begin at zero."""
        self._counters = _none()
        self._by_request = {}


def _none() -> Counters:
    return {system: defaultdict(Tally) for system in SYSTEMS}
