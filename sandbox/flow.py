"""How goods, money and questions usually flow: the passages that stories are written from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import NamedTuple

from domain.fulfillment import FulfillmentStatus
from domain.identity import Reference, Scheme
from domain.returns import Return, ReturnLine, ReturnStatus
from domain.service_case import CaseKind, CasePriority, ServiceCase, ServiceCaseStatus, SlaState
from sandbox.catalog import Carrier, Place, Warehouse
from sandbox.facts import (
    Aged,
    Allocated,
    CaseMoved,
    CaseOpened,
    ClaimFiled,
    ClaimMoved,
    Confirmed,
    Docked,
    Fact,
    Invoiced,
    Labelled,
    Packed,
    Paid,
    Picked,
    Placed,
    Released,
    ReturnMoved,
    ReturnOpened,
    Scanned,
    Script,
    Shipped,
    Step,
)
from sandbox.numbers import opaque_id, sscc, tracking_code
from sandbox.orders import ClaimForm, Delivery, OrderPlan, Parcel, Quantities, Scan, worth

RECEIVED = Scan("in_transit", "received_at_origin_facility", "Accepted at the carrier's facility")
LEFT_ORIGIN = Scan("in_transit", "departed_origin_facility", "Departed the carrier's facility")
ARRIVED = Scan("in_transit", "arrived_at_facility", "Arrived at a sort facility")
LEFT = Scan("in_transit", "departed_facility", "Departed a sort facility")
NEARBY = Scan("in_transit", "received_at_destination_facility", "Arrived at the delivery station")
OUT = Scan("out_for_delivery", "out_for_delivery", "Out for delivery")
DELIVERED = Scan("delivered", "arrived_at_destination", "Delivered, signed for at the receiving dock")
WEATHER = Scan("in_transit", "weather_delay", "Delayed by severe weather; the carrier resumes when it is safe")
MISSORTED = Scan("in_transit", "missorted", "Sent to the wrong facility; being re-routed")
DAMAGED = Scan("failure", "damaged", "Damaged in transit; delivery stopped, sender to be contacted")

TRAVEL = timedelta(days=2, hours=12)
"""What carriers promise from departure to delivery."""

PAYS_IN_PARTS = 0.15
"""Share of customers who pay an invoice in two parts."""

CASE_AGENTS = ("Ada Okafor", "Ben Lindgren", "Carla Mendes", "Deniz Aydin", "Eva Novak")
FIRST_RESPONSE, RESOLUTION = timedelta(hours=4), timedelta(days=3)

CASE_ENDING: Mapping[ServiceCaseStatus, SlaState] = {
    ServiceCaseStatus.PENDING_CUSTOMER: SlaState.PAUSED,
    ServiceCaseStatus.RESOLVED: SlaState.MET,
    ServiceCaseStatus.CLOSED: SlaState.MET,
}

RETURN_PATH = (ReturnStatus.IN_TRANSIT, ReturnStatus.RECEIVED, ReturnStatus.INSPECTED, ReturnStatus.RESTOCKED)


@dataclass(slots=True)
class Pen:
    """Writes steps one after the other."""

    at: datetime
    rng: Random
    steps: list[Step] = field(default_factory=list)

    def note(self, *facts: Fact) -> None:
        """It happens now."""
        self.steps.extend(Step(self.at, fact) for fact in facts)

    def wait(self, least_hours: float, most_hours: float) -> None:
        """Nothing happens for a while."""
        self.at += timedelta(minutes=self.rng.randint(round(least_hours * 60), round(most_hours * 60)))

    def fork(self) -> "Pen":
        """A pen for what goes on beside this, from now on."""
        return Pen(self.at, self.rng, self.steps)

    def script(self, plan: OrderPlan, erp_delay_seconds: float = 0.0) -> Script:
        """What was written, in order of time."""
        steps = tuple(sorted(self.steps, key=lambda step: step.at))
        return Script(plan, steps, erp_delay_seconds)


def digits(plan: OrderPlan) -> str:
    """What all numbers that belong to an order have in common."""
    return plan.number.removeprefix("SO-")


def delivery_of(plan: OrderPlan, sequence: int, quantities: Quantities) -> Delivery:
    """A delivery out of the customer's home warehouse."""
    return Delivery(f"DN-{digits(plan)}-{sequence}", plan.customer.warehouse, quantities)


def parcel_of(plan: OrderPlan, sequence: int, carrier: Carrier, contents: Quantities) -> Parcel:
    """A parcel from the customer's home warehouse to the customer."""
    serial = int(digits(plan)) * 100 + sequence
    return Parcel(
        tracking_code=tracking_code(carrier.name, serial),
        carrier=carrier,
        package_id=f"PKG-{digits(plan)}-{sequence}",
        sscc=sscc(serial),
        origin=plan.customer.warehouse.place,
        destination=plan.customer.place,
        contents=contents,
    )


def enter(pen: Pen) -> None:
    """A customer orders, sales confirm."""
    pen.note(Placed())
    pen.wait(0.5, 3)
    pen.note(Confirmed())


def prepare(pen: Pen, delivery: Delivery, parcels: Sequence[Parcel]) -> None:
    """The warehouse works until everything stands packed."""
    pen.note(Released(delivery))
    pen.wait(0.2, 1)
    pen.note(Allocated(delivery.id))
    for sku, pieces in delivery.quantities.items():
        pen.wait(1, 4)
        pen.note(Picked(delivery.id, sku, pieces))
    for parcel in parcels:
        pen.wait(0.2, 1)
        pen.note(Packed(delivery.id, parcel), Labelled(parcel))


def ship(pen: Pen, delivery: Delivery) -> None:
    """The parcels leave."""
    for status in (FulfillmentStatus.STAGED, FulfillmentStatus.LOADED):
        pen.wait(0.3, 2)
        pen.note(Docked(delivery.id, status))
    pen.wait(0.2, 1)
    pen.note(Shipped(delivery.id))


class _Leg(NamedTuple):
    """A scan, and how long it takes until then."""

    least_hours: float
    most_hours: float
    scan: Scan
    place: Place


def travel(
    pen: Pen, parcel: Parcel, hubs: Sequence[Place], mishap: Scan | None = None, scans: int | None = None
) -> None:
    """A carrier moves a parcel.

    Args:
        pen: at the moment of departure.
        parcel: what is moved.
        hubs: over which facilities, at least one.
        mishap: what goes wrong at the last of them; damage ends the journey, everything else costs a day.
        scans: how many scans are told; null: all.
    """
    estimate = _evening(pen.at + TRAVEL)
    for leg in islice(_legs(parcel, hubs, mishap), scans):
        pen.wait(leg.least_hours, leg.most_hours)
        if leg.scan is mishap:
            estimate += timedelta(days=1)
        pen.note(Scanned(parcel.tracking_code, leg.scan, leg.place, estimate))


def _legs(parcel: Parcel, hubs: Sequence[Place], mishap: Scan | None) -> Iterable[_Leg]:
    *others, last = hubs
    yield _Leg(0.5, 3, RECEIVED, parcel.origin)
    yield _Leg(2, 5, LEFT_ORIGIN, parcel.origin)
    for hub in others:
        yield _Leg(4, 8, ARRIVED, hub)
        yield _Leg(2, 4, LEFT, hub)
    yield _Leg(4, 8, ARRIVED, last)
    if mishap:
        yield _Leg(1, 2, mishap, last)
    if mishap is not DAMAGED:
        yield _Leg(20, 26, LEFT, last) if mishap else _Leg(2, 4, LEFT, last)
        yield _Leg(4, 8, NEARBY, parcel.destination)
        yield _Leg(2, 6, OUT, parcel.destination)
        yield _Leg(2, 6, DELIVERED, parcel.destination)


def _evening(moment: datetime) -> datetime:
    return moment.replace(hour=20, minute=0, second=0)


def bill(pen: Pen, plan: OrderPlan, quantities: Quantities, sequence: int = 1) -> str:
    """An invoice is posted; returns its number."""
    number = f"INV-{digits(plan)}" if sequence == 1 else f"INV-{digits(plan)}-{sequence}"
    pen.note(Invoiced(number, quantities))
    return number


def pay(pen: Pen, invoice: str, amount: Decimal) -> None:
    """The customer pays, some in two parts."""
    if pen.rng.random() < PAYS_IN_PARTS:
        part = (amount / 2).quantize(Decimal("0.01"))
        pen.note(Paid(invoice, part))
        pen.wait(12, 48)
        amount -= part
    pen.note(Paid(invoice, amount))


def age(pen: Pen, invoice: str, days: int) -> None:
    """An invoice stays unpaid for days after it was due."""
    for _ in range(days):
        pen.note(Aged(invoice))
        pen.at += timedelta(days=1)


def open_case(
    pen: Pen,
    plan: OrderPlan,
    kind: CaseKind,
    subject: str,
    *,
    about: Parcel | None = None,
    priority: CasePriority = CasePriority.NORMAL,
) -> str:
    """A customer asks about an order, perhaps about one of its parcels; returns the case number."""
    number = f"CS-{digits(plan)}"
    case = ServiceCase(
        number=number,
        subject=subject,
        kind=kind,
        status=ServiceCaseStatus.NEW,
        priority=priority,
        opened_at=pen.at,
        first_response_due_at=pen.at + FIRST_RESPONSE,
        resolution_due_at=pen.at + RESOLUTION,
        sla_state=SlaState.RUNNING,
        assignee=pen.rng.choice(CASE_AGENTS),
        customer_id=plan.customer.number,
        order_numbers=(plan.number,),
        references=(Reference(scheme=Scheme.TRACKING, value=about.tracking_code, issuer=about.carrier.name),)
        if about
        else (),
    )
    pen.note(CaseOpened(case))
    return number


def answer_case(pen: Pen, number: str) -> None:
    """Somebody takes the case."""
    pen.wait(0.5, 3)
    pen.note(CaseMoved(number, ServiceCaseStatus.OPEN, SlaState.RUNNING))


def close_case(pen: Pen, number: str) -> None:
    """The customer is asked back, and is content."""
    for status, sla in CASE_ENDING.items():
        pen.wait(2, 16)
        pen.note(CaseMoved(number, status, sla))


def open_return(pen: Pen, plan: OrderPlan, quantities: Quantities, reason: str) -> str:
    """A customer announces a return, and it is authorized; returns its number."""
    number = f"RMA-{digits(plan)}"
    goods = Return(
        number=number,
        order_number=plan.number,
        status=ReturnStatus.REQUESTED,
        reason=reason,
        lines=tuple(ReturnLine(sku=sku, quantity=Decimal(pieces)) for sku, pieces in quantities.items()),
    )
    pen.note(ReturnOpened(goods))
    pen.wait(1, 8)
    pen.note(ReturnMoved(number, ReturnStatus.AUTHORIZED))
    return number


def send_back(pen: Pen, number: str, until: ReturnStatus) -> None:
    """The goods come back, as far as a status."""
    for status in RETURN_PATH[: RETURN_PATH.index(until) + 1]:
        pen.wait(10, 30)
        pen.note(ReturnMoved(number, status))


def file_claim(pen: Pen, parcel: Parcel, description: str) -> ClaimForm:
    """The insurer is asked to pay for a damaged parcel."""
    form = ClaimForm(
        id=opaque_id("clm", parcel.tracking_code),
        parcel=parcel,
        kind="damage",
        description=description,
        requested=worth(parcel.contents),
    )
    pen.note(ClaimFiled(form))
    pen.wait(6, 20)
    pen.note(ClaimMoved(form.id, "in_review", "Claim is being reviewed."))
    return form


def settle_claim(pen: Pen, form: ClaimForm) -> None:
    """The insurer decides."""
    pen.wait(30, 60)
    pen.note(ClaimMoved(form.id, "approved", "Claim was approved.", form.requested))


def hubs_of(warehouse: Warehouse, rng: Random) -> Sequence[Place]:
    """One or two facilities on the way."""
    return rng.sample(warehouse.hubs, rng.randint(1, 2))
