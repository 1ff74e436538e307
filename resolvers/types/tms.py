"""Shipments and everything on their way."""

from operator import attrgetter

from domain import eta, shipment, shipment_exception
from domain.entity import Entity
from domain.freshness import Freshness as DomainFreshness
from resolvers.types.common import label_of_status  # publishes Location first
from resolvers.types.freshness import Freshness
from resolvers.types.publish import published, shown


@published(eta.Eta)
class Eta:
    """The best statement about delivery that the facts support."""


@published(shipment.Carrier)
class Carrier:
    """Who moves it."""


@published(shipment.ProofOfDelivery)
class ProofOfDelivery:
    """Who took it, and when."""


@published(shipment_exception.ShipmentException)
class ShipmentException:
    """An axis of its own: an exception never moves the status, and has a lifetime."""


@published(shipment.Stop)
class Stop:
    """One place on the way, in travelling order from 1."""


@published(shipment.Milestone)
class Milestone:
    """One thing that happened, or is expected to happen."""


@published(shipment.Shipment, without={"references"}, identifiers={"id"})
class Shipment:
    """Goods under way with one carrier."""

    freshness: Freshness
    status_label = shown(label_of_status)


class ShipmentNode:
    """A shipment together with its own freshness; its fields are the shipment's."""

    __slots__ = ("_shipment", "freshness")

    def __init__(self, shipment: Entity, freshness: DomainFreshness) -> None:
        self._shipment = shipment
        self.freshness = freshness


for _name in shipment.Shipment.__struct_fields__:
    setattr(ShipmentNode, _name, property(attrgetter(f"_shipment.{_name}")))
