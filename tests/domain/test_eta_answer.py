"""The bot's answer: which kind, whether a date may be said, whether the promise was kept; and how it is put in words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from domain.answers.eta_answer import WRONG_IF, EtaAnswerKind, eta_answer_of
from domain.answers.own import own
from domain.contradictions import RULES, judgement_of
from domain.eta import EtaBasis, EtaConfidence, best_eta
from domain.freshness import FreshnessState
from domain.identity import EntityKind
from domain.place import Location
from domain.saying import Audience
from domain.shipment import Carrier, ProofOfDelivery
from resolvers.wording import LANGUAGES, wording
from tests.domain.test_contradictions import NOW, delivery, order, shipment, stop, trouble, view

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UPS = Carrier(name="UPS", scac="UPSN")


def answered(*told, judged=True, **how):
    sections = view(*told, **how)
    found = judgement_of(sections, NOW).found if judged else ()
    return eta_answer_of(own(sections), found, NOW)


def expected(at, **about):
    return shipment(eta=best_eta(estimate=at, **about), carrier=UPS)


def delivered(at, **fields):
    return shipment("DELIVERED", proof_of_delivery=ProofOfDelivery(delivered_at=at), **fields)


@pytest.mark.parametrize(
    ("told", "kind", "codes", "basis"),
    [
        pytest.param(
            [expected(NOW + DAY)],
            "ETA_WINDOW",
            ["headline.expected", "eta.estimated_by"],
            "CARRIER_ESTIMATE",
            id="date",
        ),
        pytest.param([shipment()], "UNKNOWN", ["headline.on_its_way", "eta.no_date"], "NONE", id="nobody says when"),
        pytest.param([expected(NOW - HOUR)], "UNKNOWN", ["headline.eta.past"], "CARRIER_ESTIMATE", id="it is past"),
        pytest.param(
            [shipment("BOOKED", eta=best_eta(planned=NOW + DAY))],
            "AWAITING_PICKUP",
            ["headline.planned"],
            "PLANNED",
            id="before pickup a date is at most a plan",
        ),
        pytest.param(
            [order(promised_delivery_on=(NOW + DAY).date())],
            "AWAITING_PICKUP",
            ["headline.planned"],
            "PROMISED",
            id="nothing has left",
        ),
        pytest.param([order()], "AWAITING_PICKUP", ["headline.order.prepared"], "NONE", id="nor was it promised"),
        pytest.param(
            [shipment("AVAILABLE_FOR_COLLECTION", eta=best_eta(estimate=NOW + DAY))],
            "ETA_WINDOW",
            ["headline.collection"],
            "NONE",
            id="it is there",
        ),
        pytest.param([delivered(NOW - DAY)], "DELIVERED", ["headline.delivered.at"], "NONE", id="delivered"),
        pytest.param([order("CANCELLED")], "UNKNOWN", ["headline.order.cancelled"], "NONE", id="cancelled"),
        pytest.param([], "UNKNOWN", ["headline.nothing"], "NONE", id="nothing is known"),
        pytest.param(
            [order("CANCELLED"), shipment()], "HANDOFF", ["eta.handoff"], "NONE", id="a contradiction: a person"
        ),
        pytest.param(
            [shipment(), delivery("PARTIALLY_PICKED", 4)], "HANDOFF", ["eta.handoff"], "NONE", id="not all is sent"
        ),
        *(
            pytest.param(
                [shipment(eta=best_eta(estimate=NOW + DAY), exceptions=(trouble(each, HOUR),))],
                "EXCEPTION",
                [code],
                "NONE",
                id=f"no date while there is {each}",
            )
            for each, code in (
                ("DAMAGE", "headline.trouble"),
                ("LOSS", "headline.lost"),
                ("REFUSED", "headline.trouble"),
                ("CUSTOMS_HOLD", "headline.trouble"),
                ("CREDIT_HOLD", "headline.checked"),
            )
        ),
        pytest.param(
            [shipment(eta=best_eta(estimate=NOW + DAY), exceptions=(trouble("WEATHER", HOUR),), carrier=UPS)],
            "ETA_WINDOW",
            ["headline.trouble", "headline.expected", "eta.estimated_by"],
            "CARRIER_ESTIMATE",
            id="weather is told, and does not hide the date",
        ),
        pytest.param([order("ON_HOLD")], "EXCEPTION", ["headline.checked"], "NONE", id="held: only that it is checked"),
        pytest.param([shipment("RETURNING")], "EXCEPTION", ["headline.returning"], "NONE", id="it comes back"),
    ],
)
def test_what_may_be_said(told, kind, codes, basis):
    answer = answered(*told)
    assert (answer.kind.value, [each.code for each in answer.message], answer.eta.basis.value) == (kind, codes, basis)


def test_only_what_is_wrong_for_sure_is_handed_over():
    assert {rule.id for rule in RULES} > WRONG_IF
    told = [order("CANCELLED"), shipment()]
    assert answered(*told, state=FreshnessState.STALE).kind is not EtaAnswerKind.HANDOFF


def test_what_is_old_or_missing_is_said_to_be():
    assert [each.code for each in answered(expected(NOW + DAY), state=FreshnessState.STALE).message][-1] == (
        "answer.caveat.as_of"
    )
    missing = answered(expected(NOW + DAY), missing={EntityKind.ORDER})
    assert [each.code for each in missing.message][-1] == "answer.caveat.not_all"
    assert answered(missing={EntityKind.ORDER, EntityKind.SHIPMENT}).message[0].code == "headline.unknown"


def test_what_is_not_sure_is_said_with_its_reason():
    restless = shipment(
        carrier=UPS, eta=replace(best_eta(estimate=NOW + DAY), confidence=EtaConfidence.LOW, revisions=3)
    )
    assert "eta.may_change" in [each.code for each in answered(restless).message]
    learned = replace(
        best_eta(estimate=NOW + DAY),
        basis=EtaBasis.PREDICTED,
        earliest=NOW + DAY,
        latest=NOW + DAY + 4 * HOUR,
        learned_from=48,
    )
    [said, own_estimate] = answered(shipment(eta=learned)).message
    assert (said.code, own_estimate.code, own_estimate.facts["count"]) == ("headline.expected", "eta.predicted", 48)


def test_of_several_the_next_and_the_last_are_told():
    first, last = expected(NOW + HOUR), replace(expected(NOW + 3 * DAY), id="S-2")
    answer = answered(last, first)
    assert answer.eta.estimated_at == NOW + 3 * DAY
    assert answer.message[0].facts["when"] == NOW + HOUR
    assert (answer.message[-1].code, answer.message[-1].facts["when"]) == ("eta.last", NOW + 3 * DAY)


CHICAGO = stop(Location(time_zone="America/Chicago"))


@pytest.mark.parametrize(
    ("told", "met"),
    [
        pytest.param([delivered(NOW - DAY)], None, id="nothing was promised"),
        pytest.param([order(promised_delivery_on=date(2026, 11, 22)), delivered(NOW - DAY)], True, id="on the day"),
        pytest.param([order(promised_delivery_on=date(2026, 11, 21)), delivered(NOW - DAY)], False, id="a day late"),
        pytest.param(
            [
                order(promised_delivery_on=date(2026, 11, 22)),
                delivered(datetime(2026, 11, 23, 5, tzinfo=UTC), stops=(CHICAGO,)),
            ],
            True,
            id="the day is that of the place: 23:00 in Chicago",
        ),
        pytest.param([order(promised_delivery_on=date(2026, 11, 23)), shipment()], None, id="the day is not over"),
        pytest.param([order(promised_delivery_on=date(2026, 11, 22)), shipment()], False, id="the day is over"),
    ],
)
def test_whether_the_promise_was_kept(told, met):
    assert answered(*told, judged=False).promise_met is met


def spoken(language, *told, zone=None):
    words = wording(language, zone)
    return " ".join(words.say(each, Audience.CUSTOMER) for each in answered(*told, judged=False).message)


ZONES = ("Pacific/Kiritimati", "America/Adak", "Europe/Berlin", None)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2027, 3, 28), date(2027, 10, 31)])
def test_a_day_is_the_same_day_in_every_zone_and_on_the_nights_when_clocks_change(language, day):
    said = {spoken(language, expected(day), zone=zone) for zone in ZONES}
    [sentence] = said
    assert str(day.day) in sentence
    assert wording(language).day(day) in sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (datetime(2027, 3, 27, 20, tzinfo=UTC), datetime(2027, 3, 28, 20, tzinfo=UTC)),
        (datetime(2027, 10, 30, 20, tzinfo=UTC), datetime(2027, 10, 31, 20, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_time_is_that_of_the_clock_on_the_wall(language, before, after):
    berlin = ZoneInfo("Europe/Berlin")
    for at in (before, after):
        sentence = spoken(language, expected(at, time_zone="Europe/Berlin"), zone="Europe/Berlin")
        assert wording(language, "Europe/Berlin").moment(at) in sentence
        hour = at.astimezone(berlin).hour
        assert f"{hour}:00" in sentence or f"{hour - 12}:00" in sentence


def test_the_english_says_expected():
    assert spoken("en", expected(date(2026, 11, 24))).startswith("Your delivery is on its way. Expected delivery: Tue")
