"""Keys: no two things share one, whatever they are called, and no tenant's is another's."""

import inspect
from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from redis.crc import key_slot

from cache.announcements import BEAT
from cache.inbox import InboxStream, Letter
from cache.keys import Keys, agenda_of_entity, name_of, name_of_number, named_by_agenda
from cache.store import Store
from domain.identity import CaseKey, EntityKey, EntityKind, Reference, Scheme
from domain.lookup import Lookup, Question
from domain.prediction import Horizon, Lane
from domain.stages import Stage

CRAFTED = st.text(st.sampled_from("ab:{}%\n /*0"), min_size=1, max_size=6)
NAMES = CRAFTED | st.text(min_size=1, max_size=20)
TENANTS = st.sampled_from(["a", "ab", "a-b", "main", "0", "a0"]) | NAMES
KINDS = st.sampled_from([EntityKind.ORDER, EntityKind.SHIPMENT])
ADDRESSES = st.tuples(TENANTS, NAMES, KINDS, NAMES)
PARTITIONS = st.sampled_from([1, 3, 16])

EVERY_KEY = {
    "state": lambda keys, source, kind, name: keys.state(entity(keys.tenant, source, kind, name)),
    "links": lambda keys, source, kind, name: keys.links(name_of_number(source, kind, Scheme.SO, name), 0),
    "listing": lambda keys, source, kind, name: keys.listing(question(source, kind, name)),
    "footprint": lambda keys, _, __, name: keys.footprint(CaseKey(scheme=Scheme.SO, value=name)),
    "feed": lambda keys, source, _, __: keys.feed(source),
    "lease": lambda keys, _, __, name: keys.lease(name),
    "inbox": lambda keys, *_: keys.inbox(),
    "outgoing_inbox": lambda keys, *_: keys.outgoing_inbox(),
    "transitions": lambda keys, *_: keys.transitions(0),
    "outgoing": lambda keys, *_: keys.outgoing(0),
    "told": lambda keys, *_: keys.told(0),
    "agenda": lambda keys, *_: keys.agenda(0),
    "conclusions": lambda keys, _, __, name: keys.conclusions(name),
    "board_rows": lambda keys, *_: keys.board_rows(0),
    "board": lambda keys, _, __, name: keys.board(0, Stage.RELEASED_NOT_PICKED, [("warehouse", name)]),
    "experience": lambda keys, _, __, name: keys.experience(Lane(next(iter(Horizon)), carrier=name)),
    "answer": lambda keys, _, __, name: keys.answer(name),
    "rates": lambda keys, *_: keys.rates(),
    "announcements": lambda keys, *_: keys.announcements(),
    "meta": lambda keys, *_: keys.meta(),
}
"""Every method that makes a key, with what it is made of."""

OF_A_PARTITION = {"inbox", "outgoing_inbox", "transitions", "outgoing", "told", "agenda", "board_rows"}
OF_A_TENANT = {"announcements", "meta", "rates"}


def entity(tenant, source, kind, name):
    return EntityKey(tenant=tenant, source=source, kind=kind, id=name)


def question(source, kind, value, issuer=None):
    return Question(source, Lookup(kind, Reference(scheme=Scheme.SO, value=value, issuer=issuer)))


def keys_of(tenant, source, kind, name, partitions=1):
    keys = Keys(tenant, partitions)
    return {what: make(keys, source, kind, name) for what, make in EVERY_KEY.items()}


def test_every_way_to_make_a_key_is_looked_at_here():
    made = {name for name, _ in inspect.getmembers(Keys, inspect.isfunction) if not name.startswith("_")}
    assert made - {"partition", "place", "all_links", "named"} == set(EVERY_KEY)


@given(ADDRESSES)
def test_what_announcements_name_is_found_by_that(address):
    tenant, source, kind, name = address
    assume(source and name)
    store = Store(None, Keys(tenant))
    asked = question(source, kind, name)
    named = [store.entity(entity(*address)), store.listing(asked), store.links(asked), store.conclusions(name)]
    for wanted in [*named, store.feed(source)]:
        assert wanted.keys == (store.keys.named(wanted.name),)
    with pytest.raises(ValueError, match="nothing is called"):
        store.keys.named("X y")


@given(ADDRESSES, ADDRESSES, PARTITIONS)
@example(("a", "x", EntityKind.ORDER, "y"), ("ab", "x", EntityKind.ORDER, "y"), 1)
@example(("a", "x", EntityKind.ORDER, "y"), ("a:0}:state", "x", EntityKind.ORDER, "y"), 1)
@example(("a", "x", EntityKind.ORDER, "y"), ("a:0", "x", EntityKind.ORDER, "y"), 3)
def test_r27_no_two_tenants_share_a_key_or_a_hash_tag(one, other, partitions):
    assume(one[0] != other[0])
    mine, theirs = keys_of(*one, partitions), keys_of(*other, partitions)
    assert not set(mine.values()) & set(theirs.values())
    tags = [{key[: key.index("}") + 1] for key in made.values() if "}" in key} for made in (mine, theirs)]
    assert not tags[0] & tags[1]
    assert not [key for key in theirs.values() if key.startswith(tuple(tags[0]))]


@given(ADDRESSES, ADDRESSES)
@example(("a", "x:ORDER:y", EntityKind.ORDER, "z"), ("a", "x", EntityKind.ORDER, "y:ORDER:z"))
@example(("a", "x", EntityKind.ORDER, "y:z"), ("a", "x", EntityKind.ORDER, "y%3Az"))
@example(("a", "x", EntityKind.ORDER, "y"), ("ab", "x", EntityKind.ORDER, "y"))
def test_r27_what_has_another_address_has_another_key(one, other):
    assume(one != other)
    for what in ("state", "links", "listing"):
        assert keys_of(*one)[what] != keys_of(*other)[what]


@given(ADDRESSES)
def test_no_two_kinds_of_key_are_the_same(address):
    made = keys_of(*address)
    assert len(set(made.values())) == len(made)


@given(NAMES, NAMES, NAMES, NAMES)
@example("a:b", "c", "a", "b:c")
def test_a_number_with_its_issuer_is_one_question(value, issuer, other_value, other_issuer):
    assume((value, issuer) != (other_value, other_issuer))
    keys = Keys("main")
    one, other = (
        question("erp", EntityKind.ORDER, value, issuer),
        question("erp", EntityKind.ORDER, other_value, other_issuer),
    )
    assert len({keys.listing(each) for each in (one, other, question("erp", EntityKind.ORDER, value))}) == 3


@given(ADDRESSES, PARTITIONS)
def test_no_name_moves_a_key_to_another_node(address, partitions):
    made = keys_of(*address, partitions)
    for what in made.keys() - OF_A_TENANT:
        tag = made[what].removeprefix("casefold:{").partition("}")[0]
        assert key_slot(made[what].encode()) == key_slot(tag.encode()), what
    assert len({key_slot(made[what].encode()) for what in OF_A_PARTITION}) == 1, "a script touches all of them"


@given(ADDRESSES)
def test_what_is_on_the_agenda_is_read_back_as_it_was(address):
    key = entity(*address)
    assert named_by_agenda(agenda_of_entity(name_of(key)), key.tenant) == key


@given(ADDRESSES)
def test_no_name_can_be_taken_for_another_line_of_an_announcement(address):
    tenant, source, kind, name = address
    store = Store(None, Keys(tenant))
    wanted = [store.entity(entity(*address)), store.listing(question(source, kind, name)), store.conclusions(name)]
    for each in (*wanted, store.links(question(source, kind, name))):
        kind_of_name, _, rest = each.name.partition(" ")
        assert kind_of_name != BEAT
        assert not set(rest) & set(" \n\r")


@given(NAMES, NAMES)
def test_no_two_ids_are_taken_for_the_same_event(name, other):
    assume(name != other)
    inbox = InboxStream(None, Keys("a").inbox(), None)
    letters = [letter(each) for each in (name, other)]
    assert inbox._step([letters[0]]).keys[2] != inbox._step([letters[1]]).keys[2]


def letter(name):
    return Letter("event", "erp", name, b"", datetime(2026, 11, 23, tzinfo=UTC), "c-1")


@pytest.mark.parametrize("tenant", ["main", "acme", "0-9"])
def test_the_keys_of_a_tenant_are_spelled_as_they_always_were(tenant):
    """What is kept already stays readable."""
    keys = Keys(tenant)
    assert (
        keys.state(entity(tenant, "erp", EntityKind.ORDER, "SO-1")) == f"casefold:{{{tenant}:0}}:state:erp:ORDER:SO-1"
    )
    assert keys.inbox() == f"casefold:{{{tenant}:0}}:events"
    assert keys.announcements() == f"casefold:{tenant}:announcements"
    assert keys.meta() == f"casefold:{tenant}:meta"
