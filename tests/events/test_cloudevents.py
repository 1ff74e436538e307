"""What the official SDK sends is understood, the published examples are read as they are meant, and every event of ours
is what its schema says."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from domain.event import Event
from domain.operational import OperationalEvent, OperationalEventType
from events.envelope import BATCH, STRUCTURED, Envelope, Rejected, decode, encode, read
from events.hooks import body_of
from events.schemas import document
from tests.events.test_envelope import MILESTONE, ORDER, event

FOLDER = Path(__file__).parent / "cloudevents"
DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = sorted(FOLDER.glob("json-format-*.json"))
STANDARD = json.loads((FOLDER / "cloudevents-1.0.schema.json").read_text(encoding="utf-8"))
TIME = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def sent(**changes):
    attributes = {"id": "e-1", "source": "erp", "type": "casefold.order.state.v1", "subject": "SO-1", "time": TIME}
    return CloudEvent(attributes | changes, data=ORDER)


def received(message):
    headers = {name.lower(): value for name, value in message.headers.items()}
    [envelope] = read(headers, message.body if isinstance(message.body, bytes) else message.body.encode())
    assert isinstance(envelope, Envelope), envelope
    return decode("main", encode(envelope))


@pytest.mark.parametrize("send", [to_binary_event, to_structured_event])
@pytest.mark.parametrize(
    "changes", [{}, {"sequence": "7"}, {"subject": "SO/ü 1"}, {"id": 'a "quoted" id', "correlationid": "c-12345678"}]
)
def test_what_the_sdk_sends_is_understood(send, changes):
    told = received(send(sent(**changes)))
    assert isinstance(told, Event), told
    assert (told.id, told.time, told.sequence) == (changes.get("id", "e-1"), TIME, 7 if "sequence" in changes else None)
    assert told.observations[0].key.id == changes.get("subject", "SO-1")
    assert told.observations[0].content.number == "SO-1"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_published_example_is_read_and_refused_for_what_it_is(example):
    body = example.read_bytes()
    is_batch = body.lstrip().startswith(b"[")
    taken = read({"content-type": BATCH if is_batch else STRUCTURED}, body)
    assert len(taken) == (len(json.loads(body)) if is_batch else 1)
    for each in taken:
        assert isinstance(each, Rejected)
        assert each.reason.startswith(("type: found com.", "Invalid base64")), each.reason


def test_a_published_example_with_a_type_of_ours_is_taken():
    for example in EXAMPLES:
        found = json.loads(example.read_text(encoding="utf-8"))
        for each in found if isinstance(found, list) else [found]:
            ours = {"time": "2018-04-05T17:31:00Z"} | each | {"type": "casefold.order.hint.v1", "subject": "SO-1"}
            ours |= {"data_base64": "AAAA"} if "data_base64" in each else {}
            [taken] = read({"content-type": STRUCTURED}, json.dumps(ours).encode())
            assert isinstance(taken, Envelope), (example.name, taken)
            assert taken.id == each["id"]


FORMATS = jsonschema.FormatChecker()
FORMATS.checks("date-time", ValueError)(lambda text: bool(datetime.fromisoformat(text)))
SCHEMA = jsonschema.Draft202012Validator(document(), format_checker=FORMATS)
TYPES = sorted(each["properties"]["type"]["const"] for each in document()["oneOf"])


def test_the_exported_schema_is_that_of_the_code():
    assert json.loads((DOCS / "events.schema.json").read_text(encoding="utf-8")) == json.loads(json.dumps(document()))
    jsonschema.Draft202012Validator.check_schema(document())


STEP = {
    "status": "PICKED",
    "occurredAt": "2026-11-23T08:00:00Z",
    "recordedAt": "2026-11-23T08:00:00Z",
    "sourceCode": "picking",
    "source": "wms",
    "orderNumber": "SO-1",
}
GOOD = [
    event(),
    event("casefold.shipment.milestone.v1", MILESTONE),
    event("casefold.fulfillment.progress.v1", STEP),
    event("casefold.order.retracted.v1", None),
    event("casefold.shipment.retracted.v1", {"retractedId": "m-1"}),
    event("casefold.order.hint.v1", None),
    event("casefold.feed.heartbeat.v1", None, subject=None),
    event(sequence="12"),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda each: each["type"])
def test_what_the_schema_allows_is_what_is_understood(good):
    SCHEMA.validate(good)
    jsonschema.validate(good, STANDARD)
    [envelope] = read({"content-type": STRUCTURED}, json.dumps(good).encode())
    assert isinstance(decode("main", encode(envelope)), Event)


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(event("casefold.order.state.v2"), id="another version"),
        pytest.param(event("casefold.truck.state.v1"), id="another entity"),
        pytest.param(event(time=None), id="no time"),
        pytest.param(event(subject=None), id="no subject"),
        pytest.param(event(data={"number": "SO-1", "status": "SHIPED"}), id="a word that is none"),
        pytest.param(event(data={"number": "SO-1"}), id="no status"),
        pytest.param(event(sequence="-1"), id="no sequence"),
        pytest.param(event("casefold.fulfillment.progress.v1", STEP | {"occurredAt": "noon"}), id="no moment"),
        pytest.param(event("casefold.order.milestone.v1", MILESTONE), id="a milestone of an order"),
    ],
)
def test_what_the_schema_refuses_is_refused(bad):
    assert not SCHEMA.is_valid(bad)
    [taken] = read({"content-type": STRUCTURED}, json.dumps(bad).encode())
    assert isinstance(taken, Rejected) or not isinstance(decode("main", encode(taken)), Event)


@pytest.mark.parametrize("kind", list(OperationalEventType))
def test_what_goes_out_is_what_its_schema_says_and_the_sdk_reads_it(kind):
    told = OperationalEvent(
        id="a" * 32, type=kind, occurred_at=TIME, summary="Something happened.", order_number="SO-1"
    )
    body = body_of(told)
    SCHEMA.validate(json.loads(body))
    jsonschema.validate(json.loads(body), STANDARD)
    read_back = from_structured_event(HTTPMessage({"content-type": STRUCTURED}, body))
    assert read_back.get_type() == f"casefold.operational.{kind.value.lower()}.v1"
    assert read_back.get_time() == TIME
    assert read_back.get_data()["summary"] == "Something happened."


def test_every_type_has_its_schema_once():
    assert len(TYPES) == len(set(TYPES)) == 10 * 3 + 2 + 1 + len(OperationalEventType)
