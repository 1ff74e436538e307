"""What is said to people, before it is put into the words of a language: a message by its code, and the facts in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, Union

from domain.money import Money


class Audience(Enum):
    """Who listens; a customer never hears a warehouse code, the reason of a credit hold or the name of a system."""

    AGENT = "AGENT"
    CUSTOMER = "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Window:
    """From a moment, or a day, to another of the same kind."""

    earliest: datetime | date
    latest: datetime | date


@dataclass(frozen=True, slots=True)
class Ago:
    """How long something has been so: "5 minutes ago"."""

    duration: timedelta


Fact: TypeAlias = Union[
    str, int, Decimal, datetime, date, timedelta, Money, Enum, Window, Ago, "Saying", tuple["Fact", ...]
]
"""What a message may have in it; each kind is written as the language writes it."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One message.

    Attributes:
        code: names it in every catalog.
        facts: what stands in it, by name; `count` also chooses between singular and plural.
    """

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
