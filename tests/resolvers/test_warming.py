"""What registered documents ask for is compiled before anybody asks."""

import pytest

from domain.caller import Role
from examples.derived import examples
from resolvers.documents import Documents, document_id
from resolvers.federation import SUBGRAPH
from resolvers.operation import CORE, Operations, Request
from resolvers.permissions import sight_of
from resolvers.projection import execution
from resolvers.projection.plans import Plans
from resolvers.projection.warming import warm
from tests.callers import calling
from tests.resolvers.test_projection import KEY, OF_CASES, context_of
from tests.resolvers.world import rich_desk

SIGHTS = [sight_of(frozenset({role})) for role in Role]


@pytest.fixture
def plans(monkeypatch):
    plans = Plans()
    monkeypatch.setattr(execution, "PLANS", plans)
    return plans


def operations_of(plans, *texts, core=CORE):
    documents = Documents(core, trusted={document_id(text): text for text in texts})
    warm(core, documents.registered, SIGHTS, plans)
    return Operations(core, documents)


async def ask(operations, text, role, **variables):
    desk = rich_desk()
    desk.caller = calling(role, customer="C-77") if role is Role.BOT else calling(role)
    answer = await operations.execute(Request(document_id=document_id(text), variables=variables), context_of(desk))
    assert "errors" not in answer.body, answer.body
    return answer.body["data"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.FINANCE, Role.PANEL, Role.BOT])
async def test_the_first_question_finds_it_compiled(plans, role):
    texts = [each.text for each in OF_CASES if each.role in {role, Role.BOT}]
    operations = operations_of(plans, *texts)
    made, allowed = plans.made, 0
    for text in texts:
        document = operations.documents.of_id(document_id(text))
        assert document.price(None if None in document.operations else next(iter(document.operations)), CORE)
        allowed += bool(await ask(operations, text, role, **KEY))
    assert allowed == len(texts)
    assert made
    assert plans.made == made
    assert not plans.left


async def test_variables_take_their_defaults_and_what_has_none_waits(plans):
    heads = 'query($key: CaseKey!, $to: String = "de", $of: Int, $no: Boolean!)'
    text = heads + " { caseView(key: $key) { headline(locale: $to) timeline(first: $of) { totalCount } } }"
    conditional = heads + " { caseView(key: $key) { id @skip(if: $no) headline(locale: $to) answers { text } } }"
    text, conditional = text.replace(", $no: Boolean!", ""), conditional.replace(", $of: Int", "")
    operations = operations_of(plans, text, conditional)
    made = plans.made
    await ask(operations, text, Role.AGENT, **KEY)
    await ask(operations, text, Role.AGENT, **KEY, to="de")
    assert plans.made == made
    await ask(operations, text, Role.AGENT, **KEY, to="fr")
    await ask(operations, conditional, Role.AGENT, **KEY, no=True)
    assert plans.made == made + 2


async def test_strangers_do_not_push_them_out(plans, monkeypatch):
    monkeypatch.setattr("resolvers.projection.plans.KEPT_PLANS", 2)
    text = "query($key: CaseKey!) { caseView(key: $key) { id } }"
    operations, desk = operations_of(plans, text), rich_desk()
    for n in range(5):
        await operations.execute(Request(text.replace("id", f"a{n}: id"), KEY), context_of(desk))
    made = plans.made
    await ask(operations, text, Role.AGENT, **KEY)
    assert plans.made == made


def test_entities_mutations_and_what_is_listened_to_are_compiled_too(plans):
    entities = (
        "query($all: [_Any!]!) { _entities(representations: $all) { ... on Order { number } ... on CaseView { id } } }"
    )
    operations_of(plans, entities, core=SUBGRAPH)
    assert {key[1] for key in plans._for_good} == {"Order", "CaseView", "Shipment", "Customer"}
    plans._for_good.clear()
    operations_of(
        plans,
        'mutation { refreshCaseView(key: {orderNumber: "SO-1"}) { caseView { id } } }',
        "query { sources { id } }",
        *(each.text for each in examples() if each.kind == "subscription"),
    )
    assert {key[1] for key in plans._for_good} == {"CaseView"}
