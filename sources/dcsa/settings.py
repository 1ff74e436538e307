"""What a DCSA Track & Trace API needs to be told."""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from domain.identity import Scheme
from sources.dcsa.codes import REFERENCE_SCHEMES
from sources.settings import ApiSettings

AUTHORIZATION = "Authorization"
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,62}$")]


def key_of(secret: SecretStr) -> bytes:
    """The bytes that a shared secret stands for: base64 by the schema `secret` of the subscription (T&T 2.2.0).

    Raises:
        ValueError: it is not base64, or stands for nothing.
    """
    try:
        key = base64.b64decode(secret.get_secret_value(), validate=True)
    except binascii.Error:
        key = b""
    if not key:
        raise ValueError("the secret of the subscription, in base64")
    return key


def _decodable(secret: SecretStr) -> SecretStr:
    key_of(secret)
    return secret


class DcsaSettings(ApiSettings):
    """One carrier's Track & Trace API; `base_url` is the address above `/v2`."""

    token: SecretStr
    """Bearer token, or the key that goes into `token_header`; the standard leaves it to the carrier."""
    token_header: HeaderName = AUTHORIZATION
    """Where the token goes; in any header but `Authorization` it stands alone, without the word Bearer."""
    webhook_secret: Annotated[SecretStr, AfterValidator(_decodable)] | None = None
    """Secret of the event subscription, in base64; without it no notifications are taken."""
    pages: Annotated[int, Field(ge=1, le=100)] = 10
    """How many pages of 100 events are read for one number, or for one poll."""
    reference_schemes: Mapping[str, Scheme] = REFERENCE_SCHEMES
    """What the references are here that shippers and forwarders give to the carrier, by DCSA's type, e.g. SI = "SO";
    a type that is left out is a number of nobody here."""
