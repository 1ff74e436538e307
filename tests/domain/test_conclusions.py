"""Each rule's life: waited for, raised, doubted, cleared; and that none of it depends on the order of what is known."""

from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.conclusions import CLEARED_KEPT, LOOK_AGAIN, UNSURE_AGAIN, Conclusions, concluded, news_of
from domain.contradictions import RULES, judgement_of
from domain.discrepancy import DiscrepancyState, Tolerances
from domain.freshness import FreshnessState
from domain.headline import headline_of
from domain.identity import EntityKind
from domain.stages import standings_of
from tests.domain.test_contradictions import EXAMPLES, KINDS, NOW, delivery, order, shipment, view

LATER, DAY, MICROSECOND = NOW + timedelta(hours=1), timedelta(days=1), timedelta(microseconds=1)
BY_ID = {rule.id: rule for rule in RULES}
NEVER = Conclusions("SO-1")


def raising():
    """Of each rule the first example that raises it."""
    found: dict[str, Any] = {}
    for told, expected in (cast("Any", each.values) for each in EXAMPLES):
        for rule in expected:
            found.setdefault(rule, told)
    return found


RAISING = raising()


def of(rule, discrepancies):
    return [each for each in discrepancies if each.rule == rule]


def raised(rule):
    """The conclusions once it is raised, and the one that it raised."""
    kept = concluded(NEVER, judgement_of(view(*RAISING[rule]), NOW), (), NOW)
    return kept, of(rule, kept.findings)


def stale(sections, kind):
    """The same view, of which one kind is old."""
    section = sections[kind]
    return sections | {kind: replace(section, freshness=replace(section.freshness, state=FreshnessState.STALE))}


def test_every_rule_has_an_example():
    assert set(RAISING) == set(BY_ID)


@pytest.mark.parametrize("rule", RAISING)
def test_it_is_raised_when_its_grace_is_over_and_not_before(rule):
    sections = view(*RAISING[rule])
    for found in of(rule, judgement_of(sections, NOW).found):
        before = judgement_of(sections, found.raised_at - MICROSECOND)
        assert found.id not in {each.id for each in before.found}
        on_time = {each.id: each.state for each in judgement_of(sections, found.raised_at).found}
        assert on_time[found.id] is DiscrepancyState.OPEN


@pytest.mark.parametrize("rule", RAISING)
def test_a_longer_grace_is_waited_for(rule):
    sections, graces = view(*RAISING[rule]), {rule: BY_ID[rule].grace + 400 * DAY}
    found = of(rule, judgement_of(sections, NOW).found)
    patient = judgement_of(sections, NOW, Tolerances(graces=graces))
    assert of(rule, patient.found) == []
    waited_for = {each.id: each.raised_at for each in patient.pending}
    assert {each.id: each.raised_at + 400 * DAY for each in found}.items() <= waited_for.items()


@pytest.mark.parametrize(
    ("rule", "kind"), [(rule.id, kind) for rule in RULES for kind in EntityKind if kind in rule.needs]
)
def test_it_is_not_sure_while_something_that_it_needs_is_stale_or_missing(rule, kind):
    sections = view(*RAISING[rule])
    judged = judgement_of(stale(sections, kind), NOW)
    assert {each.state for each in of(rule, judged.found)} == {DiscrepancyState.INCONCLUSIVE}
    assert rule in judged.unsure
    missing = judgement_of({each: section for each, section in sections.items() if each is not kind}, NOW)
    assert rule in missing.unsure
    assert {each.state for each in of(rule, missing.found)} <= {DiscrepancyState.INCONCLUSIVE}
    assert of(rule, concluded(NEVER, judged, (), NOW).findings) == [], "what was never sure is not kept"


@pytest.mark.parametrize("rule", RAISING)
def test_it_is_found_once_and_cleared_once(rule):
    kept, found = raised(rule)
    told = [each.summary for each in news_of(NEVER, kept, "C-1") if each.type.name == "DISCREPANCY_FOUND"]
    assert {each.summary for each in found} <= set(told)
    assert news_of(kept, concluded(kept, judgement_of(view(*RAISING[rule]), LATER), (), LATER)) == ()
    after = concluded(kept, judgement_of(view(), LATER), (), LATER)
    [*over] = of(rule, after.findings)
    assert {(each.state, each.cleared_at) for each in over} == {(DiscrepancyState.CLEARED, LATER)}
    assert [each.raised_at for each in over] == [each.raised_at for each in found]
    assert {each.type.name for each in news_of(kept, after)} == {"DISCREPANCY_CLEARED"}
    assert news_of(after, concluded(after, judgement_of(view(), LATER + DAY), (), LATER + DAY)) == ()


@pytest.mark.parametrize(
    ("rule", "kind"), [(rule.id, kind) for rule in RULES for kind in EntityKind if kind in rule.needs]
)
def test_what_is_not_sure_ends_nothing(rule, kind):
    kept, found = raised(rule)
    after = concluded(kept, judgement_of(stale(view(), kind), LATER), (), LATER)
    assert {(each.state, each.cleared_at) for each in of(rule, after.findings)} == {
        (DiscrepancyState.INCONCLUSIVE, None)
    }
    assert not {each.summary for each in found} & {each.summary for each in news_of(kept, after)}
    again = concluded(after, judgement_of(view(*RAISING[rule]), LATER), (), LATER)
    assert of(rule, again.findings) == found, "it was there all the time"
    assert not {each.summary for each in found} & {each.summary for each in news_of(after, again)}


def test_what_comes_back_is_found_anew():
    rule = "dispatched-not-picked"
    kept, [first] = raised(rule)
    over = concluded(kept, judgement_of(view(), LATER), (), LATER)
    back = judgement_of(view(*RAISING[rule]), LATER + DAY)
    [again] = of(rule, concluded(over, back, (), LATER + DAY).findings)
    assert (again.id, again.state, again.cleared_at) == (first.id, DiscrepancyState.OPEN, None)


def test_when_it_is_looked_at_again():
    calm = concluded(NEVER, judgement_of(view(), NOW), (), NOW)
    assert calm.look_at is None
    waiting = judgement_of(view(shipment(), delivery("PARTIALLY_PICKED", 4), ago=timedelta(minutes=10)), NOW)
    assert concluded(NEVER, waiting, (), NOW).look_at == NOW + timedelta(minutes=20), "when its grace is over"
    kept, _ = raised("partly-delivered")
    assert kept.look_at == NOW + LOOK_AGAIN
    doubtful = concluded(kept, judgement_of(stale(view(), KINDS[type(shipment())]), LATER), (), LATER)
    assert doubtful.look_at == LATER + UNSURE_AGAIN
    over = concluded(kept, judgement_of(view(), LATER), (), LATER)
    assert over.look_at == LATER + CLEARED_KEPT
    assert concluded(over, judgement_of(view(), LATER + CLEARED_KEPT), (), LATER + CLEARED_KEPT).findings == ()
    standing = standings_of("SO-1", view(order(), delivery("RELEASED", 0)))
    assert concluded(NEVER, judgement_of(view(), NOW), standing, NOW).look_at == NOW + LOOK_AGAIN


POOL = list({id(entity): entity for told in RAISING.values() for entity in told}.values())


def key(place):
    """A system has one record under one key, and a view one of them."""
    entity, source = POOL[place] if isinstance(POOL[place], tuple) else (POOL[place], "")
    return type(entity), source, getattr(entity, "id", None)


pools = st.lists(st.sampled_from(range(len(POOL))), min_size=1, max_size=8, unique_by=key)


@given(pools, st.randoms(use_true_random=False))
def test_conclusions_do_not_depend_on_the_order_of_what_is_known(chosen, chance):
    shuffled = chance.sample(chosen, len(chosen))
    one, other = (view(*(POOL[place] for place in places)) for places in (chosen, shuffled))
    assert {kind: each.nodes for kind, each in one.items()} == {kind: each.nodes for kind, each in other.items()}
    judged, again = judgement_of(one, NOW), judgement_of(other, NOW)
    assert judged == again
    assert standings_of("SO-1", one) == standings_of("SO-1", other)
    assert headline_of(one, judged.found, NOW) == headline_of(other, again.found, NOW)
