"""Why something does not move."""

from enum import Enum
from typing import Annotated

from msgspec import Meta

from domain.entity import Url
from domain.model import Instant, Model, Name, Text


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
    owner: Annotated[Name, Meta(description="Who decides")] | None = None
    releases_when: Annotated[Text, Meta(description="What has to happen")] | None = None
    url: Url | None = None
