"""X12's words, as tables. The same letters mean different things in different elements: each element has its own.

Texts and codes: element lists 1650, 1651 and 1652 of release 004030 and later, as implementation guides repeat them;
the standard itself is sold. A partner's own guide goes before them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.identity import Scheme
from domain.shipment import Classifier, MilestoneCode

ACTUAL, ESTIMATED, PLANNED = Classifier.ACTUAL, Classifier.ESTIMATED, Classifier.PLANNED
M = MilestoneCode


@dataclass(frozen=True, slots=True)
class Status:
    """What a status code says.

    Attributes:
        code: our word for it; UNKNOWN where it is known, and moves nothing.
        text: the list's own words.
        classifier: whether it happened.
    """

    code: MilestoneCode
    text: str
    classifier: Classifier = ACTUAL


STATUS: Mapping[str, Status] = {
    "A3": Status(M.RETURNED, "Shipment returned to shipper"),
    "A7": Status(M.DELIVERY_ATTEMPTED, "Refused by consignee"),
    "A9": Status(M.EXCEPTION_RAISED, "Shipment damaged"),
    "AF": Status(M.PICKED_UP, "Carrier departed pick-up location with shipment"),
    "AG": Status(M.ETA_CHANGED, "Estimated delivery", ESTIMATED),
    "AH": Status(M.DELIVERY_ATTEMPTED, "Attempted delivery"),
    "AI": Status(M.EXCEPTION_RAISED, "Shipment has been reconsigned"),
    "AJ": Status(M.OUT_FOR_DELIVERY, "Tendered for delivery"),
    "AM": Status(M.LOADED, "Loaded on truck"),
    "AN": Status(M.EXCEPTION_RAISED, "Diverted to air carrier"),
    "AP": Status(M.DELIVERY_ATTEMPTED, "Delivery not completed"),
    "AR": Status(M.ARRIVED, "Rail arrival at destination intermodal ramp"),
    "AV": Status(M.AVAILABLE_FOR_COLLECTION, "Available for delivery"),
    "AW": Status(M.AVAILABLE_FOR_COLLECTION, "Available for pick-up"),
    "B6": Status(M.ARRIVED, "Estimated to arrive at carrier terminal", ESTIMATED),
    "BA": Status(M.HANDED_OVER, "Connecting line or cartage pick-up"),
    "BC": Status(M.EXCEPTION_RAISED, "Storage in transit"),
    "C1": Status(M.DEPARTED, "Estimated to depart terminal location", ESTIMATED),
    "CA": Status(M.CANCELLED, "Shipment cancelled"),
    "CB": Status(M.DELIVERED, "Completed shipment"),
    "CD": Status(M.UNKNOWN, "Carrier departed delivery location"),
    "CL": Status(M.LOADED, "Trailer closed out"),
    "CP": Status(M.LOADED, "Completed loading at pick-up location"),
    "D1": Status(M.DELIVERED, "Completed unloading at delivery location"),
    "I1": Status(M.GATE_IN, "In-gate"),
    "J1": Status(M.HANDED_OVER, "Delivered to connecting line"),
    "K1": Status(M.ARRIVED, "Arrived at customs"),
    "L1": Status(M.UNKNOWN, "Loading"),
    "NB": Status(M.EXCEPTION_RAISED, "Freight received without paperwork"),
    "OO": Status(M.EXCEPTION_RAISED, "Paperwork received, did not receive freight"),
    "P1": Status(M.DEPARTED, "Departed terminal location"),
    "PA": Status(M.EXCEPTION_RAISED, "Partial shipment"),
    "PR": Status(M.CUSTOMS_HOLD, "U.S. customs hold at in-bond location"),
    "R1": Status(M.HANDED_OVER, "Received from prior carrier"),
    "RL": Status(M.DEPARTED, "Rail departure from origin intermodal ramp"),
    "S1": Status(M.ARRIVED, "Trailer spotted at consignee's location"),
    "SD": Status(M.EXCEPTION_RAISED, "Shipment delayed"),
    "X1": Status(M.ARRIVED, "Arrived at delivery location"),
    "X2": Status(M.ETA_CHANGED, "Estimated date and time of arrival at consignee's location", ESTIMATED),
    "X3": Status(M.ARRIVED, "Arrived at pick-up location"),
    "X4": Status(M.ARRIVED, "Arrived at terminal location"),
    "X5": Status(M.ARRIVED, "Arrived at delivery location loading dock"),
    "X6": Status(M.DEPARTED, "En route to delivery location"),
    "X8": Status(M.ARRIVED, "Arrived at pick-up location loading dock"),
    "XB": Status(M.BOOKED, "Shipment acknowledged"),
}
"""Element 1650, shipment status (AT701). Arriving is not delivering; a delay moves nothing."""

APPOINTMENT: Mapping[str, Status] = {
    "AA": Status(M.ARRIVED, "Pick-up appointment", PLANNED),
    "AB": Status(M.ARRIVED, "Delivery appointment", PLANNED),
}
"""Element 1652, appointment status (AT703), as far as guides use it alike."""

NORMAL = "NS"
"""Element 1651: nothing to say besides the status."""

REASONS: Mapping[str, str] = {
    "A1": "missed delivery",
    "A2": "incorrect address",
    "A3": "indirect delivery",
    "A5": "unable to locate",
    "A6": "address corrected",
    "AA": "mis-sort",
    "AD": "future delivery requested",
    "AE": "restricted articles",
    "AF": "accident",
    "AG": "consignee related",
    "AH": "driver related",
    "AI": "mechanical breakdown",
    "AJ": "other carrier related",
    "AK": "damaged, rewrapped in hub",
    "AL": "previous stop",
    "AM": "shipper related",
    "AN": "holiday",
    "AO": "weather or natural disaster",
    "AP": "awaiting export",
    "AQ": "recipient unavailable",
    "AR": "improper international paperwork",
    "AS": "hold for customs documentation",
    "AT": "unable to contact recipient for broker information",
    "AU": "civil event",
    "AV": "exceeds service limitations",
    "AW": "past cut-off time",
    "AX": "insufficient pick-up time",
    "AY": "missed pick-up",
    "AZ": "alternate carrier delivered",
    "B1": "consignee closed",
    "B2": "trap for customer",
    "B4": "held for payment",
    "B5": "held for consignee",
    "B8": "improper unloading facility or equipment",
    "B9": "receiving time restricted",
    "BB": "held per shipper",
    "BC": "missing documents",
    "BD": "border clearance",
    "BE": "road conditions",
    "BF": "carrier keying error",
    "BG": "other",
    "BH": "insufficient time to complete delivery",
    "BI": "cartage agent",
    "BJ": "customer wanted earlier delivery",
    "BK": "prearranged appointment",
    "BL": "held for protective service",
    "BM": "flatcar shortage",
    "BN": "failed to release billing",
    "BP": "load shifted",
    "BQ": "shipment overweight",
    "BR": "train derailment",
    "BS": "refused by customer",
    "BT": "returned to shipper",
    "C1": "waiting for customer pick-up",
    "C2": "credit hold",
    "C3": "suspended at customer request",
    "C4": "customer vacation",
    "C5": "customer strike",
    "C6": "waiting shipping instructions",
    "C7": "waiting for customer specified carrier",
    "C8": "collect on delivery required",
    "C9": "cash not available from consignee",
    "CA": "customs",
    "CB": "no requested arrival date provided by shipper",
    "CC": "no requested arrival time provided by shipper",
    "D1": "carrier dispatch error",
    "D2": "driver not available",
    "F1": "clearance delay",
    "F2": "clearance delay",
    "HB": "held pending appointment",
}
"""Element 1651, reason (AT702, AT704)."""

TENDER: Mapping[str, MilestoneCode] = {"A": M.TENDER_ACCEPTED, "D": M.TENDER_DECLINED}
"""Element 558, reservation action (B104 of a 990)."""

REFERENCES: Mapping[str, Scheme] = {"BM": Scheme.BOL, "PO": Scheme.PO, "VN": Scheme.SO, "2I": Scheme.TRACKING}
"""Element 128, reference qualifier (L1102, N901), as far as it means one of our schemes at every carrier."""

SETS_IGNORED: Mapping[str, str] = {
    "204": "motor carrier load tender",
    "210": "freight details and invoice",
    "211": "bill of lading",
    "315": "status details (ocean)",
    "322": "terminal operations and intermodal ramp activity",
    "810": "invoice",
    "820": "payment order",
    "850": "purchase order",
    "855": "purchase order acknowledgment",
    "856": "ship notice",
    "940": "warehouse shipping order",
    "943": "warehouse stock transfer shipment advice",
    "944": "warehouse stock transfer receipt advice",
    "945": "warehouse shipping advice",
    "997": "functional acknowledgment",
    "999": "implementation acknowledgment",
}
"""Sets that are not about how far a load is."""
