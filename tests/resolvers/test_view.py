"""How a view is put together: what is asked of whom, and what is said when somebody cannot answer."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.billing import CreditState, CreditStatus, Invoice, InvoiceStatus
from domain.claims import Claim, ClaimKind, ClaimStatus
from domain.customer import Customer
from domain.errors import Refused, TooSlow, UnusableAnswer
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKind, Scheme
from domain.money import Money
from domain.order import Order, OrderStatus
from domain.service_case import CaseKind, ServiceCase, ServiceCaseStatus
from domain.shipment import Carrier, Shipment, ShipmentStatus
from tests.resolvers.systems import MOMENT, Desk, System, reference

K, S = EntityKind, Scheme
NOTHING = Money(amount=Decimal(0), currency="EUR")

ORDER = Order(
    number="SO-1",
    purchase_order_number="PO-1",
    customer_id="C-1",
    status=OrderStatus.RELEASED,
    references=(reference(S.TRACKING, "1Z1", "UPS"), reference(S.TRACKING, "1Z2", "UPS")),
)
INVOICE = Invoice(number="INV-1", order_numbers=("SO-1",), status=InvoiceStatus.OPEN, total=NOTHING, balance=NOTHING)
CREDIT = CreditStatus(customer_id="C-1", status=CreditState.OK)
CUSTOMER = Customer(id="C-1", name="Northwind")
LINE = FulfillmentLine(sku="A", ordered_quantity=Decimal(1), picked_quantity=Decimal(0))
FULFILLMENT = Fulfillment(
    id="F-1",
    order_number="SO-1",
    status=FulfillmentStatus.PACKED,
    lines=(LINE,),
    packages=(Package(id="P-1", tracking_number="1Z1"), Package(id="P-2", tracking_number="1Z2")),
)
PARCELS = {
    number: Shipment(
        id=f"UPS:{number}", tracking_number=number, carrier=Carrier(name="UPS"), status=ShipmentStatus.IN_TRANSIT
    )
    for number in ("1Z1", "1Z2")
}
CLAIM = Claim(number="CL-1", tracking_number="1Z1", kind=ClaimKind.DAMAGE, status=ClaimStatus.FILED)
CASE = ServiceCase(
    number="CS-1",
    subject="Where is it?",
    kind=CaseKind.WISMO,
    status=ServiceCaseStatus.OPEN,
    opened_at=MOMENT,
    order_numbers=("SO-1",),
)


@pytest.fixture
def erp():
    return System(
        "erp",
        {K.ORDER: (S.SO, S.PO), K.INVOICE: (S.SO, S.INVOICE), K.CREDIT: (S.CUSTOMER,), K.CUSTOMER: (S.CUSTOMER,)},
        {
            (K.ORDER, S.SO, "SO-1"): [ORDER],
            (K.ORDER, S.PO, "PO-1"): [ORDER],
            (K.INVOICE, S.SO, "SO-1"): [INVOICE],
            (K.INVOICE, S.INVOICE, "INV-1"): [INVOICE],
            (K.CREDIT, S.CUSTOMER, "C-1"): [CREDIT],
            (K.CUSTOMER, S.CUSTOMER, "C-1"): [CUSTOMER],
        },
    )


@pytest.fixture
def wms():
    known = {(K.FULFILLMENT, S.SO, "SO-1"): [FULFILLMENT], (K.FULFILLMENT, S.TRACKING, "1Z2"): [FULFILLMENT]}
    return System("wms", {K.FULFILLMENT: (S.SO, S.TRACKING)}, known)


@pytest.fixture
def tms():
    known = {(K.SHIPMENT, S.TRACKING, number): [parcel] for number, parcel in PARCELS.items()}
    known[K.SHIPMENT, S.SHIPMENT_ID, "UPS:1Z1"] = [PARCELS["1Z1"]]
    return System("tms", {K.SHIPMENT: (S.TRACKING, S.SHIPMENT_ID)}, known)


@pytest.fixture
def claims():
    return System("claims", {K.CLAIM: (S.TRACKING,)}, {(K.CLAIM, S.TRACKING, "1Z1"): [CLAIM]})


@pytest.fixture
def crm():
    known = {(K.SERVICE_CASE, S.CASE, "CS-1"): [CASE], (K.SERVICE_CASE, S.SO, "SO-1"): [CASE]}
    return System("crm", {K.SERVICE_CASE: (S.CASE, S.SO)}, known)


@pytest.fixture
def desk(erp, wms, tms, claims, crm):
    return Desk([erp, wms, tms, claims, crm])


STATE = "freshness { state source } problem { code source message }"
ALL = f"""
  status completeness
  serviceCase {{ {STATE} case {{ number }} }}
  customer {{ {STATE} customer {{ name }} }}
  orders {{ {STATE} nodes {{ number }} }}
  shipments {{ {STATE} nodes {{ id freshness {{ state source origin }} }} }}
  fulfillments {{ {STATE} nodes {{ id }} }}
  invoices {{ {STATE} nodes {{ number }} }}
  credit {{ {STATE} credit {{ status }} }}
  claims {{ {STATE} nodes {{ number }} }}
"""
SECTIONS = ("serviceCase", "customer", "orders", "shipments", "fulfillments", "invoices", "credit", "claims")


@pytest.mark.parametrize(
    "key",
    [
        {"orderNumber": "SO-1"},
        {"caseNumber": "CS-1"},
        {"purchaseOrderNumber": "PO-1"},
        {"invoiceNumber": "INV-1"},
        {"trackingNumber": "1Z2"},
    ],
    ids=lambda key: next(iter(key)),
)
async def test_every_key_leads_to_the_whole_case(desk, key):
    view = await desk.view(ALL, **key)
    assert {section: view[section]["freshness"]["state"] for section in SECTIONS} == dict.fromkeys(SECTIONS, "FRESH")
    assert view["serviceCase"]["case"]["number"] == "CS-1"
    assert view["customer"]["customer"]["name"] == "Northwind"
    assert [node["number"] for node in view["orders"]["nodes"]] == ["SO-1"]
    assert [node["id"] for node in view["shipments"]["nodes"]] == ["UPS:1Z1", "UPS:1Z2"]
    assert [node["id"] for node in view["fulfillments"]["nodes"]] == ["F-1"]
    assert [node["number"] for node in view["invoices"]["nodes"]] == ["INV-1"]
    assert view["credit"]["credit"]["status"] == "OK"
    assert [node["number"] for node in view["claims"]["nodes"]] == ["CL-1"]
    assert (view["status"], view["completeness"]) == ("IN_TRANSIT", 1)


async def test_a_shipment_that_names_no_order_is_a_view_of_that_shipment(desk):
    view = await desk.view(ALL, shipmentId="UPS:1Z1")
    assert [node["id"] for node in view["shipments"]["nodes"]] == ["UPS:1Z1"]
    assert [node["number"] for node in view["claims"]["nodes"]] == ["CL-1"]
    assert view["orders"]["nodes"] == []


@pytest.mark.parametrize(
    ("fields", "questions"),
    [
        pytest.param("id", {"ORDER by SO SO-1", "FULFILLMENT by SO SO-1"}, id="only whether it exists"),
        pytest.param("invoices { nodes { number } }", {"INVOICE by SO SO-1"}, id="one section is one question"),
        pytest.param(
            "credit { credit { status } }",
            {"ORDER by SO SO-1", "CREDIT by CUSTOMER C-1"},
            id="the customer is learned from the order",
        ),
        pytest.param(
            "... on CaseView { orders @skip(if: true) { id } ...F } __typename",
            {"FULFILLMENT by SO SO-1"},
            id="fragments are followed and skipped fields are not read",
        ),
        pytest.param(
            "shipments { nodes { id } }",
            {"ORDER by SO SO-1", "FULFILLMENT by SO SO-1", "SHIPMENT by TRACKING 1Z1", "SHIPMENT by TRACKING 1Z2"},
            id="tracking numbers are learned from order and warehouse",
        ),
    ],
)
async def test_a_view_asks_only_for_what_the_selection_needs(desk, fields, questions):
    document = f"query($key: CaseKey!) {{ caseView(key: $key) {{ {fields} }} }}"
    document += " fragment F on CaseView { fulfillments { nodes { id } } }" * ("...F" in fields)
    result = await desk.execute(document, key={"orderNumber": "SO-1"})
    assert result.errors is None
    assert set().union(*(system.questions for system in desk.systems)) == questions


@pytest.mark.parametrize(
    ("broken", "affected"),
    [
        ("erp", {"orders", "customer", "invoices", "credit"}),
        ("wms", {"fulfillments"}),
        ("tms", {"shipments"}),
        ("claims", {"claims"}),
        ("crm", {"serviceCase"}),
    ],
)
@pytest.mark.parametrize("failure", ["fails", "hangs"])
async def test_a_broken_system_affects_exactly_its_own_sections(desk, broken, affected, failure):
    healthy = await desk.view(ALL, orderNumber="SO-1")
    system = next(system for system in desk.systems if system.name == broken)
    system.failure, system.hangs = (TooSlow, False) if failure == "fails" else (None, True)
    desk.gateway = Desk(desk.systems, longest=timedelta(milliseconds=150)).gateway
    view = await desk.view(ALL, orderNumber="SO-1")
    assert {section for section in SECTIONS if view[section] != healthy[section]} == affected
    for section in affected:
        assert view[section]["freshness"]["state"] == "UNAVAILABLE"
        assert view[section]["problem"]["code"] == "TIMEOUT"
        assert view[section]["problem"]["source"] == broken


async def test_nothing_is_said_to_be_empty_when_its_numbers_could_not_be_learned(desk, erp, wms):
    erp.failure = wms.failure = TooSlow
    view = await desk.view(ALL, orderNumber="SO-1")
    assert view["shipments"]["freshness"]["state"] == "UNAVAILABLE"
    assert view["shipments"]["problem"]["source"] in {"erp", "wms"}
    assert view["claims"]["freshness"]["state"] == "UNAVAILABLE"


async def test_nothing_linked_is_an_answer(desk, erp, wms):
    erp.knows[K.ORDER, S.SO, "SO-1"] = [Order(number="SO-1", status=OrderStatus.CONFIRMED)]
    wms.knows.clear()
    view = await desk.view(ALL, orderNumber="SO-1")
    assert view["shipments"] == {"freshness": {"state": "FRESH", "source": "tms"}, "problem": None, "nodes": []}


async def test_a_key_that_no_system_knows_is_null(desk):
    assert await desk.view(ALL, orderNumber="SO-9") is None
    assert await desk.view("invoices { nodes { number } }", orderNumber="SO-9") is None
    assert await desk.view("id", caseNumber="CS-9") is None


async def test_an_order_without_invoices_is_not_null(desk, erp):
    del erp.knows[K.INVOICE, S.SO, "SO-1"]
    view = await desk.view(f"invoices {{ {STATE} nodes {{ number }} }}", orderNumber="SO-1")
    assert view["invoices"] == {"freshness": {"state": "FRESH", "source": "erp"}, "problem": None, "nodes": []}


async def test_a_key_that_nobody_could_look_up_is_not_null(desk, crm):
    crm.failure = Refused
    view = await desk.view(ALL, caseNumber="CS-1")
    assert view["completeness"] == 0
    assert view["orders"]["problem"]["code"] == "UNAUTHORIZED"


async def test_a_section_without_a_source_says_so():
    view = await Desk([]).view("claims { problem { code message } }", orderNumber="SO-1")
    assert view is None


async def test_a_section_without_a_source_says_so_when_the_order_is_known(erp):
    view = await Desk([erp]).view(
        "orders { nodes { number } } claims { freshness { state } problem { message } }", orderNumber="SO-1"
    )
    assert view["claims"]["freshness"]["state"] == "UNAVAILABLE"
    assert "no source is configured for CLAIM" in view["claims"]["problem"]["message"]


async def test_two_sources_of_one_kind_and_one_fails(desk):
    desk_claims = System("desk", {K.CLAIM: (S.SO,)}, failure=UnusableAnswer)
    both = Desk([*desk.systems, desk_claims])
    view = await both.view(f"claims {{ {STATE} nodes {{ number }} }}", orderNumber="SO-1")
    assert view["claims"]["freshness"]["state"] == "STALE"
    assert view["claims"]["problem"]["source"] == "desk"
    assert [node["number"] for node in view["claims"]["nodes"]] == ["CL-1"]


async def test_an_adapter_that_breaks_is_a_bad_response_and_not_an_error(desk, erp):
    erp.failure = KeyError
    view = await desk.view(ALL, orderNumber="SO-1")
    assert view["orders"]["problem"]["code"] == "BAD_RESPONSE"
    assert view["fulfillments"]["freshness"]["state"] == "FRESH"


async def test_a_truck_full_of_other_orders_does_not_drag_them_in(erp, wms):
    truck = Shipment(
        id="T-1", order_numbers=("SO-1", *(f"SO-{n}" for n in range(2, 40))), status=ShipmentStatus.IN_TRANSIT
    )
    tms = System("tms", {K.SHIPMENT: (S.SO,)}, {(K.SHIPMENT, S.SO, "SO-1"): [truck]})
    view = await Desk([erp, wms, tms]).view(
        "orders { nodes { number } } shipments { nodes { id } }", orderNumber="SO-1"
    )
    assert [node["number"] for node in view["orders"]["nodes"]] == ["SO-1"]
    assert not any("SO-2" in question for question in erp.questions)


async def test_a_truck_asked_for_by_its_own_number_shows_a_bounded_number_of_orders(erp, wms):
    truck = Shipment(id="T-1", order_numbers=tuple(f"SO-{n}" for n in range(1, 60)), status=ShipmentStatus.IN_TRANSIT)
    tms = System("tms", {K.SHIPMENT: (S.SO, S.SHIPMENT_ID)}, {(K.SHIPMENT, S.SHIPMENT_ID, "T-1"): [truck]})
    await Desk([erp, wms, tms]).view("orders { nodes { number } }", shipmentId="T-1")
    assert sum(question.startswith("ORDER by SO") for question in erp.questions) == 25


async def test_state_only_asks_nobody(desk):
    document = """query($key: CaseKey!) {
      caseView(key: $key, freshness: {onStale: STATE_ONLY}) { orders { freshness { state } problem { code } } }
    }"""
    result = await desk.execute(document, key={"orderNumber": "SO-1"})
    assert result.data["caseView"]["orders"] == {"freshness": {"state": "UNAVAILABLE"}, "problem": None}
    assert not any(system.asked for system in desk.systems)


@pytest.mark.parametrize(("delay_seconds", "asked"), [(0.005, 1), (0.2, 2)], ids=["a moment later", "much later"])
async def test_numbers_that_another_system_names_a_moment_later_are_asked_for_together(
    desk, erp, wms, tms, delay_seconds, asked
):
    erp.delay_seconds = delay_seconds
    package = Package(id="P-1", tracking_number="1Z2")
    wms.knows[K.FULFILLMENT, S.SO, "SO-1"] = [
        Fulfillment(id="F-1", order_number="SO-1", status=FulfillmentStatus.PACKED, packages=(package,))
    ]
    view = await desk.view("shipments { nodes { id } }", orderNumber="SO-1")
    assert [node["id"] for node in view["shipments"]["nodes"]] == ["UPS:1Z1", "UPS:1Z2"]
    assert len(tms.asked) == asked


async def test_an_answer_says_what_it_cost(desk):
    result = await desk.execute(
        f"query($key: CaseKey!) {{ caseView(key: $key) {{ {ALL} }} }}", key={"orderNumber": "SO-1"}
    )
    spent = result.extensions["casefold"]["sources"]
    assert {source: each["calls"] for source, each in spent.items()} == {
        "claims": 1,
        "crm": 1,
        "erp": 2,
        "tms": 1,
        "wms": 1,
    }
    assert {each["origin"] for each in spent.values()} == {"API"}


class TestManyViews:
    DOCUMENT = f"query($keys: [CaseKey!]!) {{ caseViews(keys: $keys) {{ {ALL} }} }}"

    async def test_fifty_views_are_one_call_per_source_and_step(self, desk, erp, wms, tms):
        for n in range(50):
            numbers = (f"SO-{n}", f"1Z{n}")
            order = Order(number=numbers[0], customer_id="C-1", status=OrderStatus.RELEASED)
            package = Package(id=f"P-{n}", tracking_number=numbers[1])
            erp.knows[K.ORDER, S.SO, numbers[0]] = [order]
            wms.knows[K.FULFILLMENT, S.SO, numbers[0]] = [
                Fulfillment(id=f"F-{n}", order_number=numbers[0], status=FulfillmentStatus.PACKED, packages=(package,))
            ]
            tms.knows[K.SHIPMENT, S.TRACKING, numbers[1]] = [Shipment(id=numbers[1], status=ShipmentStatus.BOOKED)]
        result = await desk.execute(self.DOCUMENT, keys=[{"orderNumber": f"SO-{n}"} for n in range(50)])
        assert [view["shipments"]["nodes"][0]["id"] for view in result.data["caseViews"]] == [
            f"1Z{n}" for n in range(50)
        ]
        assert len(wms.asked) == 1
        assert len(tms.asked) == 1
        assert len(erp.asked) == 2  # orders and invoices; then, its number being known, the customer and the credit

    async def test_one_customer_of_many_orders_is_asked_for_once(self, desk, erp):
        erp.knows[K.ORDER, S.SO, "SO-2"] = [Order(number="SO-2", customer_id="C-1", status=OrderStatus.DRAFT)]
        await desk.execute(self.DOCUMENT, keys=[{"orderNumber": "SO-1"}, {"orderNumber": "SO-2"}])
        asked = [lookup for call in erp.asked for lookup in call if lookup.kind is K.CREDIT]
        assert len(asked) == 1

    async def test_unknown_keys_are_null_in_their_place(self, desk):
        keys = [{"orderNumber": "SO-9"}, {"caseNumber": "CS-1"}, {"orderNumber": "SO-1"}]
        result = await desk.execute(
            "query($keys: [CaseKey!]!) { caseViews(keys: $keys) { orders { nodes { number } } } }", keys=keys
        )
        assert [view and view["orders"]["nodes"][0]["number"] for view in result.data["caseViews"]] == [
            None,
            "SO-1",
            "SO-1",
        ]

    async def test_no_more_than_fifty(self, desk):
        result = await desk.execute(self.DOCUMENT, keys=[{"orderNumber": "SO-1"}] * 51)
        assert "keys: found 51, allowed: at most 50" in str(result.errors[0]["message"])
        assert not any(system.asked for system in desk.systems)

    async def test_a_batch_is_no_larger_than_the_source_takes(self, desk, wms):
        wms.max_batch = 20
        small = Desk(desk.systems)
        await small.execute(
            "query($keys: [CaseKey!]!) { caseViews(keys: $keys) { fulfillments { nodes { id } } } }",
            keys=[{"orderNumber": f"SO-{n}"} for n in range(50)],
        )
        first = [len(call) for call in wms.asked[:3]]
        assert sorted(first) == [10, 20, 20]
