"""Interchanges of carriers: what each status means, when it was, which load it is about, and what is odd."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadSignature
from domain.event import Delivery, Event, Ignored, Unreadable
from domain.fold import content_of
from domain.identity import Reference, Scheme
from domain.known import Nature, known_of, merge
from domain.shipment import Classifier, Milestone, MilestoneCode, ShipmentStatus
from sources.x12 import SOURCE, codes
from sources.x12.interchange import sets_of
from sources.x12.places import BY_STATE, ZONES, instant, zone_of

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
M = MilestoneCode


def settings(**told):
    about = {"id": "carrier", "adapter": "x12", "time_zone": "America/New_York", "webhook_secret": "s-1"}
    return SOURCE.settings.model_validate(about | told)


def inbox(**told):
    return SOURCE.open_inbox(settings(**told))


def payload(name):
    return (PAYLOADS / f"{name}.edi").read_bytes()


def decoded(body, **told):
    return inbox(**told).decode(Delivery(body, {}, NOW))


def event(name, **told):
    [one] = decoded(payload(name), **told)
    assert isinstance(one, Event), one
    return one


def milestones(told):
    return [each.content for each in told.observations if isinstance(each.content, Milestone)]


def shipment(*events):
    observations = [each for told in events for each in told.observations]
    return content_of(reduce(lambda one, other: merge(one, other, Nature()), [known_of(each) for each in observations]))


def interchange(*segments, kind="214", sent="20261120*0900"):
    body = [f"ST*{kind}*0001", *segments]
    lines = [
        "ISA*00*          *00*          *02*NFLT           *ZZ*SHIPPERCO      *261120*0900*U*00401*000000003*0*T*>",
        f"GS*QM*NFLT*SHIPPERCO*{sent}*3*X*004010",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*3",
        "IEA*1*000000003",
    ]
    return "".join(f"{line}~\n" for line in lines).encode()


def status(at7, *more):
    [told] = decoded(interchange("B10*PRO1*LD-1*NFLT", at7, *more))
    assert isinstance(told, Event), told
    [milestone] = milestones(told)
    return milestone, told


def test_a_journey_is_told():
    told = event("214_happy_path")
    assert [(each.source_code, each.code) for each in milestones(told)] == [
        ("X3", M.ARRIVED),
        ("CP", M.LOADED),
        ("AF", M.PICKED_UP),
        ("X4", M.ARRIVED),
        ("P1", M.DEPARTED),
        ("AG", M.ETA_CHANGED),
        ("X1", M.ARRIVED),
        ("D1", M.DELIVERED),
    ]
    delivered = milestones(told)[-1]
    assert delivered.occurred_at == datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
    assert (delivered.location.city, delivered.location.region, delivered.location.country_code) == (
        "PHILADELPHIA",
        "PA",
        "US",
    )
    assert (told.id, told.time) == ("NFLT/000000003/3/0001", datetime(2026, 11, 20, 14, 0, tzinfo=UTC))
    content = shipment(told)
    assert (content.id, content.status, content.tracking_number) == ("LD-55120", ShipmentStatus.DELIVERED, "PRO7781001")
    assert (content.bill_of_lading, content.carrier.scac, content.carrier.name) == ("BOL77810", "NFLT", "NFLT")
    assert told.unmapped == ()


def test_however_the_messages_come_the_shipment_is_the_same():
    told = [event(name) for name in ("990_accept", "214_out_of_order", "214_estimate_and_delay", "214_happy_path")]
    assert shipment(*told) == shipment(*told[::-1]) == shipment(*told, *told)
    assert shipment(told[1]).status is ShipmentStatus.DELIVERED


def test_estimates_and_delays_move_nothing():
    told = event("214_estimate_and_delay")
    assert [(each.source_code, each.classifier) for each in milestones(told)] == [
        ("AG", Classifier.ESTIMATED),
        ("SD", Classifier.ACTUAL),
        ("AG", Classifier.ESTIMATED),
    ]
    delay = milestones(told)[1]
    assert (delay.code, delay.description) == (M.EXCEPTION_RAISED, "Shipment delayed: weather or natural disaster")
    assert shipment(told).status is ShipmentStatus.UNKNOWN


def test_an_unknown_code_is_kept_as_it_is_reported_and_moves_nothing():
    told = event("214_unknown_code")
    [milestone] = milestones(told)
    assert (milestone.code, milestone.source_code) == (M.UNKNOWN, "ZZ")
    assert [(each.code_list, each.code) for each in told.unmapped] == [("x12.1650", "ZZ")]
    assert shipment(told).status is ShipmentStatus.UNKNOWN


def test_a_local_time_of_nobody_knows_where_stays_one():
    told = event("214_local_time_no_zone")
    [milestone] = milestones(told)
    assert milestone.description == "Arrived at terminal location; local time 2026-11-20 17:40, zone unknown"
    assert milestone.occurred_at == told.time, "it is put where its message was sent, and no hour is made up"


@pytest.mark.parametrize(
    ("name", "code", "moved_to"),
    [
        ("990_accept", M.TENDER_ACCEPTED, ShipmentStatus.BOOKED),
        ("990_decline", M.TENDER_DECLINED, ShipmentStatus.UNKNOWN),
    ],
)
def test_an_answer_to_a_tender(name, code, moved_to):
    told = event(name)
    [milestone] = milestones(told)
    assert (milestone.code, shipment(told).status) == (code, moved_to)
    assert shipment(told).tracking_number.startswith("PRO77810")


def test_what_a_partner_means_by_a_reference_can_be_told():
    told = event("214_happy_path", reference_schemes={"CR": "PO"}, carrier_name="Northern Freight", mode="LTL")
    content = shipment(told)
    assert content.references == (Reference(scheme=Scheme.PO, value="PO-7781"),)
    assert (content.carrier.name, content.carrier.scac, content.mode.value) == ("Northern Freight", "NFLT", "LTL")
    [told] = decoded(interchange("B10*PRO1*LD-1*NFLT", "L11*SO-9*VN", "L11*1Z9*2I", "AT7*X6*NS***20261120*0900*ET"))
    content = shipment(told)
    assert (content.order_numbers, content.tracking_number) == (("SO-9",), "PRO1")


@pytest.mark.parametrize("code", sorted(codes.STATUS))
def test_every_status_of_the_table(code):
    milestone, told = status(f"AT7*{code}*NS***20261120*0815*ET")
    expected = codes.STATUS[code]
    assert (milestone.code, milestone.classifier, milestone.source_code) == (expected.code, expected.classifier, code)
    assert milestone.description == expected.text
    assert told.unmapped == ()


def test_arriving_is_not_delivering_and_a_status_is_no_reason():
    for code, moved_to in {
        "X1": "UNKNOWN",
        "D1": "DELIVERED",
        "J1": "IN_TRANSIT",
        "AF": "PICKED_UP",
        "S1": "UNKNOWN",
    }.items():
        _, told = status(f"AT7*{code}*NS***20261120*0815*ET")
        assert shipment(told).status.value == moved_to, code
    milestone, _ = status("AT7*SD*D1***20261120*0815*ET")
    assert (milestone.code, milestone.description) == (M.EXCEPTION_RAISED, "Shipment delayed: carrier dispatch error")


@pytest.mark.parametrize(
    ("at7", "place", "occurred_at"),
    [
        pytest.param("20261120*0815*ET", None, "2026-11-20T13:15:00+00:00", id="eastern, in winter"),
        pytest.param("20260720*0815*ET", None, "2026-07-20T12:15:00+00:00", id="eastern, in summer"),
        pytest.param("20260720*0815*ES", None, "2026-07-20T13:15:00+00:00", id="eastern standard, in summer, too"),
        pytest.param("20261120*0815*UT", None, "2026-11-20T08:15:00+00:00", id="UTC"),
        pytest.param("20261120*081530*CT", None, "2026-11-20T14:15:30+00:00", id="with seconds"),
        pytest.param(
            "20261120*0815*LT", "AUSTIN*MN*US", "2026-11-20T14:15:00+00:00", id="local, where one zone is kept"
        ),
        pytest.param("20261120*0815", "RENO*NV*US", "2026-11-20T16:15:00+00:00", id="no code, but a place"),
        pytest.param("20261120*0815*LT", "EL PASO*TX*US", None, id="local, where two are kept"),
        pytest.param("20261120*0815*LT", "LYON*AL*FR", None, id="local, abroad"),
        pytest.param("20261120*0815*QQ", "RENO*NV*US", None, id="a code that nobody knows"),
        pytest.param("20261131*0815*ET", None, None, id="no day"),
        pytest.param("20261120*2561*ET", None, None, id="no time"),
        pytest.param("**", None, None, id="neither"),
    ],
)
def test_when_it_was(at7, place, occurred_at):
    more = [f"MS1*{place}"] if place else []
    milestone, told = status(f"AT7*X4*NS***{at7}", *more)
    if occurred_at is None:
        assert milestone.occurred_at == told.time
        assert "time " in milestone.description
    else:
        assert milestone.occurred_at.astimezone(UTC).isoformat() == occurred_at
        assert milestone.description == "Arrived at terminal location"
    assert [each.code for each in told.unmapped] == (["QQ"] if "QQ" in at7 else [])


def test_appointments_are_plans():
    milestone, _ = status("AT7***AB*NA*20261125*1000*ET")
    assert (milestone.classifier, milestone.description) == (Classifier.PLANNED, "Delivery appointment: reason NA")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "body: found 0 bytes, allowed: an X12 interchange", id="nothing"),
        pytest.param(b'{"no": "edi"}', "body: found 13 bytes", id="JSON"),
        pytest.param(b"ISA*00*", "ISA", id="cut in its first segment"),
        pytest.param(payload("214_happy_path")[:400], "SE: found the end of the message", id="cut"),
        pytest.param(
            interchange("B10*PRO1*LD-1*NFLT").replace(b"SE*3*", b"SE*9*"),
            "SE01: found another number, allowed: 3",
            id="count",
        ),
        pytest.param(
            interchange("B10*PRO1*LD-1*NFLT").replace(b"SE*3*0001", b"SE*3*0002"),
            "SE02: found another number",
            id="control",
        ),
        pytest.param(interchange("AT7*X3*NS***20261120*0815*ET"), "B10: found nothing", id="no load"),
        pytest.param(interchange("B10***NFLT"), "B1002: found 0 characters", id="a load without number"),
        pytest.param(
            interchange("B1*NFLT**20261119*A", kind="990"), "B102: found 0 characters", id="an answer about nothing"
        ),
        pytest.param(
            interchange("B10*P*L*N", sent="2026*x"),
            "GS04, GS05: found a text of 6 characters, allowed: CCYYMMDD",
            id="no date",
        ),
        pytest.param(
            interchange("B10*P*L*N", kind="999999"),
            "ST01: found a text of 6 characters, allowed: ",
            id="another message",
        ),
    ],
)
def test_what_cannot_be_used_says_why(body, said):
    [one] = decoded(body)
    assert isinstance(one, Unreadable), one
    assert one.reason.startswith(said), one.reason


@pytest.mark.parametrize("name", ["810_invoice", "945_partial_backorder", "315_1", "004010_315"])
def test_other_messages_are_ignored_by_name(name):
    [one] = decoded(payload(name))
    assert isinstance(one, Ignored), one
    assert one.type.split()[0] in name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param(
            "315_3", "SE02: found another number, allowed: that of ST02", id="a control number that does not fit"
        ),
        pytest.param("856_2", "ISA: found a first segment of another form", id="a first segment that lost its spaces"),
        pytest.param("945_5", "ISA: found a first segment of another form", id="another one"),
    ],
)
def test_published_messages_that_are_broken_are_parked(name, said):
    [one] = decoded(payload(name))
    assert isinstance(one, Unreadable)
    assert one.reason.startswith(said)


def test_one_bad_set_does_not_spoil_its_neighbours():
    good = ["ST*214*0001", "B10*PRO1*LD-1*NFLT", "AT7*D1*NS***20261120*0815*ET", "SE*4*0001"]
    bad = ["ST*214*0002", "B10*PRO2*LD-2*NFLT", "SE*7*0002"]
    cut = ["ST*214*0003", "B10*PRO3*LD-3*NFLT"]
    last = ["ST*214*0004", "B10*PRO4*LD-4*NFLT", "SE*3*0004"]
    head = interchange("B10*P*L*N").decode().split("~\n")
    body = "".join(f"{line}~\n" for line in [*head[:2], *good, *bad, *cut, *last, *head[-3:-1]])
    kinds = [type(each).__name__ for each in decoded(body.encode())]
    assert kinds == ["Event", "Unreadable", "Unreadable", "Event"]


def test_the_same_report_in_another_message_is_the_same_occurrence():
    one, other = (status("AT7*D1*NS***20261120*0815*ET", "MS1*RENO*NV*US")[1] for _ in range(2))
    assert [each.identity for each in one.observations] == [each.identity for each in other.observations]
    _, corrected = status("AT7*D1*NS***20261120*0915*ET", "MS1*RENO*NV*US")
    assert corrected.observations[-1].identity != one.observations[-1].identity


def test_only_who_has_the_secret_may_send():
    inbox().verify(Delivery(b"ISA", {"authorization": "Bearer s-1"}, NOW))
    for headers in ({}, {"authorization": "Bearer s-2"}):
        with pytest.raises(BadSignature):
            inbox().verify(Delivery(b"ISA", headers, NOW))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone):
    with pytest.raises(ValueError, match="IANA time zone"):
        settings(time_zone=zone)


def test_every_zone_of_the_tables_is_one():
    for state in BY_STATE:
        assert zone_of(state, "US") is not None
    day = datetime(2026, 7, 1, tzinfo=UTC)
    offsets = {code: instant(day.date(), day.time(), code, "", "").utcoffset() for code in ZONES}
    assert offsets["ET"] == offsets["ED"] == timedelta(hours=-4)
    assert offsets["ES"] == timedelta(hours=-5)


TEXT = st.text(alphabet=st.sampled_from("ISAGTEB107MLX*~>:\n 0123456789.-éD"), max_size=400)


@given(st.binary(max_size=400) | TEXT.map(lambda text: (payload("214_happy_path").decode()[:106] + text).encode()))
def test_no_bytes_make_it_fail(body):
    for one in decoded(body):
        assert isinstance(one, Event | Ignored | Unreadable)


def test_a_segment_of_one_letter_is_no_interchange_and_no_fault():
    [told] = decoded(payload("214_happy_path")[:106] + b"A*1~")
    assert told == Unreadable("body: found what no reader of X12 understands after 1 segments")


@given(st.lists(st.text(max_size=12), min_size=1, max_size=9), st.sampled_from(["214", "990"]))
def test_no_elements_make_it_fail(elements, kind):
    said = "*".join(
        each.replace("~", "").replace("*", "").replace(">", "").replace("\n", "").replace("\r", "") for each in elements
    )
    for one in decoded(
        interchange("B10*PRO1*LD-1*NFLT", f"AT7*{said}", f"MS1*{said}", f"L11*{said}", f"B1*{said}", kind=kind)
    ):
        assert isinstance(one, Event | Unreadable)


def test_the_sets_of_an_interchange_have_names_of_their_own():
    body = payload("214_happy_path") + payload("990_accept").replace(b"ISA", b"ISA")
    names = [each.name for each in sets_of(body)]
    assert len(names) == len(set(names))
