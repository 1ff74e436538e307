"""One list of everything that happened: newest first, page by page, and what was taken back is said to be."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from domain.billing import Invoice, InvoiceStatus
from domain.case_view import Answered, Part, Withdrawn, section_of
from domain.errors import InvalidRequest
from domain.freshness import Origin
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import EntityKey, EntityKind, SourceKind
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.place import Location
from domain.shipment import Classifier, Milestone, MilestoneCode, Shipment, ShipmentStatus
from domain.timeline import page_of, timeline_of

START = datetime(2026, 11, 20, 8, tzinfo=UTC)
ROLES = {
    ("erp", EntityKind.ORDER): SourceKind.ERP,
    ("erp", EntityKind.INVOICE): SourceKind.ERP,
    ("tms", EntityKind.SHIPMENT): SourceKind.TMS,
    ("wms", EntityKind.FULFILLMENT): SourceKind.WMS,
}


def at(hour):
    return START + timedelta(hours=hour)


def milestone(code, hour, classifier=Classifier.ACTUAL, name=None):
    return Milestone(
        code=MilestoneCode[code],
        classifier=classifier,
        occurred_at=at(hour),
        recorded_at=at(hour + 1),
        location=Location(city="Hamburg", country_code="DE"),
        source_code=code,
        source="tms",
        event_id=name,
    )


def section(kind, entity, source, as_of=None, withdrawn=()):
    key = EntityKey(tenant="main", source=source, kind=kind, id="x")
    part = Part(key, entity, as_of, at(99), Origin.API, withdrawn=tuple(withdrawn))
    return section_of(kind, [Answered(source, (part,), at(99), Origin.API)], now=at(99))


MONEY = Money(amount=Decimal(10), currency="EUR")
ORDER = Order(
    number="SO-1",
    status=OrderStatus.ON_HOLD,
    ordered_at=at(0),
    holds=(Hold(kind=HoldKind.CREDIT, reason="over the limit", placed_at=at(2)),),
)
SHIPMENT = Shipment(
    id="S-1",
    status=ShipmentStatus.IN_TRANSIT,
    milestones=(
        milestone("PICKED_UP", 5, name="m-1"),
        milestone("DEPARTED", 7),
        milestone("DELIVERED", 20, Classifier.ESTIMATED),
    ),
)
DELIVERY = Fulfillment(
    id="D-1",
    order_number="SO-1",
    status=FulfillmentStatus.SHIPPED,
    released_at=at(1),
    picked_at=at(3),
    shipped_at=at(4),
)
INVOICE = Invoice(number="I-1", status=InvoiceStatus.OPEN, issued_on=date(2026, 11, 20), total=MONEY, balance=MONEY)


def view(withdrawn=()):
    return {
        EntityKind.ORDER: section(EntityKind.ORDER, ORDER, "erp"),
        EntityKind.SHIPMENT: section(EntityKind.SHIPMENT, SHIPMENT, "tms", withdrawn=withdrawn),
        EntityKind.FULFILLMENT: section(EntityKind.FULFILLMENT, DELIVERY, "wms"),
        EntityKind.INVOICE: section(EntityKind.INVOICE, INVOICE, "erp", as_of=at(6)),
    }


def test_everything_from_every_system_newest_first():
    told = [(each.title, each.source, each.entity) for each in timeline_of(view(), ROLES)]
    assert told == [
        ("Departed", "tms", "Shipment S-1"),
        ("Invoice open", "erp", "Invoice I-1"),
        ("Picked up", "tms", "Shipment S-1"),
        ("Left the warehouse", "wms", "Fulfillment D-1"),
        ("Picked", "wms", "Fulfillment D-1"),
        ("On credit hold", "erp", "Order SO-1"),
        ("Released to the warehouse", "wms", "Fulfillment D-1"),
        ("Ordered", "erp", "Order SO-1"),
    ]
    departed = timeline_of(view(), ROLES)[0]
    assert (departed.occurred_at, departed.recorded_at, departed.detail) == (at(7), at(8), "Hamburg, DE")


def test_what_was_taken_back_is_said_to_be():
    wrong = milestone("DELIVERED", 8, name="m-9")
    told = timeline_of(view([Withdrawn(wrong, at(9))]), ROLES)[0]
    assert (told.title, told.occurred_at, told.event_id) == ("Taken back", at(9), "m-9")
    assert told.detail == "Delivered of 2026-11-20T16:00+00:00 did not happen"


def test_pages_go_on_where_they_were_whatever_turns_up_meanwhile():
    entries = timeline_of(view(), ROLES)
    first = page_of(entries, 3, None, None)
    assert (first.has_more, first.total) == (True, 8)
    cursor = first.entries[-1].cursor
    newer = timeline_of(view([Withdrawn(milestone("DELIVERED", 8), at(9))]), ROLES)
    for now in (entries, newer, [each for each in entries if each.cursor != cursor]):
        rest = page_of(now, 50, cursor, None)
        assert [each.cursor for each in rest.entries] == [each.cursor for each in entries[3:]]
        assert not rest.has_more
    assert len({each.cursor for each in entries}) == len(entries)


def test_only_of_some_systems():
    assert {each.source for each in page_of(timeline_of(view(), ROLES), 50, None, [SourceKind.WMS]).entries} == {"wms"}
    assert page_of(timeline_of(view(), ROLES), 50, None, []).total == 0


@pytest.mark.parametrize("cursor", ["", "yesterday", "bm8gY3Vyc29y", "é", "%%%"])
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidRequest, match="after"):
        page_of([], 5, cursor, None)


def test_without_amounts_an_invoice_says_only_how_far_it_is():
    def of_invoices(**about):
        return [(each.title, each.detail) for each in timeline_of(view(), ROLES, **about) if "Invoice" in each.entity]

    assert of_invoices() == [("Invoice open", "Invoice I-1, 10 EUR")]
    assert of_invoices(has_amounts=False) == [("Invoice open", "Invoice I-1")]
    others = [
        [each for each in timeline_of(view(), ROLES, has_amounts=has) if "Invoice" not in each.entity]
        for has in (True, False)
    ]
    assert others[0] == others[1] != []
