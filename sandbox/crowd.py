"""Two hundred more orders, in all stages, that move while one watches."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from domain.hold import Hold, HoldKind
from domain.returns import ReturnStatus
from domain.service_case import CaseKind, CasePriority
from sandbox import flow
from sandbox.catalog import CUSTOMERS, ITEMS
from sandbox.facts import PAYMENT_TERM, Cancelled, Held, Script, Unheld
from sandbox.flow import Pen
from sandbox.orders import Line, OrderPlan, Parcel, Quantities, Scan, worth

FIRST, SIZE = 2001, 200
BUYERS = tuple(customer for number, customer in CUSTOMERS.items() if number >= "C-2001")

PAST, COMING = timedelta(days=6), timedelta(days=5)
"""The warehouses get the orders evenly between so long ago and so far ahead."""

ASKS = 0.25
"""Share of customers who ask where their order is."""

TWO_CARTONS = 0.3
"""Share of deliveries of several lines that leave in two parcels."""


def crowd_scripts(seed: int, anchor: datetime) -> Sequence[Script]:
    """SO-2001 to SO-2200.

    Args:
        seed: the same seed tells the same stories.
        anchor: the moment at which the world starts; every order has been placed by then.
    """
    turns = list(range(SIZE))
    Random(seed).shuffle(turns)
    return tuple(
        _tell(Random(f"{seed}/{number}"), f"SO-{number}", anchor, _release_time(turn, anchor))
        for number, turn in enumerate(turns, start=FIRST)
    )


def _release_time(turn: int, anchor: datetime) -> datetime:
    return anchor - PAST + (PAST + COMING) * turn / SIZE


def _tell(rng: Random, number: str, anchor: datetime, release_at: datetime) -> Script:
    plot = rng.choices(PLOTS, [plot.weight for plot in PLOTS])[0]
    release_at = (release_at - plot.age).replace(microsecond=0)
    placed_at = min(release_at, anchor) - timedelta(minutes=rng.randint(15, 36 * 60))
    plan = _plan(rng, number, release_at)
    pen = Pen(placed_at, rng)
    flow.enter(pen)
    pen.at = max(pen.at, release_at)
    plot.tell(pen, plan)
    return pen.script(plan)


def _plan(rng: Random, number: str, release_at: datetime) -> OrderPlan:
    items = rng.sample(list(ITEMS.values()), rng.randint(1, 4))
    return OrderPlan(
        number=number,
        purchase_order=f"PO-{30_000 + int(number.removeprefix('SO-'))}",
        customer=rng.choice(BUYERS),
        lines=tuple(Line(str(place), item, rng.randint(1, 12)) for place, item in enumerate(items, start=1)),
        requested_on=(release_at + timedelta(days=3)).date(),
        promised_on=(release_at + timedelta(days=rng.randint(3, 6))).date(),
    )


class _Sent(NamedTuple):
    """A delivery that left.

    Attributes:
        parcel: its first parcel.
        road: a pen at the end of that parcel's journey.
    """

    parcel: Parcel
    road: Pen


def _as_usual(pen: Pen, plan: OrderPlan) -> None:
    _send(pen, plan, plan.quantities)
    _bill(pen.fork(), plan, plan.quantities)
    if pen.rng.random() < ASKS:
        pen.wait(8, 40)
        _ask(pen, plan, CaseKind.WISMO, f"When does {plan.purchase_order} arrive?")


def _in_two_parts(pen: Pen, plan: OrderPlan) -> None:
    first = {sku: (pieces + 1) // 2 for sku, pieces in plan.quantities.items()}
    rest = {sku: pieces // 2 for sku, pieces in plan.quantities.items() if pieces > 1}
    for sequence, quantities in enumerate(filter(None, (first, rest)), start=1):
        part = pen.fork()
        _send(part, plan, quantities, sequence)
        _bill(part, plan, quantities, sequence)
        pen.wait(20, 50)


def _held_for_credit(pen: Pen, plan: OrderPlan) -> None:
    pen.note(Held(CREDIT_REVIEW))
    pen.wait(8, 40)
    pen.note(Unheld(HoldKind.CREDIT))
    pen.wait(0.5, 2)
    _as_usual(pen, plan)


def _called_off(pen: Pen, _plan: OrderPlan) -> None:
    pen.note(Cancelled())


def _through_a_storm(pen: Pen, plan: OrderPlan) -> None:
    sent = _send(pen, plan, plan.quantities, mishap=flow.WEATHER)
    _bill(pen.fork(), plan, plan.quantities)
    pen.wait(24, 40)
    _ask(pen, plan, CaseKind.WISMO, "The delivery is late", about=sent.parcel)


def _astray(pen: Pen, plan: OrderPlan) -> None:
    _send(pen, plan, plan.quantities, mishap=flow.MISSORTED)
    _bill(pen, plan, plan.quantities)


def _crushed(pen: Pen, plan: OrderPlan) -> None:
    parcel, road = _send(pen, plan, plan.quantities, mishap=flow.DAMAGED)
    _bill(pen, plan, plan.quantities)
    road.wait(1, 8)
    _ask(road.fork(), plan, CaseKind.DAMAGE, "The carrier reports damage", about=parcel, priority=CasePriority.HIGH)
    flow.settle_claim(road, flow.file_claim(road, parcel, "Carton crushed in transit"))


def _sent_back(pen: Pen, plan: OrderPlan) -> None:
    parcel, road = _send(pen, plan, plan.quantities)
    _bill(pen, plan, plan.quantities)
    road.wait(10, 40)
    _ask(road.fork(), plan, CaseKind.RETURN, "We want to send something back", about=parcel)
    reason = road.rng.choice(("Wrong size", "Not as described", "Ordered twice"))
    goods = flow.open_return(road, plan, {plan.lines[0].item.sku: 1}, reason)
    flow.send_back(road, goods, until=ReturnStatus.RESTOCKED)


def _paid_late(pen: Pen, plan: OrderPlan) -> None:
    _send(pen, plan, plan.quantities)
    invoice = flow.bill(pen, plan, plan.quantities)
    pen.at += PAYMENT_TERM + timedelta(days=1)
    flow.age(pen, invoice, days=pen.rng.randint(2, 8))
    flow.pay(pen, invoice, worth(plan.quantities))


def _send(pen: Pen, plan: OrderPlan, quantities: Quantities, sequence: int = 1, mishap: Scan | None = None) -> _Sent:
    """A delivery leaves in one or two parcels; the pen stays at its departure."""
    warehouse = plan.customer.warehouse
    carrier = pen.rng.choice(warehouse.carriers)
    delivery = flow.delivery_of(plan, sequence, quantities)
    parcels = [
        flow.parcel_of(plan, sequence * 10 + place, carrier, contents)
        for place, contents in enumerate(_cartons(quantities, pen.rng))
    ]
    flow.prepare(pen, delivery, parcels)
    flow.ship(pen, delivery)
    roads = [pen.fork() for _ in parcels]
    for road, parcel in zip(roads, parcels, strict=True):
        flow.travel(road, parcel, flow.hubs_of(warehouse, pen.rng), mishap if parcel is parcels[0] else None)
    return _Sent(parcels[0], roads[0])


def _cartons(quantities: Quantities, rng: Random) -> Sequence[Quantities]:
    """All in one, or one line apart from the others."""
    (sku, pieces), *others = quantities.items()
    return [{sku: pieces}, dict(others)] if others and rng.random() < TWO_CARTONS else [quantities]


def _bill(pen: Pen, plan: OrderPlan, quantities: Quantities, sequence: int = 1) -> None:
    """What left is billed, and paid within days."""
    pen.wait(1, 4)
    invoice = flow.bill(pen, plan, quantities, sequence)
    pen.wait(12, 72)
    flow.pay(pen, invoice, worth(quantities))


def _ask(
    pen: Pen,
    plan: OrderPlan,
    kind: CaseKind,
    subject: str,
    *,
    about: Parcel | None = None,
    priority: CasePriority = CasePriority.NORMAL,
) -> None:
    case = flow.open_case(pen, plan, kind, subject, about=about, priority=priority)
    flow.answer_case(pen, case)
    flow.close_case(pen, case)


class _Plot(NamedTuple):
    """What may happen to an order.

    Attributes:
        weight: in a hundred.
        age: how much earlier than the others it begins.
    """

    tell: Callable[[Pen, OrderPlan], None]
    weight: int
    age: timedelta = timedelta(0)


PLOTS = (
    _Plot(_as_usual, 50),
    _Plot(_in_two_parts, 14),
    _Plot(_through_a_storm, 9),
    _Plot(_held_for_credit, 6),
    _Plot(_sent_back, 6),
    _Plot(_astray, 5),
    _Plot(_crushed, 4),
    _Plot(_called_off, 3),
    _Plot(_paid_late, 3, age=PAYMENT_TERM),
)

CREDIT_REVIEW = Hold(
    kind=HoldKind.CREDIT,
    reason="Credit review of a large order",
    owner="Credit control",
    releases_when="Credit control approves the order",
)
