"""What is found without anybody looking, what a bot may say, and what an agent is briefed with."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.running import call

LANGUAGES = ("en", "de", "fr", "es", "nl", "pt")


def until(look, *, seconds=20):
    for _ in range(seconds * 10):
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come about in time")


STALLED = """query($filter: StalledFilter) { stalled(filter: $filter, first: 5) { totalCount byStage { stage count }
  edges { node { stage orderNumber overdueSeconds dataState caseNumbers } } } }"""


RELEASED = {
    "specversion": "1.0",
    "id": "stands-1",
    "source": "wms-sandbox",
    "type": "casefold.fulfillment.state.v1",
    "subject": "DN-9001-1",
    "data": {
        "id": "DN-9001-1",
        "orderNumber": "SO-9001",
        "warehouse": "OAK9",
        "status": "RELEASED",
        "lines": [{"sku": "CHN-1100", "orderedQuantity": "4", "pickedQuantity": "0"}],
    },
}


def test_work_that_stands_is_on_the_board_though_nobody_ever_looked_at_it(demo):
    now = datetime.now(UTC)
    told = RELEASED | {"time": now.isoformat()}
    told["data"] = told["data"] | {"releasedAt": (now - timedelta(days=5)).isoformat()}
    token = demo.environment["CASEFOLD_EVENTS_TOKEN"]
    headers = {"Content-Type": "application/cloudevents+json", "Authorization": f"Bearer {token}"}
    call("POST", f"{demo.url}/events", told, **headers)
    board = until(lambda: (found := demo.graphql(STALLED, filter={"warehouse": "OAK9"})["stalled"])["edges"] and found)
    [edge] = board["edges"]
    assert (edge["node"]["stage"], edge["node"]["orderNumber"]) == ("RELEASED_NOT_PICKED", "SO-9001")
    assert edge["node"]["overdueSeconds"] > 3 * 86_400
    assert board["byStage"] == [{"stage": "RELEASED_NOT_PICKED", "count": 1}]
    nowhere = demo.graphql(STALLED, filter={"warehouse": "NOWHERE"})["stalled"]
    assert (nowhere["totalCount"], nowhere["edges"]) == (0, [])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("order", "kind"),
    [("SO-1001", "HANDOFF"), ("SO-1002", "DELIVERED"), ("SO-1003", "EXCEPTION"), ("SO-1004", "EXCEPTION")],
)
def test_a_bot_says_no_more_than_is_known(demo, language, order, kind):
    status, headers, body = demo.where_is(orderNumber=order, locale=language, timeZone="America/New_York")
    answer = json.loads(body)
    assert (status, answer["kind"], headers["cache-control"]) == (200, kind, "no-store")
    assert answer["message"]
    assert not any(secret in answer["message"] for secret in ("MEM1", "sandbox", "credit", "Kredit", "limit"))


def test_each_language_says_it_in_its_own_words(demo):
    said = {json.loads(demo.where_is(orderNumber="SO-1002", locale=each)[2])["message"] for each in LANGUAGES}
    assert len(said) == len(LANGUAGES)


def test_who_guesses_a_number_or_a_postal_code_learns_nothing(demo):
    unknown, wrong = (
        demo.where_is("guess-000001", **query)
        for query in ({"orderNumber": "SO-99999"}, {"orderNumber": "SO-1002", "postalCode": "99999"})
    )
    assert unknown[0] == wrong[0] == 404
    assert unknown[2] == wrong[2]
    assert {name: value for name, value in unknown[1].items() if name.lower() != "date"} == {
        name: value for name, value in wrong[1].items() if name.lower() != "date"
    }
    known = json.loads(demo.where_is(orderNumber="SO-1002")[2])
    assert known["kind"] == "DELIVERED"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "key"),
        ({"orderNumber": "SO-1", "caseNumber": "CS-1"}, "key"),
        ({"orderNumber": "SO-1", "colour": "red"}, "colour"),
        ({"orderNumber": "SO-1", "timeZone": "Mars/Base"}, "timeZone"),
        ({"orderNumber": "SO-1", "locale": "../de"}, "locale"),
        ({"orderNumber": "SO-1", "postalCode": "9" * 50}, "postalCode"),
        ({"orderNumber": "SO-1", "deadline": "soon"}, "deadline"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(demo, query, field):
    status, headers, body = demo.where_is(**query)
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert field in json.loads(body)["detail"]


def test_a_briefing_tells_what_to_say_what_is_wrong_and_what_to_do(demo):
    told = demo.ask("--case", "CS-1001").stdout
    assert told.startswith("Case CS-1001 about order SO-1001: in transit.\nYou can say: “")
    assert told.count("the warehouse has picked 16 of 40") == 1, "once is enough"
    assert "-> Tell the warehouse" in told
    assert (
        told.index("You can say") < told.index("! The carrier has") < told.index("Where is it?") < told.index("\nCase")
    )
    assert max(map(len, told.splitlines())) <= 120
    german = demo.ask("--order", "SO-1002", "--locale", "de").stdout
    assert "You can say: “Ihre Lieferung" in german
