"""The sections of a view: entities of one kind with their freshness."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import strawberry

from domain.case_view import CaseView as DomainCaseView
from domain.case_view import Section as DomainSection
from domain.discretion import forbidden
from domain.identity import EntityKind
from resolvers.types.claims import Claim
from resolvers.types.crm import Customer, ServiceCase
from resolvers.types.erp import CreditStatus, Invoice, Order
from resolvers.types.freshness import Freshness, SourceProblem
from resolvers.types.publish import shown
from resolvers.types.tms import Shipment, ShipmentNode
from resolvers.types.wms import Fulfillment, InventoryPosition, Return


@strawberry.interface(description="Entities of one kind, and how far they can be relied on")
class Section:
    """What every section says besides its entities."""

    id: strawberry.ID = strawberry.field(
        description="<case view id>#<section>, so that client caches merge sections instead of replacing them"
    )
    freshness: Freshness
    problem: SourceProblem | None
    section: strawberry.Private[DomainSection]

    def entities(self) -> Any:  # noqa: ANN401  # domain entities, which the GraphQL types describe
        """The entities of a section that lists them."""
        return self.section.nodes

    def entity(self) -> Any:  # noqa: ANN401  # as above
        """The one entity of a section that has one."""
        return next(iter(self.section.nodes), None)


@strawberry.type(description="The service case that the view is about, or the latest about its orders")
class ServiceCaseSection(Section):
    """CRM."""

    @shown
    def case(self) -> ServiceCase | None:
        """The case."""
        return self.entity()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="Who ordered")
class CustomerSection(Section):
    """ERP."""

    @shown
    def customer(self) -> Customer | None:
        """The customer."""
        return self.entity()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What was ordered")
class OrdersSection(Section):
    """ERP."""

    @shown
    def nodes(self) -> list[Order]:
        """The orders."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What is on the road")
class ShipmentsSection(Section):
    """TMS."""

    @shown
    def nodes(self) -> list[Shipment]:
        """The shipments."""
        pairs = zip(self.section.nodes, self.section.node_freshness, strict=True)
        return [ShipmentNode(shipment, freshness) for shipment, freshness in pairs]  # type: ignore[misc]  # a Shipment plus its freshness


@strawberry.type(description="What the warehouse does")
class FulfillmentsSection(Section):
    """WMS."""

    @shown
    def nodes(self) -> list[Fulfillment]:
        """The fulfillments."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What is in stock of the items of the orders")
class InventorySection(Section):
    """WMS."""

    @shown
    def nodes(self) -> list[InventoryPosition]:
        """The stock positions."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What was billed")
class InvoicesSection(Section):
    """ERP."""

    @shown
    def nodes(self) -> list[Invoice]:
        """The invoices."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="How much credit the customer has")
class CreditSection(Section):
    """ERP."""

    @shown
    def credit(self) -> CreditStatus | None:
        """The credit status."""
        return self.entity()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What comes back")
class ReturnsSection(Section):
    """WMS."""

    @shown
    def nodes(self) -> list[Return]:
        """The returns."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


@strawberry.type(description="What is claimed")
class ClaimsSection(Section):
    """Claims desks."""

    @shown
    def nodes(self) -> list[Claim]:
        """The claims."""
        return self.entities()  # type: ignore[no-any-return]  # see `entities`


FIELDS: Mapping[str, tuple[EntityKind, type[Section]]] = {
    "serviceCase": (EntityKind.SERVICE_CASE, ServiceCaseSection),
    "customer": (EntityKind.CUSTOMER, CustomerSection),
    "orders": (EntityKind.ORDER, OrdersSection),
    "shipments": (EntityKind.SHIPMENT, ShipmentsSection),
    "fulfillments": (EntityKind.FULFILLMENT, FulfillmentsSection),
    "inventory": (EntityKind.INVENTORY, InventorySection),
    "invoices": (EntityKind.INVOICE, InvoicesSection),
    "credit": (EntityKind.CREDIT, CreditSection),
    "returns": (EntityKind.RETURN, ReturnsSection),
    "claims": (EntityKind.CLAIM, ClaimsSection),
}
"""The field of the view for each kind of entity."""

_FIELD_OF = {section_type: (field, kind) for field, (kind, section_type) in FIELDS.items()}

S = TypeVar("S", bound=Section)


def section_of(view: DomainCaseView, section_type: type[S], kinds: Collection[EntityKind]) -> S:
    """One section of a view as its GraphQL type, FORBIDDEN if it is not of one of these kinds."""
    field, kind = _FIELD_OF[section_type]
    section = view.sections[kind] if kind in kinds else forbidden(kind)
    return section_type(
        id=strawberry.ID(f"{view.id}#{field}"),
        freshness=section.freshness,  # type: ignore[arg-type]  # the GraphQL type describes the domain value
        problem=section.problem,  # type: ignore[arg-type]  # as above
        section=section,
    )
