from datetime import date
from decimal import Decimal

import pytest

from domain.billing import CreditState, available_credit, credit_state, days_overdue
from domain.money import Money


def eur(amount):
    return Money(amount=Decimal(amount), currency="EUR")


@pytest.mark.parametrize(
    ("exposure", "limit", "state"),
    [
        pytest.param("0", "100", CreditState.OK, id="nothing used"),
        pytest.param("89.99", "100", CreditState.OK, id="just below nine tenths"),
        pytest.param("90", "100", CreditState.NEAR_LIMIT, id="nine tenths"),
        pytest.param("100", "100", CreditState.NEAR_LIMIT, id="all used"),
        pytest.param("100.01", "100", CreditState.OVER_LIMIT, id="a cent too much"),
        pytest.param("0", "0", CreditState.NEAR_LIMIT, id="a limit of nothing"),
        pytest.param("5", None, CreditState.NOT_CHECKED, id="no limit"),
        pytest.param(None, "5", CreditState.NOT_CHECKED, id="exposure not known"),
    ],
)
def test_what_exposure_against_limit_means(exposure, limit, state):
    assert credit_state(exposure and Decimal(exposure), limit and Decimal(limit)) is state


def test_available_credit_is_never_below_zero():
    assert available_credit(eur(120), eur(100)) == eur(0)
    assert available_credit(eur(30), eur(100)) == eur(70)
    assert available_credit(eur(30), None) is None


@pytest.mark.parametrize(
    ("due_on", "balance", "days"),
    [
        pytest.param(date(2026, 11, 20), "5", 3, id="three days late"),
        pytest.param(date(2026, 11, 23), "5", 0, id="due today"),
        pytest.param(date(2026, 11, 20), "0", 0, id="paid"),
        pytest.param(None, "5", 0, id="no due day"),
    ],
)
def test_days_overdue_count_while_something_is_to_be_paid(due_on, balance, days):
    assert days_overdue(due_on, eur(balance), date(2026, 11, 23)) == days
