"""ASC X12 of road carriers: status messages (214) and answers to tenders (990), which are sent and never asked for."""

from domain.identity import EntityKind, SourceKind
from sources.base import Source
from sources.x12.inbox import X12Inbox
from sources.x12.settings import X12Settings

SOURCE = Source(
    adapter="x12",
    vendor="ASC X12 carrier",
    settings=X12Settings,
    serves={SourceKind.TMS: frozenset({EntityKind.SHIPMENT})},
    open_inbox=X12Inbox,
)
