"""Who may ask, as settings say it: keys of programs, and issuers of tokens."""

import json
import re
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from app.identity.key_sets import read_keys
from app.identity.origins import web_origin
from domain.caller import Role
from domain.identity import MAIN_TENANT
from sources.settings import Label, receiving_address

LEAST_SECRET = 32
"""Characters of a secret that signs: RFC 7518, section 3.2, wants 256 bits for HS256."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def _digest(text: SecretStr) -> SecretStr:
    if not _SHA256.fullmatch(text.get_secret_value()):
        raise ValueError("64 hexadecimal digits, as `casefold keys hash` prints them; never the key itself")
    return text


def _document(given: object) -> object:
    """A key set as a table, or as the text of a file."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError) as error:
        raise ValueError("a table, or JSON") from error


def _key_set(document: dict[str, Any]) -> dict[str, Any]:
    read_keys(document)
    return document


Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Only those whose key is public: with HS* whoever can check a token could make one."""
SessionSecret = Annotated[SecretStr, Field(min_length=LEAST_SECRET, max_length=1_024)]


class ApiKeySettings(BaseModel):
    """One `[[api_keys]]` table: a key that a program has. Several may have one id while a key is changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    id: Label
    """The program; limits count by it, and the audit log names it."""
    sha256: Annotated[SecretStr, AfterValidator(_digest)]
    """SHA-256 of the key, in hexadecimal."""
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    """What the program is here for."""
    tenant: Label = MAIN_TENANT
    """Whose data it may ask for."""
    customer: Name | None = None
    """The number of the only customer whose cases it may ask for."""
    origin: Annotated[str, AfterValidator(web_origin)] | None = None
    """The only web origin that it may be used from."""
    not_after: AwareDatetime | None = None
    """When it ends, with its zone."""


class IssuerSettings(BaseModel):
    """One `[[issuers]]` table: who issues tokens (JWT) that are believed here."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True)

    issuer: Name
    """The `iss` of its tokens, to the letter."""
    audience: Name
    """What has to be among the `aud` of a token: this gateway."""
    jwks_url: Annotated[str, AfterValidator(receiving_address)] | None = None
    """Where it publishes its keys; https, unless it is on this machine."""
    allow_private: bool = False
    """Whether the name in it may lead into a private network; see the setting of sources."""
    jwks: Annotated[
        dict[str, Any] | None, BeforeValidator(_document), AfterValidator(lambda each: each and _key_set(each))
    ] = Field(default=None, repr=False)
    """Its keys, where they are not published: a table, or `${file:...}` with JSON."""
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256", "ES256")
    """The only algorithms that it signs with."""
    roles_claim: Name = "roles"
    """Which claim names the roles, a list or a text with blanks; `realm_access.roles` is one within another. Besides,
    `scope` counts, with roles written as `casefold:agent`."""
    tenant: Label = MAIN_TENANT
    """Whose data its tokens are for, where they do not say."""
    tenant_claim: Name | None = None
    """Which claim says whose data a token is for; then every token has to say."""
    customer_claim: Name | None = None
    """Which claim binds a token to one customer, if it is there."""
    leeway: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=5))] = timedelta(seconds=30)
    """How much its clock may differ from ours."""

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if (self.jwks_url is None) == (self.jwks is None):
            raise ValueError("exactly one of jwks_url and jwks")
        return self
