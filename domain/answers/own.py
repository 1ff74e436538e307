"""What of a view is the customer's own: a truck, an invoice or a desk may bring in others', who are none of theirs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from typing import Any

from msgspec.structs import replace

from domain.billing import CreditStatus, Invoice
from domain.case_view import Section
from domain.claims import Claim
from domain.customer import Customer
from domain.entity import Entity
from domain.fulfillment import Fulfillment
from domain.identity import EntityKind
from domain.inventory import InventoryPosition
from domain.order import Order
from domain.returns import Return
from domain.service_case import ServiceCase
from domain.shipment import Shipment


@dataclass(frozen=True, slots=True)
class _Whose:
    """What tells the customer's own from others'.

    Attributes:
        customer: the customer's number, as far as anybody says it.
        foreign: numbers of orders that are somebody else's.
        kept: ids of shipments that are not.
    """

    customer: str | None
    foreign: frozenset[str]
    kept: frozenset[str]

    def is_theirs(self, customer_id: str | None) -> bool:
        """Whether it is of this customer, or of nobody in particular."""
        return customer_id is None or self.customer is None or customer_id == self.customer

    def has_own(self, order_numbers: Sequence[str | None]) -> bool:
        """Whether it is about an order that is not somebody else's, or about none."""
        named = {number for number in order_numbers if number is not None}
        return not named or not named <= self.foreign


def own(sections: Mapping[EntityKind, Section]) -> Mapping[EntityKind, Section]:
    """The view without what is of other customers."""
    customer = _customer_of(sections)
    foreign = frozenset(
        order.number
        for order in _nodes(sections, EntityKind.ORDER)
        if customer is not None and order.customer_id not in {None, customer}
    )
    whose = _Whose(customer, foreign, frozenset())
    kept = frozenset(each.id for each in _nodes(sections, EntityKind.SHIPMENT) if whose.has_own(each.order_numbers))
    whose = changed(whose, kept=kept)
    return {kind: _only(section, whose) for kind, section in sections.items()}


def _customer_of(sections: Mapping[EntityKind, Section]) -> str | None:
    """Whose case it is; without a case, whose order."""
    named = (
        *(each.customer_id for each in _nodes(sections, EntityKind.SERVICE_CASE)),
        *(each.id for each in _nodes(sections, EntityKind.CUSTOMER)),
        *(each.customer_id for each in _nodes(sections, EntityKind.ORDER)),
    )
    return next((each for each in named if each is not None), None)


def _nodes(sections: Mapping[EntityKind, Section], kind: EntityKind) -> Sequence[Any]:
    return sections[kind].nodes if kind in sections else ()


def _only(section: Section, whose: _Whose) -> Section:
    places = [place for place, node in enumerate(section.nodes) if _IS_OWN[type(node)](node, whose)]
    return replace(
        section,
        nodes=tuple(section.nodes[place] for place in places),
        node_freshness=tuple(section.node_freshness[place] for place in places),
        withdrawn=tuple(section.withdrawn[place] for place in places),
        earlier=tuple(section.earlier[place] for place in places),
    )


def _is_own_claim(claim: Claim, whose: _Whose) -> bool:
    is_carried = claim.shipment_id is None or not whose.foreign or claim.shipment_id in whose.kept
    return is_carried and whose.has_own((claim.order_number,))


_IS_OWN: Mapping[type[Entity], Callable[[Any, _Whose], bool]] = {
    ServiceCase: lambda case, whose: whose.is_theirs(case.customer_id),
    Customer: lambda customer, whose: whose.is_theirs(customer.id),
    Order: lambda order, whose: whose.is_theirs(order.customer_id),
    Invoice: lambda invoice, whose: whose.is_theirs(invoice.customer_id) and whose.has_own(invoice.order_numbers),
    CreditStatus: lambda credit, whose: whose.is_theirs(credit.customer_id),
    Shipment: lambda shipment, whose: shipment.id in whose.kept,
    Fulfillment: lambda fulfillment, whose: whose.has_own((fulfillment.order_number,)),
    Return: lambda returned, whose: whose.has_own((returned.order_number,)),
    Claim: _is_own_claim,
    InventoryPosition: lambda *_: True,
}
