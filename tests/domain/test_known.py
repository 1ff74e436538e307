"""F1: any permutation, duplication and interleaving of observations ends in the same bytes. F2: never back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identity import EntityKey, EntityKind
from domain.known import Known, Nature, digest_of, known_of, merge
from domain.observation import Absence, Channel, Hint, Occurrence, Retraction, Snapshot
from domain.order import Order, OrderStatus
from domain.place import Location

KEY = EntityKey(tenant="main", source="erp", kind=EntityKind.ORDER, id="SO-1")
START = datetime(2026, 11, 23, tzinfo=UTC)
TOLERANCE = timedelta(seconds=2)
LISTING, NOT_LISTING = Nature(TOLERANCE, lists_occurrences=True), Nature(TOLERANCE)
CONTENTS = [
    Order(number="SO-1", status=status) for status in (OrderStatus.DRAFT, OrderStatus.RELEASED, OrderStatus.CANCELLED)
]


def at(second):
    return START + timedelta(seconds=second)


moments = st.integers(0, 12).map(at)
channels = st.sampled_from(Channel)
identities = st.sampled_from(["a", "b", "c"])
observations = st.one_of(
    st.builds(
        Snapshot, st.just(KEY), st.sampled_from(CONTENTS), st.none() | moments, moments, channels, st.none() | moments
    ),
    st.builds(Absence, st.just(KEY), moments, channels, st.none() | moments),
    st.builds(Occurrence, st.just(KEY), identities, moments, st.sampled_from([Location(city="X"), Location(city="Y")])),
    st.builds(Retraction, st.just(KEY), identities, moments),
    st.builds(Hint, st.just(KEY), moments),
)
histories = st.lists(observations, min_size=1, max_size=8)
natures = st.sampled_from([LISTING, NOT_LISTING])


def settled(history, nature):
    known = Known(KEY)
    for observation in history:
        known = merge(known, known_of(observation), nature)
    return known


@settings(max_examples=1_500, deadline=None)
@given(histories, natures, st.randoms(use_true_random=False))
def test_f1_any_order_any_repetition_any_grouping(history, nature, random):
    shuffled = history + [random.choice(history) for _ in range(3)]
    random.shuffle(shuffled)
    groups = [known_of(observation) for observation in shuffled]
    while len(groups) > 1:
        one = groups.pop(random.randrange(len(groups)))
        other = groups.pop(random.randrange(len(groups)))
        groups.append(merge(one, other, nature))
    assert digest_of(groups[0]) == digest_of(settled(history, nature))
    assert groups[0] == settled(history, nature)


def sightings(history):
    """Of each content its newest sighting, the newest content first."""
    seen = [known_of(each).latest[0] for each in history if isinstance(each, Snapshot | Absence)]
    newest = {each.digest: each for each in sorted(seen, key=lambda each: each.rank)}
    return sorted(newest.values(), key=lambda each: each.order, reverse=True)


@settings(max_examples=1_500, deadline=None)
@given(histories, natures)
def test_the_two_newest_contents_are_kept_each_as_it_was_seen_last(history, nature):
    assert list(settled(history, nature).latest) == sightings(history)[:2]


@settings(max_examples=500, deadline=None)
@given(histories, natures)
def test_f2_what_is_shown_is_never_replaced_by_older_knowledge(history, nature):
    known = Known(KEY)
    for observation in history:
        before, known = known, merge(known, known_of(observation), nature)
        if before.current is not None:
            assert known.current is not None
            assert known.current.order >= before.current.order
        assert known.hinted_at >= before.hinted_at


@settings(max_examples=300, deadline=None)
@given(histories, natures)
def test_it_is_bounded(history, nature):
    known = settled(history, nature)
    assert len(known.latest) <= 2
    assert len({each.identity for each in known.occurrences}) == len(known.occurrences)


def test_different_entities_are_never_merged():
    with pytest.raises(ValueError, match="different entities"):
        merge(Known(KEY), Known(EntityKey(tenant="other", source="erp", kind=EntityKind.ORDER, id="SO-1")), NOT_LISTING)


def snapshot(second, content=0, channel=Channel.API, as_of=None):
    return Snapshot(KEY, CONTENTS[content], as_of, at(second), channel)


EVENT, API = Channel.EVENT, Channel.API


@pytest.mark.parametrize(
    ("history", "is_suspect"),
    [
        pytest.param([snapshot(5)], False, id="one snapshot"),
        pytest.param([snapshot(5), Hint(KEY, at(6))], True, id="a hint after it"),
        pytest.param([snapshot(5), Hint(KEY, at(4))], False, id="a hint before it"),
        pytest.param([Hint(KEY, at(4))], True, id="a hint alone"),
        pytest.param(
            [snapshot(5, 0, EVENT), snapshot(6, 1, API)], True, id="event and answer differ within the tolerance"
        ),
        pytest.param(
            [snapshot(5, 0, EVENT), snapshot(8, 1, API)],
            False,
            id="event and answer differ, but clocks tell which is newer",
        ),
        pytest.param([snapshot(5, 0, API), snapshot(6, 1, API)], False, id="two answers in a row"),
        pytest.param([snapshot(5, 0, EVENT), snapshot(6, 0, API)], False, id="event and answer agree"),
        pytest.param(
            [snapshot(5, 0, EVENT), snapshot(6, 1, API), snapshot(9, 1, API)], False, id="a later answer settles it"
        ),
    ],
)
def test_when_the_newest_snapshot_is_suspect(history, is_suspect):
    assert settled(history, NOT_LISTING).is_suspect(NOT_LISTING) is is_suspect


def test_a_slow_answer_never_overwrites_a_newer_event():
    event, slow_answer = snapshot(9, 1, EVENT), snapshot(3, 0, API)
    assert settled([event, slow_answer], NOT_LISTING).current.content == CONTENTS[1]


def test_as_of_is_that_of_the_newest_sighting():
    history = [snapshot(1, 0, as_of=at(9)), snapshot(2, 1), snapshot(3, 2), snapshot(4, 0, as_of=at(3))]
    assert settled(history, NOT_LISTING).current.as_of == at(3)


def occurrence(identity, second, city="X"):
    return Occurrence(KEY, identity, at(second), Location(city=city))


def test_a_retraction_takes_an_occurrence_back_and_a_later_revision_brings_it_again():
    history = [occurrence("a", 1), Retraction(KEY, "a", at(2))]
    assert settled(history, NOT_LISTING).happened == ()
    again = settled([*history, occurrence("a", 3, "Y")], NOT_LISTING)
    assert [each.content.city for each in again.happened] == ["Y"]


def test_a_snapshot_that_lists_its_occurrences_covers_those_before_it():
    history = [occurrence("a", 1), occurrence("b", 9), snapshot(10)]
    assert [each.identity for each in settled(history, LISTING).happened] == ["b"]  # within the tolerance of the clock
    assert [each.identity for each in settled(history, NOT_LISTING).happened] == ["a", "b"]


def test_an_absence_is_a_snapshot_of_nothing():
    assert settled([snapshot(5), Absence(KEY, at(6))], NOT_LISTING).current.content is None
    assert settled([snapshot(7), Absence(KEY, at(6))], NOT_LISTING).current.content == CONTENTS[0]
