from pathlib import Path

import pytest
from graphql import parse as parse_document
from graphql import validate

from app.ask import DOCUMENT
from resolvers.cost import KIND, LIST, READS, SIZES, cost, price, printed
from resolvers.limits import MOST
from resolvers.schema import schema

GRAPHQL = schema._schema
DOCS = Path(__file__).parents[2] / "docs" / "limits.md"
KEY = '(key: {orderNumber: "1"})'


def points(text, name=None, **variables):
    document = parse_document(text)
    assert validate(GRAPHQL, document) == []
    return cost(document, name, variables, GRAPHQL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{{caseView{KEY} {{id}}}}", 2, id="two fields"),
        pytest.param(f"{{caseView{KEY} {{credit {{id}}}}}}", 3 + KIND, id="a section looks at one kind"),
        pytest.param(
            f"{{caseView{KEY} {{discrepancies {{id}}}}}}", 2 + 10 * KIND + 5, id="a conclusion at all of them"
        ),
        pytest.param(
            f"{{caseView{KEY} {{orders {{nodes {{lines {{sku}}}}}}}}}}",
            3 + KIND + 2 * (1 + 10 * 1),
            id="lists multiply what is below",
        ),
        pytest.param(f"{{caseView{KEY} {{claims {{nodes {{number}}}}}}}}", 3 + KIND + LIST, id="a list of no table"),
        pytest.param("{stalled(first: 7) {edges {cursor}}}", 21 + 7 * 2, id="a page of seven"),
        pytest.param("{stalled {edges {cursor}}}", 21 + 25 * 2, id="a page of the default"),
        pytest.param('{caseViews(keys: [{orderNumber: "1"}, {orderNumber: "2"}]) {id}}', 2 * 2, id="two keys"),
        pytest.param('mutation {retryDeadLetters(ids: ["a", "b"]) {outcomes {id}}}', 2 * (21 + 1 + LIST), id="two ids"),
        pytest.param(f"{{... {{caseView{KEY} {{...A ...A}}}}}} fragment A on CaseView {{id}}", 3, id="spread twice"),
        pytest.param(f"{{a: caseView{KEY} {{id}} b: caseView{KEY} {{id}}}}", 4, id="two aliases"),
        pytest.param("{__schema {types {name}}}", 3, id="what is asked of the schema"),
    ],
)
def test_an_operation_costs_what_the_tables_say(text, expected):
    assert points(text) == expected


PAGED = "query Q($keys: [CaseKey!]!, $n: Int! = 9) {caseViews(keys: $keys) {timeline(first: $n) {edges {cursor}}}}"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({"keys": [{}] * 3, "n": 2}, 3 * (1 + 1 + 8 * KIND + 2 * 2), id="as many as the variables say"),
        pytest.param({"keys": [{}] * 3}, 3 * (1 + 1 + 8 * KIND + 9 * 2), id="as many as the operation says"),
        pytest.param({"keys": []}, 0, id="none"),
        pytest.param({"keys": {}}, 1 + 1 + 8 * KIND + 9 * 2, id="one value stands for a list of it"),
        pytest.param({"keys": [{}], "n": -5}, 1 + 1 + 8 * KIND, id="less than none is none"),
        pytest.param({"keys": [{}], "n": "x"}, 1 + 1 + 8 * KIND + 50 * 2, id="what will be refused"),
        pytest.param({"keys": [{}] * 50, "n": 2**40}, MOST, id="no more than can be said"),
    ],
)
def test_variables_say_how_many(variables, expected):
    assert points(PAGED, **variables) == expected


def test_a_price_is_found_once_and_asked_for_all_variables():
    kept = price(parse_document(PAGED), None, GRAPHQL)
    for many in range(5):
        variables = {"keys": [{}] * many, "n": many}
        assert kept.of(variables) == points(PAGED, **variables)


def test_the_operation_that_is_named_is_priced():
    text = f"query A {{caseView{KEY} {{id}}}} query B {{caseView{KEY} {{id status}}}}"
    assert points(text, "A") == 2
    assert points(text, "B") == 3 + 3 * KIND
    assert points(text, "C") == 0
    assert points(text) == 0


def test_fragments_that_double_are_priced_without_being_written_out():
    chain = " ".join(f"fragment F{n} on CaseView {{...F{n + 1} ...F{n + 1}}}" for n in range(100))
    text = f"{{caseView{KEY} {{...F0}}}} {chain} fragment F100 on CaseView {{id}}"
    assert cost(parse_document(text), None, {}, GRAPHQL) == MOST


def test_every_row_of_the_tables_is_a_field_of_the_schema():
    for name in (*READS, *SIZES):
        kind, field = name.split(".")
        assert field in GRAPHQL.type_map[kind].fields, name


def test_the_tables_are_in_the_docs():
    _, told, _ = (
        DOCS.read_text(encoding="utf-8")
        .replace("<!-- end -->", "<!-- printed by resolvers.cost -->")
        .split("<!-- printed by resolvers.cost -->")
    )
    assert told.strip() == printed(GRAPHQL).strip()


def test_the_docs_say_what_the_whole_view_costs():
    whole = cost(parse_document(DOCUMENT.read_text(encoding="utf-8")), None, {}, GRAPHQL)
    assert f"costs {whole} points" in DOCS.read_text(encoding="utf-8")
