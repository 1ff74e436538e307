"""What a DCSA subscription sends: who sent it, and what it tells."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import BadSignature
from domain.event import Delivery, Event, Ignored, Unreadable
from domain.fold import content_of
from domain.identity import EntityKey, EntityKind
from domain.known import known_of, merge
from domain.observation import Occurrence, Retraction, UnmappedCode
from domain.shipment import Milestone, ShipmentNumbers, ShipmentStatus
from sources.dcsa import SOURCE
from sources.dcsa.codes import DOCUMENTS_IGNORED, EVENTS_IGNORED
from sources.dcsa.inbox import DcsaInbox
from tests.sources.calling import URL, Calling, lookup
from tests.sources.dcsa.recorded import BOOKING, BOX, EXAMPLES, OTHER_BOX, changed, event, example, journey
from tests.sources.test_every_source import DRIFTS, places
from tests.sources.test_every_source import changed as drifted

SECRET = base64.b64encode(b"casefold-dcsa-subscription-key-1").decode()
BODY = b'[{"eventID":"1"}]'
SIGNATURE = "sha256=b9331ed6d8358772e0027c50c4a7cc5140e5997be43b51864c57ecbd77680109"
"""Of BODY under the bytes that SECRET stands for, made with OpenSSL."""

NATURE = SOURCE.natures[EntityKind.SHIPMENT]
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def settings(**told):
    return SOURCE.settings.model_validate(
        {"id": "carrier", "adapter": "dcsa", "base_url": URL, "token": "t", "webhook_secret": SECRET} | told
    )


INBOX = DcsaInbox(settings())


def sent(content, signature=None):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Delivery(content, {} if signature is None else {"notification-signature": signature}, NOW)


def decoded(content):
    [one] = INBOX.decode(sent(content))
    return one


def key(name):
    return EntityKey(tenant="main", source="carrier", kind=EntityKind.SHIPMENT, id=name)


class TestWhoSentIt:
    @pytest.mark.parametrize(
        "signature",
        [
            pytest.param(SIGNATURE, id="as agreed"),
            pytest.param(f"  {SIGNATURE} ", id="with blanks, which the pattern allows"),
            pytest.param(f"sha256={SIGNATURE.partition('=')[2].upper()}", id="in upper case, which the pattern allows"),
        ],
    )
    def test_a_message_that_is_signed_as_agreed_is_taken(self, signature):
        INBOX.verify(sent(BODY, signature))

    @pytest.mark.parametrize(
        "signature",
        [
            pytest.param(None, id="none"),
            pytest.param("", id="empty"),
            pytest.param(SIGNATURE.partition("=")[2], id="without its type"),
            pytest.param(SIGNATURE.replace("sha256", "sha1"), id="of another type"),
            pytest.param(SIGNATURE[:-1], id="cut short"),
            pytest.param(f"{SIGNATURE}0", id="too long"),
            pytest.param(f"{SIGNATURE[:-1]}é", id="not ASCII"),
            pytest.param("\ud800", id="not even text"),
        ],
    )
    def test_a_message_that_is_not_signed_as_agreed_is_refused(self, signature):
        with pytest.raises(BadSignature) as caught:
            INBOX.verify(sent(BODY, signature))
        assert SECRET not in str(caught.value)
        assert SIGNATURE.partition("=")[2] not in str(caught.value)

    @given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
    def test_one_changed_byte_is_enough_to_refuse_it(self, place, change):
        tampered = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]
        with pytest.raises(BadSignature, match="not sha256 of this body"):
            INBOX.verify(sent(tampered, SIGNATURE))

    def test_the_same_json_in_other_bytes_is_another_message(self):
        with pytest.raises(BadSignature):
            INBOX.verify(sent(json.dumps(json.loads(BODY)).encode(), SIGNATURE))

    def test_the_key_is_what_the_secret_stands_for_and_not_its_letters(self):
        other = base64.b64encode(SECRET.encode()).decode()
        with pytest.raises(BadSignature):
            DcsaInbox(settings(webhook_secret=other)).verify(sent(BODY, SIGNATURE))

    def test_without_a_secret_nothing_is_believed(self):
        with pytest.raises(BadSignature, match="no webhook_secret"):
            DcsaInbox(settings(webhook_secret=None)).verify(sent(BODY, SIGNATURE))

    @pytest.mark.parametrize("secret", ["", "no base64!", "abc"], ids=["empty", "other letters", "cut short"])
    def test_a_secret_that_is_not_base64_is_refused_by_the_settings(self, secret):
        with pytest.raises(ValidationError, match="webhook_secret"):
            settings(webhook_secret=secret)

    def test_no_secret_shows(self):
        told = settings()
        assert SECRET not in f"{told!r} {SOURCE.open_inbox(told)!r}"


class TestAnEvent:
    async def test_it_is_told_of_under_the_name_that_a_fetch_uses(self):
        record = journey()[7]
        told = decoded([record])
        assert (told.id, told.type) == (record["eventID"], "TRANSPORT")
        assert told.time == datetime(2026, 9, 7, 2, 20, tzinfo=UTC)
        assert (told.sequence, told.unmapped) == (None, ())
        happened, numbered = told.observations
        async with Calling(SOURCE, token="t", id="carrier") as calling:
            calling.router.get(f"{URL}/v2/events").respond(json=[record])
            asked = lookup("SHIPMENT", "TRACKING", BOX)
            [fetched] = (await calling.fetch("events", asked)).found[asked]
        assert fetched.key == happened.key == numbered.key == key(BOX)
        assert (happened.content,) == fetched.content.milestones
        assert isinstance(numbered.content, ShipmentNumbers)
        assert (happened.identity, happened.recorded_at) == (record["eventID"], told.time)

    def test_one_alone_is_as_good_as_a_list(self):
        assert decoded(journey()[7]) == decoded([journey()[7]])

    def test_a_list_is_told_of_event_by_event(self):
        told = INBOX.decode(sent(journey()))
        assert [type(each).__name__ for each in told] == ["Event", "Event", "Ignored", *(["Event"] * 14)]

    def test_an_empty_list_tells_nothing(self):
        assert INBOX.decode(sent([])) == ()

    def test_it_is_told_of_each_container_that_it_names(self):
        both = [{"referenceType": "EQ", "referenceValue": each} for each in (BOX, OTHER_BOX)]
        told = decoded(event("TRANSPORT", "DEPA", references=both))
        milestones = [each for each in told.observations if isinstance(each.content, Milestone)]
        assert [each.key for each in milestones] == [key(BOX), key(OTHER_BOX)]

    def test_what_names_no_container_is_told_of_the_booking(self):
        [happened] = decoded(event("SHIPMENT", "CONF", box=None)).observations
        assert happened.key == key(BOOKING)

    def test_events_one_by_one_make_a_shipment_that_is_linked(self):
        known = None
        for told in INBOX.decode(sent(list(reversed(journey())))):
            for seen in told.observations if isinstance(told, Event) else ():
                if seen.key == key(BOX):
                    now = known_of(seen)
                    known = now if known is None else merge(known, now, NATURE)
        shown = content_of(known)
        assert shown.status is ShipmentStatus.IN_TRANSIT
        assert (shown.tracking_number, shown.bill_of_lading) == (BOX, "TRD700001")
        assert {each.value for each in shown.references} == {BOOKING, "PO-77"}

    def test_the_same_event_twice_changes_nothing(self):
        first, second = INBOX.decode(sent([journey()[7]] * 2))
        assert first == second

    def test_a_word_that_no_table_knows_is_kept_and_reported(self):
        told = decoded(event("EQUIPMENT", "HIDE"))
        assert told.unmapped == (UnmappedCode("equipmentEventTypeCode", "HIDE"),)
        assert told.observations[0].content.source_code == "HIDE"

    def test_an_event_without_an_id_is_the_same_event_when_it_comes_again(self):
        nameless = changed(event("TRANSPORT", "DEPA"), eventID=None)
        assert decoded(nameless).id == decoded(nameless).id == "TRANSPORT/DEPA/ACT//2026-11-20T10:00:00+00:00"


class TestWhatIsIgnored:
    @pytest.mark.parametrize("document", sorted(DOCUMENTS_IGNORED))
    def test_papers(self, document):
        told = decoded(event("SHIPMENT", "RECE", documentTypeCode=document))
        assert told == Ignored(event("SHIPMENT", "RECE")["eventID"], f"SHIPMENT/{document}")

    @pytest.mark.parametrize("kind", sorted(EVENTS_IGNORED))
    def test_events_of_other_standards_whatever_is_in_them(self, kind):
        metadata = {"eventID": "e-1", "eventType": kind, "eventCreatedDateTime": "2026-11-20T10:00:00Z"}
        assert decoded({"metadata": metadata, "payload": {"eventClassifierCode": 7}}) == Ignored("e-1", kind)

    @pytest.mark.parametrize("document", ["TRD", "ARN", "SRM"])
    def test_the_status_of_a_document_that_says_not_whose_it_is(self, document):
        lone = event("SHIPMENT", "ISSU", box=None, booking=None, documentTypeCode=document, documentID="D-1")
        assert decoded(lone) == Ignored(lone["eventID"], f"SHIPMENT/{document}")

    def test_a_document_that_says_whose_it_is_is_told_of(self):
        told = decoded(event("SHIPMENT", "ISSU", documentTypeCode="TRD", documentID="D-1"))
        assert told.observations[0].content.source_code == "TRD/ISSU"


class TestARetraction:
    RETRACTED = "957e4966-dad0-4111-9f8f-fb7216c43907"

    def test_it_is_known_whose_it_was_if_the_event_came_with_it(self):
        left = event("TRANSPORT", "DEPA") | {"eventID": self.RETRACTED}
        [told] = [
            each
            for each in INBOX.decode(sent([*example("retractedTransportEventExample"), left]))
            if each.id != self.RETRACTED
        ]
        created = datetime(2022, 9, 19, 23, 11, tzinfo=UTC)
        assert told == Event(
            id="2239d040-78c9-4172-8863-89428af41a0e",
            type="TRANSPORT",
            time=created,
            observations=(Retraction(key(BOX), self.RETRACTED, created),),
        )

    def test_it_is_known_whose_it_was_if_it_says_so(self):
        [bare] = example("retractedTransportEventExample")
        told = decoded(bare | {"payload": {"equipmentReference": BOX}})
        assert [each.key for each in told.observations] == [key(BOX)]

    def test_what_it_takes_back_did_not_happen(self):
        loaded, left = event("EQUIPMENT", "LOAD"), event("TRANSPORT", "DEPA", "2026-11-21T10:00:00Z")
        metadata = {
            "eventID": "r-1",
            "eventType": "TRANSPORT",
            "eventCreatedDateTime": "2026-11-22T10:00:00Z",
            "retractedEventID": left["eventID"],
        }
        known = None
        for told in INBOX.decode(sent([loaded, left, {"metadata": metadata}])):
            for seen in told.observations:
                now = known_of(seen)
                known = now if known is None else merge(known, now, NATURE)
        assert content_of(known).status is ShipmentStatus.LOADED

    def test_it_is_parked_if_nobody_knows_whose_it_was(self):
        told = decoded(example("retractedTransportEventExample"))
        assert told.id == "2239d040-78c9-4172-8863-89428af41a0e"
        assert told.reason.startswith(
            f"retractedEventID: found a text of {len(self.RETRACTED)} characters, allowed: an event of the same message"
        )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_published_event_is_told_of(name):
    for told in INBOX.decode(sent(example(name))):
        match told:
            case Event(observations=observations, unmapped=unmapped):
                assert [type(each) for each in observations] == [Occurrence, Occurrence]
                assert unmapped == ()
            case Unreadable(reason=reason):
                assert reason.startswith("retractedEventID: ")
            case other:
                pytest.fail(f"{other}")


@pytest.mark.parametrize(
    ("content", "reason", "id_"),
    [
        pytest.param(b"", "body: found 0 bytes", None, id="nothing"),
        pytest.param(b"<html>", "body: found 6 bytes", None, id="no JSON"),
        pytest.param(b"\xff", "body: found 1 bytes", None, id="no text"),
        pytest.param(b"[" * 100_000, "body: found 100000 bytes", None, id="endless nesting"),
        pytest.param("text", "Event: found str", None, id="text"),
        pytest.param([["a list"]], "Event: found list", None, id="a list in a list"),
        pytest.param({"eventID": "e-1"}, "eventType: found nothing", "e-1", id="no type"),
        pytest.param({"metadata": {"eventID": "e-1"}}, "eventType: found nothing", "e-1", id="no type in the new form"),
        pytest.param({"eventID": 7}, "eventID: found int", None, id="a number for an id"),
        pytest.param(
            event("TELEPORT", "GONE"),
            "eventType: found a text of 8 characters, allowed: EQUIPMENT, IOT, OPERATIONS, REEFER, SHIPMENT, TRANSPORT",
            event("TELEPORT", "GONE")["eventID"],
            id="a type that nobody has heard of",
        ),
        pytest.param(
            event("TRANSPORT", "DEPA", classifier="REQ"),
            "eventClassifierCode: found a text of 3 characters, allowed: ACT, EST, PLN",
            event("TRANSPORT", "DEPA", classifier="REQ")["eventID"],
            id="neither planned, nor expected, nor happened",
        ),
        pytest.param(
            changed(event("TRANSPORT", "DEPA"), transportEventTypeCode=None),
            "transportEventTypeCode: found nothing",
            event("TRANSPORT", "DEPA")["eventID"],
            id="no code",
        ),
        pytest.param(
            changed(event("SHIPMENT", "CONF"), documentTypeCode=None),
            "documentTypeCode: found nothing",
            event("SHIPMENT", "CONF")["eventID"],
            id="no document",
        ),
        pytest.param(
            changed(event("EQUIPMENT", "LOAD"), eventDateTime=None),
            "eventDateTime: found nothing",
            event("EQUIPMENT", "LOAD")["eventID"],
            id="no time",
        ),
        pytest.param(
            event("TRANSPORT", "DEPA") | {"eventDateTime": "2026-11-20T10:00:00"},
            "eventDateTime: found str, allowed: Input should have timezone info",
            event("TRANSPORT", "DEPA")["eventID"],
            id="a time of no zone",
        ),
        pytest.param(
            event("TRANSPORT", "DEPA") | {"eventCreatedDateTime": 1_763_632_800},
            "eventCreatedDateTime: found int",
            event("TRANSPORT", "DEPA")["eventID"],
            id="a number for a time",
        ),
        pytest.param(
            event("TRANSPORT", "DEPA", box=None, booking=None),
            "equipmentReference: found nothing",
            event("TRANSPORT", "DEPA")["eventID"],
            id="about nothing",
        ),
    ],
)
def test_what_cannot_be_read_says_what_was_found_where(content, reason, id_):
    told = decoded(content)
    assert isinstance(told, Unreadable)
    assert told.reason.startswith(reason)
    assert told.id == id_


def test_one_that_cannot_be_read_does_not_spoil_its_neighbours():
    good, bad = event("TRANSPORT", "DEPA"), {"eventID": "e-2"}
    assert [type(each) for each in INBOX.decode(sent([good, bad, good]))] == [Event, Unreadable, Event]


def test_a_reason_repeats_nothing_about_a_person():
    told = decoded(event("TRANSPORT", "DEPA", changeRemark={"name": "Jane Doe"}))
    assert told.reason.startswith("changeRemark: found dict")
    assert "Jane" not in told.reason


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content):
    assert all(isinstance(each, Unreadable) for each in INBOX.decode(sent(content)))


@given(st.data(), st.sampled_from([*EXAMPLES, "journey"]))
def test_no_drift_of_the_vendors_schema_breaks_it(data, name):
    message = journey() if name == "journey" else example(name)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(message))))
        how = data.draw(DRIFTS)
        message = drifted(message, path, how) if path or how else message
    assert all(isinstance(each, Event | Ignored | Unreadable) for each in INBOX.decode(sent(message)))


@given(st.dictionaries(st.text(max_size=9), st.integers()))
def test_unknown_fields_are_tolerated(more):
    unknown = {f"new_{name}": value for name, value in more.items()}
    assert decoded(unknown | journey()[7]) == decoded(journey()[7])
