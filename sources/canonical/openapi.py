"""The exchange as an OpenAPI 3.1 document.

Written to the docs by `python -m sources.canonical.openapi > docs/canonical-source.openapi.json`.
"""

import json
import sys
from typing import Any

import msgspec

from domain.entities import MODELS
from sources.canonical.wire import WireAnswer, WireChanges, WireFound, WireLookup, WireRequest, WireResult

VERSION = "1.1.0"
_SCHEMAS = "#/components/schemas/"


def document() -> dict[str, Any]:
    """The whole document, built from the models that the adapter itself decodes with."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Casefold canonical source",
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "What a system answers to be read by Casefold without an adapter of its own.",
        },
        "security": [{"token": []}],
        "paths": {
            "/v1/read": {"post": _read()},
            "/v1/health": {"get": _health()},
            "/v1/changes": {"get": _changes()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": dict(sorted(_schemas().items())),
        },
    }


def _schemas() -> dict[str, Any]:
    models = (WireRequest, WireAnswer, WireLookup, WireResult, WireFound, WireChanges, *MODELS.values())
    _, schemas = msgspec.json.schema_components(models, ref_template=_SCHEMAS + "{name}")
    schemas["WireResult"]["properties"]["found"]["items"] = {"$ref": _SCHEMAS + "WireFound"}
    schemas["WireFound"]["properties"]["data"] = {
        "description": "The canonical model of the entity kind of the result",
        "anyOf": [{"$ref": _SCHEMAS + model.__name__} for model in MODELS.values()],
    }
    return schemas


def _read() -> dict[str, Any]:
    return {
        "operationId": "read",
        "summary": "Read entities by numbers, many in one call",
        "requestBody": {"required": True, "content": _json("WireRequest")},
        "responses": {"200": {"description": "What is there", "content": _json("WireAnswer")}} | _refusals(),
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "health",
        "summary": "Prove address and credentials",
        "responses": {"200": {"description": "The system can be read"}} | _refusals(),
    }


def _changes() -> dict[str, Any]:
    since = {
        "name": "since",
        "in": "query",
        "required": True,
        "description": "By the system's own clock, included; the `until` of an earlier answer, or a little before",
        "schema": {"type": "string", "format": "date-time"},
    }
    limit = {
        "name": "limit",
        "in": "query",
        "description": "How many changes one answer has; more only where they are of one moment",
        "schema": {"type": "integer", "minimum": 1, "maximum": 1_000, "default": 1_000},
    }
    return {
        "operationId": "changes",
        "summary": "What has changed since a moment (optional; see the setting `lists_changes`)",
        "parameters": [since, limit],
        "responses": {"200": {"description": "What has changed", "content": _json("WireChanges")}} | _refusals(),
    }


def _refusals() -> dict[str, Any]:
    return {
        "401": {"description": "The token is wrong"},
        "429": {
            "description": "Too many calls; Retry-After says when to come back",
            "headers": {"Retry-After": {"schema": {"type": "string"}}},
        },
    }


def _json(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _SCHEMAS + name}}}


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=2)
    sys.stdout.write("\n")
