from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from sources.tryton import wire


def day(year, month, number):
    return {"__class__": "date", "year": year, "month": month, "day": number}


def decimal(digits):
    return {"__class__": "Decimal", "decimal": digits}


@pytest.mark.parametrize(
    ("kind", "sent", "meant"),
    [
        pytest.param(wire.Day, day(2026, 2, 28), date(2026, 2, 28), id="a day"),
        pytest.param(wire.Day, None, None, id="no day"),
        pytest.param(wire.Amount, decimal("1738.80"), Decimal("1738.80"), id="an amount keeps its cents"),
        pytest.param(wire.Amount, decimal("-0.01"), Decimal("-0.01"), id="a negative amount"),
        pytest.param(wire.MaybeAmount, None, None, id="no amount"),
        pytest.param(wire.Quantity, 20.0, Decimal(20), id="a whole quantity"),
        pytest.param(wire.Quantity, 0.1, Decimal("0.1"), id="a quantity that no float can hold"),
        pytest.param(wire.Quantity, 12, Decimal(12), id="a quantity without a point"),
        pytest.param(wire.MaybeQuantity, None, None, id="no quantity"),
        pytest.param(
            wire.Instant, "1795432099.37983", datetime(2026, 11, 23, 11, 8, 19, 379830, tzinfo=UTC), id="a timestamp"
        ),
        pytest.param(wire.Label, " ", None, id="a blank text is none"),
        pytest.param(wire.Label, "PO-7010 ", "PO-7010", id="a text"),
    ],
)
def test_what_tryton_writes_is_understood(kind, sent, meant):
    assert repr(TypeAdapter(kind).validate_python(sent)) == repr(meant)


@pytest.mark.parametrize(
    ("kind", "sent"),
    [
        pytest.param(wire.Day, "2026-02-28", id="a day as text"),
        pytest.param(wire.Day, day(2026, 2, 30), id="a day that there is not"),
        pytest.param(wire.Day, day(10**20, 1, 1), id="a year beyond counting"),
        pytest.param(wire.Amount, "12.00", id="an amount as text"),
        pytest.param(wire.Amount, 12.0, id="an amount as a float"),
        pytest.param(wire.Amount, None, id="an amount that has to be there"),
        pytest.param(wire.Amount, decimal("NaN"), id="not a number"),
        pytest.param(wire.Amount, decimal("Infinity"), id="endless"),
        pytest.param(wire.Amount, decimal("1E+400"), id="more than there is"),
        pytest.param(wire.Amount, decimal("twelve"), id="a word"),
        pytest.param(wire.Quantity, "20", id="a quantity as text"),
        pytest.param(wire.Quantity, True, id="a quantity as a truth"),
        pytest.param(wire.Quantity, 1e300, id="a quantity beyond counting"),
        pytest.param(wire.Instant, 1795432099.3, id="a timestamp as a number"),
        pytest.param(wire.Instant, "nan", id="a timestamp that is none"),
        pytest.param(wire.Instant, "1e300", id="a timestamp beyond time"),
    ],
)
def test_anything_else_is_refused(kind, sent):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(sent)


class Part(wire.Versioned):
    name: wire.Label


class Bare(wire.Record):
    """Only its id is wanted."""


class Whole(wire.Versioned):
    number: wire.Label
    part: Part | None
    parts: tuple[Part, ...]
    bare: tuple[Bare, ...]


def test_a_model_names_the_fields_that_are_asked_for():
    assert list(wire.paths(Whole, "sale.")) == [
        "sale._timestamp",
        "sale.number",
        "sale.part._timestamp",
        "sale.part.name",
        "sale.parts._timestamp",
        "sale.parts.name",
        "sale.bare.id",
    ]


def part(number, changed):
    return {"id": number, "__name__": "part", "_timestamp": changed, "name": None}


def test_a_record_is_as_new_as_its_newest_part():
    bare = [{"id": 9, "__name__": "bare"}]
    record = {"id": 1, "__name__": "whole", "_timestamp": "10.0", "number": "W1", "bare": bare}
    whole = Whole.model_validate(record | {"part": part(2, "30.0"), "parts": [part(3, "20.0"), part(4, "40.0")]})
    assert [each.ref for each in wire.walk(whole)] == ["whole,1", "part,2", "part,3", "part,4", "bare,9"]
    assert wire.newest(whole) == datetime.fromtimestamp(40, UTC)
    assert wire.newest(*whole.bare) is None


def test_a_field_that_is_left_out_is_not_a_null():
    with pytest.raises(ValidationError, match="name"):
        Part.model_validate({"id": 1, "__name__": "part", "_timestamp": "1.0"})


def test_a_field_that_nobody_asked_for_is_passed_over():
    assert Part.model_validate(part(1, "1.0") | {"novelty": [1]}).id == 1
