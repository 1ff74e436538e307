import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

from domain.identity import Scheme
from sources.base import Answerer
from sources.dcsa.findings import Reply, history_of, shipments_of
from sources.dcsa.mapping import Vantage

PAYLOADS = Path(__file__).with_name("payloads")
EXAMPLES = tuple(sorted(path.stem for path in PAYLOADS.glob("*Example.json")))
BOX, BOOKING, DOCUMENT = "CASU7000014", "BKG700001", "TRD700001"
OTHER_BOX = "CASU7000020"

MOMENT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
VANTAGE = Vantage("main", "carrier", {"PO": Scheme.PO, "SI": Scheme.SO})


def example(name):
    """The events of a published example, always as a list."""
    value = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["value"]
    return value if isinstance(value, list) else [value]


def journey():
    """The composed journey, on the way to the last port; in the order in which its events were made up."""
    return json.loads((PAYLOADS / "journey.COMPOSED.json").read_text(encoding="utf-8"))


FIELD = {
    "TRANSPORT": "transportEventTypeCode",
    "EQUIPMENT": "equipmentEventTypeCode",
    "SHIPMENT": "shipmentEventTypeCode",
}


def event(kind, code, when="2026-11-20T10:00:00Z", classifier="ACT", box=BOX, booking=BOOKING, **more):
    """A composed event of 2.2 that names a container and its booking, unless told otherwise."""
    own = {"documentTypeCode": "BKG", "documentID": booking} if kind == "SHIPMENT" else {}
    if kind == "EQUIPMENT":
        own = {"equipmentReference": box, "emptyIndicatorCode": "LADEN"}
    documents = [{"documentReferenceType": "BKG", "documentReferenceValue": booking}] if booking else []
    references = [{"referenceType": "EQ", "referenceValue": box}] if box and kind != "EQUIPMENT" else []
    return {
        "eventID": f"{kind}-{code}-{when}-{classifier}",
        "eventType": kind,
        "eventCreatedDateTime": when,
        "eventDateTime": when,
        "eventClassifierCode": classifier,
        FIELD.get(kind, "code"): code,
        "documentReferences": documents,
        "references": references,
        **own,
        **more,
    }


def call(name, unlocode, **more):
    return {"transportCallID": name, "modeOfTransport": "VESSEL", "UNLocationCode": unlocode, **more}


def changed(record, **changes):
    """A copy with other fields; None takes one away."""
    kept = deepcopy(record) | changes
    return {name: value for name, value in kept.items() if value is not None}


def shipments(*records, number=BOX, is_box=True):
    """What a reply shows, by name."""
    reply = Reply(number, is_box, records, Answerer("main", "carrier", MOMENT))
    return {each.id: each for each in shipments_of(reply, history_of(records), VANTAGE)}


def shipment(*records):
    """The container, asked for by its number."""
    return shipments(*records)[BOX]
