"""What is answered to each question, to whom, on what it rests and how far it can be relied on."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.answers import ASKED_ABOUT, answers_of
from domain.contradictions import judgement_of
from domain.discrepancy import DiscrepancyState
from domain.eta import best_eta
from domain.freshness import FreshnessState
from domain.hold import Hold, HoldKind
from domain.identity import EntityKind
from domain.saying import Audience
from domain.service_case import CaseKind
from tests.domain.test_contradictions import (
    NOW,
    case,
    claim,
    credit,
    delivery,
    eur,
    invoice,
    order,
    returned,
    shipment,
    stock,
    trouble,
    view,
)

DAY = timedelta(days=1)


def answered(*told, found=None, **how):
    sections = view(*told, **how)
    judged = judgement_of(sections, NOW).found if found is None else found
    return {(each.intent.name, each.audience): each for each in answers_of(sections, judged, NOW)}


def codes(answer):
    return [each.code for each in answer.text]


@pytest.mark.parametrize(
    ("told", "questions"),
    [
        pytest.param([case("WISMO"), order()], ["WISMO"], id="what the case asks"),
        pytest.param([case("BILLING"), order()], ["BILLING", "WISMO"], id="and always where it is"),
        pytest.param([case("OTHER"), order()], ["WISMO"], id="a question that there is no answer to"),
        pytest.param([case("BILLING", "CLOSED"), order()], ["WISMO"], id="a case that is over asks nothing"),
        pytest.param([shipment(exceptions=(trouble("DAMAGE"),))], ["DAMAGE", "WISMO"], id="the facts raise it"),
        pytest.param([shipment("LOST")], ["LOSS", "WISMO"], id="lost"),
        pytest.param([shipment("PARTIALLY_DELIVERED")], ["SHORTAGE", "WISMO"], id="short"),
        pytest.param([invoice("OVERDUE"), order()], ["BILLING", "WISMO"], id="overdue"),
        pytest.param([returned(), order()], ["RETURN", "WISMO"], id="it comes back"),
        pytest.param([order("ON_HOLD"), credit("BLOCKED_ALL")], ["CREDIT", "WISMO"], id="held for credit"),
        pytest.param([], [], id="nothing is known"),
    ],
)
def test_which_questions_are_answered(told, questions):
    found = answered(*told)
    assert [intent for intent, audience in found if audience is Audience.AGENT] == questions
    assert [intent for intent, audience in found if audience is Audience.CUSTOMER] == questions


@pytest.mark.parametrize(
    ("told", "kind", "to_agent", "to_customer"),
    [
        pytest.param(
            [case("WISMO"), order("SHIPPED"), shipment(eta=best_eta(estimate=NOW + DAY))],
            "WISMO",
            {"answer.agent.order", "answer.agent.shipment", "answer.agent.expected"},
            "headline.expected",
            id="where is it",
        ),
        pytest.param(
            [case("DAMAGE"), shipment(exceptions=(trouble("DAMAGE"),)), claim("IN_REVIEW", filed=1)],
            "DAMAGE",
            {"answer.agent.reported", "answer.agent.claim"},
            "answer.damage.claimed",
            id="damage",
        ),
        pytest.param(
            [case("LOSS"), shipment("LOST")],
            "LOSS",
            {"answer.agent.shipment", "answer.agent.unclaimed"},
            "answer.loss.lost",
            id="loss",
        ),
        pytest.param(
            [case("SHORTAGE"), order(), delivery("PARTIALLY_PICKED", 4, shipped=4), stock(3)],
            "SHORTAGE",
            {"answer.agent.short", "answer.agent.stock"},
            "answer.shortage.to_come",
            id="shortage",
        ),
        pytest.param(
            [case("BILLING"), invoice("PARTIALLY_PAID", balance=eur(40))],
            "BILLING",
            {"answer.agent.invoice"},
            "answer.invoice.partly_paid",
            id="bill",
        ),
        pytest.param(
            [case("RETURN"), returned("INSPECTED")],
            "RETURN",
            {"answer.agent.return"},
            "answer.return.inspected",
            id="back",
        ),
        pytest.param(
            [case("CREDIT"), order("ON_HOLD", holds=(Hold(kind=HoldKind.CREDIT),)), credit("BLOCKED_ALL")],
            "CREDIT",
            {"answer.agent.credit", "hold.why", "hold.owned", "hold.released"},
            "answer.account.looked_at",
            id="credit",
        ),
    ],
)
def test_each_question_has_an_answer_for_both(told, kind, to_agent, to_customer):
    found = answered(*told)
    agent, customer = found[kind, Audience.AGENT], found[kind, Audience.CUSTOMER]
    assert to_agent <= set(codes(agent))
    assert codes(customer)[0] == to_customer
    assert agent.based_on
    assert customer.based_on == (), "evidence names systems"


def test_every_question_is_in_the_table_above():
    asked = {each.values[1] for mark in test_each_question_has_an_answer_for_both.pytestmark for each in mark.args[1]}
    assert asked == {kind.name for kind in CaseKind} - {"OTHER"}
    assert EntityKind.SERVICE_CASE in ASKED_ABOUT


def test_an_agent_is_told_what_to_do_and_a_customer_only_that_it_is_being_checked():
    found = answered(case("WISMO"), order("CANCELLED"), shipment())
    agent, customer = found["WISMO", Audience.AGENT], found["WISMO", Audience.CUSTOMER]
    assert "answer.agent.do" in codes(agent)
    assert "answer.caveat.contradicted" in [each.code for each in agent.caveats]
    assert codes(customer) == ["headline.found.cancelled_but_moving"], "what the person says to whom a bot hands over"
    assert [each.code for each in customer.caveats] == ["answer.caveat.checked"]


def test_what_is_over_is_neither_told_nor_evidence():
    told = [case("WISMO"), order("SHIPPED"), shipment()]
    [wrong] = judgement_of(view(case("WISMO"), order("CANCELLED"), shipment()), NOW).found
    over = replace(wrong, state=DiscrepancyState.CLEARED, cleared_at=NOW)
    assert answered(*told, found=[over]) == answered(*told, found=[])
    assert answered(*told, found=[wrong]) != answered(*told, found=[])


def test_no_date_is_told_of_what_was_stopped():
    stopped = shipment(eta=best_eta(estimate=NOW + DAY), exceptions=(trouble("DAMAGE", DAY),))
    assert "answer.agent.expected" not in codes(answered(stopped)["WISMO", Audience.AGENT])


def test_how_far_it_can_be_relied_on():
    told = [case("WISMO"), order("SHIPPED"), shipment(eta=best_eta(planned=NOW + DAY))]
    old = answered(*told, state=FreshnessState.STALE)
    assert {each.code for each in old["WISMO", Audience.AGENT].caveats} >= {
        "answer.caveat.old",
        "answer.caveat.planned",
    }
    assert [each.code for each in old["WISMO", Audience.CUSTOMER].caveats] == [
        "answer.caveat.as_of",
        "answer.caveat.planned",
    ]
    assert old["WISMO", Audience.AGENT].valid_until == NOW
    missing = answered(*told, missing={EntityKind.FULFILLMENT})
    agent = [each.code for each in missing["WISMO", Audience.AGENT].caveats]
    assert agent[:2] == ["answer.caveat.missing", "answer.why.TIMEOUT"]


def test_until_when_it_may_be_said():
    sections = view(case("WISMO"), order("SHIPPED"), shipment())
    for kind, seconds in ((EntityKind.ORDER, 60.0), (EntityKind.SHIPMENT, 20.0)):
        freshness = replace(sections[kind].freshness, max_age_seconds=seconds)
        sections[kind] = replace(sections[kind], freshness=freshness)
    [agent, _] = answers_of(sections, (), NOW)
    assert agent.valid_until == NOW + timedelta(seconds=20)


def test_of_many_the_first_are_told_and_how_many_more_there_are():
    orders = [replace(order(), number=f"SO-{n}") for n in range(8)]
    told = answered(*[(each, f"erp-{n}") for n, each in enumerate(orders)])["WISMO", Audience.AGENT]
    assert codes(told).count("answer.agent.order") == 5
    [more] = [each for each in told.text if each.code == "answer.agent.more"]
    assert more.facts["count"] == 3
