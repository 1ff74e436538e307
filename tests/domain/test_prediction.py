"""Windows hold as often as they say, on made-up histories of carriers that err as carriers do."""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.eta import EtaBasis
from domain.place import Location
from domain.prediction import (
    MEMORY,
    OLDEST,
    Delivery,
    Horizon,
    Lane,
    NotEnough,
    Prediction,
    Region,
    Residual,
    horizon_of,
    instant_of,
    lanes_of,
    lessons_of,
    predict,
    predict_first,
    residuals_of,
)
from domain.shipment import Carrier, Shipment, ShipmentStatus, Stop, StopKind, TransportMode
from domain.statement import Statement
from tests.domain.deliveries import DAY, HOUR, START, Change, history

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
AHEAD = NOW + DAY
BERLIN, CHICAGO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Chicago")

LEARNED_FIRST = 50
"""Days of a history in which nothing is predicted yet."""


def replayed(deliveries, learned_until=None):
    """What was predicted when it was asked for, from what had been delivered by then, and when it was delivered.

    With `learned_until`, nothing is learned any more from that moment on.
    """
    experience = defaultdict(list)
    for each in deliveries:
        for lane, residual in lessons_of(each.shipment, each.delivery, each.statements):
            experience[lane].append(residual)
    for residuals in experience.values():
        residuals.sort(key=lambda residual: residual.delivered_at)
    moments = {lane: [each.delivered_at for each in residuals] for lane, residuals in experience.items()}
    for each in deliveries:
        now = each.asked_at
        if now < START + LEARNED_FIRST * DAY or now >= each.delivery.delivered_at:
            continue
        said = [statement.value for statement in each.statements if statement.said_at <= now][-1]
        estimate = instant_of(said, each.delivery.zone)
        known = []
        for lane in lanes_of(each.shipment, horizon_of(estimate - now)):
            until = bisect_right(moments.get(lane, []), min(now, learned_until or now))
            known.append(experience[lane][max(0, until - MEMORY) : until])
        yield each.delivery.delivered_at, now, predict_first(estimate, known, now)


def outcomes(replay):
    """How many windows there were, and which part of the deliveries came before, in and after them."""
    found = [(at, each) for at, _, each in replay if isinstance(each, Prediction)]
    early = sum(at < each.earliest for at, each in found)
    late = sum(at > each.latest for at, each in found)
    count = len(found)
    return count, early / count, (count - early - late) / count, late / count


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8, 13])
def test_four_of_five_windows_hold_though_tails_are_heavy_and_carriers_drift(seed):
    count, early, covered, late = outcomes(replayed(list(history(seed))))
    assert count >= 2_000
    assert covered == pytest.approx(0.8, abs=0.03)
    assert early == pytest.approx(0.1, abs=0.03)
    assert late == pytest.approx(0.1, abs=0.03)


CHANGED = Change(day=150, later=24 * HOUR, wider=1.5)


@pytest.mark.parametrize("seed", [21, 34])
def test_windows_hold_though_every_carrier_changes_from_one_day_to_the_next(seed):
    count, _, covered, _ = outcomes(replayed(list(history(seed, change=CHANGED))))
    assert count >= 2_000
    assert covered == pytest.approx(0.8, abs=0.03)


def test_without_learning_from_the_change_they_would_not():
    changed_at = START + CHANGED.day * DAY
    replay = replayed(list(history(21, change=CHANGED)), learned_until=changed_at)
    _, _, covered, late = outcomes(each for each in replay if each[1] >= changed_at)
    assert covered < 0.65
    assert late > 0.3


def test_every_window_is_still_to_come():
    replay = [(now, each) for _, now, each in replayed(list(history(55)))]
    assert all(now < each.earliest <= each.estimated_at <= each.latest for now, each in replay if each.based_on)


def residual(number, error, delivered_at=None):
    at = delivered_at or NOW - number * HOUR
    return Residual(f"tms {number}", at, error, at)


def residuals(*hours):
    """One delivery an hour, the latest first, so many hours late each."""
    return [residual(number, each * HOUR) for number, each in enumerate(hours)]


@pytest.mark.parametrize(
    ("have", "coverage", "expected"),
    [
        (0, 0.8, NotEnough(0, 30)),
        (29, 0.8, NotEnough(29, 30)),
        (30, 0.8, Prediction(AHEAD, AHEAD, AHEAD, 0.8, 30)),
        (30, 0.95, NotEnough(30, 56)),
        (55, 0.95, NotEnough(55, 56)),
        (56, 0.95, Prediction(AHEAD, AHEAD, AHEAD, 0.95, 56)),
        (MEMORY + 1, 0.8, Prediction(AHEAD, AHEAD, AHEAD, 0.8, MEMORY)),
    ],
)
def test_too_little_history_predicts_nothing_and_says_so(have, coverage, expected):
    assert predict(AHEAD, residuals(*[0] * have), NOW, coverage=coverage) == expected


@pytest.mark.parametrize("coverage", [0.0, 0.49, 0.951, 1.0])
def test_a_coverage_that_cannot_be_learned_is_refused(coverage):
    with pytest.raises(ValueError, match=f"coverage: found {coverage}, allowed: 0.5 to 0.95"):
        predict(AHEAD, residuals(*range(50)), NOW, coverage=coverage)


def test_tails_have_their_own_ends():
    found = predict(AHEAD, residuals(*[-1, 0, 1, 2, 30] * 30), NOW)
    assert (found.earliest, found.estimated_at, found.latest) == (AHEAD - HOUR, AHEAD + HOUR, AHEAD + 30 * HOUR)


def test_a_few_that_are_months_late_move_no_end():
    ordinary = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert predict(AHEAD, residuals(*[*ordinary, 2_000] * 20), NOW).latest <= AHEAD + 11 * HOUR
    assert predict(AHEAD, residuals(*[*ordinary, -2_000] * 20), NOW + 9 * HOUR).earliest >= AHEAD


def test_newer_deliveries_count_more():
    found = predict(AHEAD, residuals(*[10] * 200, *[0] * 100), NOW)
    assert (found.earliest, found.latest) == (AHEAD + 10 * HOUR, AHEAD + 10 * HOUR)
    assert predict(AHEAD, residuals(*[10] * 20, *[0] * 280), NOW).latest == AHEAD + 10 * HOUR
    assert predict(AHEAD, residuals(*[0] * 280, *[10] * 20), NOW).latest == AHEAD


@pytest.mark.parametrize(
    ("delivered_at", "counts"),
    [
        (NOW + timedelta(microseconds=1), False),
        (NOW, True),
        (NOW - OLDEST + timedelta(microseconds=1), True),
        (NOW - OLDEST, False),
    ],
)
def test_neither_the_future_nor_the_distant_past_counts(delivered_at, counts):
    known = [*residuals(*[0] * 29), residual(29, 0 * HOUR, delivered_at)]
    assert isinstance(predict(AHEAD, known, NOW), Prediction) is counts


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        pytest.param(0, (1, 50, 90), id="none that were early"),
        pytest.param(40, (47, 71, 94), id="none that were less late"),
        pytest.param(69, (72, 84, 97), id="as far as others were that late"),
        pytest.param(70, NotEnough(29, 30), id="too few were that late"),
        pytest.param(200, NotEnough(0, 30), id="nobody was"),
    ],
)
def test_an_estimate_that_is_past_is_compared_with_those_that_were_as_late(past, expected):
    known = [residual(number, (number * 37 % 100) * HOUR) for number in range(100)]
    found = predict(NOW - past * HOUR, known, NOW)
    if isinstance(expected, tuple):
        ends = (found.earliest, found.estimated_at, found.latest)
        near = [abs((end - NOW) / HOUR + past - hours) for end, hours in zip(ends, expected, strict=True)]
        assert max(near) <= 10
        assert found.earliest > NOW
    else:
        assert found == expected


def test_on_a_night_on_which_clocks_change_an_hour_is_an_hour():
    evening = datetime(2026, 10, 24, 22, tzinfo=BERLIN)
    found = predict(evening, residuals(*[6] * 30), datetime(2026, 11, 23, 13, tzinfo=BERLIN) - 40 * DAY)
    assert found == NotEnough(0, 30)
    known = [replace(each, delivered_at=each.delivered_at - 40 * DAY) for each in residuals(*[6] * 30)]
    found = predict(evening, known, evening)
    assert found.latest == datetime(2026, 10, 25, 2, tzinfo=UTC)  # 03:00 in Berlin, not 04:00


def test_a_lane_with_too_little_history_is_widened():
    few, many = residuals(*[1] * 29), residuals(*[2] * 31)
    assert predict_first(AHEAD, [few, many, few], NOW).latest == AHEAD + 2 * HOUR
    assert predict_first(AHEAD, [many, residuals(*[3] * 300)], NOW).latest == AHEAD + 2 * HOUR
    assert predict_first(AHEAD, [few[:3], few], NOW) == NotEnough(29, 30)
    assert predict_first(AHEAD, [], NOW) == NotEnough(0, 30)


hours = st.lists(st.integers(-20, 400), min_size=60, max_size=90)
coverages = st.sampled_from([0.5, 0.6, 0.8, 0.9, 0.95])


@given(hours, coverages)
def test_a_window_is_in_order(late, coverage):
    found = predict(AHEAD, residuals(*late), NOW, coverage=coverage)
    assert NOW < found.earliest <= found.estimated_at <= found.latest
    assert found.latest - AHEAD <= max(late) * HOUR


@given(hours, st.integers(-3, 1_000))
def test_what_is_always_later_is_predicted_later(late, by):
    found = predict(AHEAD, residuals(*late), NOW)
    moved = predict(AHEAD, residuals(*(each + by for each in late)), NOW)
    assert moved.earliest - found.earliest == moved.latest - found.latest == by * HOUR
    assert moved.estimated_at - found.estimated_at == by * HOUR


@given(hours, st.randoms(use_true_random=False), st.integers(1, 30))
def test_the_order_in_which_deliveries_are_known_does_not_matter(late, chance, at_once):
    known = [residual(number, each * HOUR, NOW - number // at_once * HOUR) for number, each in enumerate(late)]
    shuffled = chance.sample(known, len(known))
    assert predict(AHEAD, shuffled, NOW) == predict(AHEAD, known, NOW)


@given(hours)
def test_a_window_that_holds_more_often_is_wider(late):
    windows = [predict(AHEAD, residuals(*late), NOW, coverage=each) for each in (0.5, 0.6, 0.8, 0.9, 0.95)]
    for narrow, wide in pairwise(windows):
        assert wide.earliest <= narrow.earliest <= narrow.latest <= wide.latest


def delivery(at=NOW, zone=None):
    return Delivery("tms S-1", at, at + HOUR, zone)


def said(at, value):
    return Statement(EtaBasis.CARRIER_ESTIMATE, value, at)


H = Horizon


@pytest.mark.parametrize(
    ("statements", "hours_late"),
    [
        pytest.param([], {}, id="nothing was said"),
        pytest.param(
            [said(NOW - 5 * DAY, NOW - 2 * HOUR)],
            {H.OVERDUE: 2, H.ARRIVING: 2, H.TODAY: 2, H.DAYS: 2, H.WEEK: 2},
            id="late",
        ),
        pytest.param([said(NOW - 5 * DAY, NOW + DAY)], {H.DAYS: -24, H.WEEK: -24}, id="early"),
        pytest.param(
            [said(NOW - 5 * DAY, NOW + 10 * HOUR), said(NOW - 2 * HOUR, NOW - HOUR)],
            {H.OVERDUE: 1, H.ARRIVING: 1, H.DAYS: -10, H.WEEK: -10},
            id="an estimate that jumped over a horizon",
        ),
        pytest.param(
            [
                said(NOW - 5 * DAY, NOW + 10 * HOUR),
                said(NOW - HOUR, NOW + 10 * HOUR),
                said(NOW - 2 * HOUR, NOW - 90 * HOUR / 60),
            ],
            {H.OVERDUE: 1.5, H.ARRIVING: 1.5, H.DAYS: -10, H.WEEK: -10},
            id="what was said again stands again",
        ),
        pytest.param([said(NOW - HOUR, NOW - 3 * HOUR)], {H.OVERDUE: 3}, id="already past when it was said"),
        pytest.param([said(NOW, NOW), said(NOW + HOUR, NOW)], {}, id="said when it was delivered"),
        pytest.param([said(NOW - HOUR, NOW - 91 * DAY)], {}, id="a mistyped month"),
        pytest.param([said(NOW - HOUR, datetime(1, 1, 1, tzinfo=BERLIN))], {}, id="no date, as some write it"),
        pytest.param([said(NOW - HOUR, datetime(9999, 12, 31, tzinfo=CHICAGO))], {}, id="and others"),
        pytest.param([said(NOW - HOUR, date(2026, 11, 23))], {}, id="a day of a place whose zone is not known"),
    ],
)
def test_an_error_is_that_of_the_estimate_that_stood(statements, hours_late):
    found = residuals_of(delivery(), statements)
    assert {horizon: each.error / HOUR for horizon, each in found.items()} == hours_late
    assert all(each.estimated_at == NOW - each.error for each in found.values())


def test_a_delivery_without_a_date_teaches_nothing():
    never = datetime(1, 1, 1, tzinfo=BERLIN)
    assert residuals_of(Delivery("tms S-1", never, NOW), [said(NOW - DAY, NOW)]) == {}


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-11-23", CHICAGO, "2026-11-24T06:00+00:00"),
        ("2026-11-23", ZoneInfo("Asia/Tokyo"), "2026-11-23T15:00+00:00"),
        ("2026-10-25", BERLIN, "2026-10-25T23:00+00:00"),  # a day of 25 hours
        ("2026-03-29", BERLIN, "2026-03-29T22:00+00:00"),  # and of 23
        ("2018-11-03", ZoneInfo("America/Sao_Paulo"), "2018-11-04T03:00+00:00"),  # the next day has no midnight
        ("2026-11-23", None, None),
        ("9999-12-31", UTC, None),
    ],
)
def test_a_day_lasts_until_its_end_where_it_is_delivered(day, zone, end):
    assert instant_of(date.fromisoformat(day), zone) == (end and datetime.fromisoformat(end))


def test_what_was_said_as_a_day_is_compared_with_the_end_of_it():
    at = datetime(2026, 11, 23, 14, tzinfo=CHICAGO)
    found = residuals_of(delivery(at, CHICAGO), [said(at - 3 * DAY, date(2026, 11, 23))])
    assert {each.error for each in found.values()} == {-10 * HOUR}


def test_a_night_on_which_clocks_change_has_the_hours_that_it_has():
    at = datetime(2026, 10, 25, 9, tzinfo=BERLIN)
    found = residuals_of(delivery(at), [said(at - DAY, datetime(2026, 10, 25, 1, tzinfo=BERLIN))])
    assert {each.error for each in found.values()} == {9 * HOUR}


@pytest.mark.parametrize(
    ("ahead", "horizon"),
    [
        (-5 * DAY, H.OVERDUE),
        (0 * HOUR, H.OVERDUE),
        (timedelta(seconds=1), H.ARRIVING),
        (3 * HOUR, H.ARRIVING),
        (12 * HOUR, H.TODAY),
        (2 * DAY, H.DAYS),
        (8 * DAY, H.WEEK),
        (9 * DAY, H.MONTH),
        (90 * DAY, H.MONTH),
    ],
)
def test_how_far_ahead(ahead, horizon):
    assert horizon_of(ahead) is horizon


def shipment(carrier, *stops, mode=TransportMode.LTL):
    return Shipment(id="S-1", status=ShipmentStatus.DELIVERED, carrier=carrier, mode=mode, stops=stops)


def stop(sequence, kind, country=None, postal=None):
    return Stop(sequence=sequence, kind=kind, location=Location(country_code=country, postal_code=postal))


ODFL = Carrier(name="Old Dominion", scac="ODFL")
PICKUP, DROP = stop(1, StopKind.PICKUP, "DE", " 60 311"), stop(4, StopKind.DELIVERY, "US", "30301-1234")


@pytest.mark.parametrize(
    ("stops", "names"),
    [
        pytest.param(
            [PICKUP, DROP],
            [
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:DE:60:US:303",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:DE:*:US:*",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:*:*",
            ],
            id="from region to region, country to country, anywhere",
        ),
        pytest.param(
            [DROP, stop(3, StopKind.DELIVERY, "CA", "M5V"), stop(2, StopKind.TERMINAL, "FR", "75"), PICKUP],
            [
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:DE:60:US:303",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:DE:*:US:*",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:*:*",
            ],
            id="from the first pickup to the last delivery",
        ),
        pytest.param(
            [DROP],
            [
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:US:303",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:US:*",
                "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:*:*",
            ],
            id="to",
        ),
        pytest.param(
            [stop(1, StopKind.PICKUP, "NL"), stop(2, StopKind.DELIVERY, None, "75001")],
            ["DAYS:CARRIER_ESTIMATE:ODFL:LTL:NL:*:*:*", "DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:*:*"],
            id="a postal code of no country says nothing",
        ),
        pytest.param([], ["DAYS:CARRIER_ESTIMATE:ODFL:LTL:*:*:*:*"], id="nobody says where"),
    ],
)
def test_lanes_from_narrow_to_wide(stops, names):
    assert [each.name for each in lanes_of(shipment(ODFL, *stops), H.DAYS)] == names


@pytest.mark.parametrize(
    ("carrier", "names"),
    [
        (None, []),
        (Carrier(name="..."), []),
        (Carrier(name="Hapag-Lloyd  AG"), ["WEEK:CARRIER_ESTIMATE:hapag%20lloyd%20ag:LTL:*:*:*:*"]),
        (Carrier(name="HAPAG LLOYD Ag."), ["WEEK:CARRIER_ESTIMATE:hapag%20lloyd%20ag:LTL:*:*:*:*"]),
        (Carrier(name="Whatever", scac="HLCU"), ["WEEK:CARRIER_ESTIMATE:HLCU:LTL:*:*:*:*"]),
    ],
)
def test_a_carrier_has_one_name(carrier, names):
    assert [each.name for each in lanes_of(shipment(carrier), H.WEEK)] == names


parts = st.none() | st.text("ab:*%{} -~", max_size=3)
regions = st.builds(Region, parts, parts)
lanes = st.builds(
    Lane,
    st.sampled_from(H),
    st.sampled_from(EtaBasis),
    parts,
    st.none() | st.sampled_from(TransportMode),
    regions,
    regions,
)


@given(lanes, lanes)
def test_no_two_lanes_have_one_name(one, other):
    assert (one.name == other.name) == (one == other)
    assert not set("{} \n") & set(one.name)


def test_each_lane_learns_from_each_horizon_that_was_looked_at():
    lessons = list(lessons_of(shipment(ODFL, PICKUP, DROP), delivery(), [said(NOW - HOUR, NOW - 2 * HOUR / 3)]))
    assert [lane.horizon for lane, _ in lessons] == [H.OVERDUE] * 3 + [H.ARRIVING] * 3
    assert len({lane.name for lane, _ in lessons}) == 6
    assert {each.error for _, each in lessons} == {2 * HOUR / 3}
