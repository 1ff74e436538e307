"""The answer to "where is it, when does it arrive"."""

import strawberry

from domain.answers import eta_answer
from domain.answers.eta_answer import EtaAnswerKind
from domain.freshness import Freshness as DomainFreshness
from domain.freshness import FreshnessState
from domain.identity import EntityKind
from domain.saying import Audience
from domain.shipment import ShipmentStatus
from resolvers.types.freshness import Freshness
from resolvers.types.publish import published_enum
from resolvers.types.tms import Eta, Shipment, ShipmentNode
from resolvers.wording import Wording

published_enum(EtaAnswerKind)


@strawberry.type(description="What a bot may say; small, and no more than the facts support")
class EtaAnswer:
    """See `domain.answers.eta_answer.EtaAnswer`."""

    kind: EtaAnswerKind
    promise_met: bool | None = strawberry.field(
        description="Whether it came as promised; before it came, only ever false or null"
    )
    status: ShipmentStatus = strawberry.field(description="Of the shipment that is spoken of first")
    eta: Eta = strawberry.field(description="Of the last shipment to come; of basis NONE if no date may be said")
    message: str = strawberry.field(
        description="For the end customer, in the locale and time zone asked for; claims no more than the data supports"
    )
    shipments: list[Shipment]
    freshness: Freshness = strawberry.field(description="Of what the answer rests on, the oldest")

    @classmethod
    def of(cls, answer: eta_answer.EtaAnswer, words: Wording) -> "EtaAnswer":
        """The answer in words."""
        return cls(
            kind=answer.kind,
            promise_met=answer.promise_met,
            status=answer.status,
            eta=answer.eta,  # type: ignore[arg-type]  # the GraphQL type describes the domain value
            message=" ".join(words.say(each, Audience.CUSTOMER) for each in answer.message),
            shipments=[ShipmentNode(each.entity, each.freshness) for each in answer.shipments],  # type: ignore[misc]  # as above
            freshness=_oldest(answer),  # type: ignore[arg-type]  # as above
        )


def _oldest(answer: eta_answer.EtaAnswer) -> DomainFreshness:
    """Of the shipments; of an order that has none, the order's."""
    speaks_of = EntityKind.SHIPMENT if answer.shipments else EntityKind.ORDER
    told = {each.kind: each.freshness for each in answer.sections}
    return told.get(speaks_of) or DomainFreshness(FreshnessState.UNAVAILABLE)
