"""Selections are compiled once for all that they can be asked with, within bounds."""

import gc
import json

import pytest
from structlog.testing import capture_logs

from domain.caller import Role
from resolvers.operation import Operations, Request
from resolvers.projection import execution, plans, source
from resolvers.projection.plans import Plans
from tests.callers import calling
from tests.resolvers.test_projection import context_of
from tests.resolvers.world import rich_desk

FIELDS = "orders { nodes { number statusLabel(locale: $to) total { amount @skip(if: $no) } } }"


def view(fields):
    """A document about a view, with the variables that it has."""
    optional = {"$to": "String", "$no": "Boolean = false"}
    declared = "".join(f", {name}: {kind}" for name, kind in optional.items() if name in fields)
    heads = f"$key: CaseKey!, $freshness: FreshnessInput{declared}"
    return f"query({heads}) {{ caseView(key: $key, freshness: $freshness) {{ {fields} }} }}"


@pytest.fixture
def kept(monkeypatch):
    """The plans of a process that has none yet."""
    kept = Plans()
    monkeypatch.setattr(execution, "PLANS", kept)
    return kept


@pytest.fixture
def desk():
    return rich_desk()


@pytest.fixture
def ask(desk):
    """Asks a gateway that knows its documents."""
    operations = Operations()

    async def ask(document, number="SO-1", **variables):
        variables |= {"key": {"orderNumber": number}}
        return json.loads((await operations.execute(Request(document, variables), context_of(desk))).encoded)

    return ask


async def test_one_plan_serves_every_case_at_any_age(kept, ask):
    for number in ("SO-1", "SO-1", "SO-2"):
        for freshness in (None, {"maxAge": "PT1M"}):
            await ask(view(FIELDS), number, freshness=freshness)
    assert (kept.made, len(kept)) == (1, 1)


async def test_other_values_of_what_it_depends_on_are_other_plans_of_the_same_code(kept, ask):
    told = [(await ask(view(FIELDS), to=to))["data"] for to in ("en", "de", "fr", "de")]
    assert kept.made == 3
    assert told[1] == told[3] != told[0]
    assert len({plan.code for plan in kept._kept.values()}) == 1
    await ask(view(FIELDS), to="de", no=True)
    assert len({plan.code for plan in kept._kept.values()}) == 2


async def test_who_may_see_less_has_a_plan_of_its_own(kept, ask, desk):
    whole = await ask(view("orders { nodes { total { currency } } }"))
    desk.caller = calling(Role.PANEL)
    less = await ask(view("orders { nodes { total { currency } } }"))
    nodes = [each["data"]["caseView"]["orders"]["nodes"] for each in (whole, less)]
    assert nodes == [[{"total": {"currency": "EUR"}}], [{"total": None}]]
    assert kept.made == 2


async def test_a_process_keeps_so_many_fields(kept, ask, monkeypatch):
    monkeypatch.setattr(plans, "KEPT_FIELDS", 12)
    for n in range(9):
        await ask(view(f"a{n}: id status completeness"))
        assert kept.fields == 3 * min(n + 1, 4) == 3 * len(kept)


async def test_a_process_keeps_so_many_plans_and_the_ones_that_are_used(kept, ask, monkeypatch):
    monkeypatch.setattr(plans, "KEPT_PLANS", 3)
    for n in range(9):
        await ask(view("id"))
        await ask(view(f"a{n}: id"))
        assert len(kept) == len(kept._decisive) == min(n + 2, 3)
    assert kept.made == 10


async def test_code_is_kept_no_longer_than_its_plans(kept, ask, monkeypatch):
    monkeypatch.setattr(plans, "KEPT_PLANS", 1)
    await ask(view("mine: id"))
    assert any("mine" in text for text in plans._CODE)
    await ask(view("other: id"))
    gc.collect()
    assert not any("mine" in text for text in plans._CODE)
    assert len(kept) == 1


async def test_for_a_long_value_nothing_is_kept(kept, ask):
    locale = "x" * 3_000
    await ask(view(FIELDS), to=locale)
    assert kept.made
    assert not len(kept)


async def test_what_is_too_much_to_compile_is_answered_by_the_general_executor_and_counted(kept, ask, monkeypatch):
    fields = "id status headline completeness"
    whole = (await ask(view(fields)))["data"]
    monkeypatch.setattr(source, "MOST_FIELDS", 3)
    with capture_logs() as lines:
        told = [(await ask(view(fields + " __typename")))["data"] for _ in range(3)]
    assert [{"caseView": whole["caseView"] | {"__typename": "CaseView"}}] * 3 == told
    assert kept.left == {"CaseView": 3}
    assert [(each["event"], each["reason"]) for each in lines] == [("selection not compiled", "more than 3 fields")]


async def test_what_a_caller_writes_stands_in_the_source_only_as_a_literal(kept, ask):
    names = ("value", "v", "item", "refused", "__import__", "class", "type")
    told = await ask(view(" ".join(f"{name}: id" for name in names) + " headline(locale: $to)"), to="uk")
    [plan] = kept._kept.values()
    assert set(names) < set(told["data"]["caseView"])
    assert "uk" not in plan.source.text
    assert plan.project.__globals__["__builtins__"] == {}
