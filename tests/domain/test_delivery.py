"""When it is delivered: which statement counts, what upsets it, and how far it can be relied on."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from domain.delivery import asked_of, delivery_eta, promised_on
from domain.eta import EtaBasis, EtaConfidence, EtaGranularity, best_eta
from domain.place import Location
from domain.prediction import NotEnough, Prediction
from domain.shipment import Carrier, ProofOfDelivery, TransportMode
from domain.verification import is_delivered_to
from tests.domain.test_contradictions import NOW, order, place, scan, shipment, stop, trouble, view

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
TOMORROW, PROMISED = NOW + DAY, date(2026, 11, 27)
LEARNED = Prediction(NOW + 20 * HOUR + 10 * MINUTE, NOW + 30 * HOUR + 10 * MINUTE, NOW + 24 * HOUR, 0.8, 120)
ODFL = Carrier(name="Old Dominion", scac="ODFL")


def counting(told, **how):
    eta = delivery_eta(told, NOW, **{"promised_on": PROMISED, **how})
    return eta.basis.value, eta.confidence.value


def moving(status="IN_TRANSIT", said=TOMORROW, **fields):
    return shipment(status, eta=best_eta(estimate=said), carrier=ODFL, **fields)


@pytest.mark.parametrize(
    ("told", "how", "expected"),
    [
        pytest.param(moving(), {"stated_at": NOW - HOUR}, ("CARRIER_ESTIMATE", "MEDIUM"), id="a carrier's estimate"),
        pytest.param(
            moving("OUT_FOR_DELIVERY"), {"stated_at": NOW - HOUR}, ("CARRIER_ESTIMATE", "HIGH"), id="nearly there"
        ),
        pytest.param(moving(), {"stated_at": NOW - 2 * DAY}, ("CARRIER_ESTIMATE", "LOW"), id="said long ago"),
        pytest.param(
            moving(mode=TransportMode.LTL), {"stated_at": NOW - 13 * HOUR}, ("CARRIER_ESTIMATE", "LOW"), id="by road"
        ),
        pytest.param(moving(said=NOW - HOUR), {"stated_at": NOW - DAY}, ("CARRIER_ESTIMATE", "LOW"), id="it is past"),
        pytest.param(
            moving(exceptions=(trouble("DELAY", HOUR),)),
            {"stated_at": NOW - 2 * HOUR},
            ("PROMISED", "LOW"),
            id="said before something upset it",
        ),
        pytest.param(
            moving(exceptions=(trouble("DELAY", 2 * HOUR),)),
            {"stated_at": NOW - HOUR},
            ("CARRIER_ESTIMATE", "LOW"),
            id="said after it, while it is still so",
        ),
        pytest.param(
            moving(milestones=(scan(1, "DELIVERY_ATTEMPTED"),)),
            {"stated_at": NOW - 2 * HOUR},
            ("PROMISED", "LOW"),
            id="an attempt has failed since",
        ),
        pytest.param(moving(), {"learned": LEARNED, "stated_at": NOW - HOUR}, ("PREDICTED", "HIGH"), id="predicted"),
        pytest.param(
            shipment("BOOKED", eta=best_eta(planned=TOMORROW)), {}, ("PLANNED", "LOW"), id="a plan before a promise"
        ),
        pytest.param(shipment(), {}, ("PROMISED", "LOW"), id="a promise is better than nothing"),
        pytest.param(shipment(), {"promised_on": None}, ("NONE", "NONE"), id="nothing supports a statement"),
        pytest.param(
            shipment("DELIVERED", eta=best_eta(estimate=TOMORROW), milestones=(scan(1, "DELIVERED"),)),
            {},
            ("ACTUAL", "CERTAIN"),
            id="a delivery ends the question",
        ),
        pytest.param(
            shipment("DELIVERED", eta=best_eta(estimate=TOMORROW)),
            {},
            ("NONE", "NONE"),
            id="delivered, nobody says when",
        ),
    ],
)
def test_which_statement_counts(told, how, expected):
    assert counting(told, **how) == expected


def test_a_delivery_is_when_its_proof_says_it_was():
    at = NOW - 2 * HOUR
    told = shipment("DELIVERED", proof_of_delivery=ProofOfDelivery(delivered_at=at), milestones=(scan(1, "DELIVERED"),))
    assert delivery_eta(told, NOW).estimated_at == at


def test_a_third_change_is_not_relied_on():
    eta = replace(best_eta(estimate=TOMORROW), revisions=3)
    assert delivery_eta(shipment(eta=eta), NOW, stated_at=NOW).confidence is EtaConfidence.LOW
    eta = replace(eta, revisions=2)
    assert delivery_eta(shipment(eta=eta), NOW, stated_at=NOW).confidence is EtaConfidence.MEDIUM


def test_a_prediction_says_its_window_in_full_hours_and_what_it_rests_on():
    eta = delivery_eta(moving(), NOW, learned=LEARNED)
    assert (eta.earliest, eta.latest) == (NOW + 20 * HOUR, NOW + 31 * HOUR)
    assert (eta.coverage, eta.learned_from, eta.granularity) == (0.8, 120, EtaGranularity.HOUR)
    assert eta.on_date is None


def test_too_little_history_is_said_beside_the_estimate():
    eta = delivery_eta(moving(), NOW, stated_at=NOW - 2 * DAY, learned=NotEnough(12, 30))
    assert (eta.basis, eta.learned_from, eta.learning_needs) == (EtaBasis.CARRIER_ESTIMATE, 12, 30)


@pytest.mark.parametrize(
    ("told", "hours_ago", "is_asked"),
    [
        pytest.param(moving(), 1, False, id="the carrier has just looked"),
        pytest.param(moving(), 25, True, id="it has not looked for long"),
        pytest.param(moving("OUT_FOR_DELIVERY"), 25, False, id="the van knows better"),
        pytest.param(moving("BOOKED"), 25, False, id="nothing is on its way"),
        pytest.param(shipment(eta=best_eta(planned=TOMORROW), carrier=ODFL), 1, True, id="only a plan"),
        pytest.param(shipment(), 25, False, id="nothing is stated"),
        pytest.param(moving(said=date(2026, 11, 24)), 25, False, id="a day of nobody knows where"),
    ],
)
def test_when_a_prediction_is_asked_for(told, hours_ago, is_asked):
    assert (asked_of(told, NOW - hours_ago * HOUR, NOW) is not None) is is_asked


def test_what_was_promised_for_it_is_the_last_day_of_its_own_orders():
    def ordered(number, day, status="RELEASED"):
        return replace(order(status, promised_delivery_on=date(2026, 11, day)), number=number)

    orders = [ordered("SO-1", 25), ordered("SO-2", 28), ordered("SO-3", 30, "CANCELLED")]
    carried = replace(shipment(), order_numbers=("SO-1", "SO-3"))
    assert promised_on(orders, carried) == date(2026, 11, 25)
    assert promised_on(orders, replace(carried, order_numbers=())) == date(2026, 11, 28)
    assert promised_on([], carried) is None


@pytest.mark.parametrize(
    ("asked", "country", "known", "is_right"),
    [
        ("30301", "US", "30301-1234", True),
        ("30301-1234", "US", "30301-1234", True),
        ("30302", "US", "30301-1234", False),
        ("ec1a1bb", "GB", "EC1A 1BB", True),
        ("20095", "DE", "20095", True),
        ("20095", "DE", "200951", False),
        ("20095", "DE", None, False),
        ("", "DE", None, False),
        ("--", "DE", None, False),
    ],
)
def test_who_knows_the_postal_code_of_the_delivery(asked, country, known, is_right):
    by_order = view(order(ship_to=place(country, known)))
    by_stop = view(shipment(stops=(stop(Location(country_code=country, postal_code=known)),)))
    assert is_delivered_to(asked, by_order) is is_delivered_to(asked, by_stop) is is_right
    assert is_delivered_to(asked, view()) is False
