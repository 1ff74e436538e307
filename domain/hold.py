"""Why something does not move."""

from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Url
from domain.model import Instant, Label, Model, Text
from domain.saying import Audience, Saying


class HoldKind(Enum):
    """What the hold is about."""

    CREDIT = "CREDIT"
    QUALITY = "QUALITY"
    INVENTORY = "INVENTORY"
    COMPLIANCE = "COMPLIANCE"
    MANUAL = "MANUAL"
    OTHER = "OTHER"


class Hold(Model):
    """Why something does not move: who owns it, and what releases it."""

    kind: HoldKind
    reason: Annotated[Text, Meta(description="The reason in the source's own words")] | None = None
    placed_at: Instant | None = None
    owner: Annotated[Label, Meta(description="Who decides")] | None = None
    releases_when: Annotated[Text, Meta(description="What has to happen")] | None = None
    url: Url | None = None


def owner_of(hold: Hold) -> str | Saying:
    """Who decides: in the source's words, else who usually does for holds of this kind."""
    return hold.owner or Saying(f"hold.owner.{hold.kind.value}")


def release_of(hold: Hold) -> str | Saying:
    """What has to happen: in the source's words, else what usually has to for holds of this kind."""
    return hold.releases_when or Saying(f"hold.release.{hold.kind.value}")


def explanation_of(hold: Hold, audience: Audience) -> tuple[Saying, ...]:
    """Why it is held, since when, who decides and what releases it.

    A customer hears only that it is being checked or waited for: the sentence of a credit hold is that of others, too.
    """
    if audience is Audience.CUSTOMER:
        return (Saying("hold.awaited" if hold.kind is HoldKind.INVENTORY else "hold.checked"),)
    since = () if hold.placed_at is None else (Saying("hold.since", {"since": hold.placed_at}),)
    return (
        _why(hold),
        *since,
        Saying("hold.owned", {"owner": owner_of(hold)}),
        Saying("hold.released", {"release": release_of(hold)}),
    )


def _why(hold: Hold) -> Saying:
    if hold.reason is None:
        return Saying("hold.why", {"kind": hold.kind})
    return Saying("hold.why.told", {"kind": hold.kind, "reason": hold.reason})
