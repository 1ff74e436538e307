"""Whatever fits the published documents, and much that nearly does: no door fails, and what is answered is as published."""

import json
import re
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python.asgi import shutdown_lifespans
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.http.openapi import document
from app.main import create_app
from app.settings import configure
from app.wiring import build
from resolvers.schema import sdl
from tests.callers import ANYBODY

ROOT = Path(__file__).parents[2]
TOKEN = "t-1"
ERP = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1", "events_token": TOKEN}
SEARCH = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
AS_PUBLISHED = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def app(redis):
    limits = {
        "requests": "100000 per second",
        "misses": "100000 per minute",
        "asked": "100000 per minute",
        "operations": "100000 per minute",
        "cost": "100000000 per second",
    }
    yield create_app(build(configure(ANYBODY | {"sources": [ERP], "limits": limits}, {}), redis.url))
    shutdown_lifespans()  # else it goes on in a thread, and takes what is sent in other tests


def open_doors():
    """The document as for somebody whom nobody asks for a proof: what it does with proofs is tried elsewhere."""
    published = document()
    for methods in published["paths"].values():
        for operation in methods.values():
            del operation["security"]
    return schemathesis.openapi.from_dict(published)


REST = open_doors()
GRAPHQL = schemathesis.graphql.from_file(sdl())
GRAPHQL.location = "/graphql"


def operations(schema):
    return [pytest.param(each.ok(), id=each.ok().label) for each in schema.get_all_operations()]


def search(operation, modes, check):
    """Try cases of one operation; the first that fails is made as small as can be."""
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
    SEARCH(given(cases)(check))()


@pytest.fixture(scope="module", autouse=True)
def asked(app):
    REST.app = GRAPHQL.app = app


def test_the_exported_document_is_that_of_the_code():
    assert json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(document())
    )


def test_every_route_beside_graphql_is_in_it(app):
    assert set(app.long._app.around._app.openapi()["paths"]) == set(document()["paths"])


@pytest.mark.parametrize("operation", operations(REST))
def test_a_door_answers_as_published_whatever_is_sent(app, operation):
    proof = {"Authorization": f"Bearer {TOKEN}"} if operation.path == "/events" else {}

    def check(case):
        case.validate_response(case.call(app=app, headers=proof), checks=AS_PUBLISHED)

    search(operation, [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], check)


@pytest.mark.parametrize("operation", operations(GRAPHQL))
def test_no_question_breaks_anything(app, operation):
    def check(case):
        answer = case.call(app=app)
        assert answer.status_code < 500, answer.text
        assert not re.search("INTERNAL_ERROR|Traceback", json.dumps(answer.json().get("errors")))

    search(operation, [GenerationMode.POSITIVE], check)
