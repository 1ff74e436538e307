"""Values that several families use."""

from domain.hold import Hold as DomainHold
from domain.money import Money as DomainMoney
from domain.place import Location as DomainLocation
from resolvers.types.publish import published


@published(DomainMoney)
class Money:
    """An exact amount in one currency."""


@published(DomainLocation)
class Location:
    """A place as far as the source names it."""


@published(DomainHold)
class Hold:
    """Why something does not move: who owns it, and what releases it."""
