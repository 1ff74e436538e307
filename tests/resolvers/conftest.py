"""What tests of kept state begin with: a clock that is turned by hand, and an ERP that knows one order."""

import pytest

from domain.identity import EntityKind, Scheme
from domain.order import Order, OrderStatus
from tests.resolvers.systems import System
from tests.resolvers.test_state import START, SlowClock


@pytest.fixture
def clock():
    return SlowClock(START)


@pytest.fixture
def erp():
    order = Order(number="SO-1", status=OrderStatus.RELEASED)
    return System("erp", {EntityKind.ORDER: (Scheme.SO,)}, {(EntityKind.ORDER, Scheme.SO, "SO-1"): [order]})
