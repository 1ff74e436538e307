"""What a sender of EPCIS events needs to be told."""

from typing import Annotated

from pydantic import AfterValidator, Field

from sources.epcis.vocabulary import Vocabulary, word
from sources.settings import SourceSettings


def _bare(term: str) -> str:
    return word(term, Vocabulary.TRANSACTION_TYPE)


TransactionType = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_bare)]


class EpcisSettings(SourceSettings):
    """A WMS, or a repository, that sends EPCIS 2.0 events."""

    delivery_types: Annotated[tuple[TransactionType, ...], Field(min_length=1)] = ("desadv",)
    """Types of business transaction whose number names a fulfillment, best first: the first that an event has counts.
    Words of the Core Business Vocabulary, or the sender's own for what that has no word for, such as a pick order."""
    order_types: tuple[TransactionType, ...] = ("poc",)
    """Types whose number is the sales order's; `poc` is what the vocabulary has for it, see its definition there."""
