from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import msgspec
import pytest
from pydantic import ValidationError

from domain.fulfillment import FulfillmentStatus, MovedQuantity, Package
from domain.identity import EntityKind, Reference, Scheme
from domain.observation import Occurrence, UnmappedCode
from sources.epcis import codes, wire
from sources.epcis.mapping import ignored_as, observations_of, unmapped_of
from tests.sources.epcis.captured import DELIVERY, DESADV, captured, settings, step, transactions

PALLET, TOTE = "urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sscc:0614141.2234567890"
PALLET_CODE, TOTE_CODE = "106141412345678908", "206141412345678905"
ARTICLE = "10614141073464"


def observed(told, **setting):
    return observations_of(wire.Event.model_validate(told), "event 1", settings(**setting))


def progress(told, **setting):
    [occurrence] = observed(told, **setting)
    assert isinstance(occurrence, Occurrence)
    return occurrence.content


def ignored(told, **setting):
    return ignored_as(wire.Event.model_validate(told), settings(**setting))


def unmapped(told, **setting):
    return [(each.code_list, each.code) for each in unmapped_of(wire.Event.model_validate(told), settings(**setting))]


def aggregation(biz_step="packing", **changes):
    """The published event of an aggregation, of a fulfillment, at this step instead."""
    given = {"bizStep": biz_step, "bizTransactionList": transactions(desadv=DESADV), "action": "ADD"}
    return captured("AggregationEvent") | given | changes


def test_the_published_event_of_shipping_under_a_despatch_advice():
    [told] = observed(step())
    assert (told.key.kind, told.key.source, told.key.id) == (EntityKind.FULFILLMENT, "dc", DELIVERY)
    assert (told.identity, told.recorded_at) == ("event 1", datetime(2005, 4, 4, 2, 33, 31, 116_000, tzinfo=UTC))
    shown = told.content
    assert (shown.status, shown.source_code) == (FulfillmentStatus.SHIPPED, "shipping in_transit")
    assert (shown.warehouse, shown.order_number, shown.source) == ("0614141073467", None, "dc")
    assert shown.quantities == (MovedQuantity(sku=ARTICLE, quantity=Decimal(2)),)
    assert shown.packages == ()
    assert shown.references == (Reference(scheme=Scheme.DELIVERY, value="1152", issuer="0614141073467"),)
    assert shown.event_id == captured("ObjectEvent")["eventID"]


@pytest.mark.parametrize("biz_step", codes.STATUS)
def test_each_step_that_brings_a_fulfillment_on(biz_step):
    assert progress(step(biz_step)).status is codes.STATUS[biz_step]


@pytest.mark.parametrize("biz_step", codes.SETBACK)
@pytest.mark.parametrize("disposition", [None, "in_progress", "damaged", "quarantined"])
@pytest.mark.parametrize("action", ["OBSERVE", "DELETE"])
def test_each_setback_whatever_the_goods_are_like(biz_step, disposition, action):
    shown = progress(step(biz_step, disposition=disposition, action=action))
    assert shown.status is codes.SETBACK[biz_step]


@pytest.mark.parametrize("biz_step", sorted(codes.STEP_IGNORED))
def test_each_step_that_is_ignored_by_name(biz_step):
    assert ignored(step(biz_step, disposition=None)) == f"ObjectEvent {biz_step}"


@pytest.mark.parametrize("biz_step", [*codes.STATUS, *codes.SETBACK])
def test_each_step_that_is_not(biz_step):
    assert ignored(step(biz_step)) is None
    assert unmapped(step(biz_step)) == []


@pytest.mark.parametrize("disposition", sorted(codes.DISPOSITION))
def test_goods_that_can_go_on(disposition):
    assert progress(step("packing", disposition=disposition)).status is FulfillmentStatus.PACKED


@pytest.mark.parametrize("disposition", sorted(codes.DISPOSITION_STOPS))
def test_goods_that_can_not_go_on_move_nothing(disposition):
    shown = progress(step("packing", disposition=disposition))
    assert (shown.status, shown.source_code) == (FulfillmentStatus.UNKNOWN, f"packing {disposition}")
    assert unmapped(step(disposition=disposition)) == []


@pytest.mark.parametrize("disposition", ["returned", "urn:epcglobal:cbv:disp:returned"])
def test_goods_that_come_back_are_no_step_of_the_fulfillment_by_which_they_left(disposition):
    assert ignored(step("shipping", disposition=disposition)) == "ObjectEvent shipping returned"


@pytest.mark.parametrize(
    ("biz_step", "disposition"),
    [
        ("urn:epcglobal:cbv:bizstep:shipping", "urn:epcglobal:cbv:disp:in_transit"),
        ("https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/Disp-in_transit"),
    ],
)
def test_words_in_another_spelling_mean_the_same_and_are_kept_as_sent(biz_step, disposition):
    told = step(biz_step, disposition=disposition)
    assert progress(told).status is FulfillmentStatus.SHIPPED
    assert progress(told).source_code == f"{biz_step} {disposition}"
    assert unmapped(told) == []


def test_words_that_no_table_knows_move_nothing_and_are_reported():
    published = captured("ObjectEvent_with_non_standard_bizStep") | {"bizTransactionList": transactions(desadv=DESADV)}
    assert progress(published).status is FulfillmentStatus.UNKNOWN
    assert progress(published).source_code == "transforming"
    assert progress(published).warehouse is None
    told = step("shipping", disposition="https://example.com/disp/quarantined", bizTransactionList=[
        *transactions(desadv=DESADV, **{"urn:example:wave": "W-7"}), {"bizTransaction": "of no type"},
    ])  # fmt: skip
    assert progress(told).status is FulfillmentStatus.UNKNOWN
    assert unmapped(published) == [("bizStep", "transforming")]
    assert unmapped(told) == [
        ("disposition", "https://example.com/disp/quarantined"),
        ("bizTransaction.type", "urn:example:wave"),
    ]


def test_what_is_reported_are_codes_of_the_domain():
    assert list(unmapped_of(wire.Event.model_validate(step("beaming")), settings())) == [
        UnmappedCode("bizStep", "beaming")
    ]


def test_an_event_of_no_fulfillment_is_ignored_with_that_said():
    assert ignored(captured("ObjectEvent")) == "ObjectEvent that names no fulfillment"
    assert ignored(captured("TransactionEvent")) == "TransactionEvent that names no fulfillment"
    assert ignored(captured("AggregationEvent")) == "AggregationEvent that names no fulfillment"


def test_an_event_of_no_step_is_ignored_with_that_said():
    assert ignored(step(None)) == "ObjectEvent without a step"


def test_what_the_receiver_does_is_no_step_of_the_warehouse():
    assert ignored(captured("ObjectEvent", 1)) == "ObjectEvent receiving in_progress"


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        ("+02:00", datetime(2013, 6, 8, 16, 58, 56, 591_000, tzinfo=timezone(timedelta(hours=2)))),
        ("-09:30", datetime(2013, 6, 8, 5, 28, 56, 591_000, tzinfo=timezone(-timedelta(hours=9, minutes=30)))),
        (None, datetime(2013, 6, 8, 14, 58, 56, 591_000, tzinfo=UTC)),
    ],
)
def test_a_time_is_on_the_clock_of_its_place(offset, expected):
    occurred_at = progress(step(eventTime="2013-06-08T14:58:56.591Z", eventTimeZoneOffset=offset)).occurred_at
    assert (occurred_at, occurred_at.utcoffset()) == (expected, expected.utcoffset())


def test_the_offset_of_a_time_survives_its_being_kept():
    kept = msgspec.json.decode(msgspec.json.encode(progress(step())))
    assert kept["occurredAt"] == "2005-04-03T20:33:31.116000-06:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"eventTime": "2013-06-08T14:58:56"},
        {"eventTime": "1370703536"},
        {"eventTime": 1370703536},
        {"eventTimeZoneOffset": "+15:00"},
        {"eventTimeZoneOffset": "CEST"},
        {"recordTime": "2013-06-08T14:58:56"},
    ],
)
def test_a_time_of_no_zone_is_refused(changes):
    with pytest.raises(ValidationError, match=next(iter(changes))):
        wire.Event.model_validate(step(**changes))


def test_recorded_is_when_the_repository_wrote_it_down():
    [told] = observed(step(recordTime="2005-04-05T00:00:00+02:00"))
    assert told.recorded_at == told.content.recorded_at == datetime(2005, 4, 4, 22, tzinfo=UTC)
    assert told.content.occurred_at == datetime(2005, 4, 4, 2, 33, 31, 116_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("identifier", "number", "issuer", "name"),
    [
        (DESADV, "1152", "0614141073467", DELIVERY),
        ("urn:epcglobal:cbv:bt:0614141073467:A%2F7:1", "A/7:1", "0614141073467", "0614141073467:A/7:1"),
        ("https://wms.example.com/pick/9", "9", "wms.example.com/pick", "wms.example.com/pick:9"),
        ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", None, None),
        ("urn:epc:id:gdti:95252084.0001.0003", "95252084.0001.0003", None, None),
        ("https://wms.example.com/pick?id=9", "https://wms.example.com/pick?id=9", None, None),
        ("D-1152", "D-1152", None, None),
    ],
)
def test_how_a_document_is_named(identifier, number, issuer, name):
    [told] = observed(step(bizTransactionList=transactions(desadv=identifier)))
    assert told.key.id == (name or number)
    assert told.content.references == (Reference(scheme=Scheme.DELIVERY, value=number, issuer=issuer),)


@pytest.mark.parametrize("type_", ["po", "urn:epcglobal:cbv:btt:po", "https://ref.gs1.org/cbv/BTT-po"])
def test_numbers_of_other_documents_are_references(type_):
    documents = transactions(**{"desadv": DESADV, type_: "http://transaction.acme.com/po/12345678", "poc": "SO-1"})
    shown = progress(step(bizTransactionList=[*documents, *transactions(inv="I-9", bol="B-7", rma="R-5", cert="C-3")]))
    assert shown.order_number == "SO-1"
    assert {(each.scheme, each.value, each.issuer) for each in shown.references} == {
        (Scheme.DELIVERY, "1152", "0614141073467"),
        (Scheme.PO, "12345678", "transaction.acme.com/po"),
        (Scheme.SO, "SO-1", None),
        (Scheme.INVOICE, "I-9", None),
        (Scheme.BOL, "B-7", None),
        (Scheme.RMA, "R-5", None),
    }


def test_the_published_despatch_advice_with_invoice_and_order():
    published = captured("ObjectEvent_with_persistentDisposition") | {"bizStep": "picking"}
    [told] = observed(published)
    assert told.key.id == "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
    assert [(each.scheme, each.value) for each in told.content.references] == [
        (Scheme.INVOICE, "A123"),
        (Scheme.PO, "XYZ567"),
        (Scheme.DELIVERY, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    ]
    assert told.content.quantities == (MovedQuantity(sku="09520001123467", quantity=Decimal(10)),)


PICK = "https://example.com/btt/pick"


def test_a_sender_may_have_a_type_of_its_own_for_what_names_a_fulfillment():
    both = transactions(**{"desadv": DESADV, PICK: "P-1", "https://example.com/btt/so": "SO-1"})
    told = step("picking", bizTransactionList=both)
    own = {"delivery_types": (PICK, "urn:epcglobal:cbv:btt:desadv"), "order_types": ("https://example.com/btt/so",)}
    [picked] = observed(told, **own)
    assert (picked.key.id, picked.content.order_number) == ("P-1", "SO-1")
    assert [(each.scheme, each.value) for each in picked.content.references] == [
        (Scheme.DELIVERY, "1152"),
        (Scheme.DELIVERY, "P-1"),
        (Scheme.SO, "SO-1"),
    ]
    [advised] = observed(step("picking"), **own)
    assert advised.key.id == DELIVERY
    assert unmapped(told, **own) == []


def test_an_event_about_several_fulfillments_is_a_step_of_each():
    several = [*transactions(desadv="D-1", bol="B-1", poc="SO-1"), *transactions(desadv="D-2", po="PO-1")]
    first, second = observed(step("loading", bizTransactionList=[*several, *transactions(po="PO-2")]))
    assert (first.key.id, second.key.id) == ("D-1", "D-2")
    for delivery, told in (("D-1", first.content), ("D-2", second.content)):
        assert (told.status, told.order_number) == (FulfillmentStatus.LOADED, "SO-1")
        assert (told.quantities, told.packages) == ((), ())
        assert [(each.scheme, each.value) for each in told.references] == [
            (Scheme.DELIVERY, delivery),
            (Scheme.BOL, "B-1"),
            (Scheme.SO, "SO-1"),
        ]


def test_a_document_that_is_named_twice_is_one():
    assert len(observed(step(bizTransactionList=transactions(desadv=DESADV) * 2))) == 1


def test_packing_into_a_handling_unit():
    shown = progress(aggregation())
    assert shown.packages == (Package(id=PALLET_CODE, sscc=PALLET_CODE),)
    assert shown.quantities == (
        MovedQuantity(sku="04012345987652", quantity=Decimal(10)),
        MovedQuantity(sku=ARTICLE, quantity=Decimal(2)),
    )


def test_what_is_weighed_is_no_number_of_pieces():
    [weighed] = captured("ObjectEvent_with_digitalLink")["quantityList"]
    assert (weighed["quantity"], weighed["uom"]) == (200, "KGM")
    assert progress(step(epcList=None, quantityList=[weighed])).quantities == ()
    counted = {"epcClass": weighed["epcClass"], "quantity": 200}
    assert progress(step(epcList=None, quantityList=[counted])).quantities == (
        MovedQuantity(sku="70614141123451", quantity=Decimal(200)),
    )


def test_objects_of_which_nobody_says_how_many_are_not_counted():
    unknown = {"epcClass": "urn:epc:class:lgtin:4012345.012345.998877"}
    assert progress(step(epcList=None, quantityList=[unknown])).quantities == ()


def test_the_same_object_twice_is_one():
    [object_, *_] = captured("ObjectEvent")["epcList"]
    assert progress(step(epcList=[object_, object_])).quantities == (MovedQuantity(sku=ARTICLE, quantity=Decimal(1)),)


def test_handling_units_that_are_shipped():
    shown = progress(step(epcList=[TOTE, PALLET, PALLET]))
    assert [each.sscc for each in shown.packages] == [PALLET_CODE, TOTE_CODE]
    assert shown.quantities == ()


@pytest.mark.parametrize("event", [step, aggregation], ids=["ObjectEvent", "AggregationEvent"])
@pytest.mark.parametrize("biz_step", [each for each in codes.STATUS if each not in codes.TAKES_OUT])
def test_a_step_that_is_undone_moves_nothing(event, biz_step):
    shown = progress(event(biz_step, action="DELETE"))
    assert shown.status is FulfillmentStatus.UNKNOWN
    assert (shown.quantities, shown.packages, shown.warehouse) == ((), (), None)


def test_goods_that_leave_a_transaction_are_not_picked_for_it():
    shown = progress(step("picking", type="TransactionEvent", action="DELETE"))
    assert (shown.status, shown.quantities) == (FulfillmentStatus.UNKNOWN, ())


def test_picking_takes_goods_out_of_what_is_no_package_of_theirs():
    shown = progress(aggregation("picking", action="DELETE", childEPCs=[TOTE]))
    assert shown.status is FulfillmentStatus.PICKED
    assert [each.sscc for each in shown.packages] == [TOTE_CODE]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({"readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"}}, "0614141007776"),
        ({"readPoint": None, "bizLocation": {"id": "urn:epc:id:sgln:0614141.00777.0"}}, "0614141007776"),
        ({"bizLocation": {"id": "urn:epc:id:sgln:0614141.00777.0"}}, "0614141073467"),
        ({"readPoint": {"id": "https://example.com/dock/7"}}, "https://example.com/dock/7"),
        ({"readPoint": None}, None),
    ],
)
def test_the_warehouse_is_where_it_happened(places, expected):
    assert progress(step(**places)).warehouse == expected


def test_a_code_that_is_too_long_is_kept_as_far_as_it_goes():
    assert len(progress(step("x" * 1_000)).source_code) == 200
