"""The view itself, and the key under which it is asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

import strawberry

from domain import case_view, discrepancy, identity
from domain.answers import ASKED_ABOUT, answers_of
from domain.case_view import STATUS_KINDS, CaseViewStatus
from domain.conclusions import remembered
from domain.contradictions import judgement_of, needed_over
from domain.discretion import spoken_of, told_to, unpriced
from domain.errors import InvalidRequest
from domain.headline import headline_of
from domain.identity import EntityKind, SourceKind
from domain.saying import Audience, Saying
from domain.timeline import TOLD, page_of, timeline_of
from resolvers.context import Gateway
from resolvers.permissions import Sight
from resolvers.types import sections
from resolvers.types.answer import SuggestedAnswer
from resolvers.types.common import Locale
from resolvers.types.discrepancy import Discrepancy
from resolvers.types.inputs import made_at_once
from resolvers.types.publish import published_enum, shown
from resolvers.types.sections import FIELDS
from resolvers.types.timeline import TimelineConnection
from resolvers.wording import LANGUAGES, wording

published_enum(CaseViewStatus)

TIMELINE_PAGE, LARGEST_TIMELINE = 50, 500
"""How many entries a page of a timeline has if nothing else is said, and at most."""


@made_at_once
@strawberry.input(description="One name of the thing asked about. Exactly one field is given.", one_of=True)
class CaseKey:
    """See `domain.identity.CaseKey`."""

    case_number: strawberry.Maybe[str]
    order_number: strawberry.Maybe[str]
    purchase_order_number: strawberry.Maybe[str]
    tracking_number: strawberry.Maybe[str]
    shipment_id: strawberry.Maybe[str]
    invoice_number: strawberry.Maybe[str]

    def read(self) -> identity.CaseKey:
        """The key as the domain has it.

        Raises:
            InvalidRequest: the value is empty, too long or has control characters.
        """
        given = {
            "caseNumber": self.case_number,
            "orderNumber": self.order_number,
            "purchaseOrderNumber": self.purchase_order_number,
            "trackingNumber": self.tracking_number,
            "shipmentId": self.shipment_id,
            "invoiceNumber": self.invoice_number,
        }
        field, number = next((field, some.value) for field, some in given.items() if some is not None)
        return identity.CaseKey.quoted(field, number)


@strawberry.type(description="What all systems know of one case")
class CaseView:
    """What a caller may see of a case.

    Attributes:
        view: with the estimates that count; only what may be shown.
        stated: what systems state; also what is only concluded from.
        asked: the sections that are looked at.
        seen_at: when.
        gateway: what the process has.
        sight: what the caller may see.
        kept: what was found before.
    """

    view: strawberry.Private[case_view.CaseView]
    stated: strawberry.Private[Mapping[EntityKind, case_view.Section]]
    asked: strawberry.Private[frozenset[EntityKind]]
    seen_at: strawberry.Private[datetime]
    gateway: strawberry.Private[Gateway]
    sight: strawberry.Private[Sight]
    kept: strawberry.Private[tuple[discrepancy.Discrepancy, ...]] = ()

    @shown
    def id(self) -> strawberry.ID:
        """Opaque, stable for the same key."""
        return strawberry.ID(self.view.id)

    @shown
    def status(self) -> CaseViewStatus:
        """The order-to-cash state across all systems."""
        return case_view.status_of(self.view.sections)

    @shown
    def completeness(self) -> float:
        """Sections known (fresh or stale) over sections asked for, 0..1."""
        return self.view.completeness(self.asked or frozenset(self.view.sections))

    @shown
    def discrepancies(self) -> list[Discrepancy]:
        """Where the systems contradict each other, worst first; what was found lately and is over comes last."""
        return self._found  # type: ignore[return-value]  # the GraphQL type describes the domain value

    @shown
    def headline(self, locale: Locale = "en", time_zone: str | None = None) -> str:
        """One sentence that can be said to the customer."""
        said = headline_of(self._spoken_of, self._found, self.seen_at)
        return wording(locale or LANGUAGES[0], time_zone).say(self._fit(said), Audience.CUSTOMER)

    @shown
    def answers(self, locale: Locale = "en", time_zone: str | None = None) -> list[SuggestedAnswer]:
        """What to answer next, by rule, from the facts above: to each question of the case, for each audience."""
        words = wording(locale or LANGUAGES[0], time_zone)
        told = answers_of(self._spoken_of, self._found, self.seen_at)
        heard = [each for each in told if self.sight.names_sources or each.audience is Audience.CUSTOMER]
        return [SuggestedAnswer.of(replace(each, text=tuple(map(self._fit, each.text))), words) for each in heard]

    @cached_property
    def _found(self) -> list[discrepancy.Discrepancy]:
        kinds = self.sight.concluding
        stated = told_to(self.stated, kinds)
        judgement = judgement_of(stated, self.seen_at, self.gateway.tolerances, kinds=kinds)
        told = remembered(judgement, self.kept, self.seen_at)
        if kinds != frozenset(EntityKind):  # what was found before was found by looking at everything
            sure = {each.id for each in (*judgement.found, *judgement.pending)}
            told = tuple(each for each in told if each.id in sure)
        return sorted(told, key=discrepancy.worst_first)

    @property
    def _spoken_of(self) -> Mapping[EntityKind, case_view.Section]:
        return spoken_of(self.view.sections, has_amounts=self.sight.has_amounts)

    def _fit(self, said: Saying) -> Saying:
        return said if self.sight.has_amounts else unpriced(said)

    def _section(self, section_type: type[sections.S]) -> sections.S:
        return sections.section_of(self.view, section_type, self.sight.kinds)

    @shown
    def timeline(
        self, first: int = TIMELINE_PAGE, after: str | None = None, sources: list[SourceKind] | None = None
    ) -> TimelineConnection:
        """Everything that happened, from every system, newest first; with `sources`, only of systems of these kinds."""
        if not 0 < first <= LARGEST_TIMELINE:
            raise InvalidRequest(field="first", found=str(first), allowed=f"1 to {LARGEST_TIMELINE}")
        entries = timeline_of(self._spoken_of, self.gateway.roles, has_amounts=self.sight.has_amounts)
        return TimelineConnection.of(page_of(entries, first, after, sources), after)

    @shown
    def service_case(self) -> sections.ServiceCaseSection:
        """The service case that the view is about."""
        return self._section(sections.ServiceCaseSection)

    @shown
    def customer(self) -> sections.CustomerSection:
        """Who ordered."""
        return self._section(sections.CustomerSection)

    @shown
    def orders(self) -> sections.OrdersSection:
        """What was ordered."""
        return self._section(sections.OrdersSection)

    @shown
    def shipments(self) -> sections.ShipmentsSection:
        """What is on the road."""
        return self._section(sections.ShipmentsSection)

    @shown
    def fulfillments(self) -> sections.FulfillmentsSection:
        """What the warehouse does."""
        return self._section(sections.FulfillmentsSection)

    @shown
    def inventory(self) -> sections.InventorySection:
        """What is in stock."""
        return self._section(sections.InventorySection)

    @shown
    def invoices(self) -> sections.InvoicesSection:
        """What was billed."""
        return self._section(sections.InvoicesSection)

    @shown
    def credit(self) -> sections.CreditSection:
        """How much credit the customer has."""
        return self._section(sections.CreditSection)

    @shown
    def returns(self) -> sections.ReturnsSection:
        """What comes back."""
        return self._section(sections.ReturnsSection)

    @shown
    def claims(self) -> sections.ClaimsSection:
        """What is claimed."""
        return self._section(sections.ClaimsSection)


CONCLUDED = frozenset({"discrepancies", "headline", "answers"})
"""Fields of the view that rest on what was concluded."""

ESTIMATED = frozenset({"shipments", "headline", "answers"})
"""Fields of the view that say when something is delivered."""


def kinds_shown(fields: Iterable[str]) -> frozenset[EntityKind]:
    """The kinds of entity whose sections are among these fields of the view."""
    return frozenset(FIELDS[field][0] for field in fields if field in FIELDS)


def kinds_read(fields: frozenset[str], sight: Sight) -> frozenset[EntityKind]:
    """The kinds of entity that have to be read to answer these fields of the view to who may see so much."""
    read = kinds_shown(fields)
    read |= STATUS_KINDS if "status" in fields else frozenset()
    read |= TOLD if "timeline" in fields else frozenset()
    read |= ASKED_ABOUT if fields & {"headline", "answers"} else frozenset()
    seen = (read & sight.kinds) | (needed_over(sight.concluding) if CONCLUDED & fields else frozenset())
    return seen or _telling_whether_there_is_one(sight)


def _telling_whether_there_is_one(sight: Sight) -> frozenset[EntityKind]:
    """What tells whether a case is known at all; no kind: the reader asks whoever may know."""
    return frozenset() if sight.kinds == frozenset(EntityKind) else sight.kinds & {EntityKind.ORDER}
