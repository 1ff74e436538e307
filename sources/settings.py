"""What every configured source may be told; adapters add their own fields."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from domain.foreign import Links
from domain.freshness import Policy
from domain.identity import MAIN_TENANT, EntityKind, Scheme, SourceKind
from sources.signatures import check_secret

Budget = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=5))]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]

TenantName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""What a tenant may be called: nothing that a key, a channel or a log line would have to escape."""

HostName = Annotated[
    str, StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
]
"""The name of a host, or an IPv4 address, without scheme, port and path."""

LinkHosts = Annotated[tuple[HostName, ...], Field(max_length=100)]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://erp.example.com/api")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without credentials, query or fragment; credentials go into `token`")
    return url.rstrip("/")


def signing_secret(secret: SecretStr) -> SecretStr:
    """A secret, or two, that Standard Webhooks can sign with.

    Raises:
        ValueError: says what is allowed.
    """
    check_secret(secret)
    return secret


def receiving_address(url: str) -> str:
    """An address to which messages are sent.

    Raises:
        ValueError: says what is allowed.
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.hostname or parts.username or parts.password or parts.fragment:
        raise ValueError("an address with https and without credentials; without TLS only on this machine")
    return url


Age = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=90))]

SECTIONS: Mapping[str, EntityKind] = {
    "service_case": EntityKind.SERVICE_CASE,
    "customer": EntityKind.CUSTOMER,
    "orders": EntityKind.ORDER,
    "shipments": EntityKind.SHIPMENT,
    "fulfillments": EntityKind.FULFILLMENT,
    "inventory": EntityKind.INVENTORY,
    "invoices": EntityKind.INVOICE,
    "credit": EntityKind.CREDIT,
    "returns": EntityKind.RETURN,
    "claims": EntityKind.CLAIM,
}
"""What settings call the sections of a view."""


class FreshnessSettings(BaseModel):
    """One `[sources.freshness.<section>]` table; what is left out is as the adapter has it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    max_age: Age | None = None
    """Age up to which what is known is FRESH."""
    stale_while_revalidate: Age | None = None
    """How much older it may be served while it is refreshed."""
    stale_if_error: Age | None = None
    """Age up to which it may be served when the source cannot answer."""
    negative_max_age: Age | None = None
    """Age up to which "there is none" is believed."""

    def over(self, policy: Policy) -> Policy:
        """The policy with what is set here."""
        return replace(policy, **self.model_dump(exclude_none=True))


class SourceSettings(BaseModel):
    """One `[[sources]]` table."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True, validate_default=True
    )

    id: Label
    """The name under which everything reports this source."""
    adapter: str
    """Which adapter speaks to it; `casefold sources` lists them."""
    tenant: TenantName = MAIN_TENANT
    """Whose data it holds; nobody else sees them."""
    kinds: tuple[SourceKind, ...] = ()
    """What it is the authority for; empty: everything that the adapter can be."""
    webhook_secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    """What proves that a message of its own is its own, in the vendor's way; without it none are taken."""
    events_token: Annotated[SecretStr, Field(min_length=1)] | None = None
    """Bearer token with which its canonical events are sent to `/events`; without it none are taken."""
    events_secret: Annotated[SecretStr, AfterValidator(signing_secret)] | None = None
    """What signs the canonical events that it sends to `/events` by Standard Webhooks; two of them, with a space
    between, while keys are changed."""
    heartbeat: Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=1))] | None = None
    """How often it sends a heartbeat event, if it does: then silence tells something."""
    numbers_events: bool = False
    """Whether each of its events carries a sequence number that rises by one."""
    freshness: dict[Literal[tuple(SECTIONS)], FreshnessSettings] = {}  # type: ignore[valid-type]  # mypy wants the names spelled out
    """How old its knowledge may be, by section; see `FreshnessSettings`."""

    link_hosts: LinkHosts = ()
    """Hosts, besides that of base_url, to which addresses that it gives may lead, subdomains included: of records,
    tracking pages, documents. Others are dropped, and so are those without TLS unless base_url is one."""

    @property
    def links(self) -> Links:
        """Which addresses that it gives are passed on."""
        return Links(frozenset(self.link_hosts))

    def policy(self, kind: EntityKind, default: Policy) -> Policy:
        """How old its knowledge of a kind may be."""
        own = next((self.freshness[name] for name in self.freshness if SECTIONS[name] is kind), None)
        return own.over(default) if own else default


class ApiSettings(SourceSettings):
    """A source that is called, too."""

    asked_by: tuple[Scheme, ...] = ()
    """The only numbers by which it can be asked; empty: all that its adapter knows."""
    base_url: Annotated[str, AfterValidator(_address)]
    """Where it is."""
    allow_plain_http: bool = False
    """Whether it may be called without TLS although it is not on this machine."""
    allow_private: bool = False
    """Whether its name may lead into a private network, as that of a system on the premises does. An address that
    stands in base_url itself is meant; link-local ones, where clouds tell credentials, are never called."""
    token: SecretStr | None = None
    """Its credential."""
    timeout: Budget = timedelta(seconds=2)
    """The longest a whole call may take, connecting and reading included."""
    connect_timeout: Budget = timedelta(milliseconds=500)
    """The longest that connecting may take."""
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    """How many calls may be under way at once."""
    max_body_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
    """The largest decoded answer that is read."""
    poll_every: Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(days=1))] = timedelta(seconds=15)
    """How often it is asked what has changed, if it can say."""

    @property
    def links(self) -> Links:
        """Which addresses that it gives are passed on; whoever calls it without TLS may look at it without."""
        parts = urlsplit(self.base_url)
        return Links(frozenset({*self.link_hosts, parts.hostname or ""}), has_plain=parts.scheme == "http")

    @model_validator(mode="after")
    def _protect_credentials(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not self.allow_plain_http:
            raise ValueError("base_url: https, unless it is on this machine or allow_plain_http = true")
        return self
