"""What EasyPost needs to be told."""

from typing import Annotated

from pydantic import Field, SecretStr

from sources.settings import SourceSettings


class EasyPostSettings(SourceSettings):
    """An EasyPost account; `base_url` is the address above `/v2`."""

    token: SecretStr
    """API key; production and test keys see different worlds."""
    claim_pages: Annotated[int, Field(ge=1, le=100)] = 10
    """How many pages of 100 claims are searched for a tracking code, newest first; the list has no such filter."""
    webhook_secret: Annotated[SecretStr, Field(min_length=1)] | None = None
    """What signs the events of its webhook, as it was given there; without it no event is believed."""
