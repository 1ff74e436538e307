"""What a DCSA subscription sends: events, one or a list, signed over the raw body.

Callback, header and secret: `POST /v2/event-subscriptions` of T&T 2.2.0; retractions: `metadata` of 3.0.0-Beta-1.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from pydantic import ValidationError

from domain.dead_letter import kind_of
from domain.errors import BadSignature
from domain.event import Decoded, Delivery, Event, Ignored, Unreadable
from domain.observation import Retraction
from domain.shipment import MilestoneCode
from sources.dcsa import codes, wire
from sources.dcsa.findings import UNREADABLE, misread
from sources.dcsa.mapping import (
    Vantage,
    booking_of,
    boxes_of,
    identity_of,
    is_ignored,
    milestone_code,
    names_of,
    occurrences_of,
    unmapped_of,
)
from sources.dcsa.settings import DcsaSettings, key_of

HEADER = "Notification-Signature"
SCHEME = "sha256="

MAX_ID = 200

Names = Mapping[str, tuple[str, ...]]
"""By the id of an event, the shipments that it is about."""


class DcsaInbox:
    """Understands the notifications of one event subscription."""

    def __init__(self, settings: DcsaSettings) -> None:
        self._secret = settings.webhook_secret
        self._vantage = Vantage.of(settings)

    def verify(self, delivery: Delivery) -> None:
        """See `sources.base.Inbox.verify`. The signature covers no time: a repeated message is a good one."""
        if self._secret is None:
            raise BadSignature("there is no webhook_secret to check it with")
        signature = delivery.headers.get(HEADER.lower())
        if signature is None:
            raise BadSignature(f"no {HEADER} header")
        expected = SCHEME + hmac.new(key_of(self._secret), delivery.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature.strip().lower().encode(errors="replace"), expected.encode()):
            raise BadSignature(f"{HEADER} is not sha256 of this body and this webhook_secret")

    def decode(self, delivery: Delivery) -> Sequence[Decoded]:
        """See `sources.base.Inbox.decode`."""
        try:
            message = msgspec.json.decode(delivery.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return (Unreadable(f"body: found {len(delivery.body)} bytes, allowed: JSON"),)
        records = message if isinstance(message, list) else [message]
        names = dict(_named(records))
        return tuple(self._decoded(record, names) for record in records)

    def _decoded(self, record: object, names: Names) -> Decoded:
        try:
            envelope = wire.Envelope.model_validate(record)
            if envelope.retracts is not None:
                return self._retraction(envelope, envelope.retracts, names)
            return self._event(record, envelope)
        except UNREADABLE as error:
            return Unreadable(misread(error), _id(record))

    def _retraction(self, envelope: wire.Envelope, retracted: str, names: Names) -> Decoded:
        """An event that takes back another one; by the standard it names nothing but that one's id."""
        about = names_of(envelope) or names.get(retracted, ())
        if not about:
            return Unreadable(
                f"retractedEventID: found {kind_of(retracted)}, allowed: an event of the same message, "
                "or one that the retraction says the container or booking of",
                envelope.event_id,
            )
        keys = (self._vantage.key(name) for name in about)
        return Event(
            id=envelope.event_id or f"retraction of {retracted}",
            type=envelope.event_type,
            time=envelope.created_at,
            observations=tuple(Retraction(key, retracted, envelope.created_at) for key in keys),
        )

    def _event(self, record: object, envelope: wire.Envelope) -> Decoded:
        if is_ignored(envelope):
            return Ignored(envelope.event_id or _type(envelope), _type(envelope))
        if envelope.event_type not in wire.EVENTS:
            return _unheard_of("eventType", envelope.event_type, (*wire.EVENTS, *codes.EVENTS_IGNORED), envelope)
        event = wire.event_of(record, envelope)
        if event.classifier not in codes.CLASSIFIER:
            return _unheard_of("eventClassifierCode", event.classifier, codes.CLASSIFIER, envelope)
        if _is_about_a_paper_alone(event):
            return Ignored(identity_of(event), _type(event))
        return self._told(event)

    def _told(self, event: wire.Event) -> Decoded:
        names = names_of(event)
        if not names:
            return Unreadable("equipmentReference: found nothing, allowed: it, or a booking", event.event_id)
        return Event(
            id=identity_of(event),
            type=event.event_type,
            time=event.created_at,
            observations=tuple(each for name in names for each in occurrences_of(event, name, self._vantage)),
            unmapped=tuple(dict.fromkeys(unmapped_of(event))),
        )


def _is_about_a_paper_alone(event: wire.Event) -> bool:
    """Whether it tells the status of a document, and not whose: 2.2 gives no booking beside a bill of lading."""
    return milestone_code(event) is MilestoneCode.DOCUMENT and not boxes_of(event) and booking_of(event) is None


def _type(event: wire.Envelope) -> str:
    """What it is ignored as: its type and, if it is about one, the kind of document."""
    return "/".join(filter(None, (event.event_type, event.document_type)))


def _named(records: Sequence[object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for record in records:
        try:
            envelope = wire.Envelope.model_validate(record)
        except ValidationError:
            continue
        if envelope.event_id is not None and envelope.retracts is None:
            yield envelope.event_id, names_of(envelope)


def _unheard_of(
    field: str, found: str, allowed: Sequence[str] | Mapping[str, object], event: wire.Envelope
) -> Unreadable:
    return Unreadable(f"{field}: found {kind_of(found)}, allowed: {', '.join(sorted(allowed))}", event.event_id)


def _id(record: object) -> str | None:
    """Its id, as far as it can be read, of either form."""
    if not isinstance(record, dict):
        return None
    metadata = record.get("metadata")
    told = metadata.get("eventID") if isinstance(metadata, dict) else record.get("eventID")
    return told if isinstance(told, str) and 0 < len(told) <= MAX_ID else None
