"""DCSA's codes and what they mean here. Where each list was read is said in the README.

A table is keyed by the words of an event, the telling one first, and the longest key that fits counts: `("DROP",)` is
any drop-off, `("DROP", "LADEN", "CLOC")` one of a laden box at a customer's.
"""

from collections.abc import Mapping
from datetime import timedelta

from domain.identity import Scheme
from domain.shipment import Classifier, MilestoneCode, TransportMode
from domain.shipment_exception import ExceptionKind, Party

Words = tuple[str, ...]

LISTED_WITHIN = timedelta(minutes=1)
"""How long after its `eventCreatedDateTime` an event may come to be listed; the standard says nothing about it."""

CLASSIFIER: Mapping[str, Classifier] = {
    "ACT": Classifier.ACTUAL,
    "EST": Classifier.ESTIMATED,
    "PLN": Classifier.PLANNED,
}

TRANSPORT: Mapping[Words, MilestoneCode] = {
    ("ARRI",): MilestoneCode.ARRIVED,
    ("DEPA",): MilestoneCode.DEPARTED,
}
"""By transportEventTypeCode."""

TRANSSHIPMENT = "TRANSSHIPMENT"
"""Stands for the facility where an event says `isTransshipmentMove` (3.0)."""

EQUIPMENT: Mapping[Words, MilestoneCode] = {
    ("LOAD",): MilestoneCode.LOADED,
    ("LOAD", "EMPTY"): MilestoneCode.UNKNOWN,
    ("LOAD", "LADEN", TRANSSHIPMENT): MilestoneCode.HANDED_OVER,
    ("DISC",): MilestoneCode.UNLOADED,
    ("DISC", "EMPTY"): MilestoneCode.UNKNOWN,
    ("GTIN",): MilestoneCode.GATE_IN,
    ("GTOT",): MilestoneCode.GATE_OUT,
    ("GTOT", "EMPTY", "DEPO"): MilestoneCode.DISPATCHED,
    ("STUF",): MilestoneCode.LOADED,
    ("STRP",): MilestoneCode.UNLOADED,
    ("STRP", "EMPTY", "CLOC"): MilestoneCode.DELIVERED,
    ("STRP", "LADEN", "CLOC"): MilestoneCode.DELIVERED,
    ("PICK",): MilestoneCode.UNKNOWN,
    ("PICK", "LADEN", ""): MilestoneCode.PICKED_UP,
    ("PICK", "LADEN", "CLOC"): MilestoneCode.PICKED_UP,
    ("DROP",): MilestoneCode.UNKNOWN,
    ("DROP", "LADEN", ""): MilestoneCode.DELIVERED,
    ("DROP", "LADEN", "CLOC"): MilestoneCode.DELIVERED,
    ("INSP",): MilestoneCode.UNKNOWN,
    ("RSEA",): MilestoneCode.UNKNOWN,
    ("RMVD",): MilestoneCode.UNKNOWN,
}
"""By equipmentEventTypeCode, emptyIndicatorCode and facilityTypeCode: a gate may be at either end of the way, so that
it moves nothing; PICK and DROP are at a customer's unless the event says where else."""

SHIPMENT: Mapping[Words, MilestoneCode] = {
    ("BKG",): MilestoneCode.DOCUMENT,
    ("BKG", "REQS"): MilestoneCode.TENDERED,
    ("BKG", "RECE"): MilestoneCode.TENDERED,
    ("BKG", "CONF"): MilestoneCode.BOOKED,
    ("BKG", "REJE"): MilestoneCode.TENDER_DECLINED,
    ("BKG", "CANC"): MilestoneCode.CANCELLED,
    ("BKG", "HOLD"): MilestoneCode.EXCEPTION_RAISED,
    ("BKG", "RELS"): MilestoneCode.EXCEPTION_CLEARED,
    ("TRD",): MilestoneCode.DOCUMENT,
    ("SRM",): MilestoneCode.DOCUMENT,
    ("ARN",): MilestoneCode.DOCUMENT,
    ("CUS",): MilestoneCode.DOCUMENT,
    ("CUS", "HOLD"): MilestoneCode.CUSTOMS_HOLD,
    ("CUS", "RELS"): MilestoneCode.CUSTOMS_RELEASED,
    ("CUC",): MilestoneCode.DOCUMENT,
    ("CUC", "HOLD"): MilestoneCode.CUSTOMS_HOLD,
    ("CUC", "RELS"): MilestoneCode.CUSTOMS_RELEASED,
}
"""By documentTypeCode and shipmentEventTypeCode; CUC is what 3.0 calls CUS."""

SHIPMENT_CODES = frozenset(
    {
        *("RECE", "DRFT", "PENA", "PENU", "REJE", "APPR", "ISSU", "SURR", "SUBM", "VOID", "CONF", "REQS", "CMPL"),
        *("HOLD", "RELS"),
        *("PENC", "CANC"),  # since 2.3
    }
)
"""Every shipmentEventTypeCode: a code outside of it is none that a row for the whole document covers."""

DOCUMENTS_IGNORED = frozenset(
    {
        *("CBR", "SHI", "VGM", "CAS", "DGD", "OOG"),
        *("DEI", "DEO", "TRO", "CRO", "CQU", "INV", "HCE", "PCE", "VCE", "FCE", "ICE", "CEA", "CEO"),  # 3.0
    }
)
"""Papers that go between shipper and carrier and say nothing about where the goods are."""

EVENTS_IGNORED = frozenset({"IOT", "OPERATIONS", "REEFER"})
"""Types of event of the other DCSA standards, which share the event model: sensors, port calls, temperatures."""

EXCEPTION_RAISED_BY: Mapping[Words, tuple[ExceptionKind, Party]] = {
    ("BKG", "REJE"): (ExceptionKind.TENDER_DECLINED, Party.CARRIER),
    ("BKG", "HOLD"): (ExceptionKind.HOLD, Party.UNKNOWN),
    ("CUS", "HOLD"): (ExceptionKind.CUSTOMS_HOLD, Party.CUSTOMS),
    ("CUC", "HOLD"): (ExceptionKind.CUSTOMS_HOLD, Party.CUSTOMS),
}

EXCEPTION_CLEARED_BY: Mapping[Words, ExceptionKind] = {
    ("BKG", "CONF"): ExceptionKind.TENDER_DECLINED,
    ("BKG", "RELS"): ExceptionKind.HOLD,
    ("CUS", "RELS"): ExceptionKind.CUSTOMS_HOLD,
    ("CUC", "RELS"): ExceptionKind.CUSTOMS_HOLD,
}

EMPTY_INDICATORS = frozenset({"EMPTY", "LADEN"})

CUSTOMER = "CLOC"

FACILITIES = frozenset(
    {CUSTOMER, "BOCR", "BORD", "COFS", "COYA", "OFFD", "DEPO", "INTE", "POTE", "RAMP", "WAYP", TRANSSHIPMENT}
)
"""Types of facility of 2.2 and 3.0."""

MODE: Mapping[str, TransportMode] = {"VESSEL": TransportMode.OCEAN, "RAIL": TransportMode.RAIL}
MODES_IGNORED = frozenset({"BARGE", "TRUCK"})
"""Modes of a leg that are no mode of a whole shipment: a lorry with a container is neither LTL nor FTL."""

REFERENCE_SCHEMES: Mapping[str, Scheme] = {"PO": Scheme.PO}
"""What references are unless settings say more: only of PO does the standard say what kind of number it is."""

REFERENCES = frozenset({"AAO", "CR", "EQ", "FF", "PO", "SI"})
"""Every referenceType."""
