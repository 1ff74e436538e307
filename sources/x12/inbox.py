"""What a carrier sends: whole interchanges, over HTTP."""

from collections.abc import Sequence

from msgspec import ValidationError as MisfitError

from domain.dead_letter import kind_of
from domain.errors import BadSignature
from domain.event import Decoded, Delivery, Event, Ignored, Unreadable
from domain.model import misfit
from sources.signatures import check_sender
from sources.x12.codes import SETS_IGNORED
from sources.x12.interchange import TransactionSet, sets_of
from sources.x12.mapping import Unusable, told_by
from sources.x12.settings import X12Settings

UNDERSTOOD = frozenset({"214", "990"})


class X12Inbox:
    """Understands the interchanges of one sender."""

    def __init__(self, settings: X12Settings) -> None:
        self._settings = settings

    def verify(self, delivery: Delivery) -> None:
        """See `sources.base.Inbox.verify`. X12 has no signature of its own over HTTP."""
        if self._settings.webhook_secret is None:
            raise BadSignature("there is no webhook_secret to check it with")
        check_sender(delivery, self._settings.webhook_secret)

    def decode(self, delivery: Delivery) -> Sequence[Decoded]:
        """See `sources.base.Inbox.decode`. A set that cannot be used does not spoil its neighbours."""
        try:
            sets = list(sets_of(delivery.body))
        except ValueError as error:
            return (Unreadable(str(error)),)
        return tuple(self._decoded(each) for each in sets) or (Unreadable("ST: found nothing, allowed: a set"),)

    def _decoded(self, message: TransactionSet) -> Decoded:
        name = message.name[:200]
        if message.problem is not None:
            return Unreadable(message.problem, name)
        if message.kind in SETS_IGNORED:
            return Ignored(name, f"{message.kind} {SETS_IGNORED[message.kind]}")
        if message.kind not in UNDERSTOOD:
            allowed = ", ".join(sorted({*UNDERSTOOD, *SETS_IGNORED}))
            return Unreadable(f"ST01: found {kind_of(message.kind)}, allowed: {allowed}", name)
        try:
            told = told_by(message, self._settings)
        except (Unusable, MisfitError) as error:
            return Unreadable(misfit(error), name)
        return Event(name, message.kind, told.sent_at, told.observations, unmapped=told.unmapped)
