"""What EasyPost sends of its own accord: one event per message, signed over the raw body.

Names of events, envelope and signature: EasyPost's public reference (docs.easypost.com, Events and Webhooks).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import ValidationError as MisfitError
from msgspec.structs import replace
from pydantic import ConfigDict, SecretStr
from pydantic import ValidationError as WireError

from domain.dead_letter import kind_of
from domain.entity import Entity
from domain.errors import BadSignature
from domain.event import Decoded, Delivery, Event, Ignored, Unreadable
from domain.foreign import Links, Mended
from domain.identity import EntityKind
from domain.model import misfit
from domain.observation import Channel, Snapshot, UnmappedCode
from sources.base import Answerer
from sources.easypost import wire
from sources.easypost.mapping import claim_of, mended_of, shipment_id, shipment_of, unmapped_of, unmapped_of_claim
from sources.easypost.settings import EasyPostSettings

HEADER = "X-Hmac-Signature"
SCHEME = "hmac-sha256-hex="

MAX_ID = 200
MAX_REASON = 300

IGNORED = frozenset(
    {
        "batch.created",
        "batch.updated",
        "insurance.cancelled",
        "insurance.purchased",
        "payment.completed",
        "payment.created",
        "payment.failed",
        "refund.successful",
        "report.available",
        "report.empty",
        "report.failed",
        "report.new",
        "scan_form.created",
        "scan_form.updated",
        "shipment.invoice.created",
        "shipment.invoice.updated",
    }
)
"""Events about what no view shows: postage and what it costs."""


class Envelope(wire.Wire):
    """What every event has; `result` is the whole object that it is about, as it was when the event was made."""

    model_config = ConfigDict(title="Event")

    id: wire.Code
    description: wire.Code
    created_at: wire.Moment
    result: Any = None


@dataclass(frozen=True, slots=True)
class Told:
    """One object of an event, in our words.

    Attributes:
        kind: what it is.
        name: the id under which a fetch shows it, too.
        content: its state.
        updated_at: EasyPost's time of its last change.
        unmapped: codes that no table knows.
        mended: addresses that are not passed on.
    """

    kind: EntityKind
    name: str
    content: Entity
    updated_at: datetime
    unmapped: tuple[UnmappedCode, ...]
    mended: tuple[Mended, ...]


def _tracker(result: object, links: Links) -> Told:
    tracker = wire.Tracker.model_validate(result)
    return Told(
        kind=EntityKind.SHIPMENT,
        name=shipment_id(tracker),
        content=shipment_of(tracker, links),
        updated_at=tracker.updated_at.astimezone(UTC),
        unmapped=tuple(unmapped_of(tracker)),
        mended=tuple(mended_of(tracker, links)),
    )


def _claim(result: object, links: Links) -> Told:
    claim = wire.Claim.model_validate(result)
    return Told(
        kind=EntityKind.CLAIM,
        name=claim.id,
        content=claim_of(claim, links),
        updated_at=claim.updated_at.astimezone(UTC),
        unmapped=tuple(unmapped_of_claim(claim)),
        mended=tuple(mended_of(claim, links)),
    )


DECODERS: Mapping[str, Callable[[object, Links], Told]] = {
    "tracker.created": _tracker,
    "tracker.updated": _tracker,
    "claim.*": _claim,
    "claims.*": _claim,
}
"""How the object of an event is read, by the name of the event; EasyPost has published both spellings of claims."""


class EasyPostInbox:
    """Understands the webhook of one EasyPost account."""

    def __init__(self, settings: EasyPostSettings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery) -> None:
        """See `sources.base.Inbox.verify`. The signature covers no time: a repeated message is a good one."""
        secret = self._settings.webhook_secret
        if secret is None:
            raise BadSignature("there is no webhook_secret to check it with")
        signature = delivery.headers.get(HEADER.lower())
        if signature is None:
            raise BadSignature(f"no {HEADER} header")
        if not hmac.compare_digest(signature.encode(errors="replace"), _signature(delivery.body, secret).encode()):
            raise BadSignature(f"{HEADER} is not of this body and this webhook_secret")

    def decode(self, delivery: Delivery) -> Sequence[Decoded]:
        """See `sources.base.Inbox.decode`."""
        try:
            message = msgspec.json.decode(delivery.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return (Unreadable(f"body: found {len(delivery.body)} bytes, allowed: JSON"),)
        try:
            return (self._decoded(Envelope.model_validate(message)),)
        except WireError as error:
            return (Unreadable(_misread(error), _id(message)),)
        except (MisfitError, OverflowError) as error:
            return (Unreadable(f"result: {misfit(error)}"[:MAX_REASON], _id(message)),)

    def _decoded(self, envelope: Envelope) -> Decoded:
        if envelope.description in IGNORED:
            return Ignored(envelope.id, envelope.description)
        decoder = _decoder(envelope.description)
        if decoder is None:
            return Unreadable(_unheard_of(envelope.description), envelope.id)
        told = decoder(envelope.result, self._settings.links)
        return Event(
            id=envelope.id,
            type=envelope.description,
            time=envelope.created_at.astimezone(UTC),
            observations=(self._snapshot(told),),
            unmapped=told.unmapped,
            mended=told.mended,
        )

    def _snapshot(self, told: Told) -> Snapshot:
        """The whole object as of its own last change: events overtake each other, so theirs orders nothing."""
        answerer = Answerer(self._settings.tenant, self._settings.id, moment=told.updated_at)
        snapshot = answerer.snapshot(told.kind, told.name, told.content, told.updated_at)
        return replace(snapshot, channel=Channel.EVENT)


def _signature(body: bytes, secret: SecretStr) -> str:
    """What EasyPost puts into the header; it takes the secret in normal form NFKD."""
    key = unicodedata.normalize("NFKD", secret.get_secret_value()).encode()
    return SCHEME + hmac.new(key, body, hashlib.sha256).hexdigest()


def _decoder(description: str) -> Callable[[object, Links], Told] | None:
    subject, dot, _ = description.partition(".")
    return DECODERS.get(description) or DECODERS.get(f"{subject}{dot}*")


def _unheard_of(description: str) -> str:
    allowed = ", ".join(sorted({*DECODERS, *IGNORED}))
    return f"Event.description: found {kind_of(description)}, allowed: {allowed}"


def _misread(error: WireError) -> str:
    """What was wrong where; of what was found the type alone, because it may be about a person."""
    first = error.errors(include_url=False, include_context=False)[0]
    path = ".".join((error.title, *map(str, first["loc"])))
    found = "nothing" if first["type"] == "missing" else type(first["input"]).__name__
    return f"{path}: found {found}, allowed: {first['msg']}"[:MAX_REASON]


def _id(message: object) -> str | None:
    told = message.get("id") if isinstance(message, dict) else None
    return told if isinstance(told, str) and 0 < len(told) <= MAX_ID else None
