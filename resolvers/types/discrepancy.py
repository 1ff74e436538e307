"""Where the systems contradict each other."""

from domain import discrepancy
from domain.discrepancy import DiscrepancyState, Severity
from resolvers.types.publish import published, published_enum

published_enum(DiscrepancyState)
published_enum(Severity)


@published(discrepancy.Evidence)
class Evidence:
    """What one system says, in its own words; asOf is when that last changed there."""


@published(discrepancy.Discrepancy, identifiers=["id"])
class Discrepancy:
    """One contradiction. INCONCLUSIVE while something that it needs is stale or missing: neither silent nor raised."""
