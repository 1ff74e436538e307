"""Who asks, and for what: proved by a key or a token at the door, and then a value like any other."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property, lru_cache

from domain.identity import MAIN_TENANT, CaseKey


class Role(Enum):
    """What a caller is here for; what each may see is the table in `domain.permissions`."""

    AGENT = "agent"
    """Answers customers."""
    FINANCE = "finance"
    """Answers for invoices and credit."""
    PANEL = "panel"
    """A panel in somebody else's application."""
    BOT = "bot"
    """Talks to customers by itself."""
    OPS = "ops"
    """Keeps the gateway alive."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody who has proved who they are.

    Attributes:
        client: the program that asks: the id of an API key, the client of a token; what is limited and counted.
        subject: the person it asks for, as its issuer names them; null: the program asks for itself.
        tenant: whose data.
        roles: what it is here for; what any of them may see, it may see.
        keys: the only cases that it may ask for; null: any.
        customer: the number of the only customer whose cases it may ask for; null: any.
        origin: the only web origin that it may be used from; null: any.
        expires_at: until when the proof holds; null: until it is withdrawn.
    """

    client: str
    roles: frozenset[Role]
    subject: str | None = None
    tenant: str = MAIN_TENANT
    keys: frozenset[CaseKey] | None = None
    customer: str | None = None
    origin: str | None = None
    expires_at: datetime | None = None

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.client, self.subject, self.audience, self.origin, self.expires_at))

    @cached_property
    def payer(self) -> tuple[str, str]:
        """Whose limits it uses up: the client, of its tenant."""
        return self.tenant, self.client

    @cached_property
    def audience(self) -> Hashable:
        """Those who are told the same: one object for all of them."""
        return _audience(self.tenant, self.roles, self.keys, self.customer)


@lru_cache(maxsize=10_000)
def _audience(*parts: Hashable) -> Hashable:
    return parts
