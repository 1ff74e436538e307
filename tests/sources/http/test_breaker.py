"""The breaker and the retry budget: pure, so every history can be tried."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http.breaker import Admission, Breaker, BreakerPolicy, Closed, HalfOpen, Open, Outcome
from sources.http.retry import RetryBudget

GOOD, BAD, NEUTRAL = Outcome.GOOD, Outcome.BAD, Outcome.NEUTRAL


def after(*outcomes, breaker=None, now=0.0):
    breaker = breaker or Breaker()
    for outcome in outcomes:
        breaker, admission = breaker.admit(now)
        if admission is not Admission.NO:
            breaker = breaker.record(admission, outcome, now)
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        pytest.param([BAD] * 9, Closed, id="nine failures are too few to conclude anything"),
        pytest.param([BAD] * 10, Open, id="ten failures"),
        pytest.param([GOOD, BAD] * 10, Open, id="half of twenty"),
        pytest.param([GOOD, BAD, BAD] * 7, Open, id="two of three, never ten in a row"),
        pytest.param([GOOD, GOOD, BAD] * 20, Closed, id="a third"),
        pytest.param([NEUTRAL] * 50, Closed, id="callers who left"),
        pytest.param([GOOD] * 10 + [BAD] * 8 + [GOOD] * 20 + [BAD] * 8, Closed, id="failures that left the window"),
    ],
)
def test_when_it_opens(outcomes, state):
    assert isinstance(after(*outcomes).state, state)


def test_one_probe_closes_it_and_one_failed_probe_doubles_the_pause():
    opened = after(*[BAD] * 10)
    assert opened.pause_left(0) == 5
    assert opened.admit(4.9)[1] is Admission.NO
    probing, admission = opened.admit(5.0)
    assert admission is Admission.PROBE
    assert probing.admit(5.0)[1] is Admission.NO
    assert probing.record(admission, GOOD, 5.1).state == Closed((False,), times=1)
    assert probing.record(admission, BAD, 5.0).pause_left(5.0) == 10


def closed_by_a_probe():
    probing, admission = after(*[BAD] * 10).admit(5.0)
    return probing.record(admission, GOOD, 5.0)


def test_a_failure_right_after_the_probe_opens_it_again_for_longer():
    assert after(BAD, breaker=closed_by_a_probe(), now=5.0).pause_left(5.0) == 10


def test_two_good_calls_in_a_row_and_the_past_is_forgotten():
    assert after(GOOD, BAD, breaker=closed_by_a_probe(), now=5.0).state == Closed((False, False, True))


def test_an_answer_that_was_spoiled_counts_once_and_as_bad():
    assert after(GOOD, GOOD).spoiled(0).state == Closed((False, True))


def test_a_spoiled_probe_is_a_bad_one():
    assert closed_by_a_probe().spoiled(5.0).pause_left(5.0) == 10


def test_two_of_three_answers_spoiled_open_it():
    breaker, calls = Breaker(), 0
    while isinstance(breaker.state, Closed):
        breaker, calls = after(GOOD, breaker=breaker), calls + 1
        breaker = breaker.spoiled(0) if calls % 3 else breaker
    assert calls <= BreakerPolicy().window


def test_a_probe_that_told_nothing_gives_its_place_to_the_next_call():
    probing, admission = after(*[BAD] * 10).admit(5.0)
    again = probing.record(admission, NEUTRAL, 5.5)
    assert again.admit(5.5)[1] is Admission.PROBE


def test_a_late_answer_of_an_earlier_call_neither_opens_nor_closes_it():
    probing, _ = after(*[BAD] * 10).admit(5.0)
    assert probing.record(Admission.CALL, GOOD, 5.1) == probing


def test_the_pause_has_a_longest():
    breaker = after(*[BAD] * 10)
    now = 0.0
    for _ in range(30):
        now += breaker.pause_left(now)
        breaker, admission = breaker.admit(now)
        breaker = breaker.record(admission, BAD, now, jitter=1.0)
        assert breaker.pause_left(now) <= BreakerPolicy().longest_pause * 1.2


steps = st.lists(st.tuples(st.floats(0, 30), st.sampled_from(list(Outcome)), st.booleans()), max_size=120)


@given(steps)
def test_no_history_lets_two_probes_out_or_blocks_for_ever(history):
    """Calls overlap: each step lets time pass, admits one call, and may end the oldest one under way."""
    breaker, now, under_way = Breaker(), 0.0, []
    for passed, outcome, ends in history:
        now += passed
        breaker, admission = breaker.admit(now)
        if admission is not Admission.NO:
            under_way.append(admission)
        assert under_way.count(Admission.PROBE) <= 1
        assert isinstance(breaker.state, HalfOpen) is (Admission.PROBE in under_way)
        if ends and under_way:
            breaker = breaker.record(under_way.pop(0), outcome, now, jitter=0.5)
    for admission in under_way:
        breaker = breaker.record(admission, NEUTRAL, now)
    assert breaker.admit(now + 100)[1] is not Admission.NO


def test_an_idle_hour_saves_up_one_retry_not_many():
    budget = RetryBudget(tokens=0).spend(3_600)
    assert budget is not None
    assert budget.spend(3_600) is None


@given(st.lists(st.booleans(), max_size=300))
def test_retries_never_exceed_a_tenth_of_the_calls_and_one(history):
    budget, calls, retries = RetryBudget(), 0, 0
    for wants_retry in history:
        budget, calls = budget.called(), calls + 1
        if wants_retry and (spent := budget.spend(0.0)):
            budget, retries = spent.called(), retries + 1
    assert retries <= calls * 0.1 + 1
