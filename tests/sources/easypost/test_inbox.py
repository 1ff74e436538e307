"""What EasyPost sends: who sent it, and what it tells."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from domain.errors import BadSignature
from domain.event import Delivery, Event, Ignored, Unreadable
from domain.identity import EntityKey, EntityKind
from domain.known import Nature, known_of, merge
from domain.observation import Channel, UnmappedCode
from sources.easypost import SOURCE
from sources.easypost.inbox import IGNORED, EasyPostInbox
from tests.sources.calling import URL, Calling, lookup
from tests.sources.easypost.recorded import PAYLOADS, body, claim, event, tracker
from tests.sources.test_every_source import DRIFTS, changed, places

SECRET = json.loads((PAYLOADS / "webhook.create.json").read_text(encoding="utf-8"))["request"]["body"]["webhook"][
    "webhook_secret"
]
BODY = b'{"id":"evt_1"}'
SIGNATURE = "hmac-sha256-hex=648a648ccf2d4fb82924f631da8d92ecfb4d0e8406023c78f9a215117f1ac4d0"
"""Of BODY under the NFKD form of SECRET, made with OpenSSL."""

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


def settings(**told):
    return SOURCE.settings.model_validate(
        {"id": "parcels", "adapter": "easypost", "base_url": URL, "token": "EZTK-1", "webhook_secret": SECRET} | told
    )


INBOX = EasyPostInbox(settings())


def sent(content, signature=None):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Delivery(content, {} if signature is None else {"x-hmac-signature": signature}, NOW)


def decoded(content):
    [one] = INBOX.decode(sent(content))
    return one


def test_a_message_that_is_signed_as_agreed_is_taken():
    INBOX.verify(sent(BODY, SIGNATURE))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_the_secret_may_be_written_in_any_normal_form(form):
    inbox = SOURCE.open_inbox(settings(webhook_secret=unicodedata.normalize(form, SECRET)))
    inbox.verify(sent(BODY, SIGNATURE))


DIGEST = SIGNATURE.partition("=")[2]


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(DIGEST, id="without its scheme"),
        pytest.param(f"hmac-sha1-hex={DIGEST}", id="of another scheme"),
        pytest.param(SIGNATURE[:-1], id="cut short"),
        pytest.param(f"{SIGNATURE}0", id="too long"),
        pytest.param(f"{SIGNATURE[:-1]}é", id="not ASCII"),
        pytest.param("\ud800", id="not even text"),
    ],
)
def test_a_message_that_is_not_signed_as_agreed_is_refused(signature):
    with pytest.raises(BadSignature) as caught:
        INBOX.verify(sent(BODY, signature))
    assert SECRET not in str(caught.value)
    assert DIGEST not in str(caught.value)


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_one_changed_byte_is_enough_to_refuse_it(place, change):
    tampered = BODY[:place] + bytes([BODY[place] ^ change]) + BODY[place + 1 :]
    with pytest.raises(BadSignature, match="not of this body"):
        INBOX.verify(sent(tampered, SIGNATURE))


def test_the_same_json_in_other_bytes_is_another_message():
    with pytest.raises(BadSignature, match="not of this body"):
        INBOX.verify(sent(json.dumps(json.loads(BODY)).encode(), SIGNATURE))


@pytest.mark.parametrize(
    ("secret", "reason"), [("another", "not of this body"), (None, "no webhook_secret")], ids=["another", "none"]
)
def test_without_the_right_secret_nothing_is_believed(secret, reason):
    with pytest.raises(BadSignature, match=reason):
        SOURCE.open_inbox(settings(webhook_secret=secret)).verify(sent(BODY, SIGNATURE))


def test_an_empty_secret_is_none_that_may_be_set():
    with pytest.raises(ValidationError, match="webhook_secret"):
        settings(webhook_secret="")


def test_no_secret_shows():
    told = settings(webhook_secret="hunter2-canary")
    assert "hunter2" not in f"{told!r} {SOURCE.open_inbox(told)!r}"


async def test_a_tracker_is_told_of_exactly_as_a_fetch_finds_it():
    told = decoded(event())
    assert (told.id, told.type) == ("evt_ebde5d3cfac311ef84522bd0c5c586a1", "tracker.updated")
    assert told.time == datetime(2025, 3, 6, 19, 48, 5, 456_000, tzinfo=UTC)
    assert (told.sequence, told.unmapped) == (None, ())
    [snapshot] = told.observations
    async with Calling(SOURCE, token="EZTK-1", id="parcels") as calling:
        calling.router.post(f"{URL}/v2/trackers/batch").respond(json={"trackers": [event()["result"]]})
        asked = lookup("SHIPMENT", "TRACKING", "EZ1000000001")
        [fetched] = (await calling.fetch("trackers", asked)).found[asked]
    updated_at = datetime(2025, 3, 6, 19, 48, 26, tzinfo=UTC)
    assert snapshot == replace(fetched, channel=Channel.EVENT, moment=updated_at, verified_at=None)
    assert snapshot.as_of == updated_at


@pytest.mark.parametrize("subject", ["claim", "claims"])
@pytest.mark.parametrize("verb", ["approved", "cancelled", "rejected", "submitted", "updated"])
def test_a_claim_is_told_of_exactly_as_a_fetch_finds_it(subject, verb):
    told = decoded(event(f"{subject}.{verb}", result=claim(updated_at="2025-03-06T20:48:26+01:00")))
    [snapshot] = told.observations
    assert snapshot.key == EntityKey(tenant="main", source="parcels", kind=EntityKind.CLAIM, id=claim()["id"])
    assert snapshot.content.tracking_number == claim()["tracking_code"]
    assert snapshot.moment == snapshot.as_of == datetime(2025, 3, 6, 19, 48, 26, tzinfo=UTC)
    assert snapshot.channel is Channel.EVENT


def test_events_that_overtake_each_other_end_in_the_newest_state():
    moments = {"in_transit": "2026-11-20T10:00:00Z", "delivered": "2026-11-21T10:00:00Z"}
    delivered, moving = (
        known_of(told.observations[0])
        for told in (
            decoded(event(result=tracker((status, None, moments[status]), updated_at=moments[status]), created_at=made))
            for status, made in (("delivered", "2026-11-21T10:00:01Z"), ("in_transit", "2026-11-21T10:00:02Z"))
        )
    )
    both = merge(delivered, moving, Nature())
    assert both.current.content.source_status == "delivered"
    assert both == merge(moving, merge(delivered, moving, Nature()), Nature())


def test_a_word_that_no_table_knows_moves_nothing_and_is_reported():
    scans = [("in_transit", None, "2026-11-20T10:00:00Z"), ("teleported", None, "2026-11-20T11:00:00Z")]
    told = decoded(event(result=tracker(*scans)))
    assert told.unmapped == (UnmappedCode("tracker.status", "teleported"),)
    assert told.observations[0].content.source_status == "teleported"
    assert told.observations[0].content.status.value == "IN_TRANSIT"


@pytest.mark.parametrize("description", sorted(IGNORED))
def test_what_no_view_shows_is_ignored_by_name(description):
    assert decoded(event(description, result={"object": "Batch"})) == Ignored(event()["id"], description)


def test_the_recorded_events_are_known_by_name():
    described = {each["id"]: each["description"] for each in body("event.list")["events"]}
    for recorded in body("event.list")["events"]:
        match decoded(recorded):
            case Ignored(type=description):
                assert description == described[recorded["id"]]
            case Unreadable(reason=reason):  # a list of events leaves out what they are about
                assert described[recorded["id"]] == "tracker.created"
                assert reason.startswith("Tracker: found NoneType")
            case other:
                pytest.fail(f"{other}")


@pytest.mark.parametrize("description", ["tracker.deleted", "claim", "claimed.updated", "shipment.created"])
def test_an_event_that_no_table_knows_is_parked_under_its_id(description):
    told = decoded(event(description))
    assert told.id == event()["id"]
    assert told.reason.startswith(
        f"Event.description: found a text of {len(description)} characters, allowed: batch.created, "
    )


@pytest.mark.parametrize(
    ("content", "reason", "id_"),
    [
        pytest.param(b"", "body: found 0 bytes", None, id="nothing"),
        pytest.param(b"<html>", "body: found 6 bytes", None, id="no JSON"),
        pytest.param(b"\xff", "body: found 1 bytes", None, id="no text"),
        pytest.param(b"[" * 100_000, "body: found 100000 bytes", None, id="endless nesting"),
        pytest.param([event()], "Event: found list", None, id="a list"),
        pytest.param({"id": "evt_1"}, "Event.description: found nothing", "evt_1", id="no description"),
        pytest.param({"id": 7}, "Event.id: found int", None, id="a number for an id"),
        pytest.param(
            event(created_at="2025-03-06T19:48:05"),
            "Event.created_at: found str",
            event()["id"],
            id="a time of no zone",
        ),
        pytest.param(
            event(result=tracker(updated_at=None)),
            "Tracker.updated_at: found NoneType",
            event()["id"],
            id="a tracker without its time",
        ),
        pytest.param(
            event(result=tracker(updated_at="0001-01-01T00:00:00+12:00")),
            "result: date value out of range",
            event()["id"],
            id="a time before all times",
        ),
        pytest.param(
            event(result=tracker(carrier="C" * 150, tracking_code="T" * 150)),
            "result: Expected",
            event()["id"],
            id="a name that is too long",
        ),
    ],
)
def test_what_cannot_be_read_says_what_was_found_where(content, reason, id_):
    told = decoded(content)
    assert told.reason.startswith(reason)
    assert told.id == id_


def test_a_reason_repeats_nothing_about_a_person():
    told = decoded(event(result=tracker(signed_by={"name": "Jane Doe"})))
    assert told.reason.startswith("Tracker.signed_by: found dict")
    assert "Jane" not in told.reason


@given(st.binary(max_size=200))
def test_no_bytes_break_it(content):
    assert isinstance(decoded(content), Unreadable)


@given(st.data(), st.sampled_from([event(), event("claim.updated", result=claim())]))
def test_no_drift_of_the_vendors_schema_breaks_it(data, message):
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(message))))
        how = data.draw(DRIFTS)
        message = changed(message, path, how) if path or how else message
    assert isinstance(decoded(message), Event | Ignored | Unreadable)


@given(st.sampled_from(["tracker.updated", "claims.updated"]), st.dictionaries(st.text(max_size=9), st.integers()))
def test_unknown_fields_are_tolerated(description, more):
    result = tracker() if description == "tracker.updated" else claim()
    unknown = {f"new_{name}": value for name, value in more.items()}
    told = decoded(event(description, result=unknown | result, **unknown))
    assert told == decoded(event(description, result=result))
    assert isinstance(told, Event)
