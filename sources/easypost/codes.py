"""EasyPost's codes and what they mean here. Where each list was read is said in the README."""

from collections.abc import Mapping

from domain.claims import ClaimKind, ClaimStatus
from domain.shipment import MilestoneCode, ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party

SHIPMENT_STATUS: Mapping[str, ShipmentStatus] = {
    "pre_transit": ShipmentStatus.BOOKED,
    "in_transit": ShipmentStatus.IN_TRANSIT,
    "out_for_delivery": ShipmentStatus.OUT_FOR_DELIVERY,
    "available_for_pickup": ShipmentStatus.AVAILABLE_FOR_COLLECTION,
    "delivered": ShipmentStatus.DELIVERED,
    "return_to_sender": ShipmentStatus.RETURNING,
    "cancelled": ShipmentStatus.CANCELLED,
}
"""Statuses that move a shipment."""

STATUS_IGNORED = frozenset({"unknown", "failure", "error"})
"""Statuses that move nothing: no news, an exception, and a problem of the tracker itself."""

MILESTONE: Mapping[str, MilestoneCode] = {
    "pre_transit": MilestoneCode.BOOKED,
    "in_transit": MilestoneCode.UNKNOWN,
    "out_for_delivery": MilestoneCode.OUT_FOR_DELIVERY,
    "available_for_pickup": MilestoneCode.AVAILABLE_FOR_COLLECTION,
    "delivered": MilestoneCode.DELIVERED,
    "return_to_sender": MilestoneCode.RETURNING,
    "failure": MilestoneCode.EXCEPTION_RAISED,
    "cancelled": MilestoneCode.CANCELLED,
    "unknown": MilestoneCode.UNKNOWN,
    "error": MilestoneCode.UNKNOWN,
}
"""What a scan of a status is, unless its detail says more."""

MILESTONE_OF_DETAIL: Mapping[str, MilestoneCode] = {
    "arrived_at_destination": MilestoneCode.ARRIVED,
    "arrived_at_facility": MilestoneCode.ARRIVED,
    "arrived_at_pickup_location": MilestoneCode.AVAILABLE_FOR_COLLECTION,
    "departed_facility": MilestoneCode.DEPARTED,
    "departed_origin_facility": MilestoneCode.DEPARTED,
    "received_at_destination_facility": MilestoneCode.ARRIVED,
    "received_at_origin_facility": MilestoneCode.PICKED_UP,
    "transferred_to_destination_carrier": MilestoneCode.HANDED_OVER,
    "label_created": MilestoneCode.BOOKED,
    "lost": MilestoneCode.LOST,
}
"""What a scan is by its detail, while the parcel is under way."""

EXCEPTION_OF_DETAIL: Mapping[str, tuple[ExceptionKind, Party]] = {
    "address_correction": (ExceptionKind.ADDRESS_PROBLEM, Party.SHIPPER),
    "awaiting_information": (ExceptionKind.DOCUMENTS, Party.SHIPPER),
    "damaged": (ExceptionKind.DAMAGE, Party.CARRIER),
    "delayed": (ExceptionKind.DELAY, Party.CARRIER),
    "delivery_exception": (ExceptionKind.OTHER, Party.UNKNOWN),
    "held": (ExceptionKind.HOLD, Party.UNKNOWN),
    "lost": (ExceptionKind.LOSS, Party.CARRIER),
    "missorted": (ExceptionKind.MISROUTED, Party.CARRIER),
    "refused": (ExceptionKind.REFUSED, Party.CONSIGNEE),
    "transit_exception": (ExceptionKind.OTHER, Party.CARRIER),
    "weather_delay": (ExceptionKind.WEATHER, Party.FORCE_MAJEURE),
}
"""What went wrong, by the detail of a scan."""

UNSPECIFIC_EXCEPTION = (ExceptionKind.OTHER, Party.UNKNOWN)
"""What a `failure` without a telling detail is."""

DETAIL_IGNORED = frozenset(
    {
        "cancelled",
        "expired",
        "failure",
        "in_transit",
        "out_for_delivery",
        "return",
        "status_update",
        "unknown",
    }
)
"""Details that say no more than their status; `expired` is silence, not an exception of the parcel."""

CLAIM_STATUS: Mapping[str, ClaimStatus] = {
    "submitted": ClaimStatus.FILED,
    "in_review": ClaimStatus.IN_REVIEW,
    "needs_action": ClaimStatus.INFO_NEEDED,
    "approved": ClaimStatus.APPROVED,
    "approved_partial": ClaimStatus.PARTIALLY_APPROVED,
    "rejected": ClaimStatus.DECLINED,
    "cancelled": ClaimStatus.WITHDRAWN,
}

CLAIM_KIND: Mapping[str, ClaimKind] = {
    "damage": ClaimKind.DAMAGE,
    "loss": ClaimKind.LOSS,
    "theft": ClaimKind.THEFT,
}
