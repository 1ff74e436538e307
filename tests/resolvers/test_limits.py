import time
from collections import Counter
from pathlib import Path

import pytest
from graphql import FieldNode, FragmentSpreadNode, GraphQLError, get_introspection_query
from graphql import parse as parse_document
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from resolvers.limits import Exceeded, Limits, Mode, Tally, check, parse, refused, survey

LIMITS = Limits()

OPERATIONS = Path(__file__).parents[2] / "app" / "operations"

CPU_SECONDS = 0.02
"""What refusing a hostile document may take; generous: two shared cores take a tenth of it."""


def nested(depth):
    return "{f" * depth + "}" * depth


def doubling(links, alias=""):
    """Each fragment spreads the next one twice."""
    second = f"{alias}f" if alias else "g"
    chain = (f"fragment F{n} on N{{f{{...F{n + 1}}} {second}{{...F{n + 1}}}}}" for n in range(links))
    return f"query Run {{ s }} query Unused {{ ...F0 }} {' '.join(chain)} fragment F{links} on N {{ x }}"


def listed(many):
    return "{caseViews(keys: [" + '{orderNumber: "1"} ' * many + "]) {id}}"


@pytest.mark.parametrize(
    ("document", "limit", "found"),
    [
        pytest.param(nested(13), "depth", 13, id="13 fields below each other"),
        pytest.param("{" + " ".join(f"a{n}: f" for n in range(31)) + "}", "aliases", 31, id="31 aliases"),
        pytest.param("{f " + "@include(if: true) " * 51 + "}", "directives", 51, id="51 directives on a field"),
        pytest.param("query " + "@d " * 51 + "{f}", "directives", 51, id="51 directives on the operation"),
        pytest.param("query ($v: Int " + "@d " * 51 + ") {f}", "directives", 51, id="51 directives on a variable"),
        pytest.param("{f ... " + "@d " * 51 + "{g}}", "directives", 51, id="51 directives on an inline fragment"),
        pytest.param("{" + "f " * 900 + "}", "repeats", 900, id="the same field 900 times"),
        pytest.param("{" + "...{f g} " * 40 + "}", "repeats", 40, id="overlapping inline fragments"),
        pytest.param(
            "{" + " ".join(f"f(a: {n})" for n in range(150)) + "}", "repeats", 150, id="conflicting arguments"
        ),
        pytest.param("{" + " ".join(f"f{n}" for n in range(11)) + "}", "roots", 11, id="11 root fields"),
        pytest.param("{...A} fragment A on Q {" + " ".join(f"f{n}" for n in range(11)) + "}", "roots", 11, id="spread"),
        pytest.param(listed(51), "keys", 51, id="51 keys in the text"),
        pytest.param(doubling(10), "fields", 3_070, id="doubled ten times"),
    ],
)
def test_what_is_too_much_is_named_with_found_and_allowed(document, limit, found):
    exceeded = {each.limit: each for each in check(parse(document, LIMITS), LIMITS)}
    assert exceeded[limit] == Exceeded(limit, found, getattr(LIMITS, limit))


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(nested(12), id="12 fields below each other"),
        pytest.param("{a {" + " ".join(f"a{n}: f" for n in range(30)) + "}}", id="30 aliases"),
        pytest.param(listed(50), id="50 keys"),
        pytest.param("{deadLetters {" + " ".join(f"f{n}" for n in range(300)) + "}}", id="many fields"),
        pytest.param(get_introspection_query(), id="what tools ask of the schema"),
        pytest.param("{__schema {types {fields {" + "type {" * 12 + "name" + "}" * 16, id="the schema, written out"),
        *(pytest.param(file.read_text(encoding="utf-8"), id=file.stem) for file in OPERATIONS.glob("*.graphql")),
    ],
)
def test_what_is_wanted_is_within_the_limits(document):
    assert check(parse(document, LIMITS), LIMITS) == []


@pytest.mark.parametrize("alias", ["", "b:"], ids=["without aliases", "with aliases"])
@pytest.mark.parametrize("links", [10, 20, 30])
def test_a_document_that_doubles_is_refused_in_no_time_though_it_is_not_executed(links, alias):
    document = doubling(links, alias)
    began_at = time.thread_time()
    exceeded = {each.limit: each.found for each in check(parse(document, LIMITS), LIMITS)}
    assert time.thread_time() - began_at <= CPU_SECONDS
    assert exceeded["fields"] == min(3 * 2**links - 2, 2**31 - 1)
    assert exceeded.get("aliases", 0) == (2**links - 1 if alias else 0)


@pytest.mark.parametrize("depth", [100, 400])
def test_time_grows_with_the_text_and_not_faster(depth):
    loose = Limits(tokens=1_000_000, document=10_000_000)

    def seconds(links):
        document = parse(doubling(links), loose)
        times = []
        for _ in range(5):
            began_at = time.thread_time()
            survey(document)
            times.append(time.thread_time() - began_at)
        return min(times)

    assert seconds(4 * depth) <= 12 * seconds(depth)


def test_fragments_that_spread_themselves_are_left_to_validation():
    document = parse_document("{...A} fragment A on Q {a b: b ...B} fragment B on Q {b ...A ...Nowhere}")
    assert check(document, LIMITS) == []


def test_ten_thousand_fragments_in_a_row_need_no_stack():
    text = "{...F0} " + " ".join(f"fragment F{n} on Q {{x {{...F{n + 1}}}}}" for n in range(10_000))
    depth = {each.limit: each.found for each in check(parse_document(text), LIMITS)}["depth"]
    assert depth == 10_000


@pytest.mark.parametrize(
    ("text", "limit", "found"),
    [
        pytest.param("{" + "f " * 999 + "}", "tokens", 1_001, id="1,001 tokens"),
        pytest.param("{" + "f " * 9_998 + "}", "tokens", 1_001, id="10,000 tokens: no more are read"),
        pytest.param("#\n" * 1_001 + "{f}", "tokens", 1_001, id="1,001 comments"),
        pytest.param('{f(a: "' + "x" * 70_000 + '")}', "document", 70_010, id="a long text in few tokens"),
    ],
)
def test_a_text_is_read_no_further_than_it_may_go(text, limit, found):
    with pytest.raises(GraphQLError) as caught:
        parse(text, LIMITS)
    allowed = getattr(LIMITS, limit)
    assert caught.value.extensions == {"code": "LIMIT_EXCEEDED", "limit": limit, "found": found, "allowed": allowed}
    assert caught.value.message == f"{limit}: found {found}, allowed: at most {allowed}"


def test_a_text_of_exactly_as_many_tokens_is_read():
    assert parse("{" + "f " * 998 + "}", LIMITS).definitions


@pytest.mark.parametrize("text", ["", "{", "{f" * 400 + "}" * 400, "\x00", "\ud800"])
def test_what_is_no_document_is_told_as_such(text):
    with pytest.raises(GraphQLError, match="Syntax Error"):
        parse(text, LIMITS)


def test_where_limits_are_only_logged_everything_is_read_and_the_log_says_what_was_too_much():
    watching = Limits(mode=Mode.LOG)
    with capture_logs() as lines:
        document = parse("{" + "f " * 2_000 + "}", watching)
        assert refused(check(document, watching), Mode.LOG) == []
    told = [(line["event"], line["limit"], line["found"], line["allowed"]) for line in lines]
    assert told == [
        ("limit exceeded", "tokens", 1_001, 1_000),
        ("limit exceeded", "repeats", 2_000, 10),
        ("limit exceeded", "roots", 2_000, 10),
    ]


def test_where_limits_are_enforced_each_is_an_error_of_its_own():
    [error] = refused([Exceeded("depth", 13, 12)], Mode.ENFORCE)
    assert error.message == "depth: found 13, allowed: at most 12"


KEYED = "query ($many: [CaseKey!]!, $ids: [ID!]!) {caseViews(keys: $many) {id} other(ids: $ids) {id}}"


@pytest.mark.parametrize(
    ("variables", "exceeded"),
    [
        pytest.param({"many": [{}] * 50, "ids": [1] * 100}, [], id="as many as may be"),
        pytest.param({"many": [{}] * 51}, [Exceeded("keys", 51, 50)], id="51 keys"),
        pytest.param({"ids": ["a"] * 101}, [Exceeded("items", 101, 100)], id="101 others"),
        pytest.param({"x": {"y": [[1] * 100_000]}}, [Exceeded("items", 100_000, 100)], id="a long list deep inside"),
        pytest.param({"many": "one", "__proto__": None}, [], id="what validation refuses"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_lists_in_variables_are_measured_before_they_are_looked_at(variables, exceeded):
    assert survey(parse(KEYED, LIMITS)).beyond_by(variables, LIMITS) == exceeded


def test_variables_nested_beyond_the_stack_are_measured():
    value = []
    for _ in range(50_000):
        value = [value]
    assert survey(parse(KEYED, LIMITS)).beyond_by({"many": value}, LIMITS) == []


NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def selection_sets(draw, spreadable, depth=3):
    field = st.tuples(NAMES, st.sampled_from(["", "x: "]), st.sampled_from(["", " @d", " @d @d"]))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        choice = draw(st.integers(0, 3))
        if choice == 0 and spreadable:
            parts.append(f"...{draw(st.sampled_from(spreadable))}{draw(st.sampled_from(['', ' @d']))}")
        elif choice == 1 and depth:
            parts.append(f"... @d {draw(selection_sets(spreadable, depth - 1))}")
        else:
            name, alias, directives = draw(field)
            below = draw(selection_sets(spreadable, depth - 1)) if depth and draw(st.booleans()) else ""
            parts.append(f"{alias}{name}{directives} {below}")
    return "{" + " ".join(parts) + "}"


@st.composite
def documents(draw):
    """An operation and up to four fragments, each of which may spread those after it."""
    names = [f"F{n}" for n in range(draw(st.integers(0, 4)))]
    fragments = [f"fragment {name} on T {draw(selection_sets(names[place + 1 :]))}" for place, name in enumerate(names)]
    return "\n".join([f"query @d {draw(selection_sets(names))}", *reversed(fragments)])


def opened(selection_set, fragments):
    """Every selection, fragments written out wherever they are spread; with the set that it is written in."""
    for selection in selection_set.selections:
        yield selection
        if isinstance(selection, FragmentSpreadNode):
            yield from opened(fragments[selection.name.value].selection_set, fragments)
        elif not isinstance(selection, FieldNode):
            yield from opened(selection.selection_set, fragments)


def written_out(definition, fragments):
    """The same counts the simple way: everything written out."""
    tally = Tally(directives=len(definition.directives or ()))

    def count(selection_set, level):
        for selection in opened(selection_set, fragments):
            tally.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                tally.fields += 1
                tally.aliases += selection.alias is not None
                tally.roots += level == 1
                tally.depth = max(tally.depth, level)
                if selection.selection_set:
                    count(selection.selection_set, level + 1)

    count(definition.selection_set, 1)
    tally.repeats = written_repeats(definition.selection_set)
    return tally


def written_repeats(selection_set):
    names, below, waiting = Counter(), [0], list(selection_set.selections)
    for selection in waiting:
        if isinstance(selection, FieldNode):
            names[(selection.alias or selection.name).value] += 1
            below += [written_repeats(selection.selection_set)] if selection.selection_set else []
        elif not isinstance(selection, FragmentSpreadNode):
            waiting.extend(selection.selection_set.selections)
    return max(*names.values(), *below, 0)


@given(documents())
def test_counting_each_fragment_once_counts_the_same_as_writing_everything_out(text):
    document = parse_document(text)
    operation, *written = document.definitions
    fragments = {each.name.value: each for each in written}
    counted = sorted(map(repr, survey(document).tallies))
    assert counted == sorted(repr(written_out(each, fragments)) for each in (operation, *written))
