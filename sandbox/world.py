"""The world: a pure function of seed, anchor and moment. And its clock."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from domain.clock import Clock
from domain.identity import EntityKind, Scheme
from sandbox import crm, easypost, erp, wms
from sandbox.catalog import CUSTOMERS, ITEMS, WAREHOUSES, Warehouse
from sandbox.crowd import crowd_scripts
from sandbox.facts import ClaimFiled, Labelled, Script
from sandbox.history import Changed, Ledger, News
from sandbox.orders import Number
from sandbox.scripts import named_scripts
from sandbox.wms import Stock

BEFORE = timedelta(days=60)
"""How long before the anchor customers and stock are there; no story begins earlier."""

SHORT = 10
"""A reserve below so many pieces is short, and more is on order."""

ORDER_VIEWS = {**erp.VIEWS, **wms.VIEWS, **crm.VIEWS, **easypost.VIEWS}


class World:
    """Everything that happens, and how it looks at any moment.

    Attributes:
        seed: of the crowd of orders and of the stock.
        anchor: the moment at which the world starts, aware, in whole seconds.
        scripts: the stories of all orders.
        steps: the moments at which something happens, in order.
    """

    def __init__(self, seed: int, anchor: datetime, parcels: Sequence[Script] = ()) -> None:
        """Make a world.

        Args:
            seed: see above.
            anchor: see above.
            parcels: stories of parcels that only the carriers know.
        """
        self.seed = seed
        self.anchor = anchor
        self.scripts = (*named_scripts(anchor), *crowd_scripts(seed, anchor))
        self.steps = sorted(step.at for script in self.scripts for step in script.steps)
        self._births = sorted(_births((*self.scripts, *parcels)), reverse=True)
        self._slow = {each: script.erp_delay_seconds for script in self.scripts for each in script.numbers}
        self._ledgers: dict[tuple[EntityKind, Number], list[Ledger]] = defaultdict(list)
        self._numbered = [
            (ledger, frozenset(numbers))
            for ledger, numbers in chain(self._of_orders(parcels), self._of_customers(), self._of_stock())
        ]
        for ledger, numbers in self._numbered:
            for address in ((kind, number) for kind in ledger.kinds for number in numbers):
                self._ledgers[address].append(ledger)

    def find(self, kind: EntityKind, number: Number, moment: datetime) -> Iterator[bytes]:
        """The entities of a kind that carry a number at a moment, as their system encodes them."""
        ledgers = self._ledgers.get((kind, number), ())
        return chain.from_iterable(ledger.find(kind, number, moment) for ledger in ledgers)

    def changed(self, kinds: Collection[EntityKind], since: datetime, until: datetime) -> list[Changed]:
        """What may look different from a moment on and up to another, both included, oldest first."""
        changes = (
            Changed(at, kind, numbers)
            for ledger, numbers in self._numbered
            for at, kind in ledger.touched(since, until)
            if kind in kinds
        )
        return sorted(changes, key=lambda each: each.at)

    def news(self, kinds: Collection[EntityKind], since: datetime, until: datetime) -> list[News]:
        """What looks different after a moment and up to another, each entity once, as its system encodes it."""
        if since >= until:
            return []
        touched = {
            (number, kind): (ledger, kind)
            for number, (ledger, _) in enumerate(self._numbered)
            for _, kind in ledger.touched(since, until)
            if kind in kinds
        }
        return [news for ledger, kind in touched.values() for news in ledger.news(kind, since, until)]

    def newest(self, kind: EntityKind, moment: datetime) -> Iterator[Number]:
        """Ids of trackers or claims that there are at a moment, newest first."""
        return (number for at, born, number in self._births if born is kind and at <= moment)

    def erp_delay_seconds(self, numbers: Iterable[Number]) -> float:
        """How long the ERP thinks when it is asked for all these."""
        return max((self._slow.get(number, 0.0) for number in numbers), default=0.0)

    def steps_done(self, moment: datetime) -> int:
        """How many steps have happened."""
        return bisect_right(self.steps, moment)

    def speed(self, rate: float) -> float:
        """Seconds of the world per real second so that about `rate` steps happen in each, until half are over."""
        coming = self.steps[self.steps_done(self.anchor) :]
        half = len(coming) // 2
        return rate * (coming[half] - self.anchor).total_seconds() / half

    def _of_orders(self, parcels: Iterable[Script]) -> Iterator[tuple[Ledger, Iterable[Number]]]:
        for script in self.scripts:
            yield Ledger([script], ORDER_VIEWS, self.anchor - BEFORE), script.numbers
        for script in parcels:
            yield Ledger([script], easypost.VIEWS, self.anchor - BEFORE), script.numbers

    def _of_customers(self) -> Iterator[tuple[Ledger, Iterable[Number]]]:
        for customer in CUSTOMERS.values():
            scripts = [script for script in self.scripts if script.plan.customer is customer]
            orders = [script.plan.number for script in scripts]
            ledger = Ledger(scripts, erp.customer_views(customer, orders), self.anchor - BEFORE)
            yield ledger, [(Scheme.CUSTOMER, customer.number), *((Scheme.SO, order) for order in orders)]

    def _of_stock(self) -> Iterator[tuple[Ledger, Iterable[Number]]]:
        for sku, warehouse in ((sku, warehouse) for sku in ITEMS for warehouse in WAREHOUSES):
            scripts = [
                script
                for script in self.scripts
                if sku in script.plan.quantities and script.plan.customer.warehouse is warehouse
            ]
            orders = [script.plan.number for script in scripts]
            views = wms.stock_views(self._stock(sku, warehouse, scripts), orders)
            yield (
                Ledger(scripts, views, self.anchor - BEFORE),
                [(Scheme.SKU, sku), *((Scheme.SO, order) for order in orders)],
            )

    def _stock(self, sku: str, warehouse: Warehouse, scripts: Iterable[Script]) -> Stock:
        """Enough for all orders of this world, and a reserve."""
        rng = Random(f"{self.seed}/{sku}@{warehouse.code}")
        reserve = rng.choice((0, 4, 9, 25, 60, 140))
        demand = sum(script.plan.quantities[sku] for script in scripts)
        receipt_on = (self.anchor + timedelta(days=rng.randint(2, 12))).date() if reserve < SHORT else None
        return Stock(sku, warehouse.code, demand + reserve, receipt_on, 120 if receipt_on else 0)


def _births(scripts: Iterable[Script]) -> Iterator[tuple[datetime, EntityKind, Number]]:
    for step in chain.from_iterable(script.steps for script in scripts):
        match step.fact:
            case Labelled(parcel=parcel):
                yield step.at, EntityKind.SHIPMENT, (Scheme.SHIPMENT_ID, parcel.tracker_id)
            case ClaimFiled(form=form):
                yield step.at, EntityKind.CLAIM, (Scheme.CLAIM, form.id)


class WorldClock:
    """Tells the world's time: it starts at the anchor, runs at a multiple of real time, and can be moved on.

    Args:
        anchor: where it starts.
        speed: seconds of the world per real second; 0: it stands still.
        clock: real time.
    """

    def __init__(self, anchor: datetime, speed: float, clock: Clock) -> None:
        self._anchor = anchor
        self._speed = speed
        self._clock = clock
        self._started = clock.monotonic()

    def now(self) -> datetime:
        """The present moment of the world."""
        return self._anchor + timedelta(seconds=(self._clock.monotonic() - self._started) * self._speed)

    def advance(self, by: timedelta) -> None:
        """Move on."""
        self._anchor += by
