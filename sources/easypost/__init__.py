"""EasyPost: parcel trackers and insurance claims."""

from domain.identity import EntityKind, Scheme, SourceKind
from sources.base import Read, Source
from sources.easypost.client import EasyPostClient
from sources.easypost.inbox import EasyPostInbox
from sources.easypost.settings import EasyPostSettings

SOURCE = Source(
    adapter="easypost",
    vendor="EasyPost",
    settings=EasyPostSettings,
    serves={
        SourceKind.TMS: frozenset({EntityKind.SHIPMENT}),
        SourceKind.CLAIMS: frozenset({EntityKind.CLAIM}),
    },
    reads=(
        Read(name="trackers", answers={EntityKind.SHIPMENT: (Scheme.TRACKING, Scheme.SHIPMENT_ID)}, max_batch=100),
        Read(name="claims", answers={EntityKind.CLAIM: (Scheme.TRACKING, Scheme.CLAIM)}, max_batch=500),
    ),
    connect=EasyPostClient,
    open_inbox=EasyPostInbox,
)
