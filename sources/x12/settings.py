"""What a carrier that sends X12 needs to be told."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from domain.identity import Scheme
from domain.shipment import TransportMode
from sources.settings import SourceSettings


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("an IANA time zone such as America/Chicago") from error
    return name


class X12Settings(SourceSettings):
    """One carrier, or the network that passes its messages on."""

    time_zone: Annotated[str, AfterValidator(_zone)]
    """Zone of the clock that dates its interchanges, as an IANA name: X12 gives those dates no zone."""
    carrier_name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """What people call the carrier; without it, its SCAC."""
    mode: TransportMode = TransportMode.UNKNOWN
    """By what means it moves goods; the messages do not say."""
    reference_schemes: Annotated[dict[str, Scheme], Field(default_factory=dict)]
    """What reference qualifiers (element 128) mean at this carrier, beside PO, VN, BM and 2I: e.g. `{CR = "PO"}`."""
