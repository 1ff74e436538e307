"""DCSA Track & Trace: containers on the way with ocean carriers, asked for and told of."""

from domain.identity import EntityKind, Scheme, SourceKind
from domain.known import Nature
from sources.base import Read, Source
from sources.dcsa.client import DcsaClient
from sources.dcsa.codes import LISTED_WITHIN
from sources.dcsa.inbox import DcsaInbox
from sources.dcsa.settings import DcsaSettings

SOURCE = Source(
    adapter="dcsa",
    vendor="DCSA Track & Trace",
    settings=DcsaSettings,
    serves={SourceKind.TMS: frozenset({EntityKind.SHIPMENT})},
    reads=(
        Read(
            name="events",
            answers={EntityKind.SHIPMENT: (Scheme.TRACKING, Scheme.SHIPMENT_ID, Scheme.BOL)},
            max_batch=1,  # a call answers one number, so one that fails must not take others along
        ),
    ),
    connect=DcsaClient,
    natures={EntityKind.SHIPMENT: Nature(clock_tolerance=LISTED_WITHIN, lists_occurrences=True)},
    open_inbox=DcsaInbox,
    can_list_changes=True,
    feed_covers=frozenset({EntityKind.SHIPMENT}),
)
