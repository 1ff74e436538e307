"""EasyPost's wire shape, held against recorded answers of its API."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ManualClock
from domain.foreign import NO_LINKS
from domain.identity import EntityKind
from domain.shipment import ShipmentStatus
from sandbox.desks import KEYS, Request, endpoints
from sandbox.elsewhere import ExtraTracker
from sandbox.server import create_sandbox
from sandbox.world import WorldClock
from sources.easypost.mapping import shipment_of, unmapped_of
from sources.easypost.wire import Tracker
from tests.sandbox.looking import ANCHOR, WORLD, unhurried
from tests.sandbox.payloads import recorded

ENDPOINTS = {each.name: each for each in endpoints(WORLD, WorldClock(ANCHOR, 0, ManualClock(ANCHOR)), KEYS)}

AUTH = httpx.BasicAuth("sandbox-easypost-key", "")

UPS_OF_SO_1001 = "1Z999AA10101001010"

LOCATION = [".object", ".city", ".state", ".country", ".zip"]
"""Fields of a destination; the recorded parcel had none."""


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Every path to a value in an answer; `fees` are empty for parcels whose label was bought at EasyPost."""
    match value:
        case dict():
            for key, inside in value.items():
                yield f"{path}.{key}"
                yield from keys(inside, f"{path}.{key}")
        case list() if not path.endswith(".fees"):
            for inside in value:
                yield from keys(inside, f"{path}[]")


def trackers() -> list[Any]:
    numbers = WORLD.newest(EntityKind.SHIPMENT, ANCHOR)
    return [msgspec.json.decode(body) for each in numbers for body in WORLD.find(EntityKind.SHIPMENT, each, ANCHOR)]


async def test_a_batch_has_the_fields_of_a_recorded_one(client):
    body = {"tracking_codes": [UPS_OF_SO_1001]}
    answer = await client.post("/easypost/v2/trackers/batch", json=body, auth=AUTH)
    recording = recorded("tracker.batch")
    destination = {f".trackers[].carrier_detail.destination_tracking_location{key}" for key in LOCATION}
    assert set(keys(answer.json())) == set(keys(recording)) | destination
    assert list(answer.json()["trackers"][0]) == list(recording["trackers"][0])


async def test_a_list_of_claims_has_the_fields_of_a_recorded_one(client):
    answer = await client.get("/easypost/v2/claims", auth=AUTH)
    assert set(keys(answer.json())) == set(keys(recorded("claim.list")))


async def test_a_claim_has_the_fields_of_a_recorded_one_and_its_history_newest_first(client):
    listed = (await client.get("/easypost/v2/claims", auth=AUTH)).json()["claims"][0]
    claim = (await client.get(f"/easypost/v2/claims/{listed['id']}", auth=AUTH)).json()
    assert claim == listed
    assert set(keys(claim)) == set(keys(recorded("claim.cancel")))
    assert [each["status"] for each in claim["history"]] == ["in_review", "submitted"]


async def test_a_tracker_is_found_by_id(client):
    body = {"tracking_codes": [UPS_OF_SO_1001]}
    (tracker,) = (await client.post("/easypost/v2/trackers/batch", json=body, auth=AUTH)).json()["trackers"]
    assert (await client.get(f"/easypost/v2/trackers/{tracker['id']}", auth=AUTH)).json() == tracker


async def test_a_batch_leaves_out_what_nobody_tracks(client):
    body = {"tracking_codes": [UPS_OF_SO_1001, "EZ1000000001"]}
    answer = await client.post("/easypost/v2/trackers/batch", json=body, auth=AUTH)
    assert [tracker["tracking_code"] for tracker in answer.json()["trackers"]] == [UPS_OF_SO_1001]
    assert answer.json()["has_more"] is False


KINDS = {"trackers": EntityKind.SHIPMENT, "claims": EntityKind.CLAIM}


@pytest.mark.parametrize("name", KINDS)
async def test_pages_follow_each_other_newest_first_until_there_are_no_more(client, name):
    records, has_more = [], True
    while has_more:
        before = {"before_id": records[-1]["id"]} if records else {}
        page = (
            await client.get(
                f"/easypost/v2/{name}", params={"page_size": "2" if name == "claims" else "40"} | before, auth=AUTH
            )
        ).json()
        records += page[name]
        has_more = page["has_more"]
    created = [record["created_at"] for record in records]
    assert created == sorted(created, reverse=True)
    assert len({record["id"] for record in records}) == len(records) == len(list(WORLD.newest(KINDS[name], ANCHOR)))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/easypost/v2/trackers/trk_0", HTTPStatus.NOT_FOUND, id="unknown tracker"),
        pytest.param("GET", "/easypost/v2/claims/clm_0", HTTPStatus.NOT_FOUND, id="unknown claim"),
        pytest.param("GET", "/easypost/v2/claims?page_size=0", HTTPStatus.UNPROCESSABLE_ENTITY, id="empty page"),
        pytest.param("GET", "/easypost/v2/claims?page_size=x", HTTPStatus.UNPROCESSABLE_ENTITY, id="no page size"),
        pytest.param("POST", "/easypost/v2/trackers/batch", HTTPStatus.UNPROCESSABLE_ENTITY, id="no codes"),
    ],
)
async def test_an_error_has_the_shape_of_a_recorded_one(client, method, path, status):
    answer = await client.request(method, path, auth=AUTH)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == set(recorded("error.422")["error"])


@pytest.mark.parametrize(
    "authorization",
    [{}, {"Authorization": "Basic d3Jvbmc6"}, {"Authorization": "Basic ?"}, {"Authorization": "Bearer x"}],
    ids=["none", "wrong user", "not base64", "another scheme"],
)
async def test_without_the_right_key_nothing_is_said(client, authorization):
    answer = await client.get("/easypost/v2/claims", headers=authorization)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_the_adapter_understands_every_parcel():
    for tracker in map(Tracker.model_validate, trackers()):
        assert shipment_of(tracker, NO_LINKS).status is not ShipmentStatus.UNKNOWN
        assert not list(unmapped_of(tracker))


@pytest.mark.parametrize(
    ("state", "last"),
    [
        ("pre_transit", ("pre_transit", "label_created")),
        ("in_transit", ("in_transit", "departed_facility")),
        ("out_for_delivery", ("out_for_delivery", "out_for_delivery")),
        ("delivered", ("delivered", "arrived_at_destination")),
        ("failure", ("failure", "damaged")),
    ],
)
async def test_a_parcel_of_another_order_is_in_the_state_that_was_asked_for(state, last):
    app = create_sandbox(anchor=ANCHOR, trackers=[ExtraTracker("EZ4000000004", "Canada Post", state)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sandbox", auth=AUTH) as client:
        answer = await client.post("/easypost/v2/trackers/batch", json={"tracking_codes": ["EZ4000000004"]})
    (tracker,) = answer.json()["trackers"]
    assert (tracker["status"], tracker["status_detail"]) == last
    assert tracker["carrier"] == "Canada Post"


@unhurried
@given(
    name=st.sampled_from(sorted(name for name, endpoint in ENDPOINTS.items() if endpoint.system in {"tms", "claims"})),
    body=st.binary(max_size=40),
    last=st.text(max_size=10),
    size=st.text(max_size=4),
)
def test_whatever_is_asked_there_is_an_answer_or_an_error(name, body, last, size):
    request = Request("Basic c2FuZGJveC1lYXN5cG9zdC1rZXk6", {"id": last}, {"page_size": size, "before_id": last}, body)
    reply = ENDPOINTS[name].answer(request)
    assert (reply.status is HTTPStatus.OK) == ("error" not in msgspec.json.decode(reply.body))
