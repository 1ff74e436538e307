"""What is asked: the full view of about 280 leaves, a panel of about 30, and the five of a bot that says when it comes.

Casefold is asked by its schema. Peers are asked for the same leaves, by one field for each system: that is how a stock
gateway stands before several of them, and it is the least work for all of them.
"""

import json
from collections import Counter

_FRESH = "freshness { state asOf ageSeconds origin } problem { code }"
SECTIONS = {
    "serviceCase": f"{_FRESH} case {{ number subject status priority openedAt assignee }}",
    "customer": f"{_FRESH} customer {{ id name email phone }}",
    "orders": f"""{_FRESH} nodes {{ number purchaseOrderNumber status orderedAt promisedDeliveryOn total {{ amount currency }}
      lines {{ lineNumber sku description orderedQuantity shippedQuantity }} }}""",
    "invoices": f"{_FRESH} nodes {{ number status issuedOn dueOn total {{ amount currency }} balance {{ amount currency }} daysOverdue }}",
    "credit": f"{_FRESH} credit {{ status limit {{ amount }} exposure {{ amount }} }}",
    "shipments": f"""{_FRESH} nodes {{ id trackingNumber carrier {{ name scac }} mode status
      eta {{ estimatedAt confidence basis }} stops {{ sequence kind location {{ city countryCode }} plannedArrival actualArrival }}
      milestones {{ code occurredAt location {{ city }} description }} }}""",
    "fulfillments": f"""{_FRESH} nodes {{ id warehouse status releasedAt packedAt
      lines {{ sku orderedQuantity pickedQuantity backorderedQuantity }} packages {{ id weightKg }} }}""",
}
IN_CHARGE = {
    "crm": ("serviceCase",),
    "erp": ("customer", "orders", "invoices", "credit"),
    "tms": ("shipments",),
    "wms": ("fulfillments",),
}
"""Which system knows which sections; of the answer to a bot, let it be the one that knows shipments."""

_PANEL = """shipments { freshness { asOf ageSeconds state }
  nodes { id trackingNumber status carrier { name } eta { estimatedAt confidence } stops { location { city } actualArrival } } }"""
_ETA = "{ kind status eta { onDate earliest latest } }"
_HEAD = "($key: CaseKey!, $freshness: FreshnessInput)"
_KEY = "(key: $key, freshness: $freshness)"


def _sections(names):
    return "\n".join(f"  {name} {{ {SECTIONS[name]} }}" for name in names)


FULL = f"query Full{_HEAD} {{ caseView{_KEY} {{\n{_sections(SECTIONS)}\n}} }}"
PANEL = f"query Panel{_HEAD} {{ caseView{_KEY} {{ {_PANEL} }} }}"
ETA = f"query Eta{_HEAD} {{ eta{_KEY} {_ETA} }}"
QUESTIONS = {"full": FULL, "panel": PANEL, "eta": ETA}

_BY_SYSTEM = "\n".join(f"{name}(number: $number) {{\n{_sections(sections)}\n}}" for name, sections in IN_CHARGE.items())
PEER_QUESTIONS = {
    "full": f"query Full($number: String!) {{ {_BY_SYSTEM} }}",
    "panel": f"query Panel($number: String!) {{ tms(number: $number) {{ {_PANEL} }} }}",
    "eta": f"query Eta($number: String!) {{ tms(number: $number) {{ eta {_ETA} }} }}",
}


def asked(question, number, freshness=None):
    """The body that Casefold is sent."""
    variables = {"key": {"orderNumber": number}, "freshness": freshness}
    return json.dumps({"query": QUESTIONS[question], "variables": variables}).encode()


def asked_of_peer(question, number):
    """The body that a peer is sent."""
    return json.dumps({"query": PEER_QUESTIONS[question], "variables": {"number": number}}).encode()


def leaves(answer):
    """How often each name stands at a leaf: the same for whoever answers the same question, however it nests.

    Raises:
        RuntimeError: the answer tells of errors.
    """
    if "errors" in answer:
        raise RuntimeError(f"wrong answer: {str(answer['errors'])[:500]}")
    return Counter(_leaf_names("", answer.get("data", answer)))


def _leaf_names(name, value):
    match value:
        case dict():
            for each, inner in value.items():
                yield from _leaf_names(each, inner)
        case list():
            for each in value:
                yield from _leaf_names(name, each)
        case _:
            yield name
