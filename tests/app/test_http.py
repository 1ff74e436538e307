import json

import pytest

from tests.app.gateway import ask, gateway


@pytest.fixture
def app():
    return gateway()


async def test_alive_and_not_ready_without_a_store(app):
    assert (await ask(app, "GET", "/healthz"))[0] == 200
    status, _, body = await ask(app, "GET", "/readyz")
    assert (status, json.loads(body)) == (503, {"status": "the store cannot be used", "sources": 0})


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("POST", "/healthz", 405)])
async def test_errors_outside_graphql_are_problem_details(app, method, path, status):
    answered, headers, body = await ask(app, method, path, headers={"X-Correlation-ID": "c-12345678"})
    assert answered == status
    assert headers["content-type"] == "application/problem+json"
    assert headers["x-correlation-id"] == "c-12345678"
    assert json.loads(body)["correlationId"] == "c-12345678"


@pytest.mark.parametrize("given", ["", "short", "x" * 200, "a b c d e f g", "inject\nline12", "ü" * 10], ids=range(6))
async def test_a_correlation_id_that_is_not_well_formed_is_replaced(app, given):
    _, headers, _ = await ask(app, "GET", "/healthz", headers={"X-Correlation-ID": given})
    assert headers["x-correlation-id"] != given
    assert len(headers["x-correlation-id"]) == 32


async def test_graphql_answers_and_errors_carry_the_correlation_id(app):
    query = {"query": '{ caseView(key: {orderNumber: "SO-1"}) { id } sources { id } }'}
    status, headers, body = await ask(app, "POST", "/graphql", query, {"X-Correlation-ID": "c-12345678"})
    answer = json.loads(body)
    assert (status, answer["data"]) == (200, {"caseView": None, "sources": []})
    served = answer["extensions"]["casefold"]
    assert (served["requestId"], served["sources"]) == ("c-12345678", {})
    assert served["servedInMs"] > 0
    assert headers["x-correlation-id"] == "c-12345678"
    _, _, body = await ask(app, "POST", "/graphql", {"query": "{ no }"}, {"X-Correlation-ID": "c-12345678"})
    assert json.loads(body)["errors"][0]["extensions"]["correlationId"] == "c-12345678"


async def test_sources_that_are_not_there_do_not_stop_the_gateway():
    erp = {"id": "erp", "adapter": "canonical", "kinds": ["ERP"], "base_url": "http://127.0.0.1:1"}
    app = gateway(sources=[erp])
    query = {
        "query": """{
      caseView(key: {orderNumber: "SO-1"}) { orders { freshness { state source } problem { code correlationId } } }
      sources { id kinds vendor circuit callsLastMinute }
    }"""
    }
    _, _, body = await ask(app, "POST", "/graphql", query, {"X-Correlation-ID": "c-12345678"})
    data = json.loads(body)["data"]
    assert data["caseView"]["orders"] == {
        "freshness": {"state": "UNAVAILABLE", "source": "erp"},
        "problem": {"code": "UNREACHABLE", "correlationId": "c-12345678"},
    }
    assert data["sources"][0] | {"callsLastMinute": 0} == {
        "id": "erp",
        "kinds": ["ERP"],
        "vendor": "Canonical JSON",
        "circuit": "CLOSED",
        "callsLastMinute": 0,
    }
