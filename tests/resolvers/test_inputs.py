"""Inputs are what Strawberry would have made of what was given."""

import json
from datetime import timedelta
from typing import Any

import pytest
from strawberry.types.arguments import convert_arguments

from domain.freshness import OnStale
from resolvers.schema import schema
from resolvers.types.case_view import CaseKey
from resolvers.types.freshness import FreshnessInput
from tests.resolvers.world import rich_desk

CORE: Any = schema._schema
KEYS = [{name: "7"} for name in CORE.type_map["CaseKey"].fields]
FRESHNESS = [
    None,
    {},
    {"maxAge": timedelta(minutes=1)},
    {"maxAge": None, "onStale": None, "deadline": None},
    {"onStale": OnStale.STATE_ONLY, "deadline": timedelta(seconds=1)},
]


def arguments(field, given):
    definition = CORE.query_type.fields[field].extensions["strawberry-definition"]
    return convert_arguments(given, definition.arguments, schema.schema_converter.scalar_registry, schema.config)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: next(iter(key)))
@pytest.mark.parametrize("freshness", FRESHNESS, ids=str)
def test_what_is_made_at_once_is_the_same(key, freshness, monkeypatch):
    given = {"key": key, "keys": [key, *KEYS], "freshness": freshness}
    at_once = [arguments(field, given) for field in ("caseView", "caseViews", "eta")]
    for kind in (CaseKey, FreshnessInput):
        monkeypatch.setattr(kind.__strawberry_definition__, "from_input", None)
    assert at_once == [arguments(field, given) for field in ("caseView", "caseViews", "eta")]


@pytest.mark.parametrize("given", [{"orderNumber": None}, {}, {"orderNumber": "1", "caseNumber": "2"}], ids=str)
async def test_a_key_is_exactly_one_number(given):
    written = ", ".join(f"{name}: {json.dumps(value)}" for name, value in given.items())
    for document, variables in (
        ("query($key: CaseKey!) { caseView(key: $key) { id } }", {"key": given}),
        (f"{{ caseView(key: {{ {written} }}) {{ id }} }}", {}),
    ):
        told = await rich_desk().execute(document, **variables)
        assert told.data in (None, {"caseView": None})
        assert "xactly one" in told.errors[0]["message"] or "must be non-null" in told.errors[0]["message"]
