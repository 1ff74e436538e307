"""Registered documents, as client teams write them at build time."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.errors import SettingError
from resolvers.documents import document_id

APOLLO = "apollo-persisted-query-manifest"
"""Format of Apollo's generate-persisted-query-manifest; the other one is a plain object of texts by their digests."""


def registered(files: Iterable[Path]) -> Mapping[str, str]:
    """The documents of some manifests, by their ids.

    Raises:
        SettingError: a file cannot be read, or an id is not the digest of its text.
    """
    found: dict[str, str] = {}
    for file in files:
        for name, text in _entries(file):
            digest = document_id(text)
            if name.removeprefix("sha256:") != digest.removeprefix("sha256:"):
                raise SettingError(f"{file}: {name[:80]}", "the digest of another text", digest)
            found[digest] = text
    return found


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    found = _read(file)
    if found.get("format") == APOLLO:
        found = {each.get("id"): each.get("body") for each in found.get("operations", ())}
    for name, text in found.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise SettingError(str(file), repr(name), "texts of documents by their digests")
        yield name, text


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(str(file), type(error).__name__, "a manifest of documents, in JSON") from error
    if not isinstance(found, dict):
        raise SettingError(str(file), type(found).__name__, "a manifest of documents: a JSON object")
    return found
