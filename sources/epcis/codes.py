"""Words of the Core Business Vocabulary and what they mean here. Where each list was read is said in the README."""

from collections.abc import Mapping

from domain.fulfillment import FulfillmentStatus
from domain.identity import Scheme

EVENT_TYPE_IGNORED = frozenset({"AssociationEvent", "TransformationEvent"})
"""Types of events about what becomes of assets and of materials, not about what leaves a warehouse."""

STATUS: Mapping[str, FulfillmentStatus] = {
    "picking": FulfillmentStatus.PICKED,
    "packing": FulfillmentStatus.PACKED,
    "repackaging": FulfillmentStatus.PACKED,
    "staging_outbound": FulfillmentStatus.STAGED,
    "loading": FulfillmentStatus.LOADED,
    "departing": FulfillmentStatus.SHIPPED,
    "shipping": FulfillmentStatus.SHIPPED,
    "consigning": FulfillmentStatus.SHIPPED,
}
"""Steps that bring a fulfillment on, with goods that can go on."""

SETBACK: Mapping[str, FulfillmentStatus] = {
    "holding": FulfillmentStatus.ON_HOLD,
    "void_shipping": FulfillmentStatus.STAGED,
}
"""Steps that stop a fulfillment or set it back, whatever the goods are like."""

STEP_IGNORED = frozenset(
    {
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "inspecting",
        "installing",
        "killing",
        "other",
        "receiving",
        "removing",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
    }
)
"""Steps that do not say how far a fulfillment is: of making goods, of stock, of tags, on the road, at the receiver's.

`reserving` is about identifiers that are set aside, not about stock; `unpacking` is what usually follows `receiving`.
"""

TAKES_OUT = frozenset({"picking"})
"""Steps that take goods out of what they are kept in: an AggregationEvent of DELETE is how they are done."""

DISPOSITION = frozenset(
    {
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "in_progress",
        "in_transit",
        "non_sellable_other",
        "retail_sold",
        "sellable_accessible",
        "sellable_not_accessible",
        "unknown",
    }
)
"""Of goods that can go on; `non_sellable_other` is also what is sold and waits for its customer."""

DISPOSITION_STOPS = frozenset(
    {
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "partially_dispensed",
        "recalled",
        "reserved",
        "stolen",
        "unavailable",
    }
)
"""Of goods that are not what was ordered, or not fit for it: their step brings no fulfillment on."""

DISPOSITION_IGNORED = frozenset({"returned"})
"""Of goods that come back: no step of theirs is one of the fulfillment by which they left."""

SCHEME: Mapping[str, Scheme] = {
    "bol": Scheme.BOL,
    "desadv": Scheme.DELIVERY,
    "inv": Scheme.INVOICE,
    "po": Scheme.PO,
    "rma": Scheme.RMA,
}
"""What kind of number a business transaction has, unless settings say otherwise."""

TRANSACTION_TYPE_IGNORED = frozenset({"cert", "pedigree", "poc", "prodorder", "recadv", "testprd", "testres", "upevt"})
"""Types of business transactions that lead to nothing that a view shows."""
