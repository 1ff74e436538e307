"""What every configured source may be told; adapters add their own fields."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from domain.identity import SourceKind

Positive = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=5))]
SourceId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]

LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}


def _without_trailing_slash(url: str) -> str:
    return url.rstrip("/")


class SourceSettings(BaseModel):
    """One `[[sources]]` table.

    Attributes:
        id: the name under which everything reports this source.
        adapter: which adapter speaks to it; `casefold sources` lists them.
        tenant: whose data it holds.
        kinds: what it is the authority for; empty: everything that the adapter can be.
        base_url: where it is; plain http only for loopback addresses or with `allow_plain_http`.
        token: its credential.
        timeout: the longest a whole call may take, connecting and reading included.
        connect_timeout: the longest that connecting may take.
        concurrency: how many calls may be under way at once.
        max_body_bytes: the largest decoded answer that is read.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    id: SourceId
    adapter: str
    tenant: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")] = "main"
    kinds: tuple[SourceKind, ...] = ()
    base_url: Annotated[str, AfterValidator(_without_trailing_slash)]
    token: SecretStr | None = None
    timeout: Positive = timedelta(seconds=2)
    connect_timeout: Positive = timedelta(milliseconds=500)
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8
    max_body_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = 2 * 1024 * 1024
    allow_plain_http: bool = False
