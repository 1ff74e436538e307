"""What the business wants to be told."""

from domain import operational
from domain.operational import OperationalEventType
from resolvers.types.publish import published, published_enum

published_enum(OperationalEventType)


@published(operational.OperationalEvent, identifiers=["id", "shipment_id", "customer_id"])
class OperationalEvent:
    """One event, derived once from a change of what is known; the same change always has the same id."""
