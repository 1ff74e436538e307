"""GS1 EPCIS 2.0: what a warehouse tells of its steps, as JSON-LD events."""

from domain.identity import EntityKind, SourceKind
from sources.base import Source
from sources.epcis.inbox import EpcisInbox
from sources.epcis.settings import EpcisSettings

SOURCE = Source(
    adapter="epcis",
    vendor="GS1 EPCIS",
    settings=EpcisSettings,
    serves={SourceKind.WMS: frozenset({EntityKind.FULFILLMENT})},
    open_inbox=EpcisInbox,
)
