"""Who sees what, cell by cell: written out here once more, so that a slip in the tables of the gateway is noticed."""

from contextlib import aclosing
from pathlib import Path

import pytest

from app.identity.sessions import MAY_OPEN
from domain.caller import Role
from domain.identity import EntityKind
from resolvers import who_sees_what
from resolvers.admission import Admission
from resolvers.documents import Documents
from resolvers.federation import SUBGRAPH
from resolvers.operation import CORE
from resolvers.permissions import AUDITED, EVENTS, FIELDS, sight_of
from tests.callers import calling
from tests.resolvers.canaries import AGENT, ASKED, BOT, FINANCE, KEY, OPS, PANEL, SECTIONS, canary_desk, kinds_asked
from tests.resolvers.listening import Listener, listened
from tests.resolvers.systems import Result
from tests.resolvers.test_entities import view_of
from tests.waiting import wait_until

DOCS = Path(__file__).parents[2] / "docs" / "who-sees-what.md"

COLUMNS = (AGENT, PANEL, BOT, FINANCE, OPS)
TABLE = {
    "serviceCase": "yes no no no no",
    "customer": "yes yes no yes no",
    "orders": "yes yes yes yes no",
    "shipments": "yes yes no yes no",
    "fulfillments": "yes yes no no no",
    "inventory": "yes no no no no",
    "invoices": "yes yes no yes no",
    "credit": "yes no no yes no",
    "returns": "yes yes yes yes no",
    "claims": "yes yes yes yes no",
}
CELLS = [
    (role, section, told == "yes")
    for section, row in TABLE.items()
    for role, told in zip(COLUMNS, row.split(), strict=True)
]
ENTITY = {"serviceCase": "case", "customer": "customer", "credit": "credit"}

VIEW = "query($key: CaseKey!) { caseView(key: $key) { %s } }"
WAYS = {
    "plain": VIEW,
    "fragment": "query($key: CaseKey!) { caseView(key: $key) { ...F } } fragment F on CaseView { %s }",
    "inline fragment": "query($key: CaseKey!) { caseView(key: $key) { ... on CaseView { ... { %s } } } }",
    "included": "query($key: CaseKey!) { caseView(key: $key) { ... @include(if: true) { %s } } }",
    "several": "query($key: CaseKey!) { caseViews(keys: [$key, $key]) { %s } }",
    "refreshed": "mutation($key: CaseKey!) { refreshCaseView(key: $key) { caseView { %s } } }",
    "subgraph": "query($named: [_Any!]!) { _entities(representations: $named) { ... on CaseView { %s } } }",
}
MAY_REFRESH = {AGENT, FINANCE, PANEL}


def asking(section):
    """A section in every way in which it can be written, under another name."""
    inner = ENTITY.get(section, "nodes")
    return f"""seen: {section} {{ __typename ... on Section {{ freshness {{ state }} }} {inner} {{ __typename }}
      again: {inner} {{ __typename }} }}"""


async def asked_in(way, desk, fields):
    if way == "subgraph":
        return await desk.execute(WAYS[way] % fields, core=SUBGRAPH, named=[view_of("SO-1")])
    return await desk.execute(WAYS[way] % fields, key=ASKED)


def view_in(data):
    [found, *_] = data.values()
    found = found[0] if isinstance(found, list) else found
    return found.get("caseView", found)


def nodes_of(section):
    return section.get("nodes") or [each for name in ENTITY.values() if (each := section.get(name))]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("role", "section", "is_seen"), CELLS)
async def test_a_cell(role, section, is_seen, way):
    desk = canary_desk(role)
    result = await asked_in(way, desk, asking(section))
    if way == "refreshed" and role not in MAY_REFRESH:
        assert (result.data, result.status) == (None, 403)
        assert kinds_asked(desk) == set()
        return
    assert result.errors is None
    shown = view_in(result.data)["seen"]
    assert bool(nodes_of(shown)) is is_seen
    assert shown["again"] == nodes_of(shown) or shown["again"] in nodes_of(shown) or not is_seen
    assert shown["freshness"]["state"] == ("FRESH" if is_seen else "FORBIDDEN")
    assert (SECTIONS[section] in kinds_asked(desk)) is is_seen


@pytest.mark.parametrize("role", COLUMNS)
async def test_what_rests_on_everything_asks_for_nothing_that_may_not_be_seen(role):
    desk = canary_desk(role)
    result = await desk.execute(VIEW % "status headline answers { text } timeline { totalCount }", key=ASKED)
    if role is OPS:
        assert result.status == 403
    withheld = {SECTIONS[section] for each, section, is_seen in CELLS if each is role and not is_seen}
    assert not kinds_asked(desk) & withheld


@pytest.mark.parametrize("role", [AGENT, PANEL, BOT, FINANCE])
async def test_cells_of_an_open_view(role, redis, client):  # noqa: ARG001  # the client empties it
    document = "subscription($key: CaseKey!) { caseViewChanged(key: $key) { %s } }"
    fields = " ".join(asking(section).replace("seen:", f"{section}:") for section in TABLE)
    seen = {section for each, section, is_seen in CELLS if each is role and is_seen}
    async with (
        canary_desk(role, redis_url=redis.url) as desk,
        Listener(desk.gateway, document % fields, desk.caller, key=ASKED) as heard,
    ):
        await wait_until(lambda: heard.answers and states(heard.told[-1]).count("FRESH") == len(seen))
        for view in heard.told:
            for section in TABLE.keys() - seen:
                assert (view[section]["freshness"]["state"], nodes_of(view[section])) == ("FORBIDDEN", [])
        assert {section for section in TABLE if nodes_of(heard.told[-1][section])} == seen
        assert kinds_asked(desk) == {SECTIONS[section] for section in seen}


def states(view):
    return [each["freshness"]["state"] for each in view.values()]


@pytest.mark.parametrize(
    ("kind", "key", "role"), [("Customer", "id", BOT), ("Shipment", "id", BOT), ("Order", "number", OPS)]
)
async def test_an_entity_of_a_section_that_may_not_be_seen(kind, key, role):
    desk = canary_desk(role, caller=calling(role, customer="C-1") if role is BOT else calling(role))
    number = {"Customer": "C-1", "Shipment": "S-1", "Order": "SO-1"}[kind]
    document = f"query($named: [_Any!]!) {{ _entities(representations: $named) {{ ... on {kind} {{ {key} }} }} }}"
    result = await desk.execute(document, core=SUBGRAPH, named=[{"__typename": kind, key: number}])
    assert result.data is None or result.data["_entities"] == [None]
    assert {each["extensions"]["code"] for each in result.errors} == {"FORBIDDEN"}
    assert not kinds_asked(desk) & {EntityKind.CUSTOMER, EntityKind.SHIPMENT}


NULL, REFUSED, SHOWN = "null", "refused", "shown"
MONEY = "{ amount }"
PARTS = [
    (PANEL, "customer { customer { name } }", SHOWN),
    (PANEL, "customer { customer { email } }", NULL),
    (PANEL, "customer { customer { phone } }", NULL),
    (PANEL, "customer { customer { serviceLevel } }", NULL),
    (FINANCE, "customer { customer { name } }", SHOWN),
    (FINANCE, "customer { customer { email } }", NULL),
    (FINANCE, "customer { customer { phone } }", NULL),
    (AGENT, "customer { customer { email } }", SHOWN),
    (PANEL, "orders { nodes { status } }", SHOWN),
    (PANEL, "orders { nodes { lines { sku } } }", SHOWN),
    (PANEL, f"orders {{ nodes {{ total {MONEY} }} }}", NULL),
    (FINANCE, f"orders {{ nodes {{ total {MONEY} }} }}", SHOWN),
    (BOT, "orders { nodes { number } }", SHOWN),
    (BOT, "orders { nodes { status } }", SHOWN),
    (BOT, "orders { nodes { statusLabel } }", SHOWN),
    (BOT, "orders { nodes { sourceStatus } }", NULL),
    (BOT, "orders { nodes { customerId } }", NULL),
    (BOT, "orders { nodes { shipTo { city } } }", NULL),
    (BOT, f"orders {{ nodes {{ total {MONEY} }} }}", NULL),
    (BOT, "orders { nodes { lines { sku } } }", REFUSED),
    (BOT, "orders { nodes { holds { kind } } }", REFUSED),
    (PANEL, "invoices { nodes { status } }", SHOWN),
    (PANEL, "invoices { nodes { number } }", SHOWN),
    (PANEL, "invoices { nodes { dueOn } }", NULL),
    (PANEL, "invoices { nodes { dispute { reason } } }", NULL),
    (PANEL, f"invoices {{ nodes {{ total {MONEY} }} }}", REFUSED),
    (PANEL, f"invoices {{ nodes {{ balance {MONEY} }} }}", REFUSED),
    (PANEL, "invoices { nodes { daysOverdue } }", REFUSED),
    (BOT, "returns { nodes { status } }", SHOWN),
    (BOT, "returns { nodes { reason } }", NULL),
    (BOT, "returns { nodes { orderNumber } }", REFUSED),
    (BOT, "claims { nodes { status } }", SHOWN),
    (BOT, "claims { nodes { description } }", NULL),
    (BOT, "claims { nodes { kind } }", REFUSED),
    (PANEL, "returns { nodes { reason } }", SHOWN),
    (PANEL, "shipments { nodes { proofOfDelivery { deliveredAt } } }", SHOWN),
    (PANEL, "shipments { nodes { proofOfDelivery { signedBy } } }", NULL),
    (PANEL, "shipments { nodes { proofOfDelivery { url } } }", NULL),
    (FINANCE, "shipments { nodes { proofOfDelivery { signedBy } } }", SHOWN),
    (PANEL, "shipments { nodes { freshness { source } } }", NULL),
    (PANEL, "orders { freshness { source } }", NULL),
    (BOT, "orders { freshness { source } }", NULL),
    (FINANCE, "orders { freshness { source } }", SHOWN),
    (PANEL, "timeline { edges { node { title } } }", SHOWN),
    (PANEL, "timeline { edges { node { source } } }", REFUSED),
    (BOT, "timeline { totalCount }", REFUSED),
    (PANEL, "discrepancies { state }", SHOWN),
    (PANEL, "discrepancies { summary }", REFUSED),
    (PANEL, "discrepancies { evidence { source } }", REFUSED),
    (PANEL, "discrepancies { rule }", REFUSED),
    (BOT, "discrepancies { state }", SHOWN),
    (BOT, "discrepancies { severity }", REFUSED),
    (BOT, "discrepancies { evidence { says } }", REFUSED),
    (OPS, "discrepancies { state rule severity }", SHOWN),
    (OPS, "discrepancies { summary }", REFUSED),
    (OPS, "discrepancies { evidence { says } }", REFUSED),
    (OPS, "discrepancies { suggestedAction }", REFUSED),
    (FINANCE, "discrepancies { summary evidence { source } }", SHOWN),
    (PANEL, "answers { text }", SHOWN),
    (PANEL, "answers { basedOn { says } }", REFUSED),
    (BOT, "answers { text }", REFUSED),
    (BOT, "headline", SHOWN),
    (OPS, "headline", REFUSED),
    (OPS, "status", REFUSED),
]


def leaves(value):
    match value:
        case dict():
            return [leaf for each in value.values() for leaf in leaves(each)]
        case list():
            return [leaf for each in value for leaf in leaves(each)]
        case _:
            return [value]


@pytest.mark.parametrize(("role", "fields", "told"), PARTS)
async def test_a_part_of_a_cell(role, fields, told):
    desk = canary_desk(role, is_delivered=True)
    result = await desk.execute(VIEW % fields, key=ASKED)
    if told == REFUSED:
        [error] = result.errors
        assert (result.status, error["extensions"]["code"], result.data) == (403, "FORBIDDEN", None)
        assert any(f".{name}:" in error["message"] or f"{name} " in error["message"] for name in names_in(fields))
        assert kinds_asked(desk) == set()
        return
    assert result.errors is None
    said = leaves(result.data["caseView"])
    assert (told == SHOWN) is (None not in said and (said != [] or "discrepancies" in fields))


def names_in(fields):
    return fields.replace("{", " ").replace("}", " ").split()


@pytest.mark.parametrize(("role", "fields"), [(role, fields) for role, fields, told in PARTS if told == REFUSED])
async def test_what_is_not_included_is_not_refused(role, fields):
    document = "query($key: CaseKey!, $yes: Boolean!) { caseView(key: $key) { id ... @include(if: $yes) { %s } } }"
    desk = canary_desk(role)
    result = await desk.execute(document % fields, key=ASKED, yes=False)
    assert (result.errors, list(result.data["caseView"])) == (None, ["id"])
    assert (await desk.execute(document % fields, key=ASKED, yes=True)).status == 403
    left_out = document.replace("@include", "@skip") % fields
    assert (await desk.execute(left_out, key=ASKED, yes=True)).errors is None


async def test_the_source_of_a_milestone_is_not_for_panels():
    document = VIEW % "shipments { nodes { milestones { source } } }"
    assert (await canary_desk(PANEL).execute(document, key=ASKED)).status == 403
    assert (await canary_desk(FINANCE).execute(document, key=ASKED)).errors is None


@pytest.mark.parametrize(
    ("role", "detail", "text"),
    [
        (AGENT, "Invoice INV-1, 1234.56 EUR", "Your objection to invoice INV-1 is being looked into."),
        (PANEL, "Invoice INV-1", "Invoice INV-1 is open."),
    ],
)
async def test_of_an_invoice_a_panel_is_told_how_far_it_is(role, detail, text):
    fields = "timeline { edges { node { title detail entity } } } answers { intent audience text }"
    view = (await canary_desk(role, is_delivered=True).execute(VIEW % fields, key=ASKED)).data["caseView"]
    entries = [each["node"] for each in view["timeline"]["edges"]]
    assert {"title": "Invoice overdue", "detail": detail, "entity": "Invoice INV-1"} in entries
    assert {"intent": "BILLING", "audience": "CUSTOMER", "text": text} in view["answers"]


@pytest.mark.parametrize(
    ("role", "may", "signer"), [(PANEL, False, None), (PANEL, True, "canary-signer"), (BOT, True, None)]
)
async def test_who_signed_is_for_panels_where_it_is_set_so(role, may, signer):
    desk = canary_desk(role, is_delivered=True, panels_see_signatures=may)
    fields = "shipments { nodes { proofOfDelivery { signedBy url } } } headline"
    view = (await desk.execute(VIEW % fields, key=ASKED)).data["caseView"]
    shown = [each["proofOfDelivery"]["signedBy"] for each in view["shipments"]["nodes"]]
    assert shown == ([] if role is BOT else [signer])
    assert ("canary-signer" in view["headline"]) is (signer is not None)


ROOTS = {
    'query { caseView(key: {orderNumber: "SO-1"}) { id } }': {AGENT, PANEL, BOT, FINANCE, OPS},
    "query { caseViews(keys: []) { id } }": {AGENT, PANEL, BOT, FINANCE, OPS},
    'query { eta(key: {orderNumber: "SO-1"}) { kind } }': {AGENT, PANEL, BOT, FINANCE},
    "query { sources { id } }": {AGENT, FINANCE, OPS},
    "query { stalled { totalCount } }": {AGENT},
    "query { deadLetters { totalCount } }": {OPS},
    "query { operationalEventsCursor }": {AGENT, FINANCE, PANEL},
    'mutation { refreshCaseView(key: {orderNumber: "SO-1"}) { caseView { id } } }': MAY_REFRESH,
    "mutation { retryDeadLetters(ids: []) { outcomes { id } } }": {OPS},
    'mutation { discardDeadLetters(ids: [], reason: "x") { outcomes { id } } }': {OPS},
    'subscription { caseViewChanged(key: {orderNumber: "SO-1"}) { id } }': {AGENT, PANEL, BOT, FINANCE},
    "subscription { operationalEvents { id } }": {AGENT, PANEL, FINANCE},
    "query { __schema { queryType { name } } }": {AGENT, PANEL, BOT, FINANCE, OPS},
}


CELLS_OF_ROOTS = [(document, role) for document in ROOTS for role in (*COLUMNS, None)]


async def first_answer(desk, document):
    if not document.startswith("subscription"):
        return await desk.execute(document)
    async with aclosing(listened(desk.gateway, document, desk.caller)) as answers:
        answer = await anext(answers)
        return Result(answer.body.get("data"), answer.body.get("errors"), None, answer.status)


@pytest.mark.parametrize(("document", "role"), [each for each in CELLS_OF_ROOTS if each[1] not in ROOTS[each[0]]])
async def test_a_root_is_not_for_others_and_nothing_is_for_who_has_no_role(document, role):
    desk = canary_desk(role or AGENT, **({} if role else {"caller": calling()}))
    result = await first_answer(desk, document)
    assert (result.status, result.data, result.errors[0]["extensions"]["code"]) == (403, None, "FORBIDDEN")
    assert kinds_asked(desk) == set()


@pytest.mark.parametrize(("document", "role"), [each for each in CELLS_OF_ROOTS if each[1] in ROOTS[each[0]]])
def test_a_root_is_for_some(document, role):
    parsed = Documents(CORE).of_text(document)
    admission = Admission(CORE, sight_of(frozenset({role})), frozenset(Role))
    assert admission.admitted(parsed, parsed.operation(None), {})


def test_every_root_is_in_the_table():
    roots = [CORE.query_type, CORE.mutation_type, CORE.subscription_type]
    assert {f"{root.name}.{field}" for root in roots for field in root.fields} <= FIELDS.keys()


@pytest.mark.parametrize("line", [*FIELDS, *AUDITED])
def test_every_line_is_of_a_field_that_there_is(line):
    kind, field = line.split(".")
    assert field == "*" or field in CORE.type_map[kind].fields


def test_every_event_is_in_the_table():
    assert len(EVENTS) == len(type(next(iter(EVENTS))))


@pytest.mark.parametrize(
    ("opener", "opened"), [(opener, opened) for opener, some in MAY_OPEN.items() for opened in Role if opened in some]
)
def test_a_session_sees_no_more_than_who_opens_it(opener, opened):
    mine, theirs = (sight_of(frozenset({role}), panels_see_signatures=True) for role in (opener, opened))
    assert theirs.kinds <= mine.kinds
    assert theirs.concluding <= mine.concluding
    assert mine.names_sources or not theirs.names_sources
    coordinates = [(name, field) for name, kind in CORE.type_map.items() for field in getattr(kind, "fields", {})]
    assert not [each for each in coordinates if mine.withholds(*each) and not theirs.withholds(*each)]
    assert not [event for event, allowed in EVENTS.items() if opened in allowed and opener not in allowed]


def test_the_page_is_the_table():
    assert DOCS.read_text(encoding="utf-8") == who_sees_what.printed(), "run `make schema` and look at what changed"


def test_nobody_is_forgotten():
    assert set(COLUMNS) == set(who_sees_what.COLUMNS) == set(Role)
    assert set(TABLE) == set(who_sees_what.NAMES.values())
    assert KEY.value == "SO-1"
