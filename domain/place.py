"""Where things happen."""

from datetime import tzinfo
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta

from domain.model import Label, Model, Name


class Location(Model):
    """A place as far as the source names it; every part may be missing."""

    name: Label | None = None
    city: Label | None = None
    region: Label | None = None
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")] | None = None
    postal_code: Name | None = None
    unlocode: Annotated[str, Meta(pattern="^[A-Z]{2}[A-Z2-9]{3}$", description="UN/LOCODE")] | None = None
    time_zone: Annotated[Name, Meta(description="IANA time zone of the place")] | None = None


@lru_cache(maxsize=1_024)
def zone_named(name: str | None) -> tzinfo | None:
    """The IANA zone of a place; null if it has none, or one that nobody knows: what a source sends must not do harm."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # none of this name, a folder, a path that leads out
        return None
