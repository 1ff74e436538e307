"""Numbers of the documents that an event belongs to. Pure.

How business transactions are identified: Core Business Vocabulary 2.0. A private address is read as who counts and, as
its last part, the number: that is what those who make such addresses do, and no rule of the standard.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from domain.identity import Reference, Scheme
from sources.epcis import codes, wire
from sources.epcis.settings import EpcisSettings
from sources.epcis.vocabulary import Vocabulary, word

_WITH_ISSUER = (
    re.compile(r"urn:epcglobal:cbv:bt:(?P<issuer>[0-9]{13}):(?P<number>.+)"),
    re.compile(r"https?://(?P<issuer>[^?#]+)/(?P<number>[^/?#]+)"),
)
_ALONE = re.compile(r"urn:(?:uuid|epc:id:gdti):(?P<number>.+)")


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Attributes:
        type: bare word of the vocabulary, or the sender's own.
        scheme: what kind of number it has.
        number: as a person would quote it.
        issuer: who gave the number: a Global Location Number, or an address.
    """

    type: str
    scheme: Scheme
    number: str
    issuer: str | None

    @property
    def name(self) -> str:
        """Unlike the number alone, the same for no other document of its type."""
        return f"{self.issuer}:{self.number}" if self.issuer else self.number

    @property
    def reference(self) -> Reference:
        """The number as a reference."""
        return Reference(scheme=self.scheme, value=self.number, issuer=self.issuer)


def documents_of(event: wire.Event, settings: EpcisSettings) -> Sequence[Document]:
    """The documents whose type leads anywhere, in the order of the event, each once."""
    typed = ((_type(each), each.biz_transaction) for each in event.biz_transaction_list)
    schemes = ((type_, _scheme(type_, settings), identifier) for type_, identifier in typed)
    return tuple(
        dict.fromkeys(Document(type_, scheme, *_number(identifier)) for type_, scheme, identifier in schemes if scheme)
    )


def deliveries_of(documents: Iterable[Document], settings: EpcisSettings) -> Sequence[Document]:
    """The documents that name fulfillments: those of the best type that there are any of."""
    by_type = ([each for each in documents if each.type == best] for best in settings.delivery_types)
    return next(filter(None, by_type), ())


def belonging_to(
    delivery: Document, deliveries: Sequence[Document], documents: Sequence[Document]
) -> Sequence[Document]:
    """The documents of one of the fulfillments that an event names; all of them, if it names but one.

    Of several fulfillments each has the documents that are the only ones of their scheme: of others nobody knows whose.
    """
    if len(deliveries) == 1:
        return documents
    others = [each for each in documents if each not in deliveries]
    schemes = [each.scheme for each in others]
    return (delivery, *(each for each in others if schemes.count(each.scheme) == 1))


def unknown_types(event: wire.Event, settings: EpcisSettings) -> Sequence[str]:
    """Types, as sent, that are in no table."""
    types = {each.type: _type(each) for each in event.biz_transaction_list if each.type}
    return [
        raw
        for raw, bare in types.items()
        if _scheme(bare, settings) is None and bare not in codes.TRANSACTION_TYPE_IGNORED
    ]


def _type(transaction: wire.BizTransaction) -> str:
    return word(transaction.type or "", Vocabulary.TRANSACTION_TYPE)


def _scheme(type_: str, settings: EpcisSettings) -> Scheme | None:
    if type_ in settings.delivery_types:
        return Scheme.DELIVERY
    return Scheme.SO if type_ in settings.order_types else codes.SCHEME.get(type_)


def _number(identifier: str) -> tuple[str, str | None]:
    """Number and issuer; what is written in no known way is a number as it stands."""
    for form in _WITH_ISSUER:
        if match := form.fullmatch(identifier):
            return unquote(match["number"]), match["issuer"]
    match = _ALONE.fullmatch(identifier)
    return (match["number"] if match else identifier), None
