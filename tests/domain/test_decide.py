"""F4: FRESH is a promise, never said of anything not verified within the age asked for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feed import Coverage
from domain.freshness import (
    Ask,
    Fetch,
    FreshnessState,
    Held,
    Holding,
    OnStale,
    Policy,
    Refuse,
    Serve,
    ServeAndRefresh,
    after_failure,
    decide,
)
from domain.identity import EntityKey, EntityKind
from domain.known import Nature, held_of, known_of, merge
from domain.observation import Channel, Hint, Snapshot
from domain.order import Order, OrderStatus

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FRESH, STALE, UNAVAILABLE = FreshnessState.FRESH, FreshnessState.STALE, FreshnessState.UNAVAILABLE
REFRESH, SERVE_STALE, STATE_ONLY = OnStale


def seconds(count):
    return timedelta(seconds=count)


POLICY = Policy(
    max_age=seconds(60), stale_while_revalidate=seconds(30), stale_if_error=seconds(600), negative_max_age=seconds(10)
)
STRICT = Policy(max_age=seconds(60))


def state(age, *, suspect=False):
    return Held(Holding.STATE, NOW - seconds(age), suspect)


def absence(age):
    return Held(Holding.ABSENCE, NOW - seconds(age))


NOTHING = Held()


@pytest.mark.parametrize(
    ("held", "ask", "policy", "decision"),
    [
        pytest.param(state(60), Ask(), POLICY, Serve(FRESH), id="within the policy's age"),
        pytest.param(state(60), Ask(on_stale=STATE_ONLY), POLICY, Serve(FRESH), id="within the age, whatever onStale"),
        pytest.param(
            state(20), Ask(max_age=seconds(10)), POLICY, Fetch(has_fallback=True), id="older than the caller accepts"
        ),
        pytest.param(state(300), Ask(max_age=seconds(600)), POLICY, Serve(FRESH), id="a caller who accepts more"),
        pytest.param(state(80), Ask(), POLICY, ServeAndRefresh(), id="within the grace"),
        pytest.param(state(80), Ask(), STRICT, Fetch(has_fallback=True), id="no grace in the policy"),
        pytest.param(
            state(80), Ask(max_age=seconds(60)), POLICY, Fetch(has_fallback=True), id="a caller's age has no grace"
        ),
        pytest.param(state(91), Ask(), POLICY, Fetch(has_fallback=True), id="beyond the grace"),
        pytest.param(state(1, suspect=True), Ask(), POLICY, Fetch(has_fallback=True), id="suspect, however young"),
        pytest.param(
            state(999), Ask(on_stale=SERVE_STALE), POLICY, ServeAndRefresh(), id="old, and the caller does not wait"
        ),
        pytest.param(state(999), Ask(on_stale=STATE_ONLY), POLICY, Serve(STALE), id="old, and nobody may be asked"),
        pytest.param(absence(10), Ask(), POLICY, Serve(FRESH), id="there is none, and that is still believed"),
        pytest.param(absence(11), Ask(), POLICY, Fetch(has_fallback=False), id="there was none"),
        pytest.param(absence(3), Ask(seconds(3)), POLICY, Serve(FRESH), id="there is none, as of the age asked for"),
        pytest.param(absence(4), Ask(seconds(3)), POLICY, Fetch(has_fallback=False), id="too long ago for the caller"),
        pytest.param(absence(11), Ask(seconds(60)), POLICY, Fetch(has_fallback=False), id="never for longer"),
        pytest.param(
            absence(11), Ask(on_stale=STATE_ONLY), POLICY, Refuse(), id="there was none, and nobody may be asked"
        ),
        pytest.param(NOTHING, Ask(), POLICY, Fetch(has_fallback=False), id="nothing held"),
        pytest.param(
            NOTHING, Ask(on_stale=SERVE_STALE), POLICY, Fetch(has_fallback=False), id="nothing held to serve stale"
        ),
        pytest.param(NOTHING, Ask(on_stale=STATE_ONLY), POLICY, Refuse(), id="nothing held, and nobody may be asked"),
        pytest.param(Held(Holding.STATE), Ask(), POLICY, Fetch(has_fallback=True), id="told only by events"),
        pytest.param(state(-5), Ask(max_age=seconds(0)), POLICY, Serve(FRESH), id="a clock that is ahead"),
    ],
)
def test_the_table_of_decisions(held, ask, policy, decision):
    assert decide(held, ask, policy, NOW) == decision


@pytest.mark.parametrize(
    ("held", "said"),
    [
        pytest.param(state(600), STALE, id="may stand in"),
        pytest.param(state(601), UNAVAILABLE, id="too old to stand in"),
        pytest.param(state(1, suspect=True), STALE, id="suspect, but better than nothing"),
        pytest.param(NOTHING, UNAVAILABLE, id="nothing held"),
        pytest.param(absence(1), UNAVAILABLE, id="an absence stands in for nothing"),
    ],
)
def test_what_is_said_when_the_source_could_not_answer(held, said):
    assert after_failure(held, POLICY, NOW) is said


KEY = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")
NATURE = Nature(seconds(2))
ages = st.integers(0, 200).map(seconds)
moments = ages.map(lambda age: NOW - age)
snapshots = st.builds(
    Snapshot,
    st.just(KEY),
    st.sampled_from([Order(number="1", status=OrderStatus.DRAFT), Order(number="1", status=OrderStatus.SHIPPED)]),
    st.none(),
    moments,
    st.sampled_from(Channel),
)
histories = st.lists(st.one_of(snapshots, st.builds(Hint, st.just(KEY), moments)), min_size=1, max_size=5)
coverages = st.none() | st.builds(
    lambda since, longer: Coverage(watermark=min(since + longer, NOW), continuous_since=since), moments, ages
)
asks = st.builds(Ask, st.none() | ages, st.sampled_from(OnStale))


@given(histories, coverages, asks)
def test_f4_no_history_is_called_fresh_beyond_the_age_asked_for(history, heard, ask):
    known = known_of(history[0])
    for observation in history[1:]:
        known = merge(known, known_of(observation), NATURE)
    held = held_of(known, NATURE, heard, NOW)
    if decide(held, ask, POLICY, NOW) == Serve(FRESH):
        newest = max(each.moment for each in history if isinstance(each, Snapshot))
        hints = [each.hinted_at for each in history if isinstance(each, Hint)]
        proof = [newest] + ([heard.watermark] if heard and newest >= heard.continuous_since else [])
        assert NOW - max(proof) <= (POLICY.max_age if ask.max_age is None else ask.max_age)
        assert all(hint <= newest for hint in hints)


def test_a_gapless_feed_keeps_an_old_snapshot_young_and_a_gap_ends_that():
    known = known_of(Snapshot(KEY, Order(number="1", status=OrderStatus.DRAFT), None, NOW - seconds(900)))
    covered = Coverage(watermark=NOW, continuous_since=NOW - seconds(1_000))
    broken = Coverage(watermark=NOW, continuous_since=NOW - seconds(800))
    assert held_of(known, NATURE, covered, NOW).age(NOW) == seconds(0)
    assert held_of(known, NATURE, broken, NOW).age(NOW) == seconds(900)
    assert held_of(known, NATURE, None, NOW).age(NOW) == seconds(900)
