"""What a customer hears of a contradiction: what it means for the customer, never which systems disagree about what."""

from collections.abc import Iterable, Mapping

from domain.discrepancy import Discrepancy, DiscrepancyState
from domain.saying import Saying

UNSAID = frozenset({"claim-deadline-near", "damaged-not-claimed", "late-for-its-promise", "tender-unanswered"})
"""Rules that customers hear nothing of, or that other sentences put better."""

FINDINGS: Mapping[str, str] = {
    "cancelled-but-moving": "headline.found.cancelled_but_moving",
    "dispatched-not-picked": "headline.found.not_all_sent",
    "invoiced-not-shipped": "headline.found.invoice",
    "invoiced-quantity-differs": "headline.found.invoice",
    "delivered-but-missed": "headline.found.missed",
    "partly-delivered": "headline.found.partly_delivered",
    "address-differs": "headline.found.address",
}
"""What a customer hears of a contradiction; of others, that something is being checked."""


def heard_of(found: Iterable[Discrepancy]) -> Saying | None:
    """What is said of the first of these that is sure and that customers hear of; null: there is none."""
    sure = (each.rule for each in found if each.state is DiscrepancyState.OPEN)
    rule = next((each for each in sure if each not in UNSAID), None)
    return Saying(FINDINGS.get(rule, "headline.found")) if rule else None
