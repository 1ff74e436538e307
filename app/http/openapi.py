"""What is served beside GraphQL, as an OpenAPI 3.1 document.

Written to the docs by `python -m app.http.openapi > docs/openapi.json`.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from app.http.eta import FRESHNESS, KEYS, OTHERS
from app.identity.session_request import SessionRequest
from events.envelope import BATCH, STRUCTURED
from events.schemas import ATTRIBUTES

VERSION = "1.0.0"

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}

PROBLEM: Schema = {
    "type": "object",
    "required": ["type", "title", "status", "correlationId"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "correlationId": TEXT,
    },
}
"""RFC 9457."""

EVENT: Schema = {
    "type": "object",
    "description": "CloudEvents 1.0; what each type has for data is in events.schema.json",
    "properties": {**ATTRIBUTES, "type": TEXT, "data": {}},
    "required": ["specversion", "id", "source", "type", "time"],
}

TAKEN: Schema = {
    "type": "object",
    "required": ["accepted", "results"],
    "properties": {
        "accepted": {"type": "integer"},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "outcome", "reason"],
                "properties": {
                    "id": {"type": ["string", "null"]},
                    "outcome": {"enum": ["ACCEPTED", "DUPLICATE", "CONFLICT", "REJECTED"]},
                    "reason": {"type": ["string", "null"]},
                },
            },
        },
    },
}

OPENED: Schema = {
    "type": "object",
    "required": ["token", "expiresAt"],
    "properties": {"token": TEXT, "expiresAt": {"type": "string", "format": "date-time"}},
}

REASONS: Mapping[str, str] = {
    "400": "Something cannot be read; the detail names the field, what was found and what is allowed",
    "401": "Nothing proves who asks or sends",
    "403": "Who asks may not",
    "404": "There is none, or none that may be known of",
    "405": "Not this method",
    "413": "Too large",
    "415": "Not this media type, or a content encoding",
    "429": "Too often, or too much waits; Retry-After says how long",
    "431": "Too many headers",
    "503": "Nothing can be kept just now",
}
"""What each refusal means, wherever it is met."""


def document() -> dict[str, Any]:
    """The whole document, built from the names and models that the doors themselves read with."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Casefold",
            "version": VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "What is served beside GraphQL. Every refusal is problem details with a correlation id.",
        },
        "paths": {
            "/v1/eta": {"get": _eta()},
            "/events": {"post": _events()},
            "/webhooks/{source}": {"post": _webhook()},
            "/embed/v1/sessions": {"post": _sessions()},
            "/healthz": {"get": _health("The process answers", ())},
            "/readyz": {"get": _health("It can answer well", ("503",))},
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
            "schemas": {"Problem": PROBLEM, "Event": EVENT, "Taken": TAKEN, "Opened": OPENED},
        },
    }


def _eta() -> dict[str, Any]:
    """One number, and what else may be said."""
    named = [_parameter(name, "Exactly one of these is given") for name in KEYS]
    others = [_parameter(name, "See the GraphQL schema") for name in (*FRESHNESS, *OTHERS)]
    answer = {"type": "object", "description": "As `EtaAnswer` of the GraphQL schema"}
    refusals = ("400", "401", "403", "404", "429", "503")
    return _operation("When it arrives", "200", answer, refusals) | {"parameters": [*named, *others]}


def _events() -> dict[str, Any]:
    bodies: dict[str, Schema] = {STRUCTURED: _ref("Event"), BATCH: {"type": "array", "items": _ref("Event")}}
    refusals = ("400", "401", "413", "429", "503")
    return _operation("Events of sources", "202", _ref("Taken"), refusals, bodies=bodies, security=["token"])


def _webhook() -> dict[str, Any]:
    refusals = ("400", "401", "404", "413", "429", "503")
    source = {"name": "source", "in": "path", "required": True, "schema": TEXT}
    taken = _operation(
        "A message of a source's own", "202", _ref("Taken"), refusals, bodies={"application/json": {}}, security=[]
    )
    return taken | {"parameters": [source]}


def _sessions() -> dict[str, Any]:
    bodies = {"application/json": SessionRequest.model_json_schema()}
    refusals = ("400", "401", "403", "413", "415")
    return _operation("A session for a panel", "201", _ref("Opened"), refusals, bodies=bodies)


def _health(summary: str, refusals: tuple[str, ...]) -> dict[str, Any]:
    answer = {"type": "object", "required": ["status"], "properties": {"status": TEXT, "sources": {"type": "integer"}}}
    operation = _operation(summary, "200", answer, (), security=[])
    for status in refusals:  # it says the same then, with another status
        operation["responses"][status] = {"description": REASONS[status], "content": _json(answer)}
    return operation


def _operation(
    summary: str,
    status: str,
    answer: Schema,
    refusals: tuple[str, ...],
    *,
    bodies: Mapping[str, Schema] | None = None,
    security: Sequence[str] = ("token", "key"),
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{scheme: []} for scheme in security],
        "responses": {status: {"description": summary, "content": _json(answer)}}
        | {each: _refusal(each) for each in (*refusals, *(each for each in ("415", "431") if each not in refusals))},
    }
    if bodies is not None:
        content = {media_type: {"schema": schema} for media_type, schema in bodies.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _refusal(status: str) -> dict[str, Any]:
    return {"description": REASONS[status], "content": {"application/problem+json": {"schema": _ref("Problem")}}}


def _json(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": TEXT}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def main() -> None:
    """Print the document."""
    json.dump(document(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
