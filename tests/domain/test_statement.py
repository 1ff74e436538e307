"""What was said of a delivery: a join, whatever order it is heard in, and what is told of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.eta import EtaBasis, best_eta
from domain.shipment import ShipmentStatus
from domain.shipment_exception import ExceptionKind
from domain.statement import KEPT_STATEMENTS, Statement, both, joined, statements_in, values_in_turn, with_history
from tests.domain.test_contradictions import NOW, shipment, trouble

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ESTIMATE = EtaBasis.CARRIER_ESTIMATE


def said(hours_ago, value, basis=ESTIMATE):
    return Statement(basis, value, NOW - hours_ago * HOUR)


statements = st.lists(
    st.builds(
        said,
        st.integers(0, 200),
        st.sampled_from([NOW + n * HOUR for n in range(60)] + [date(2026, 11, 24)]),
        st.sampled_from([ESTIMATE, EtaBasis.PLANNED]),
    ),
    max_size=80,
)


@given(statements, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_matters(heard, chance):
    kept = joined(heard)
    again = chance.sample(heard, len(heard)) + heard[: len(heard) // 2]
    assert joined(again) == kept
    assert joined(kept) == kept


@given(statements, statements)
def test_what_two_have_heard_is_joined_as_if_one_had_heard_it_all(one, other):
    assert both(joined(one), joined(other)) == joined((*one, *other))


@given(statements, st.lists(st.integers(0, 20), max_size=4))
def test_what_is_said_again_is_joined_as_anything_else_is(heard, hours):
    kept = joined(heard)
    for hour in hours:
        again = [Statement(each.basis, each.value, NOW + hour * HOUR) for each in kept[-1:]]
        assert both(kept, joined(again)) == joined((*heard, *again))
        heard, kept = [*heard, *again], both(kept, joined(again))


def test_a_carrier_that_changes_its_mind_all_day_does_not_grow_without_end():
    kept = joined([said(1_000 - n, NOW + n * HOUR) for n in range(500)])
    assert len(kept) == 2 * KEPT_STATEMENTS
    assert (kept[0].value, kept[-1].value) == (NOW, NOW + 499 * HOUR)


def test_what_was_only_said_again_is_no_change():
    assert values_in_turn([said(3, NOW), said(2, NOW), said(1, NOW + HOUR)]) == [NOW, NOW + HOUR]


@pytest.mark.parametrize(
    ("eta", "expected"),
    [
        (best_eta(estimate=NOW + DAY), [Statement(ESTIMATE, NOW + DAY, NOW)]),
        (best_eta(estimate=date(2026, 11, 24)), [Statement(ESTIMATE, date(2026, 11, 24), NOW)]),
        (best_eta(planned=NOW), [Statement(EtaBasis.PLANNED, NOW, NOW)]),
        (best_eta(actual=NOW), []),
        (best_eta(promised=date(2026, 11, 24)), []),
        (None, []),
    ],
)
def test_what_a_shipment_says_beforehand(eta, expected):
    assert list(statements_in(shipment(eta=eta), NOW)) == expected


def test_what_it_was_first_how_often_it_was_changed_and_why():
    late = shipment(eta=best_eta(estimate=NOW + 3 * DAY), exceptions=(trouble("WEATHER", 2 * HOUR),))
    heard = joined([said(48, NOW + DAY), said(24, NOW + 2 * DAY), said(1, NOW + 3 * DAY)])
    eta = with_history(late, heard).eta
    assert (eta.first_estimated_at, eta.previous_estimated_at, eta.revisions) == (NOW + DAY, NOW + 2 * DAY, 2)
    assert (eta.revised_at, eta.change_reason) == (NOW - HOUR, ExceptionKind.WEATHER)


def test_being_earlier_needs_no_reason():
    early = shipment(eta=best_eta(estimate=NOW + DAY), exceptions=(trouble("WEATHER", 2 * HOUR),))
    eta = with_history(early, joined([said(24, NOW + 2 * DAY), said(1, NOW + DAY)])).eta
    assert (eta.previous_estimated_at, eta.change_reason) == (NOW + 2 * DAY, None)


def test_a_day_was_a_day():
    told = shipment(eta=best_eta(estimate=date(2026, 11, 26)))
    eta = with_history(told, joined([said(24, date(2026, 11, 25)), said(1, date(2026, 11, 26))])).eta
    assert (eta.first_on_date, eta.first_estimated_at, eta.previous_on_date) == (
        date(2026, 11, 25),
        None,
        date(2026, 11, 25),
    )


def test_what_the_source_says_itself_goes_first():
    own = replace(best_eta(estimate=NOW + DAY), first_estimated_at=NOW - DAY)
    eta = with_history(shipment(eta=own), joined([said(24, NOW)])).eta
    assert eta.first_estimated_at == NOW - DAY


def test_kinds_are_never_mixed():
    heard = joined([said(24, NOW, EtaBasis.PLANNED), said(1, NOW + DAY)])
    eta = with_history(shipment(eta=best_eta(estimate=NOW + DAY)), heard).eta
    assert (eta.first_estimated_at, eta.revisions) == (NOW + DAY, 0)


def test_of_what_was_delivered_the_carrier_s_estimate_is_told():
    there = replace(shipment("DELIVERED", eta=best_eta(actual=NOW)), status=ShipmentStatus.DELIVERED)
    eta = with_history(there, joined([said(24, NOW - HOUR)])).eta
    assert (eta.basis, eta.estimated_at, eta.first_estimated_at) == (EtaBasis.ACTUAL, NOW, NOW - HOUR)
