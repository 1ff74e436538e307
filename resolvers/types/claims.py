"""Claims."""

from domain import claims
from resolvers.types import common  # noqa: F401  # publishes Money first
from resolvers.types.publish import published


@published(claims.ClaimDeadlines)
class ClaimDeadlines:
    """Until when who has to act."""


@published(claims.ClaimDocument)
class ClaimDocument:
    """One piece of evidence."""


@published(claims.Claim, without={"references"}, identifiers={"shipment_id"})
class Claim:
    """What is demanded for damage, loss or delay, and how far that is."""
