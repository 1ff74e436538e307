"""Amounts: exact decimals that know their currency."""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from domain.model import Model

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217 code, e.g. EUR")]


class Money(Model):
    """An exact amount in one currency."""

    amount: Decimal
    currency: Currency
