"""A leaf is written as its GraphQL type writes it, or left to the general executor."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order import OrderStatus
from domain.validity import Moment, Validity
from resolvers.projection.leaves import NAMES, SCALARS, DoesNotFitError, member_of
from resolvers.schema import schema
from resolvers.template import Echo

CORE: Any = schema._schema
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ODD = [
    *(None, "", "7", Echo("c-1"), b"x", True, [], {}, object(), OrderStatus.RELEASED, OrderStatus),
    *(0, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 1.0, -0.0, 1e300, float("nan"), float("inf")),
    *(Decimal("-0.00"), Decimal("1E+30"), Decimal("NaN"), NOON.date(), NOON, NOON.replace(tzinfo=None)),
    *(NOON.replace(year=1, microsecond=1), NOON.astimezone(timezone(timedelta(0))), timedelta(1)),
    *(NOON.astimezone(timezone(timedelta(hours=5, minutes=30, seconds=7))),),
]


def written(leaf, value):
    """What generated source makes of a value."""
    names = {**NAMES, "OrderStatus": OrderStatus, "given": value}
    return eval(leaf.expression("(v := given)", "v"), names)  # noqa: S307  # as `resolvers.projection.plans`


def agree(leaf, kind, value):
    try:
        mine = written(leaf, value)
    except DoesNotFitError:
        return
    assert json.dumps(mine) == json.dumps(kind.serialize(value))


@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_any_value_is_written_as_its_type_writes_it_or_not_at_all(name, value):
    agree(SCALARS[name], CORE.type_map[name], value)


@pytest.mark.parametrize("value", ODD, ids=lambda value: type(value).__name__)
def test_only_a_member_is_written_as_one(value):
    agree(member_of("OrderStatus"), CORE.type_map["OrderStatus"], value)


FITTING = {
    "String": st.text(),
    "ID": st.text(),
    "Int": st.integers(-(2**31), 2**31 - 1),
    "Float": st.floats(allow_nan=False, allow_infinity=False),
    "Boolean": st.booleans(),
    "Decimal": st.decimals(),
    "DateTime": st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))])),
    "Date": st.dates(),
}


@pytest.mark.parametrize("name", SCALARS)
@given(st.data())
def test_what_fits_is_written(name, data):
    value = data.draw(FITTING[name])
    assert json.dumps(written(SCALARS[name], value)) == json.dumps(CORE.type_map[name].serialize(value))


def test_what_moves_goes_through_as_it_is_and_leaves_nothing_behind():
    validity = Validity()
    moment = validity.moment(NOON)
    age = (moment - NOON.replace(hour=11)).total_seconds()
    assert written(SCALARS["DateTime"], moment) is moment
    assert written(SCALARS["Float"], age) is age
    assert isinstance(moment, Moment)
    assert (validity.ends, validity.leads) == ({}, {})
    for name in ("Date", "Decimal", "Int", "String"):
        with pytest.raises(DoesNotFitError):
            written(SCALARS[name], moment)


def test_a_day_is_none_of_the_moments():
    assert written(SCALARS["Date"], date(26, 1, 2)) == "0026-01-02"
    with pytest.raises(DoesNotFitError):
        written(SCALARS["Date"], NOON)
