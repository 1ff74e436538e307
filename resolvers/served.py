"""Says with every answer what it cost: `extensions.casefold`."""

from collections import defaultdict
from typing import Any

from cache.reader import Spent
from domain.freshness import Origin
from resolvers.context import Context


def served(context: Context) -> dict[str, Any]:
    """`{requestId, servedInMs, sources: {<id>: {origin, ms, calls}}}`; no calls: it was served from what is kept.

    Who may not know which systems there are is not told what each of them cost.
    """
    began_at = context.began_at
    elapsed = context.gateway.reader.clock.monotonic() - began_at
    own = {"requestId": context.correlation_id, "servedInMs": round(elapsed * 1_000, 3)}
    return own | {"sources": _sources(context)} if context.sight.names_sources else own


def _sources(context: Context) -> dict[str, Any]:
    return {
        source: {"origin": spent.origin.value, "ms": round(spent.seconds * 1_000, 3), "calls": spent.calls}
        for source, spent in sorted(_spent(context).items())
    }


def _spent(context: Context) -> dict[str, Spent]:
    total: defaultdict[str, Spent] = defaultdict(Spent)
    for reading in context.readings:
        for source, spent in reading.spent.items():
            together = total[source]
            together.calls += spent.calls
            together.seconds += spent.seconds
            if together.origin is not Origin.API:
                together.origin = spent.origin
    return total
