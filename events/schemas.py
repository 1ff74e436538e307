"""Every event, in and out, as one JSON Schema of CloudEvents in structured mode.

Written to the docs by `python -m events.schemas > docs/events.schema.json`.
"""

import json
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from domain.entities import MODELS
from domain.operational import OperationalEvent, OperationalEventType
from events.envelope import HAPPENINGS, HEARTBEAT, KINDS

_REF = "#/$defs/{name}"

ATTRIBUTES: dict[str, Any] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Unique within its source"},
    "source": {"type": "string", "minLength": 1, "maxLength": 200, "description": "Configured id of the source"},
    "time": {"type": "string", "format": "date-time", "description": "The source's clock"},
    "subject": {"type": "string", "minLength": 1, "maxLength": 200, "description": "The source's id of the entity"},
    "sequence": {"type": "string", "pattern": "^[0-9]{1,18}$", "description": "Rises by one, where the source counts"},
    "correlationid": {"type": "string", "minLength": 1, "maxLength": 200},
    "datacontenttype": {"const": "application/json"},
}

_RETRACTED = {
    "description": "Takes back one occurrence by its id; without it, the entity itself is gone",
    "type": ["object", "null"],
    "properties": {"retractedId": {"type": ["string", "null"], "minLength": 1, "maxLength": 200}},
}


def document() -> dict[str, Any]:
    """The schema, built from the models that events are decoded with."""
    models = (*MODELS.values(), *(model for _, model in HAPPENINGS.values()), OperationalEvent)
    _, definitions = msgspec.json.schema_components(models, ref_template=_REF)
    types = [*_incoming(), *_outgoing()]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Casefold events, version 1",
        "description": "Additions keep the version; whatever breaks a reader is version 2, beside version 1.",
        "oneOf": types,
        "$defs": dict(sorted(definitions.items())),
    }


def _incoming() -> Iterable[dict[str, Any]]:
    for name, kind in KINDS.items():
        yield _event(f"casefold.{name}.state.v1", {"$ref": _REF.format(name=MODELS[kind].__name__)})
        yield _event(f"casefold.{name}.retracted.v1", _RETRACTED, is_data_needed=False)
        yield _event(f"casefold.{name}.hint.v1", {}, is_data_needed=False)
    for what, (kind, model) in HAPPENINGS.items():
        yield _event(f"casefold.{kind.value.lower()}.{what}.v1", {"$ref": _REF.format(name=model.__name__)})
    heartbeat = _event(HEARTBEAT, {}, is_data_needed=False)
    heartbeat["required"].remove("subject")
    yield heartbeat


def _outgoing() -> Iterable[dict[str, Any]]:
    for kind in OperationalEventType:
        event = _event(f"casefold.operational.{kind.value.lower()}.v1", {"$ref": _REF.format(name="OperationalEvent")})
        event["required"].remove("subject")
        yield event


def _event(name: str, data: dict[str, Any], *, is_data_needed: bool = True) -> dict[str, Any]:
    return {
        "title": name,
        "type": "object",
        "properties": {"type": {"const": name}} | ATTRIBUTES | {"data": data},
        "required": ["specversion", "id", "source", "type", "time", "subject", *(["data"] if is_data_needed else [])],
    }


def main() -> None:
    """Print the schema."""
    json.dump(document(), sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
