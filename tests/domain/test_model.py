from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import Invoice, InvoiceStatus
from domain.model import Instant, Model
from domain.money import Money
from domain.order import Order, OrderLine, OrderStatus
from domain.shipment import Carrier

LINE = OrderLine(line_number="1", sku="A", ordered_quantity=Decimal(2))


AnyMoney: Any = Money
AnyOrder: Any = Order


class Event(Model):
    happened_at: Instant
    note: str | None = None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(
            lambda: Event(happened_at=datetime(2026, 1, 1)),  # noqa: DTZ001  # that is the point
            "timezone component - at `$.happened_at`",
            id="a time that does not say which moment it is",
        ),
        pytest.param(
            lambda: AnyMoney(amount=1.5, currency="EUR"), "finite `decimal`, got `float`", id="a float as money"
        ),
        pytest.param(lambda: Money(amount=Decimal("NaN"), currency="EUR"), "finite", id="not a number"),
        pytest.param(lambda: Money(amount=Decimal(1), currency="euro"), "regex", id="a currency that is no code"),
        pytest.param(lambda: Carrier(name=""), "length >= 1", id="an empty name"),
        pytest.param(lambda: AnyOrder(number="SO-1", status="LOST"), "$.status", id="a status that does not exist"),
        pytest.param(
            lambda: AnyOrder(number="SO-1", status=OrderStatus.DRAFT, lines=(1,)), "lines", id="a line that is none"
        ),
        pytest.param(
            lambda: AnyOrder(
                number="SO-1", status=OrderStatus.DRAFT, promised_delivery_on=datetime(2026, 1, 1, tzinfo=UTC)
            ),
            "Expected `date",
            id="an instant where a day belongs",
        ),
    ],
)
def test_what_is_constructed_is_checked_as_strictly_as_what_is_decoded(make, message):
    with pytest.raises(msgspec.ValidationError) as caught:
        make()
    assert message in str(caught.value)


def test_a_field_that_does_not_exist_is_refused():
    with pytest.raises(TypeError):
        AnyMoney(amount=Decimal(1), currency="EUR", note="x")


def test_values_are_frozen():
    with pytest.raises(AttributeError):
        setattr(LINE, "sku", "B")  # noqa: B010  # mypy knows that it is read-only


def test_the_wire_is_camel_case_with_decimals_and_days_as_text():
    order = Order(
        number="SO-1",
        status=OrderStatus.RELEASED,
        promised_delivery_on=date(2026, 11, 24),
        lines=(LINE,),
        ordered_at=datetime(2026, 11, 23, 8, 30, tzinfo=UTC),
    )
    wire = msgspec.json.decode(msgspec.json.encode(order))
    assert wire["promisedDeliveryOn"] == "2026-11-24"
    assert wire["orderedAt"] == "2026-11-23T08:30:00Z"
    assert wire["lines"][0]["orderedQuantity"] == "2"
    assert msgspec.json.decode(msgspec.json.encode(order), type=Order) == order


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4), st.from_regex(r"[A-Z]{3}", fullmatch=True))
def test_money_comes_back_from_the_wire_to_the_last_digit(amount, currency):
    money = Money(amount=amount, currency=currency)
    assert msgspec.json.decode(msgspec.json.encode(money), type=Money) == money


def test_unknown_fields_of_a_newer_sender_are_tolerated():
    wire = (
        b'{"number": "I-1", "status": "PAID", "total": {"amount": "1", "currency": "EUR"}, "new": 1,'
        b'"balance": {"amount": "0", "currency": "EUR"}}'
    )
    assert msgspec.json.decode(wire, type=Invoice).status is InvoiceStatus.PAID
