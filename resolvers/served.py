"""Says with every answer what it cost: `extensions.casefold`."""

from collections import defaultdict
from typing import Any

from strawberry.extensions import SchemaExtension

from cache.reader import Spent
from domain.freshness import Origin
from resolvers.context import Context


class Served(SchemaExtension):
    """`{requestId, servedInMs, sources: {<id>: {origin, ms, calls}}}`; no calls: it was served from what is kept."""

    def get_results(self) -> dict[str, Any]:
        """The extension of one answer."""
        context: Context = self.execution_context.context
        elapsed = context.gateway.reader.clock.monotonic() - context.began_at
        sources = {
            source: {"origin": spent.origin.value, "ms": round(spent.seconds * 1_000, 3), "calls": spent.calls}
            for source, spent in sorted(_spent(context).items())
        }
        return {
            "casefold": {
                "requestId": context.correlation_id,
                "servedInMs": round(elapsed * 1_000, 3),
                "sources": sources,
            }
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
