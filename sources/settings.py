"""What every configured source may be told; adapters add their own fields."""

from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator

from domain.identity import MAIN_TENANT, Scheme, SourceKind

Budget = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=5))]
Label = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://erp.example.com/api")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("an address without credentials, query or fragment; credentials go into `token`")
    return url.rstrip("/")


class SourceSettings(BaseModel):
    """One `[[sources]]` table."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True, validate_default=True
    )

    id: Label
    """The name under which everything reports this source."""
    adapter: str
    """Which adapter speaks to it; `casefold sources` lists them."""
    tenant: Label = MAIN_TENANT
    """Whose data it holds."""
    kinds: tuple[SourceKind, ...] = ()
    """What it is the authority for; empty: everything that the adapter can be."""
    asked_by: tuple[Scheme, ...] = ()
    """The only numbers by which it can be asked; empty: all that its adapter knows."""
    base_url: Annotated[str, AfterValidator(_address)]
    """Where it is."""
    allow_plain_http: bool = False
    """Whether it may be called without TLS although it is not on this machine."""
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

    @model_validator(mode="after")
    def _protect_credentials(self) -> Self:
        parts = urlsplit(self.base_url)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not self.allow_plain_http:
            raise ValueError("base_url: https, unless it is on this machine or allow_plain_http = true")
        return self
