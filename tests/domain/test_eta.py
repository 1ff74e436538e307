from datetime import UTC, date, datetime, timedelta

import pytest

from domain.eta import EtaBasis, EtaConfidence, EtaGranularity, best_eta

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("statements", "basis", "confidence"),
    [
        pytest.param(
            {"actual": NOON, "estimate": DAY}, EtaBasis.ACTUAL, EtaConfidence.CERTAIN, id="a delivery ends it"
        ),
        pytest.param(
            {"estimate": NOON, "planned": NOON},
            EtaBasis.CARRIER_ESTIMATE,
            EtaConfidence.MEDIUM,
            id="estimate before plan",
        ),
        pytest.param({"planned": DAY, "promised": DAY}, EtaBasis.PLANNED, EtaConfidence.LOW, id="plan before promise"),
        pytest.param({"promised": DAY}, EtaBasis.PROMISED, EtaConfidence.LOW, id="a promise is better than nothing"),
        pytest.param({}, EtaBasis.NONE, EtaConfidence.NONE, id="nothing supports a statement"),
    ],
)
def test_which_statement_counts(statements, basis, confidence):
    eta = best_eta(**statements)
    assert (eta.basis, eta.confidence) == (basis, confidence)


def test_a_day_stays_a_day():
    eta = best_eta(estimate=DAY, time_zone="America/Chicago")
    assert (eta.on_date, eta.estimated_at, eta.granularity) == (DAY, None, EtaGranularity.DAY)


def test_late_is_positive():
    assert best_eta(estimate=NOON, planned=NOON - timedelta(minutes=90)).delay_minutes == 90
