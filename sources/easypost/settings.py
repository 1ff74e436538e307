"""What EasyPost needs to be told."""

from typing import Annotated

from pydantic import Field, SecretStr

from sources.settings import ApiSettings, LinkHosts


class EasyPostSettings(ApiSettings):
    """An EasyPost account; `base_url` is the address above `/v2`."""

    token: SecretStr
    """API key; production and test keys see different worlds."""
    link_hosts: LinkHosts = ("easypost.com", "easypost-files.s3-us-west-2.amazonaws.com")
    """Hosts, besides that of base_url, to which addresses that it gives may lead, subdomains included: those of its
    tracking pages and of the documents of claims."""
    claim_pages: Annotated[int, Field(ge=1, le=100)] = 10
    """How many pages of 100 claims are searched for a tracking code, newest first; the list has no such filter."""
