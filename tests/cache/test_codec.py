from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.work import entities
from cache.codec import EDITION, decode, encode
from domain.entities import MODELS
from domain.identity import EntityKey, EntityKind
from domain.known import Known, Nature, known_of, merge
from domain.observation import Absence, Channel, Hint, Occurrence, Retraction, Snapshot
from domain.shipment import Classifier, Milestone, MilestoneCode

NATURE = Nature()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def key(kind):
    return EntityKey(tenant="main", source="tms", kind=kind, id="1")


def settled(history):
    known = known_of(history[0])
    for observation in history[1:]:
        known = merge(known, known_of(observation), NATURE)
    return known


PARCEL = key(EntityKind.SHIPMENT)
[(_, SHIPMENT), (_, OTHER)] = entities(EntityKind.SHIPMENT, "SO-1")
SCAN = Milestone(
    code=MilestoneCode.ARRIVED,
    classifier=Classifier.ACTUAL,
    occurred_at=NOON,
    recorded_at=NOON,
    source_code="X4",
    source="tms",
)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
histories = st.lists(
    st.one_of(
        st.builds(
            Snapshot,
            st.just(PARCEL),
            st.sampled_from([SHIPMENT, OTHER]),
            st.none() | moments,
            moments,
            st.sampled_from(Channel),
        ),
        st.builds(Absence, st.just(PARCEL), moments, st.sampled_from(Channel)),
        st.builds(Occurrence, st.just(PARCEL), st.text(min_size=1, max_size=5), moments, st.just(SCAN)),
        st.builds(Retraction, st.just(PARCEL), st.text(min_size=1, max_size=5), moments),
        st.builds(Hint, st.just(PARCEL), moments),
    ),
    min_size=1,
    max_size=6,
)


@given(histories)
def test_what_is_known_comes_back_as_it_was(history):
    known = settled(history)
    assert decode(PARCEL, encode(known)) == known


@given(histories, st.randoms(use_true_random=False))
def test_the_same_state_is_the_same_bytes(history, random):
    shuffled = history * 2
    random.shuffle(shuffled)
    assert encode(settled(shuffled)) == encode(settled(history))


@pytest.mark.parametrize("kind", [kind for kind in EntityKind if entities(kind, "SO-1")], ids=lambda kind: kind.value)
def test_every_kind_comes_back(kind):
    known = known_of(Snapshot(key(kind), entities(kind, "SO-1")[0][1], NOON, NOON))
    assert decode(key(kind), encode(known)) == known


def test_there_is_a_model_for_every_kind():
    assert set(MODELS) == set(EntityKind)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\x00[]",
        b"\x02" + encode(Known(PARCEL))[1:],
        EDITION,
        EDITION + b"{}",
        EDITION + b"[[],1,[],[]]",
        EDITION + b"\xff",
        encode(Known(PARCEL))[:-1],
    ],
    ids=[
        "nothing",
        "an older edition",
        "a newer edition",
        "no content",
        "another shape",
        "another type",
        "no text",
        "cut short",
    ],
)
def test_bytes_that_cannot_be_read_are_a_miss(stored):
    assert decode(PARCEL, stored) is None


@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_no_bytes_crash_it(noise, at, byte):
    damaged = bytearray(encode(settled([Snapshot(PARCEL, SHIPMENT, NOON, NOON)])))
    damaged[at % len(damaged)] = byte
    for stored in (noise, EDITION + noise, bytes(damaged)):
        decode(PARCEL, stored)


def test_what_belongs_to_another_kind_is_a_miss():
    stored = encode(known_of(Snapshot(PARCEL, SHIPMENT, NOON, NOON)))
    assert decode(key(EntityKind.INVOICE), stored) is None
