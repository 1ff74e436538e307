"""What is captured: EPCIS 2.0 documents, answers to queries, and events alone or in a list, all JSON.

Shapes: the JSON schemas in GS1's OpenAPI description of the REST bindings of EPCIS 2.0.
"""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import ValidationError as MisfitError
from pydantic import ValidationError as WireError
from pydantic_core import ErrorDetails

from domain.errors import BadSignature
from domain.event import Decoded, Delivery, Event, Ignored, Unreadable
from domain.model import misfit
from sources.epcis import codes, wire
from sources.epcis.mapping import ignored_as, observations_of, recorded_at, unmapped_of
from sources.epcis.settings import EpcisSettings
from sources.signatures import check_sender

EVENTS = "epcisBody.eventList, or epcisBody.queryResults.resultsBody.eventList"
"""Where documents have their events."""

MAX_ID = 200
MAX_REASON = 300

NOT_ITS_CONTENT = frozenset({"@context", "eventID", "recordTime", "errorDeclaration"})
"""Fields that may differ between two messages about one event: its name, when it was recorded, that it was an error."""


class EpcisInbox:
    """Understands what one WMS, or repository, sends."""

    def __init__(self, settings: EpcisSettings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery) -> None:
        """See `sources.base.Inbox.verify`. EPCIS names a header for signatures and leaves open what is in it."""
        if self._settings.webhook_secret is None:
            raise BadSignature("there is no webhook_secret to check it with")
        check_sender(delivery, self._settings.webhook_secret)

    def decode(self, delivery: Delivery) -> Sequence[Decoded]:
        """See `sources.base.Inbox.decode`. One event that cannot be read does not spoil its neighbours."""
        try:
            message = msgspec.json.decode(delivery.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return (Unreadable(f"body: found {len(delivery.body)} bytes, allowed: JSON"),)
        events = _events(message)
        if events is None:
            return (Unreadable(f"body: found a document without events, allowed: {EVENTS}"),)
        return tuple(self._decoded(each) for each in events)

    def _decoded(self, content: object) -> Decoded:
        if not isinstance(content, dict):
            return Unreadable(f"Event: found {type(content).__name__}, allowed: an object")
        try:
            return self._understood(content)
        except WireError as error:
            return Unreadable(_misread(error), _id(content))
        except (MisfitError, OverflowError, RecursionError) as error:
            return Unreadable(f"Event: {misfit(error)}"[:MAX_REASON], _id(content))

    def _understood(self, content: Mapping[str, object]) -> Decoded:
        header = wire.Header.model_validate(content)
        identity = header.event_id or identity_of(content)
        if header.type in codes.EVENT_TYPE_IGNORED:
            return Ignored(identity, header.type)
        event = wire.Event.model_validate(content)
        ignored = ignored_as(event, self._settings)
        return Ignored(identity, ignored) if ignored else self._told(event, identity)

    def _told(self, event: wire.Event, identity: str) -> Event:
        """An error declaration repeats the event with its id, so its own is made of that."""
        return Event(
            id=f"{identity} errorDeclaration" if event.error_declaration else identity,
            type=event.type,
            time=recorded_at(event),
            observations=observations_of(event, identity, self._settings),
            unmapped=tuple(unmapped_of(event, self._settings)),
        )


def identity_of(event: Mapping[str, object]) -> str:
    """Names an event without an eventID by what it says of what, when, where and why.

    Args:
        event: as sent; the order of its fields means nothing.
    """
    content = {name: value for name, value in event.items() if name not in NOT_ITS_CONTENT}
    return "sha256 " + hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _events(message: object) -> Sequence[object] | None:
    match message:
        case list(events):
            return events
        case {"type": "EPCISDocument", "epcisBody": {"eventList": list(events)}}:
            return events
        case {
            "type": "EPCISQueryDocument",
            "epcisBody": {"queryResults": {"resultsBody": {"eventList": list(events)}}},
        }:
            return events
        case {"type": "EPCISDocument" | "EPCISQueryDocument"}:
            return None
        case _:
            return [message]


def _misread(error: WireError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    path = ".".join((error.title, *map(str, first["loc"])))
    return f"{path}: found {_found(first)}, allowed: {first['msg']}"[:MAX_REASON]


def _found(problem: ErrorDetails) -> str:
    """What was found instead: its type alone, because it may be about a person."""
    return "nothing" if problem["type"] == "missing" else type(problem["input"]).__name__


def _id(content: Mapping[str, object]) -> str | None:
    told = content.get("eventID")
    return told if isinstance(told, str) and 0 < len(told) <= MAX_ID else None
