"""What one configured Tryton is told besides its address."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from domain.claims import ClaimKind
from sources.settings import ApiSettings
from sources.tryton.codes import COMPLAINT_KINDS


class TrytonSettings(ApiSettings):
    """One `[[sources]]` table with `adapter = "tryton"`; `base_url` ends with the database's name."""

    token: SecretStr
    """Key of a user application for REST."""
    company: Annotated[int, Field(ge=1)] = 1
    """Id of the company whose records are read; without it Tryton leaves credit out without a word."""
    complaint_kinds: Mapping[str, ClaimKind] = COMPLAINT_KINDS
    """What each type of complaint is about; the types are named freely in every Tryton."""
    warehouses: tuple[str, ...] = ()
    """Codes of the warehouses whose stock is shown; empty: all."""
    web_client: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+[^/\s]$")] | None = None
    """The web client with its database, e.g. https://erp.example.com/#acme; null: records have no link."""
