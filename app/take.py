"""Files that hold what a source sent: taken in as if they had come through its door."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from app.beside import beside
from app.settings import Configuration
from cache.inbox import Letter
from domain.errors import InvalidRequest
from sources.registry import adapter
from sources.settings import SourceSettings

LARGEST_FILE = 64 * 1024 * 1024


async def take(configuration: Configuration, source: str, files: Sequence[Path]) -> list[str]:
    """Take files in, each as one message of a source; says a line of each.

    Raises:
        InvalidRequest: the source is not configured, or sends nothing of its own; or a file cannot be read.
        InboxFull: too many wait.
        StoreUnavailable: the state cannot be used.
    """
    sender = _sender(configuration, source)
    async with beside(configuration, sender.tenant) as tenancy:
        clock = tenancy.gateway.reader.clock
        outcomes = await tenancy.inbox.accept([_letter(source, _read(file), clock.now()) for file in files])
    return [f"{file}  {outcome.value.lower()}" for file, outcome in zip(files, outcomes, strict=True)]


def _sender(configuration: Configuration, source: str) -> SourceSettings:
    """Who sent them; source ids are unique over all tenants, so it is known whose they are."""
    senders = {each.id: each for each in configuration.sources if adapter(each.adapter).open_inbox}
    if source not in senders:
        raise InvalidRequest(field="source", found=source, allowed=", ".join(sorted(senders)) or "none that sends")
    if senders[source].webhook_secret is None:
        raise InvalidRequest(field="source", found=source, allowed="one whose webhook_secret is set")
    return senders[source]


def _read(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise InvalidRequest(field=str(file), found=f"{size} bytes", allowed=f"{LARGEST_FILE} bytes")
        return file.read_bytes()
    except OSError as error:
        raise InvalidRequest(field=str(file), found=error.strerror or "an error", allowed="a file") from error


def _letter(source: str, body: bytes, now: datetime) -> Letter:
    return Letter("message", source, hashlib.sha256(body).hexdigest(), body, now, uuid4().hex)
