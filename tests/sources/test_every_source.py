"""What every adapter promises. A new one adds a row to ADAPTERS and its payloads."""

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sources
from bench.work import entities
from domain.errors import (
    Busy,
    ProblemCode,
    Refused,
    SettingError,
    SourceError,
    TooSlow,
    Unreachable,
    UnusableAnswer,
)
from domain.identity import EntityKind
from domain.lookup import Lookup
from sources.registry import SOURCES, adapter
from tests.sources.calling import URL, Calling, lookup
from tests.sources.dcsa.recorded import journey
from tests.sources.easypost.recorded import body, claim
from tests.sources.tryton.recorded import payload


@dataclass(frozen=True)
class Adapter:
    """How one adapter is asked in these tests, and what a good answer looks like."""

    settings: dict[str, str]
    read: str
    asked: Lookup
    good: object


def canonical_answer():
    records = [
        {"id": id_, "data": json.loads(msgspec.json.encode(entity))}
        for id_, entity in entities(EntityKind.SHIPMENT, "SO-1")
    ]
    return {"results": [{"entity": "SHIPMENT", "scheme": "SO", "value": "SO-1", "found": records}]}


ADAPTERS = {
    "canonical": [Adapter({"token": "t"}, "read", lookup("SHIPMENT", "SO", "SO-1"), canonical_answer())],
    "dcsa": [Adapter({"token": "t"}, "events", lookup("SHIPMENT", "TRACKING", "CASU7000014"), journey())],
    "easypost": [
        Adapter({"token": "t"}, "trackers", lookup("SHIPMENT", "TRACKING", "EZ1000000001"), body("tracker.batch")),
        Adapter({"token": "t"}, "claims", lookup("CLAIM", "TRACKING", claim()["tracking_code"]), body("claim.list")),
    ],
    "tryton": [Adapter({"token": "t"}, "parties", lookup("CREDIT", "CUSTOMER", "C-NORTH"), payload("parties"))],
}
ROWS = [pytest.param(adapter(name), row, id=f"{name}, {row.read}") for name, rows in ADAPTERS.items() for row in rows]
every_adapter = pytest.mark.parametrize(("source", "row"), ROWS)


async def ask(source, row, respond):
    async with Calling(source, **row.settings) as calling:
        calling.router.route(url__startswith=URL).mock(side_effect=respond)
        return await calling.fetch(row.read, row.asked)


def test_every_adapter_is_in_the_table():
    assert {source.adapter for source in SOURCES if source.connect} == set(ADAPTERS)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.adapter)
def test_it_can_be_asked_or_it_sends(source):
    assert (source.connect is None) == (not source.reads)
    assert source.connect or source.open_inbox


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.adapter)
def test_it_has_a_readme_that_says_what_a_newcomer_must_know(source):
    text = (Path(sources.__file__).parent / source.adapter / "README.md").read_text(encoding="utf-8").lower()
    for subject in ("order", "timestamp", "limit"):
        assert subject in text, subject


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.adapter)
def test_it_can_be_asked_for_everything_that_it_serves(source):
    served = frozenset().union(*source.serves.values()) if source.connect else frozenset()
    answered = frozenset().union(*(read.answers for read in source.reads))
    assert served <= answered
    assert all(schemes for read in source.reads for schemes in read.answers.values())


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.adapter)
def test_every_setting_is_explained(source):
    assert [name for name, field in source.settings.model_fields.items() if not field.description] == []


def test_a_misspelt_adapter_names_the_nearest():
    with pytest.raises(SettingError, match="easypost"):
        adapter("easy-post")


@every_adapter
async def test_a_good_answer_is_found(source, row):
    findings = await ask(source, row, lambda _: httpx.Response(200, json=row.good))
    assert findings.found[row.asked]
    assert not findings.unusable
    assert not findings.unmapped


FAULTS = [
    (httpx.Response(401), Refused),
    (httpx.Response(403), Refused),
    (httpx.Response(429), Busy),
    (httpx.Response(500), UnusableAnswer),
    (httpx.Response(502), Unreachable),
    (httpx.Response(503, headers={"retry-after": "9"}), Busy),
    (httpx.Response(200, content=b"<html>maintenance</html>"), UnusableAnswer),
    (httpx.Response(200, content=b'{"trackers": [{"id": "trk'), UnusableAnswer),
    (httpx.Response(200, content=b'{"results": [NaN]}'), UnusableAnswer),
    (httpx.Response(200, content=b"[" * 100_000), UnusableAnswer),
    (httpx.Response(200, content=b'"\\ud800"'), UnusableAnswer),
    (httpx.Response(200, content=b"\xef\xbb\xbf[]"), UnusableAnswer),
    (httpx.Response(200, content=b'"text"'), UnusableAnswer),
    (httpx.Response(200, content=b"null"), UnusableAnswer),
    (httpx.Response(200, content=b"x" * (2**21 + 1)), UnusableAnswer),
    (httpx.Response(200, json={"error": {"code": "X", "message": "inside"}}), UnusableAnswer),
    (httpx.ReadTimeout("slow"), TooSlow),
    (httpx.ConnectError("no"), Unreachable),
]


@every_adapter
@pytest.mark.parametrize(("fault", "error"), FAULTS, ids=range(len(FAULTS)))
async def test_each_fault_is_the_right_domain_error(source, row, fault, error):
    def respond(_):
        if isinstance(fault, Exception):
            raise fault
        return httpx.Response(fault.status_code, headers=dict(fault.headers), content=fault.content)

    with pytest.raises(SourceError) as caught:
        await ask(source, row, respond)
    assert type(caught.value) is error
    assert isinstance(caught.value.code, ProblemCode)
    assert "maintenance" not in str(caught.value)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def changed(value, path, how):
    value = deepcopy(value)
    if not path:
        return how(value)
    inside = value
    for key in path[:-1]:
        inside = inside[key]
    if how is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = how(inside[path[-1]])
    return value


DRIFTS = st.sampled_from(
    [
        None,  # the field is missing
        lambda _: None,
        str,
        lambda _: 7,
        lambda _: -1.5,
        lambda _: "beamed",
        lambda _: "",
        lambda _: [],
        lambda _: [None],
        lambda _: {},
        lambda _: "x" * 5_000,
        lambda value: [value],
        lambda _: True,
    ]
)


@every_adapter
@settings(max_examples=120, deadline=None)
@given(data=st.data())
async def test_no_drift_of_the_vendors_schema_breaks_the_adapter(source, row, data):
    """Whatever changes in a good answer: it is found, it is unusable for its number, or it is one domain error."""
    answer = row.good
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(answer))))
        how = data.draw(DRIFTS)
        answer = changed(answer, path, how) if path or how else answer
    try:
        findings = await ask(source, row, lambda _: httpx.Response(200, json=answer))
    except SourceError:
        return
    assert set(findings.found) | set(findings.unusable) <= {row.asked}


def texts_of(value):
    """Every text in a JSON value, with its place."""
    return [(path, found) for path in places(value) if isinstance(found := at(value, path), str)]


def at(value, path):
    for key in path:
        value = value[key]
    return value


STRANGE = [
    "javascript:alert(1)",
    "https://evil.example/x",
    "https://system.example.com@evil.example/",
    "http://system.example.com/x",
]


@every_adapter
@pytest.mark.parametrize("strange", STRANGE)
async def test_an_address_that_is_not_passed_on_spoils_no_record(source, row, strange):
    answer = row.good
    for path, text in texts_of(row.good):
        if text.startswith("https://"):
            answer = changed(answer, path, lambda _: strange)
    findings = await ask(source, row, lambda _: httpx.Response(200, json=answer))
    whole = await ask(source, row, lambda _: httpx.Response(200, json=row.good))
    assert not findings.unusable
    assert len(findings.found[row.asked]) == len(whole.found[row.asked])
    assert strange not in repr([each.content for each in findings.found[row.asked]])


def test_the_addresses_of_good_answers_are_passed_on():
    """So that the test above cannot pass because there were none."""
    rows = {(name, row.read): row for name, rows in ADAPTERS.items() for row in rows}
    linked = {name for name, row in rows.items() if any(text.startswith("https://") for _, text in texts_of(row.good))}
    assert {("easypost", "trackers"), ("easypost", "claims")} <= linked


@every_adapter
async def test_unknown_fields_are_tolerated(source, row):
    def grown(value):
        match value:
            case dict():
                return {key: grown(child) for key, child in value.items()} | {"brandNewField": {"a": [1]}}
            case list():
                return [grown(child) for child in value]
            case _:
                return value

    findings = await ask(source, row, lambda _: httpx.Response(200, json=grown(row.good)))
    assert findings.found[row.asked]


@every_adapter
async def test_no_secret_shows(source, row):
    async with Calling(source, **row.settings | {"token": "hunter2-canary"}) as calling:
        calling.router.route(url__startswith=URL).respond(500)
        with pytest.raises(SourceError) as caught:
            await calling.fetch(row.read, row.asked)
        shown = " ".join(
            map(repr, (caught.value, calling.client, calling.http, calling.settings, calling.http.health()))
        )
    assert not re.search("hunter2|aHVudGVy", shown)
