"""A customer hears of no warehouse, no system and no reason of credit control, in no language, and is promised nothing."""

import re
from itertools import chain

import pytest
from msgspec.structs import replace

from domain.answers import answers_of
from domain.answers.eta_answer import eta_answer_of
from domain.answers.own import own
from domain.billing import CreditState, InvoiceStatus
from domain.claims import ClaimStatus
from domain.contradictions import judgement_of
from domain.freshness import FreshnessState
from domain.fulfillment import Fulfillment, FulfillmentStatus
from domain.headline import headline_of
from domain.hold import Hold, HoldKind, explanation_of
from domain.order import Order, OrderStatus
from domain.returns import ReturnStatus
from domain.saying import Audience
from domain.service_case import CaseKind, ServiceCaseStatus
from domain.shipment import ShipmentStatus
from domain.shipment_exception import ExceptionKind, Party
from resolvers.wording import LANGUAGES, wording
from tests.domain.test_contradictions import EXAMPLES, NOW, case, credit, delivery, order, shipment, trouble, view
from tests.resolvers.wording.test_wording import catalog, texts

SYSTEM, WAREHOUSE, REASON, OWNER = "sap-prod-7", "WH-MEM1", "Exposure 15,916 over limit", "M. Haldane"
SECRETS = (SYSTEM, WAREHOUSE, REASON, OWNER)
HELD = Hold(kind=HoldKind.CREDIT, reason=REASON, owner=OWNER, releases_when="Invoice INV-9 is paid")
LABELS = (
    CreditState,
    InvoiceStatus,
    ClaimStatus,
    FulfillmentStatus,
    OrderStatus,
    ReturnStatus,
    ServiceCaseStatus,
    ShipmentStatus,
    ExceptionKind,
    HoldKind,
    Party,
)
OF_AGENTS = (
    "answer.agent.",
    "answer.section.",
    "answer.why.",
    "answer.basis.",
    "hold.why",
    "hold.since",
    "hold.owned",
    "hold.released",
    "hold.owner.",
    "hold.release.",
    *(f"answer.caveat.{each}" for each in ("old", "unverified", "missing", "contradicted", "perhaps")),
)
"""Messages that only agents read."""

WAREHOUSES = re.compile(r"warehouse|\blager\b|entrepôt|almac[eé]n|magazijn|armaz[eé]m", re.IGNORECASE)
SYSTEMS = re.compile(r"\b(ERP|WMS|TMS|CRM|EDI|SAP|system|système|sistema|systeem)\b", re.IGNORECASE)
CREDIT_CONTROL = re.compile(
    r"credit (limit|control|hold|check)|kreditlimit|kreditprüfung|bonität|limite de cr[eé]dit|l[ií]mite de cr[eé]dito"
    r"|kredietlimiet|kredietcontrole|overdue|überfällig|en souffrance|vencid[oa]|achterstallig|em atraso",
    re.IGNORECASE,
)
PROMISES = {
    "en": r"\b(will|shall|guarantee\w*|promise\w*)\b|'ll\b",
    "de": r"\bwird\b.*\b(geliefert|zugestellt|ankommen|eintreffen)|\b(garantier\w+|versprech\w+)",
    "fr": r"\b(sera|seront|arrivera|aura|livrera)\b|garanti|promet|promis",
    "es": r"\b(será|serán|llegará|llegarán|entregará)\b|garantiz|promet",
    "nl": r"\b(zal|zullen)\b|wordt (bezorgd|geleverd)|garand|beloof|beloft",
    "pt": r"\b(será|serão|chegará|chegarão|vai|vão)\b|garant|promet",
}


def heard_by_customers(language):
    """Every text of a catalog that a customer may hear, by its code."""
    messages = catalog(language)
    for code, message in messages.items():
        is_label = code.partition(".")[0] in {each.__name__ for each in LABELS}
        is_replaced = is_label and f"{code}.customer" in messages
        if not is_replaced and not code.startswith(OF_AGENTS):
            yield from ((code, text) for text in texts(message))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_for_customers_names_a_warehouse_a_system_or_credit_control(language):
    said = {code: text for code, text in heard_by_customers(language) if code != "InvoiceStatus.OVERDUE"}
    assert len(said) > 200
    for each in (WAREHOUSES, SYSTEMS, CREDIT_CONTROL):
        assert {code: text for code, text in said.items() if each.search(text)} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_something_is_expected_and_never_promised(language):
    will = re.compile(PROMISES[language], re.IGNORECASE)
    said = [(code, text) for code, text in heard_by_customers(language) if will.search(text)]
    assert said == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hold_of_credit_sounds_like_any_other(language):
    words = wording(language)
    labels = {kind: words.write(kind, Audience.CUSTOMER) for kind in HoldKind}
    assert labels[HoldKind.CREDIT] == labels[HoldKind.QUALITY] == labels[HoldKind.MANUAL]
    assert len({words.write(state, Audience.CUSTOMER) for state in CreditState}) == 1
    explained = {
        kind: [
            words.say(each, Audience.CUSTOMER) for each in explanation_of(replace(HELD, kind=kind), Audience.CUSTOMER)
        ]
        for kind in HoldKind
    }
    assert explained[HoldKind.CREDIT] == explained[HoldKind.COMPLIANCE]
    assert not any(secret in text for text in chain.from_iterable(explained.values()) for secret in SECRETS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_agent_hears_why_who_decides_and_what_releases_it(language):
    words = wording(language)
    told = " ".join(words.say(each, Audience.AGENT) for each in explanation_of(HELD, Audience.AGENT))
    assert all(each in told for each in (REASON, OWNER, "INV-9"))
    usual = " ".join(words.say(each) for each in explanation_of(Hold(kind=HoldKind.CREDIT), Audience.AGENT))
    assert words.say(explanation_of(Hold(kind=HoldKind.CREDIT), Audience.AGENT)[-1]) in usual


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("label", LABELS)
def test_every_status_has_a_label_for_both(language, label):
    words = wording(language)
    for value in label:
        for audience in Audience:
            said = words.write(value, audience)
            assert said
            assert not said.startswith(label.__name__)


def internal(entity):
    """As a system of record has it, with all that is nobody's business."""
    if isinstance(entity, Order):
        return replace(entity, holds=(HELD,))
    if isinstance(entity, Fulfillment):
        return replace(entity, warehouse=WAREHOUSE, holds=(HELD,))
    return entity


def of_system(told):
    entity, source = told if isinstance(told, tuple) else (told, SYSTEM)
    return internal(entity), f"{SYSTEM}-{source}"


WORLDS = [
    *(each.values[0] for each in EXAMPLES),
    [order("ON_HOLD"), replace(credit("BLOCKED_ALL"), hold_reason=REASON), case("CREDIT")],
    [order("RELEASED"), delivery("ON_HOLD", 0), case("WISMO")],
    [shipment("BOOKED", exceptions=(trouble("CREDIT_HOLD"),)), case("WISMO")],
    *([order(), shipment(), delivery("PARTIALLY_PICKED", 4), case(kind.name)] for kind in CaseKind),
]


@pytest.mark.parametrize("state", [FreshnessState.FRESH, FreshnessState.STALE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_customer_is_told_has_no_secrets_in_it(language, state):
    words = wording(language)
    for told in WORLDS:
        sections = view(*map(of_system, told), state=state)
        found = judgement_of(sections, NOW).found
        texts = [words.say(headline_of(sections, found, NOW), Audience.CUSTOMER)]
        texts += [words.say(each, Audience.CUSTOMER) for each in eta_answer_of(own(sections), found, NOW).message]
        answers = [each for each in answers_of(sections, found, NOW) if each.audience is Audience.CUSTOMER]
        texts += [words.say(each, Audience.CUSTOMER) for answer in answers for each in (*answer.text, *answer.caveats)]
        assert all(answer.based_on == () for answer in answers)
        assert not [text for text in texts for secret in SECRETS if secret in text]
        assert not [text for text in texts if WAREHOUSES.search(text) or SYSTEMS.search(text)]
