"""Parcels that only the carriers know: the orders behind them are in real systems beside the sandbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Literal

import msgspec
from msgspec import Struct

from sandbox import flow
from sandbox.catalog import CARRIERS, CUSTOMERS, Carrier
from sandbox.facts import Labelled, Script
from sandbox.flow import Pen
from sandbox.numbers import sscc
from sandbox.orders import OrderPlan, Parcel, Scan

State = Literal["pre_transit", "in_transit", "out_for_delivery", "delivered", "failure"]


class ExtraTracker(Struct, frozen=True, forbid_unknown_fields=True):
    """One parcel, and how far it is."""

    tracking_code: str
    carrier: str
    state: State


_SCANS: Mapping[State, int] = {"pre_transit": 0, "in_transit": 4, "out_for_delivery": 6, "delivered": 7, "failure": 4}
"""How many scans of a journey over one hub there are by then."""

_ON_THE_WAY = timedelta(days=3)


def read_trackers(json: bytes) -> Sequence[ExtraTracker]:
    """The parcels of a file.

    Raises:
        msgspec.DecodeError: it is not a list of trackers; the message says where.
    """
    return msgspec.json.decode(json, type=list[ExtraTracker])


def parcel_script(tracker: ExtraTracker, anchor: datetime) -> Script:
    """Its story, over by the anchor; it is nobody's order here."""
    customer = CUSTOMERS["C-1001"]
    day = anchor.date()
    plan = OrderPlan(f"elsewhere/{tracker.tracking_code}", "elsewhere", customer, (), day, day)
    parcel = Parcel(
        tracking_code=tracker.tracking_code,
        carrier=CARRIERS.get(tracker.carrier, Carrier(tracker.carrier, "Standard")),
        package_id="elsewhere",
        sscc=sscc(0),
        origin=customer.warehouse.place,
        destination=customer.place,
        contents={},
    )
    pen = Pen(anchor - _ON_THE_WAY, Random(tracker.tracking_code))
    pen.note(Labelled(parcel))
    mishap: Scan | None = flow.DAMAGED if tracker.state == "failure" else None
    flow.travel(pen, parcel, customer.warehouse.hubs[:1], mishap, _SCANS[tracker.state])
    return pen.script(plan)
