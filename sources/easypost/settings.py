"""What EasyPost needs to be told."""

from typing import Annotated

from pydantic import Field, SecretStr

from sources.settings import ApiSettings


class EasyPostSettings(ApiSettings):
    """An EasyPost account; `base_url` is the address above `/v2`."""

    token: SecretStr
    """API key; production and test keys see different worlds."""
    claim_pages: Annotated[int, Field(ge=1, le=100)] = 10
    """How many pages of 100 claims are searched for a tracking code, newest first; the list has no such filter."""
