"""What is left of an entity, or of a sentence, for who may not see all of it."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from domain.answers.customer import heard
from domain.answers.questions import questions_of
from domain.billing import CreditNote, Dispute, Invoice, InvoiceStatus
from domain.case_view import Answered, Part, section_of
from domain.discrepancy import Facts
from domain.discretion import UNPRICED, spoken_of, unpriced, without_credit
from domain.freshness import Origin
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.hold import Hold, HoldKind
from domain.identity import EntityKey, EntityKind
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.saying import Saying
from domain.service_case import CaseKind
from resolvers.wording import LANGUAGES, wording
from tests.resolvers.wording.test_audience import heard_by_customers
from tests.resolvers.wording.test_wording import facts

THEN = datetime(2026, 11, 20, 9, tzinfo=UTC)
WORD = "CHECK CREDIT"
TELLING = {
    "reason": "credit limit exceeded",
    "owner": "credit control",
    "releases_when": "credit is given",
    "url": "https://erp.example/credit",
}

NOTHING, ONLY_KIND, ALL = "nothing", "kind and time", "all of it"
LEFT = {
    HoldKind.CREDIT: NOTHING,
    HoldKind.QUALITY: ALL,
    HoldKind.INVENTORY: ALL,
    HoldKind.COMPLIANCE: ALL,
    HoldKind.MANUAL: ONLY_KIND,
    HoldKind.OTHER: ONLY_KIND,
}


def order(*holds):
    return Order(number="SO-1", status=OrderStatus.RELEASED, source_status=WORD, holds=holds)


def fulfillment(*holds):
    return Fulfillment(
        id="F-1", order_number="SO-1", status=FulfillmentStatus.ALLOCATED, source_status=WORD, holds=holds
    )


@pytest.mark.parametrize("kind", HoldKind)
@pytest.mark.parametrize("held", [order, fulfillment])
def test_of_a_hold_no_more_is_told_than_its_kind_lets_be_told(kind, held):
    hold = Hold(kind=kind, placed_at=THEN, **TELLING)
    left = {NOTHING: (), ONLY_KIND: (Hold(kind=kind, placed_at=THEN),), ALL: (hold,)}[LEFT[kind]]
    told = without_credit(held(hold))
    assert told.holds == left
    assert told.source_status == (WORD if LEFT[kind] == ALL else None)


def test_a_hold_of_which_nothing_can_be_told_takes_nothing_from_the_others():
    credit, manual, quality = (
        Hold(kind=kind, **TELLING) for kind in (HoldKind.CREDIT, HoldKind.MANUAL, HoldKind.QUALITY)
    )
    assert without_credit(order(credit, quality, manual)).holds == (quality, Hold(kind=HoldKind.MANUAL))


def test_what_is_not_held_is_left_alone():
    free = order()
    assert without_credit(free) is free


MONEY = Money(amount=Decimal("1234.56"), currency="EUR")


def billed(status):
    invoice = Invoice(
        number="INV-1",
        order_numbers=("SO-1",),
        status=status,
        source_status="canary",
        due_on=date(2026, 11, 1),
        days_overdue=26,
        total=MONEY,
        balance=MONEY,
        is_disputed=True,
        dispute=Dispute(reason="canary"),
        credits=(CreditNote(number="CN-1", amount=MONEY),),
    )
    part = Part(
        EntityKey(tenant="main", source="erp", kind=EntityKind.INVOICE, id="x"), invoice, THEN, THEN, Origin.API
    )
    answered = [Answered("erp", (part,), THEN, Origin.API)]
    return {EntityKind.INVOICE: section_of(EntityKind.INVOICE, answered, now=THEN)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", InvoiceStatus)
def test_without_amounts_a_customer_hears_how_far_an_invoice_is(status, language):
    sections = billed(status)
    spoken = spoken_of(sections, has_amounts=False)
    told = [wording(language).say(unpriced(each)) for each in heard(CaseKind.BILLING, Facts(spoken, THEN))]
    assert len(told) == 1
    assert not re.search(r"1.234|canary|\{|CN-1|Nov|nov", told[0])
    assert spoken_of(sections, has_amounts=True) is sections


@pytest.mark.parametrize("status", InvoiceStatus)
def test_that_an_invoice_is_contested_raises_no_question_for_who_may_not_know(status):
    spoken = Facts(spoken_of(billed(status), has_amounts=False), THEN)
    assert (CaseKind.BILLING in questions_of(spoken)) is (status is InvoiceStatus.OVERDUE)


def test_a_sentence_in_a_sentence_is_without_amounts_too():
    inner = Saying("answer.invoice.open", {"number": "INV-1", "balance": MONEY, "total": MONEY})
    said = unpriced(Saying("headline.as_of", {"said": inner, "when": THEN}))
    assert said == Saying(
        "headline.as_of", {"said": Saying("answer.invoice.open.unpriced", {"number": "INV-1"}), "when": THEN}
    )


def test_every_sentence_for_customers_that_names_an_amount_has_one_without():
    priced = {code for code, text in heard_by_customers("en") if facts(text) & {"balance", "total", "amount"}}
    assert priced == {*UNPRICED, "answer.invoice.credit"}  # credits are not spoken of at all
