import pytest

from tests.resolvers.systems import Desk

KEY = "query($key: CaseKey!) { caseView(key: $key) { id } }"


@pytest.mark.parametrize(
    ("document", "variables", "message"),
    [
        pytest.param(
            '{ caseView(key: {orderNumber: "1", caseNumber: "2"}) { id } }',
            {},
            "exactly one",
            id="two names in the text",
        ),
        pytest.param(
            KEY, {"key": {"orderNumber": "1", "caseNumber": "2"}}, "exactly one", id="two names in a variable"
        ),
        pytest.param(KEY, {"key": {}}, "exactly one", id="no name"),
        pytest.param(KEY, {"key": {"orderNumber": None}}, "non-null", id="a name that is null"),
        pytest.param(KEY, {"key": {"orderNumber": "a\x00"}}, "key.orderNumber: found", id="a name nobody could quote"),
        pytest.param(
            'query { caseView(key: {orderNumber: "1"}, freshness: {deadline: "2 seconds"}) { id } }',
            {},
            "PT30S",
            id="a duration in words",
        ),
        pytest.param(
            'query { caseView(key: {orderNumber: "1"}, freshness: {deadline: "-PT1S"}) { id } }',
            {},
            "PT0S to",
            id="a negative duration",
        ),
        pytest.param("{ nothing }", {}, "Cannot query field", id="a field that does not exist"),
    ],
)
async def test_a_wrong_question_is_answered_with_what_is_wrong(document, variables, message):
    result = await Desk([]).execute(document, **variables)
    [error] = result.errors
    assert message in error["message"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "correlationId": "c-1"}


async def test_what_breaks_inside_is_not_told():
    desk = Desk([])

    def explode():
        raise RuntimeError("password=hunter2 at line 7")

    object.__setattr__(desk.gateway, "statuses", explode)
    result = await desk.execute("{ sources { id } }")
    [error] = result.errors
    assert "hunter2" not in str(error)
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "correlationId": "c-1"}
