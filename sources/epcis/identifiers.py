"""GS1 keys inside the identifiers of EPCIS: EPC URNs and GS1 Digital Link addresses.

URNs split a key into company prefix and reference, put the indicator in front of the reference and leave out the check
digit (EPC Tag Data Standard 2.0); Digital Links have it whole behind its application identifier.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Spelling:
    """How a kind of key is written.

    Attributes:
        length: digits, the check digit included.
        urn: whole; groups are named in the order in which the key is put together: lead, prefix, rest.
        link: whole; with the key as a group.
    """

    length: int
    urn: re.Pattern[str]
    link: re.Pattern[str]


def _spelling(length: int, urn: str, application_identifier: str) -> _Spelling:
    link = rf"https?://[^?#]+/{application_identifier}/(?P<key>[0-9]{{{length}}})(?:[/?#].*)?"
    return _Spelling(length, re.compile(urn), re.compile(link))


_GTIN = _spelling(
    14,
    r"urn:epc:(?:id:sgtin|idpat:sgtin|class:lgtin):(?P<prefix>[0-9]{6,12})\.(?P<lead>[0-9])(?P<rest>[0-9]{0,6})\..+",
    "01",
)
_SSCC = _spelling(18, r"urn:epc:id:sscc:(?P<prefix>[0-9]{6,12})\.(?P<lead>[0-9])(?P<rest>[0-9]{4,10})", "00")
_GLN = _spelling(13, r"urn:epc:id:sgln:(?P<lead>)(?P<prefix>[0-9]{6,12})\.(?P<rest>[0-9]{0,6})\..+", "414")


def gtin(identifier: str) -> str | None:
    """The article: 14 digits of a Global Trade Item Number; null if it names no trade item."""
    return _key(identifier, _GTIN)


def sscc(identifier: str) -> str | None:
    """The handling unit: 18 digits of a Serial Shipping Container Code; null if it names none."""
    return _key(identifier, _SSCC)


def gln(identifier: str) -> str | None:
    """The place: 13 digits of a Global Location Number, without what is inside of it; null if it names none."""
    return _key(identifier, _GLN)


def _key(identifier: str, spelling: _Spelling) -> str | None:
    if link := spelling.link.fullmatch(identifier):
        return link["key"]
    urn = spelling.urn.fullmatch(identifier)
    digits = urn["lead"] + urn["prefix"] + urn["rest"] if urn else ""
    return digits + check_digit(digits) if len(digits) == spelling.length - 1 else None


def check_digit(digits: str) -> str:
    """The last digit of a key: weights 3 and 1 by turns from the right, up to ten (GS1 General Specifications)."""
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)
