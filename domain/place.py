"""Where things happen."""

from typing import Annotated

from msgspec import Meta

from domain.model import Model, Name


class Location(Model):
    """A place as far as the source names it; every part may be missing."""

    name: Name | None = None
    city: Name | None = None
    region: Name | None = None
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$", description="ISO 3166-1 alpha-2")] | None = None
    postal_code: Name | None = None
    unlocode: Annotated[str, Meta(pattern="^[A-Z]{2}[A-Z2-9]{3}$", description="UN/LOCODE")] | None = None
    time_zone: Annotated[Name, Meta(description="IANA time zone of the place")] | None = None
