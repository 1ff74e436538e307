"""The orders that everybody meets: each shows one thing that goes right or wrong, and stays as it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from domain.hold import Hold, HoldKind
from domain.returns import ReturnStatus
from domain.service_case import CaseKind, CasePriority, ServiceCaseStatus, SlaState
from sandbox import flow
from sandbox.catalog import CUSTOMERS, DHL, FEDEX, ITEMS, UPS, USPS, Carrier
from sandbox.facts import Allocated, CaseMoved, Held, Labelled, Packed, Picked, Released, Script
from sandbox.flow import Pen
from sandbox.orders import Line, OrderPlan, Parcel, Quantities, worth

SLOW_SECONDS = 10.0


def named_scripts(anchor: datetime) -> Sequence[Script]:
    """SO-1001 to SO-1006, the same for every seed.

    Args:
        anchor: the moment at which the world starts; everything they tell is over by then.
    """
    return tuple(tell(anchor) for tell in (_near_limit, _all_well, _on_hold, _damaged, _slow_erp, _returned))


class _Deal(NamedTuple):
    """What was ordered and promised, in days from the anchor."""

    number: str
    purchase_order: str
    customer: str
    quantities: Quantities
    ordered: int
    promised: int


def _begin(deal: _Deal, anchor: datetime) -> tuple[OrderPlan, Pen]:
    """The plan, and a pen at the moment of the order that writes the same for the same order."""
    lines = enumerate(deal.quantities.items(), start=1)
    promised_on = (anchor + timedelta(days=deal.promised)).date()
    plan = OrderPlan(
        number=deal.number,
        purchase_order=deal.purchase_order,
        customer=CUSTOMERS[deal.customer],
        lines=tuple(Line(str(place), ITEMS[sku], pieces) for place, (sku, pieces) in lines),
        requested_on=promised_on - timedelta(days=1),
        promised_on=promised_on,
    )
    return plan, Pen(anchor + timedelta(days=deal.ordered), Random(deal.number))


def _near_limit(anchor: datetime) -> Script:
    """Two parcels, one has arrived.

    The other is on the road although the warehouse has not picked all of it, and everything is billed already.
    """
    deal = _Deal(
        "SO-1001", "PO-7781", "C-1001", {"CHN-1100": 60, "RIM-1601": 20, "BRK-2040": 40}, ordered=-7, promised=2
    )
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    _deliver_first_part(pen.fork(), plan)
    pen.at = anchor - timedelta(hours=40)
    _pick_too_little(pen, plan)
    pen.wait(1, 2)
    flow.bill(pen, plan, plan.quantities)
    return pen.script(plan)


def _deliver_first_part(pen: Pen, plan: OrderPlan) -> None:
    delivery = flow.delivery_of(plan, 1, {"CHN-1100": 60, "RIM-1601": 20})
    parcel = flow.parcel_of(plan, 1, UPS, delivery.quantities)
    flow.prepare(pen, delivery, [parcel])
    flow.ship(pen, delivery)
    flow.travel(pen, parcel, plan.customer.warehouse.hubs[:2])


def _pick_too_little(pen: Pen, plan: OrderPlan) -> None:
    delivery = flow.delivery_of(plan, 2, {"BRK-2040": 40})
    parcel = flow.parcel_of(plan, 2, FEDEX, {"BRK-2040": 16})
    pen.note(Released(delivery), Allocated(delivery.id))
    pen.wait(1, 2)
    pen.note(Picked(delivery.id, "BRK-2040", 16))
    pen.wait(1, 2)
    pen.note(Packed(delivery.id, parcel), Labelled(parcel))
    road = pen.fork()
    flow.travel(road, parcel, plan.customer.warehouse.hubs[1:2], scans=4)
    road.wait(1, 2)
    case = flow.open_case(
        road, plan, CaseKind.WISMO, "Where is the rest of PO-7781?", about=parcel, priority=CasePriority.HIGH
    )
    flow.answer_case(road, case)


def _all_well(anchor: datetime) -> Script:
    """Delivered and paid."""
    deal = _Deal("SO-1002", "PO-4410", "C-1002", {"HLM-8000": 12, "LGT-1001": 24}, ordered=-12, promised=-7)
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    parcel = _dispatch(pen, plan, USPS)
    flow.pay(pen.fork(), flow.bill(pen, plan, plan.quantities), worth(plan.quantities))
    flow.travel(pen, parcel, plan.customer.warehouse.hubs[:1])
    return pen.script(plan)


def _on_hold(anchor: datetime) -> Script:
    """Credit control stopped it; nothing has left."""
    deal = _Deal("SO-1003", "PO-9032", "C-1003", {"WHL-2301": 4}, ordered=-3, promised=4)
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    pen.wait(0.5, 1)
    pen.note(Held(CREDIT_HOLD))
    pen.wait(20, 30)
    flow.answer_case(pen, flow.open_case(pen, plan, CaseKind.CREDIT, "Why has order PO-9032 not been released?"))
    return pen.script(plan)


CREDIT_HOLD = Hold(
    kind=HoldKind.CREDIT,
    reason="Exposure above the credit limit, and an invoice past due",
    owner="Credit control, M. Haldane",
    releases_when="The overdue invoice is paid, or credit control raises the limit",
)


def _damaged(anchor: datetime) -> Script:
    """The carrier damaged it; the insurer is looking into it."""
    deal = _Deal("SO-1004", "PO-6127", "C-1004", {"TLS-2201": 3, "PMP-1401": 6}, ordered=-4, promised=1)
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    parcel = _dispatch(pen, plan, FEDEX)
    flow.bill(pen, plan, plan.quantities)
    flow.travel(pen, parcel, plan.customer.warehouse.hubs[:2], mishap=flow.DAMAGED)
    pen.wait(1, 3)
    subject = "FedEx says that our parcel is damaged"
    case = flow.open_case(pen, plan, CaseKind.DAMAGE, subject, about=parcel, priority=CasePriority.URGENT)
    flow.answer_case(pen, case)
    flow.file_claim(pen, parcel, "Carton crushed at the Indianapolis hub, contents bent")
    return pen.script(plan)


def _slow_erp(anchor: datetime) -> Script:
    """On its way, but the ERP takes its time whenever it is asked about it."""
    deal = _Deal("SO-1005", "PO-5518", "C-1005", {"FRM-6000": 5, "FRK-5100": 5}, ordered=-2, promised=2)
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    parcel = _dispatch(pen, plan, DHL)
    flow.bill(pen, plan, plan.quantities)
    flow.travel(pen, parcel, plan.customer.warehouse.hubs[:1], scans=3)
    return pen.script(plan, erp_delay_seconds=SLOW_SECONDS)


def _returned(anchor: datetime) -> Script:
    """Two of six helmets come back."""
    deal = _Deal("SO-1006", "PO-3307", "C-1006", {"HLM-8010": 6, "GRP-7001": 10}, ordered=-14, promised=-9)
    plan, pen = _begin(deal, anchor)
    flow.enter(pen)
    parcel = _dispatch(pen, plan, UPS)
    flow.pay(pen.fork(), flow.bill(pen, plan, plan.quantities), worth(plan.quantities))
    flow.travel(pen, parcel, plan.customer.warehouse.hubs[:1])
    pen.wait(20, 40)
    case = flow.open_case(pen, plan, CaseKind.RETURN, "Two helmets are too large, we want to send them back")
    flow.answer_case(pen, case)
    pen.note(CaseMoved(case, ServiceCaseStatus.PENDING_CUSTOMER, SlaState.PAUSED))
    goods = flow.open_return(pen, plan, {"HLM-8010": 2}, "Wrong size")
    flow.send_back(pen, goods, until=ReturnStatus.RECEIVED)
    return pen.script(plan)


def _dispatch(pen: Pen, plan: OrderPlan, carrier: Carrier) -> Parcel:
    """All of an order leaves in one parcel."""
    delivery = flow.delivery_of(plan, 1, plan.quantities)
    parcel = flow.parcel_of(plan, 1, carrier, plan.quantities)
    pen.wait(2, 6)
    flow.prepare(pen, delivery, [parcel])
    flow.ship(pen, delivery)
    return parcel
