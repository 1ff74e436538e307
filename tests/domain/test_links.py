from decimal import Decimal

import pytest

from domain.customer import Customer
from domain.fulfillment import Fulfillment, FulfillmentLine, FulfillmentStatus, Package
from domain.identity import EntityKind, Reference, Scheme
from domain.links import kinds_to_read, references_of
from domain.order import Order, OrderLine, OrderStatus
from domain.shipment import Carrier, Shipment, ShipmentStatus

K, S = EntityKind, Scheme


def names(entity, *schemes):
    found = references_of(entity, frozenset(schemes)) if schemes else references_of(entity)
    return {(each.scheme, each.value, each.issuer) for each in found}


ORDER = Order(
    number="SO-1",
    purchase_order_number="PO-1",
    customer_id="C-1",
    status=OrderStatus.DRAFT,
    lines=(OrderLine(line_number="1", sku="A", ordered_quantity=Decimal(1)),),
    references=(Reference(scheme=S.TRACKING, value="1Z", issuer="UPS"),),
)


def test_an_order_names_its_customer_items_and_what_its_record_carries():
    assert names(ORDER) == {
        (S.SO, "SO-1", None),
        (S.PO, "PO-1", "C-1"),  # a purchase order number is unique only for its customer
        (S.CUSTOMER, "C-1", None),
        (S.SKU, "A", None),
        (S.TRACKING, "1Z", "UPS"),
    }


def test_a_tracking_number_is_the_carriers():
    shipment = Shipment(id="S", tracking_number="1Z", carrier=Carrier(name="UPS"), status=ShipmentStatus.BOOKED)
    assert (S.TRACKING, "1Z", "UPS") in names(shipment)


def test_a_fulfillment_names_its_packages():
    package = Package(id="P", tracking_number="1Z", sscc="340123450000000018")
    line = FulfillmentLine(sku="A", ordered_quantity=Decimal(1), picked_quantity=Decimal(0))
    fulfillment = Fulfillment(
        id="F", order_number="SO-1", status=FulfillmentStatus.PACKED, lines=(line,), packages=(package,)
    )
    assert names(fulfillment, S.TRACKING, S.SSCC, S.DELIVERY) == {
        (S.TRACKING, "1Z", None),
        (S.SSCC, "340123450000000018", None),
        (S.DELIVERY, "F", None),
    }


def test_numbers_that_nobody_asks_for_are_not_made():
    assert names(ORDER, S.TRACKING) == {(S.TRACKING, "1Z", "UPS")}
    assert names(Customer(id="C-1", name="N"), S.SKU) == set()


BY_ORDER, BY_TRACKING, BY_CUSTOMER = frozenset({S.SO}), frozenset({S.TRACKING}), frozenset({S.CUSTOMER})
SYSTEMS = {
    K.ORDER: (BY_ORDER | {S.PO},),
    K.FULFILLMENT: (BY_ORDER,),
    K.INVOICE: (BY_ORDER | {S.INVOICE},),
    K.SHIPMENT: (BY_TRACKING,),
    K.CREDIT: (BY_CUSTOMER,),
    K.CLAIM: (BY_TRACKING, BY_ORDER),
    K.SERVICE_CASE: (BY_ORDER | {S.CASE},),
}


@pytest.mark.parametrize(
    ("wanted", "key", "read"),
    [
        pytest.param({K.INVOICE}, S.SO, {K.INVOICE}, id="what can be asked by order needs nobody else"),
        pytest.param(
            {K.SHIPMENT},
            S.SO,
            {K.SHIPMENT, K.ORDER, K.FULFILLMENT},
            id="tracking numbers come from order and warehouse",
        ),
        pytest.param(
            {K.SHIPMENT}, S.TRACKING, {K.SHIPMENT, K.ORDER, K.FULFILLMENT}, id="the order of a tracking number"
        ),
        pytest.param({K.CREDIT}, S.SO, {K.CREDIT, K.ORDER}, id="the customer comes from the order"),
        pytest.param({K.INVOICE}, S.CASE, {K.INVOICE, K.SERVICE_CASE}, id="the case knows its orders"),
        pytest.param(
            {K.CLAIM}, S.SO, {K.CLAIM, K.ORDER, K.FULFILLMENT}, id="one of two desks is asked by tracking number"
        ),
        pytest.param(set(), S.SO, set(), id="nothing wanted"),
    ],
)
def test_who_has_to_be_read(wanted, key, read):
    assert kinds_to_read(frozenset(wanted), key, SYSTEMS) == read
