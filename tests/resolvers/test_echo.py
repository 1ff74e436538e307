import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MAX_ECHO
from resolvers.echo import shown
from tests.resolvers.systems import Desk

VIEW = "query($key: CaseKey!) { caseView(key: $key) { id } }"
ASKED = 'query($f: FreshnessInput) { caseView(key: {orderNumber: "1"}, freshness: $f) { id } }'
LONG = "x" * 1_000_000


@pytest.mark.parametrize(
    ("document", "variables", "words"),
    [
        pytest.param(VIEW, {"key": 7}, ["'$key'", "an object", "7"], id="a wrong type"),
        pytest.param(VIEW, {"key": LONG}, ["'$key'", "an object", "'xxx"], id="a megabyte"),
        pytest.param(VIEW, {"key": {"orderNumber": ["\x00\u202e"]}}, [".orderNumber", "\\x00"], id="nul and bidi"),
        pytest.param(VIEW, {"key": {"__proto__": "x"}}, ["'$key'", "unknown field '__proto__'"], id="a prototype"),
        pytest.param(VIEW, {"key": {LONG: "x"}}, ["'$key'", "unknown field 'xxx"], id="the name of a field"),
        pytest.param(VIEW, {"key": {"\u202e\x00": "x"}}, ["'$key'", "\\u202e\\u0000"], id="an invisible name"),
        pytest.param(ASKED, {"f": {"onStale": LONG}}, ["'$f'", ".onStale", "OnStale"], id="the value of an enum"),
        pytest.param(ASKED, {"f": {"maxAge": LONG}}, ["'$f'", ".maxAge"], id="a duration"),
        pytest.param(
            f"query(${LONG[:60_000]}: Int!) {{ sources {{ id }} }}",
            {},
            ["'$xxx", "never used"],
            id="the name of a variable",
        ),
        pytest.param(
            f"{{ {LONG[:60_000]} }}", {}, ["Cannot query field", "'Query'"], id="the name of a field in the text"
        ),
        pytest.param('{ caseView(key: {z: "\u202e"}) { id } }', {}, ["'z'", "\\u202e"], id="bidi in the text"),
    ],
)
async def test_a_mistake_is_named_and_little_of_it_repeated(document, variables, words):
    result = await Desk([]).execute(document, **variables)
    for error in result.errors:
        assert len(error["message"]) <= MAX_ECHO
        assert error["message"].isprintable()
    message = result.errors[0]["message"]
    for word in words:
        assert word in message


@given(st.text() | st.text().map(lambda text: text * 300) | st.just("\u202e" * 1_000))
def test_whatever_is_repeated_is_short_and_visible(text):
    message = shown(text)
    assert len(message) <= MAX_ECHO
    assert message.isprintable()
    if text.isprintable() and len(text) <= MAX_ECHO:
        assert message == text
