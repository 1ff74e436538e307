"""Who is asked what: a plan depends on what is wanted, on the key and on how sources can be asked, and on nothing else."""

from datetime import timedelta

import pytest

from cache.routes import Routes
from cache.upstream import Fetcher, Upstream
from domain.freshness import Policy
from domain.identity import EntityKind, Reference, Scheme
from domain.known import Nature
from domain.lookup import Lookup, Question
from domain.telling import Terms

K, S = EntityKind, Scheme


async def _nobody(lookups, call):
    raise AssertionError(lookups, call)


def upstream(name, answers):
    terms = {kind: Terms(Nature(), Policy(timedelta(minutes=1))) for kind in answers}
    return Upstream(name, terms, (Fetcher(name, answers, 10, _nobody),))


ROUTES = Routes(
    [
        upstream("erp", {K.ORDER: (S.SO, S.TRACKING), K.CUSTOMER: (S.CUSTOMER,), K.INVOICE: (S.SO,)}),
        upstream("tms", {K.SHIPMENT: (S.TRACKING,)}),
        upstream("wms", {K.FULFILLMENT: (S.SO, S.TRACKING)}),
    ]
)


def asked(ways):
    return {(route.source, kind) for kind, route in ways}


@pytest.mark.parametrize(
    ("wanted", "key", "under_key"),
    [
        pytest.param(K.INVOICE, S.SO, {("erp", K.INVOICE)}, id="who can be asked by order"),
        pytest.param(
            K.SHIPMENT, S.SO, {("erp", K.ORDER), ("wms", K.FULFILLMENT)}, id="who knows the numbers of who cannot"
        ),
        pytest.param(
            K.SHIPMENT,
            S.TRACKING,
            {("erp", K.ORDER), ("tms", K.SHIPMENT), ("wms", K.FULFILLMENT)},
            id="who knows which orders it is about, too",
        ),
    ],
)
def test_who_is_asked_under_the_key(wanted, key, under_key):
    assert asked(ROUTES.plan(frozenset({wanted}), key).under_key) == under_key


def test_further_numbers_are_asked_of_whom_the_order_does_not_do():
    plan = ROUTES.plan(frozenset({K.SHIPMENT, K.CUSTOMER, K.INVOICE}), S.SO)
    assert asked(plan.under_others[S.TRACKING]) == {("tms", K.SHIPMENT)}
    assert asked(plan.under_others[S.CUSTOMER]) == {("erp", K.CUSTOMER)}
    assert not plan.under_others[S.SO]


def test_what_an_order_names_is_followed_as_far_as_somebody_is_asked_by_it():
    plan = ROUTES.plan(frozenset({K.SHIPMENT}), S.SO)
    assert plan.followed(K.ORDER, is_under_key=True) == {S.TRACKING}
    assert plan.followed(K.INVOICE, is_under_key=True) == frozenset()


@pytest.mark.parametrize(("is_under_key", "followed"), [(True, {S.SO, S.TRACKING}), (False, {S.TRACKING})])
def test_orders_are_learned_only_from_what_the_key_led_to(is_under_key, followed):
    plan = ROUTES.plan(frozenset({K.SHIPMENT}), S.TRACKING)
    assert plan.followed(K.FULFILLMENT, is_under_key=is_under_key) == followed


def test_who_must_know_the_key_is_asked_whatever_is_wanted():
    wanted = frozenset({K.CUSTOMER})
    plan, probe = ROUTES.plan(wanted, S.TRACKING), ROUTES.probe(wanted, S.TRACKING)
    assert asked(probe.under_key) == {("erp", K.ORDER), ("tms", K.SHIPMENT), ("wms", K.FULFILLMENT)}
    assert probe.useful == plan.useful


def test_it_is_thought_out_once():
    assert ROUTES.plan(frozenset({K.ORDER}), S.SO) is ROUTES.plan(frozenset({K.ORDER}), S.SO)


@pytest.mark.parametrize(
    ("source", "kind", "scheme", "is_one"),
    [("tms", K.SHIPMENT, S.TRACKING, True), ("tms", K.SHIPMENT, S.SO, False), ("gone", K.ORDER, S.SO, False)],
)
def test_what_is_a_question_to_a_configured_source(source, kind, scheme, is_one):
    assert ROUTES.has(Question(source, Lookup(kind, Reference(scheme=scheme, value="1")))) is is_one
