"""What one event tells."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity import EntityKey, EntityKind, Reference, Scheme
from domain.observation import UnmappedCode
from domain.place import Location
from domain.shipment import Carrier, Classifier, MilestoneCode, ShipmentNumbers
from sources.dcsa import codes, wire
from sources.dcsa.findings import UNREADABLE, history_of
from sources.dcsa.mapping import (
    booking_of,
    boxes_of,
    document_of,
    is_ignored,
    milestone_code,
    milestone_of,
    names_of,
    numbers_of,
    occurrences_of,
    unmapped_of,
)
from tests.sources.dcsa.recorded import BOOKING, BOX, EXAMPLES, VANTAGE, call, changed, event, example, journey
from tests.sources.test_every_source import DRIFTS, places
from tests.sources.test_every_source import changed as drifted

DOCUMENT_TYPES = ("CBR", "BKG", "SHI", "SRM", "TRD", "ARN", "VGM", "CAS", "CUS", "DGD", "OOG")
SHIPMENT_CODES = (
    *("RECE", "DRFT", "PENA", "PENU", "REJE", "APPR", "ISSU", "SURR", "SUBM", "VOID", "CONF", "REQS", "CMPL"),
    *("HOLD", "RELS"),
)
EQUIPMENT_CODES = ("LOAD", "DISC", "GTIN", "GTOT", "STUF", "STRP", "PICK", "DROP", "INSP", "RSEA", "RMVD")
FACILITIES = ("BOCR", "CLOC", "COFS", "COYA", "OFFD", "DEPO", "INTE", "POTE", "RAMP")
MODES = ("VESSEL", "RAIL", "TRUCK", "BARGE")


def read(record):
    return wire.event_of(record, wire.Envelope.model_validate(record))


def code(kind, word, **more):
    return milestone_code(read(event(kind, word, **more)))


@pytest.mark.parametrize(("word", "expected"), [("ARRI", MilestoneCode.ARRIVED), ("DEPA", MilestoneCode.DEPARTED)])
def test_each_transport_event(word, expected):
    assert code("TRANSPORT", word) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("LOAD", "LADEN"), MilestoneCode.LOADED, id="on board"),
        pytest.param(("LOAD", "EMPTY"), MilestoneCode.UNKNOWN, id="no goods on board"),
        pytest.param(("DISC", "LADEN"), MilestoneCode.UNLOADED, id="off board"),
        pytest.param(("DISC", "EMPTY"), MilestoneCode.UNKNOWN, id="no goods off board"),
        pytest.param(("GTIN", "LADEN", "POTE"), MilestoneCode.GATE_IN, id="a gate at either end"),
        pytest.param(("GTIN", "EMPTY", "DEPO"), MilestoneCode.GATE_IN, id="back in a depot, or brought there"),
        pytest.param(("GTOT", "LADEN", "POTE"), MilestoneCode.GATE_OUT, id="out of a gate at either end"),
        pytest.param(("GTOT", "EMPTY", "DEPO"), MilestoneCode.DISPATCHED, id="to the shipper"),
        pytest.param(("GTOT", "EMPTY", "POTE"), MilestoneCode.GATE_OUT, id="out of a port, wherever to"),
        pytest.param(("STUF", "LADEN"), MilestoneCode.LOADED, id="packed"),
        pytest.param(("STRP", "LADEN", "CLOC"), MilestoneCode.DELIVERED, id="unpacked at the customer's"),
        pytest.param(
            ("STRP", "EMPTY", "CLOC"), MilestoneCode.DELIVERED, id="unpacked at the customer's, and said empty"
        ),
        pytest.param(("STRP", "LADEN", "COFS"), MilestoneCode.UNLOADED, id="unpacked at a freight station"),
        pytest.param(("PICK", "LADEN"), MilestoneCode.PICKED_UP, id="collected at the shipper's"),
        pytest.param(("PICK", "LADEN", "CLOC"), MilestoneCode.PICKED_UP, id="collected at a customer's"),
        pytest.param(("PICK", "EMPTY"), MilestoneCode.UNKNOWN, id="the box alone collected"),
        pytest.param(("DROP", "LADEN"), MilestoneCode.DELIVERED, id="brought to the consignee"),
        pytest.param(("DROP", "LADEN", "CLOC"), MilestoneCode.DELIVERED, id="brought to a customer's"),
        pytest.param(("DROP", "LADEN", "POTE"), MilestoneCode.UNKNOWN, id="brought to a port"),
        pytest.param(("DROP", "EMPTY"), MilestoneCode.UNKNOWN, id="the box alone brought"),
        pytest.param(("INSP", "LADEN"), MilestoneCode.UNKNOWN, id="inspected"),
        pytest.param(("RSEA", "LADEN"), MilestoneCode.UNKNOWN, id="resealed"),
        pytest.param(("RMVD", "LADEN"), MilestoneCode.UNKNOWN, id="removed"),
    ],
)
def test_what_is_done_with_a_container_depends_on_the_goods_and_the_place(words, expected):
    word, empty, facility = (*words, None)[:3]
    at = call("TC", "NLRTM", facilityTypeCode=facility) if facility else None
    assert code("EQUIPMENT", word, emptyIndicatorCode=empty, transportCall=at) is expected


def test_a_transshipment_is_no_beginning_and_no_end():
    assert code("EQUIPMENT", "LOAD", isTransshipmentMove=True) is MilestoneCode.HANDED_OVER
    assert code("EQUIPMENT", "DROP", isTransshipmentMove=True) is MilestoneCode.UNKNOWN


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("BKG", "REQS"), MilestoneCode.TENDERED),
        (("BKG", "RECE"), MilestoneCode.TENDERED),
        (("BKG", "CONF"), MilestoneCode.BOOKED),
        (("BKG", "REJE"), MilestoneCode.TENDER_DECLINED),
        (("BKG", "CANC"), MilestoneCode.CANCELLED),
        (("BKG", "HOLD"), MilestoneCode.EXCEPTION_RAISED),
        (("BKG", "RELS"), MilestoneCode.EXCEPTION_CLEARED),
        (("BKG", "CMPL"), MilestoneCode.DOCUMENT),
        (("CUS", "HOLD"), MilestoneCode.CUSTOMS_HOLD),
        (("CUS", "RELS"), MilestoneCode.CUSTOMS_RELEASED),
        (("CUC", "RELS"), MilestoneCode.CUSTOMS_RELEASED),
        (("TRD", "ISSU"), MilestoneCode.DOCUMENT),
        (("SRM", "RELS"), MilestoneCode.DOCUMENT),
        (("ARN", "ISSU"), MilestoneCode.DOCUMENT),
    ],
    ids=lambda value: "/".join(value) if isinstance(value, tuple) else value.value,
)
def test_a_status_is_one_of_a_document(words, expected):
    told = read(event("SHIPMENT", words[1], documentTypeCode=words[0]))
    assert milestone_code(told) is expected
    assert milestone_of(told, VANTAGE).source_code == "/".join(words)


@pytest.mark.parametrize("word", SHIPMENT_CODES)
@pytest.mark.parametrize("document", DOCUMENT_TYPES)
def test_every_document_and_status_of_the_specification_is_known(document, word):
    told = read(event("SHIPMENT", word, documentTypeCode=document))
    assert is_ignored(told) or milestone_code(told) is not MilestoneCode.UNKNOWN
    assert list(unmapped_of(told)) == []


@pytest.mark.parametrize("word", EQUIPMENT_CODES)
def test_every_word_about_equipment_of_the_specification_is_known(word):
    told = read(event("EQUIPMENT", word))
    assert list(unmapped_of(told)) == []
    assert (word,) in codes.EQUIPMENT


@pytest.mark.parametrize(
    ("facility", "mode"), [*((each, "VESSEL") for each in FACILITIES), *(("POTE", each) for each in MODES)]
)
def test_every_facility_and_mode_of_the_specification_is_known(facility, mode):
    at = call("TC", "NLRTM", facilityTypeCode=facility, modeOfTransport=mode)
    assert list(unmapped_of(read(event("EQUIPMENT", "LOAD", transportCall=at)))) == []


@pytest.mark.parametrize("kind", ["FF", "SI", "PO", "CR", "AAO", "EQ"])
def test_every_type_of_reference_of_the_specification_is_known(kind):
    references = [{"referenceType": kind, "referenceValue": "1"}]
    assert list(unmapped_of(read(event("EQUIPMENT", "LOAD", references=references)))) == []


@pytest.mark.parametrize(
    ("record", "code_list", "word"),
    [
        (event("TRANSPORT", "SANK"), "transportEventTypeCode", "SANK"),
        (event("EQUIPMENT", "HIDE"), "equipmentEventTypeCode", "HIDE"),
        (event("SHIPMENT", "BURN"), "shipmentEventTypeCode", "BURN"),
        (event("SHIPMENT", "RECE", documentTypeCode="MAP"), "documentTypeCode", "MAP"),
        (event("TELEPORT", "GONE"), "eventType", "TELEPORT"),
    ],
    ids=["transport", "equipment", "shipment", "document", "type"],
)
def test_a_word_that_no_table_knows_is_kept_and_reported(record, code_list, word):
    told = read(record)
    assert list(unmapped_of(told)) == [UnmappedCode(code_list, word)]
    milestone = milestone_of(told, VANTAGE)
    assert milestone.code is MilestoneCode.UNKNOWN
    assert word in milestone.source_code


@pytest.mark.parametrize(
    ("changes", "code_list", "word"),
    [
        ({"emptyIndicatorCode": "HALF"}, "emptyIndicatorCode", "HALF"),
        ({"transportCall": call("TC", "NLRTM", facilityTypeCode="MOON")}, "facilityTypeCode", "MOON"),
        ({"transportCall": call("TC", "NLRTM", modeOfTransport="BALLOON")}, "modeOfTransport", "BALLOON"),
        ({"references": [{"referenceType": "XX", "referenceValue": "1"}]}, "referenceType", "XX"),
    ],
    ids=["empty indicator", "facility", "mode", "reference"],
)
def test_words_besides_are_reported_too(changes, code_list, word):
    told = read(event("EQUIPMENT", "LOAD", **changes))
    assert list(unmapped_of(told)) == [UnmappedCode(code_list, word)]
    assert milestone_code(told) is MilestoneCode.LOADED


def test_what_nobody_knows_whether_it_happened_is_no_milestone():
    told = read(event("TRANSPORT", "DEPA", classifier="REQ"))
    assert milestone_of(told, VANTAGE) is None
    assert list(unmapped_of(told)) == [UnmappedCode("eventClassifierCode", "REQ")]


@pytest.mark.parametrize(
    ("sent", "known"), [("ACT", Classifier.ACTUAL), ("EST", Classifier.ESTIMATED), ("PLN", Classifier.PLANNED)]
)
def test_each_classifier(sent, known):
    assert milestone_of(read(event("TRANSPORT", "ARRI", classifier=sent)), VANTAGE).classifier is known


def test_a_published_event_as_a_milestone():
    [told] = [read(record) for record in example("transshipmentExample")]
    milestone = milestone_of(told, VANTAGE)
    assert (milestone.code, milestone.classifier) == (MilestoneCode.HANDED_OVER, Classifier.ESTIMATED)
    assert milestone.occurred_at == datetime(2019, 11, 11, 23, 11, tzinfo=UTC)
    assert milestone.recorded_at == datetime(2022, 9, 30, 7, 25, tzinfo=UTC)
    assert milestone.location == Location(name="Port of Amsterdam", unlocode="NLRAM")
    assert (milestone.source_code, milestone.source) == ("LOAD", "Hapag-Lloyd")
    assert milestone.event_id == "53670102-09f1-4882-8a7f-0d90b2eac529"


def test_numbers_of_a_published_event():
    [told] = [read(record) for record in example("railTransportExample")]
    assert numbers_of(told, "APZU4812090", VANTAGE) == ShipmentNumbers(
        tracking_number="APZU4812090",
        bill_of_lading="85943567",
        carrier=Carrier(name="Mediterranean Shipping Company"),
        references=(Reference(scheme=Scheme.SHIPMENT_ID, value="ABC123059"),),
    )


def test_references_are_what_the_settings_say_they_are():
    told = read(journey()[3])
    numbers = numbers_of(told, BOX, VANTAGE)
    assert numbers.order_numbers == ("SO-1001",)
    assert Reference(scheme=Scheme.PO, value="PO-77") in numbers.references
    assert numbers.mode is None
    assert numbers.carrier is None


def test_a_scac_is_one_only_of_its_own_list():
    publisher = {"partyName": "Maersk", "carrierCode": "MAEU", "carrierCodeListProvider": "NMFTA"}
    by = {"publisher": publisher, "publisherRole": "CA"}
    assert numbers_of(read(event("TRANSPORT", "DEPA", **by)), BOX, VANTAGE).carrier == Carrier(
        name="Maersk", scac="MAEU"
    )
    smdg = by | {"publisher": publisher | {"carrierCode": "MSK", "carrierCodeListProvider": "SMDG"}}
    assert numbers_of(read(event("TRANSPORT", "DEPA", **smdg)), BOX, VANTAGE).carrier == Carrier(name="Maersk")
    platform = by | {"publisherRole": "VSP"}
    assert numbers_of(read(event("TRANSPORT", "DEPA", **platform)), BOX, VANTAGE).carrier is None


@pytest.mark.parametrize(
    ("record", "names"),
    [
        pytest.param(event("EQUIPMENT", "LOAD"), (BOX,), id="the container"),
        pytest.param(event("TRANSPORT", "DEPA"), (BOX,), id="the container that it refers to"),
        pytest.param(
            event("TRANSPORT", "DEPA", references=[{"referenceType": "EQ", "referenceValue": each} for each in "ABA"]),
            ("A", "B"),
            id="several, each once",
        ),
        pytest.param(event("TRANSPORT", "DEPA", box=None), (BOOKING,), id="else the booking"),
        pytest.param(event("SHIPMENT", "CONF", box=None), (BOOKING,), id="the booking that it is about"),
        pytest.param(
            event(
                "TRANSPORT",
                "DEPA",
                box=None,
                documentReferences=[{"documentReferenceType": "TRD", "documentReferenceValue": "T-1"}],
            ),
            ("T-1",),
            id="else the transport document",
        ),
        pytest.param(event("TRANSPORT", "DEPA", box=None, booking=None), (), id="nothing"),
    ],
)
def test_what_an_event_is_about(record, names):
    assert names_of(read(record)) == names


def test_both_forms_say_the_same():
    flat = event("EQUIPMENT", "LOAD", transportCall=call("TC", "NLRTM"))
    fields = ("eventID", "eventType", "eventCreatedDateTime")
    payload = {name: value for name, value in flat.items() if name not in (*fields, "documentReferences")}
    nested = {
        "metadata": {name: flat[name] for name in fields},
        "payload": payload
        | {
            "relatedDocumentReferences": [{"type": "BKG", "value": BOOKING}],
            "transportCall": {"transportCallReference": "TC", "modeOfTransport": "VESSEL", "UNLocationCode": "NLRTM"},
        },
    }
    assert read(nested) == read(flat)


def test_the_code_may_stand_in_the_older_field():
    older = changed(event("TRANSPORT", "DEPA"), transportEventTypeCode=None, eventTypeCode="DEPA")
    assert milestone_code(read(older)) is MilestoneCode.DEPARTED


def test_a_place_may_be_anything_but_is_a_unlocode_only_if_it_looks_like_one():
    at = call("TC", "AMS", otherFacility="Shed 4")
    assert milestone_of(read(event("TRANSPORT", "ARRI", transportCall=at)), VANTAGE).location == Location(name="Shed 4")
    stuffed = milestone_of(read(journey()[4]), VANTAGE)
    assert stuffed.location == Location(name="Works", city="Delft", region="ZH", postal_code="2611")
    assert milestone_of(read(event("TRANSPORT", "ARRI")), VANTAGE).location is None


def test_what_happened_and_what_the_goods_are_called_are_told_side_by_side():
    told = read(journey()[7])
    happened, numbered = occurrences_of(told, BOX, VANTAGE)
    key = EntityKey(tenant="main", source="carrier", kind=EntityKind.SHIPMENT, id=BOX)
    assert {happened.key, numbered.key} == {key}
    assert happened.identity == told.event_id
    assert numbered.identity.startswith("numbers ")
    assert len(numbered.identity) == len("numbers ") + 32
    assert happened.recorded_at == numbered.recorded_at == datetime(2026, 9, 7, 2, 20, tzinfo=UTC)
    again, other = occurrences_of(told, BOX, VANTAGE), occurrences_of(read(journey()[10]), BOX, VANTAGE)
    assert [each.identity for each in again] == [happened.identity, numbered.identity]
    assert [each.identity for each in other][1] == numbered.identity, "the same numbers are the same occurrence"


def test_an_event_without_an_id_is_named_by_what_it_is_made_of():
    first, second = (
        occurrences_of(read(changed(event("TRANSPORT", "ARRI", when), eventID=None)), BOX, VANTAGE)
        for when in ("2026-11-20T10:00:00Z", "2026-11-20T11:00:00Z")
    )
    identities = {next(first).identity, next(second).identity}
    assert "TRANSPORT/ARRI/ACT//2026-11-20T10:00:00+00:00" in identities
    assert len(identities) == 2


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T10:00:00",
        "2026-11-20",
        "1763632800",
        1763632800,
        "0001-01-01T00:00:00+12:00",
        "soon",
        None,
    ],
    ids=str,
)
@pytest.mark.parametrize("field", ["eventDateTime", "eventCreatedDateTime"])
def test_a_time_of_which_nobody_knows_the_moment_is_refused(field, moment):
    record = event("TRANSPORT", "ARRI") | {field: moment}
    with pytest.raises(UNREADABLE) as caught:
        read(record)
    assert field in str(caught.value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_published_example_is_read_and_has_no_word_that_is_not_known(name):
    history = history_of(example(name))
    assert [code for each in history.events for code in unmapped_of(each)] == []
    assert len(history.events) + sum(each.retracts is not None for each in history.envelopes) == len(example(name))


def test_numbers_are_read_of_a_published_event():
    [told] = [read(record) for record in example("shipmentEventExample")]
    assert boxes_of(told) == ("APZU4812090",)
    assert booking_of(told) == "ABC123059"
    assert document_of(told) == "84db923d-2a19-4eb0-beb5-446c1ec57d34"


RECORDS = [*journey(), *(record for name in EXAMPLES for record in example(name))]


@given(st.data(), st.sampled_from(range(len(RECORDS))))
def test_no_drift_breaks_the_mapping(data, place):
    """Either the record is refused by the field that is wrong, or it is told of."""
    record = deepcopy(RECORDS[place])
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(record))))
        how = data.draw(DRIFTS)
        record = drifted(record, path, how) if path or how else record
    try:
        told = read(record)
    except UNREADABLE:
        return
    kinds = {type(each.content).__name__ for name in names_of(told) for each in occurrences_of(told, name, VANTAGE)}
    assert kinds <= {"Milestone", "ShipmentNumbers"}
    assert all(each.code for each in unmapped_of(told))
