"""A case view as a colleague would brief an agent: what to say, what is wrong, what to do, and how it is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from textwrap import wrap
from typing import Any

Json = Mapping[str, Any]

WIDTH = 100
TITLES: Mapping[str, str] = {
    "serviceCase": "Case",
    "customer": "Customer",
    "orders": "Orders",
    "shipments": "Shipments",
    "fulfillments": "Warehouse",
    "inventory": "Stock",
    "invoices": "Invoices",
    "credit": "Credit",
    "returns": "Returns",
    "claims": "Claims",
}


QUESTIONS: Mapping[str, str] = {
    "WISMO": "Where is it?",
    "DAMAGE": "What about the damage?",
    "LOSS": "What about what is missed?",
    "SHORTAGE": "What about what is missing?",
    "BILLING": "What about the bill?",
    "RETURN": "What about the return?",
    "CREDIT": "What about the account?",
}


def briefing(view: Json, asked: str) -> str:
    """The view as lines of text; what was asked for names it where no system does."""
    return "\n".join(_lines(view, asked))


def _lines(view: Json, asked: str) -> Iterator[str]:
    yield f"{_subject(view) or asked}: {_words(view['status'])}."
    yield from _wrapped(f"You can say: “{view['headline']}”")
    yield from _warnings(view)
    yield from _discrepancies(view)
    yield from _answers(view)
    for field, title in TITLES.items():
        section = view[field]
        nodes = _nodes(section, field)
        yield ""
        yield f"{title:<12}{_age(section['freshness'])}"
        if section["problem"]:
            yield f"  ! {section['problem']['message']}"
        for node in nodes:
            yield from chain.from_iterable(_wrapped(f"  {line}", "      ") for line in _WRITERS[field](node))
        if not nodes and section["freshness"]["state"] != "UNAVAILABLE":
            yield "  none"


def _subject(view: Json) -> str:
    case = view["serviceCase"].get("case")
    orders = ", ".join(order["number"] for order in view["orders"]["nodes"])
    named = [f"Case {case['number']}" if case else "", f"order {orders}" if orders else ""]
    subject = " about ".join(name for name in named if name)
    return subject[:1].upper() + subject[1:]


def _warnings(view: Json) -> Iterator[str]:
    missing = [title.lower() for field, title in TITLES.items() if view[field]["freshness"]["state"] == "UNAVAILABLE"]
    if missing:
        yield f"Not known right now: {', '.join(missing)}. Do not read this as 'there is none'."
    stale = [title.lower() for field, title in TITLES.items() if view[field]["freshness"]["state"] == "STALE"]
    if stale:
        yield f"Not complete or not up to date: {', '.join(stale)}."


def _discrepancies(view: Json) -> Iterator[str]:
    for each in view["discrepancies"]:
        if each["state"] == "CLEARED":
            yield from ("", *_wrapped(f"Over since {_moment(each['clearedAt'])}: {each['summary']}", "    "))
            continue
        doubt = "; not sure, because something is stale or missing" if each["state"] == "INCONCLUSIVE" else ""
        told = f"! {each['summary']} ({_words(each['severity'])}, since {_moment(each['raisedAt'])}{doubt})"
        yield from ("", *_wrapped(told, "    "))
        yield from (f"    {said['source']}: {said['entity']} {said['says']}" for said in each["evidence"])
        yield from _wrapped(f"    -> {each['suggestedAction']}", "       ")


def _answers(view: Json) -> Iterator[str]:
    """To each question what is known, for the agent, and what can be said to the customer."""
    told = [each["summary"] for each in view["discrepancies"]]
    by_question: dict[str, dict[str, Json]] = {}
    for each in view["answers"]:
        by_question.setdefault(each["intent"], {})[each["audience"]] = each
    for intent, answers in by_question.items():
        yield ""
        yield QUESTIONS.get(intent, _words(intent).capitalize())
        yield from _wrapped(f"  {answers['AGENT']['text']}", "  ")
        for caveat in answers["AGENT"]["caveats"]:
            if not any(summary in caveat for summary in told):
                yield from _wrapped(f"  ! {caveat}", "    ")
        if answers["CUSTOMER"]["text"] != view["headline"]:
            yield from _wrapped(f"  Say: “{answers['CUSTOMER']['text']}”", "  ")


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    yield from wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _nodes(section: Json, field: str) -> Sequence[Json]:
    if "nodes" in section:
        nodes: Sequence[Json] = section["nodes"]
        return nodes
    single = section.get("case" if field == "serviceCase" else field)
    return [single] if single else []


def _age(freshness: Json) -> str:
    state = _words(freshness["state"])
    if freshness["verifiedAt"] is None:
        return state
    changed = f", last changed there {_moment(freshness['asOf'])}" if freshness["asOf"] else ""
    return f"{state}, {_origin(freshness)}{changed}"


def _origin(freshness: Json) -> str:
    source, ago = freshness["source"], f"{_seconds(freshness['ageSeconds'])} ago"
    match freshness["origin"]:
        case "API":
            return f"{source} was asked just now"
        case "EVENT":
            return f"unchanged at {source} as of {ago}"
        case _:
            return f"{source} was asked {ago}"


def _case(case: Json) -> Iterator[str]:
    yield f"{case['number']}  {case['subject']}"
    who = f", with {case['assignee']}" if case["assignee"] else ", with nobody yet"
    yield f"{_words(case['kind'])}, {_words(case['status'])}, priority {_words(case['priority'])}{who}"
    yield f"opened {_moment(case['openedAt'])}, service level: {_words(case['slaState'])}"


def _customer(customer: Json) -> Iterator[str]:
    level = f", {customer['serviceLevel']}" if customer["serviceLevel"] else ""
    yield f"{customer['name']} ({customer['id']}{level})"


def _order(order: Json) -> Iterator[str]:
    purchase = f", customer's number {order['purchaseOrderNumber']}" if order["purchaseOrderNumber"] else ""
    total = f", {_money(order['total'])}" if order["total"] else ""
    yield f"{order['number']}  {_status(order)}{purchase}{total}"
    dates = [
        f"ordered {_moment(order['orderedAt']) if order['orderedAt'] else order['orderedOn']}"
        if order["orderedAt"] or order["orderedOn"]
        else "",
        f"promised for {order['promisedDeliveryOn']}" if order["promisedDeliveryOn"] else "",
    ]
    yield from ([f"  {', '.join(date for date in dates if date)}"] if any(dates) else [])
    yield from _holds(order)
    for line in order["lines"]:
        moved = _quantities(line, {"shippedQuantity": "shipped", "invoicedQuantity": "invoiced"})
        yield f"  {_number(line['orderedQuantity'])} x {line['sku']}  {line['description'] or ''}{moved}"


def _holds(held: Json) -> Iterator[str]:
    for hold in held["holds"]:
        owner = f"; decided by {hold['owner']}" if hold["owner"] else ""
        release = f"; it is released when: {hold['releasesWhen']}" if hold["releasesWhen"] else ""
        yield f"  on hold ({_words(hold['kind'])}): {hold['reason'] or 'no reason given'}{owner}{release}"


def _shipment(shipment: Json) -> Iterator[str]:
    carrier = f"{shipment['carrier']['name']} " if shipment["carrier"] else ""
    yield f"{carrier}{shipment['trackingNumber'] or shipment['id']}  {_status(shipment)}{_arrival(shipment)}"
    for exception in shipment["exceptions"]:
        cleared = f", cleared {_moment(exception['clearedAt'])}" if exception["clearedAt"] else ""
        detail = f": {exception['detail']}" if exception["detail"] else ""
        yield f"  exception {_words(exception['kind'])}{detail}, since {_moment(exception['raisedAt'])}{cleared}"
    if shipment["milestones"]:
        last = shipment["milestones"][-1]
        place = ", ".join(part for part in (last["location"] or {}).values() if part)
        where = f" in {place}" if place else ""
        yield f"  last: {last['description'] or _words(last['code'])}{where}, {_moment(last['occurredAt'])}"


def _arrival(shipment: Json) -> str:
    proof, eta = shipment["proofOfDelivery"], shipment["eta"]
    if proof:
        signed = f", signed by {proof['signedBy']}" if proof["signedBy"] else ""
        verb = "" if shipment["status"] == "DELIVERED" else ", delivered"
        return f"{verb} on {_moment(proof['deliveredAt'])}{signed}"
    if not eta or eta["granularity"] == "NONE":
        return ""
    when = eta["onDate"] or _moment(eta["estimatedAt"])
    said = {"ACTUAL": "delivered", "CARRIER_ESTIMATE": "the carrier expects", "PREDICTED": "we expect"}
    return f", {said.get(eta['basis'], _words(eta['basis']) + ' for')} {when}"


def _fulfillment(fulfillment: Json) -> Iterator[str]:
    warehouse = f" at {fulfillment['warehouse']}" if fulfillment["warehouse"] else ""
    yield f"{fulfillment['id']}  {_status(fulfillment)}{warehouse}"
    yield from _holds(fulfillment)
    progress = {
        "pickedQuantity": "picked",
        "packedQuantity": "packed",
        "shippedQuantity": "shipped",
        "backorderedQuantity": "on backorder",
    }
    for line in fulfillment["lines"]:
        yield f"  {_number(line['orderedQuantity'])} x {line['sku']}{_quantities(line, progress)}"
    for package in fulfillment["packages"]:
        yield f"  package {package['id']}, tracking {package['trackingNumber'] or 'not known'}"


def _position(position: Json) -> Iterator[str]:
    receipt = f", next receipt {position['nextReceiptOn']}" if position["nextReceiptOn"] else ""
    available, on_hand = _number(position["available"]), _number(position["onHand"])
    yield f"{position['sku']} at {position['warehouse']}: {available} available of {on_hand}{receipt}"


def _invoice(invoice: Json) -> Iterator[str]:
    overdue = f", {invoice['daysOverdue']} days overdue" if invoice["daysOverdue"] else ""
    due = f", due {invoice['dueOn']}" if invoice["dueOn"] else ""
    balance = f"{_money(invoice['balance'])} of {_money(invoice['total'])} to pay"
    disputed = ", disputed" if invoice["isDisputed"] else ""
    yield f"{invoice['number']}  {_status(invoice)}: {balance}{due}{overdue}{disputed}"
    for credit in invoice["credits"]:
        yield f"  credit note {credit['number']}: {_money(credit['amount'])}"


def _credit(credit: Json) -> Iterator[str]:
    used = f": {_money(credit['exposure'])} used" if credit["exposure"] else ""
    limit = f" of {_money(credit['limit'])}" if credit["limit"] else ""
    overdue = f", {_money(credit['overdue'])} overdue" if credit["overdue"] else ""
    yield f"{_words(credit['status'])}{used}{limit}{overdue}"
    if credit["holdReason"]:
        yield f"  {credit['holdReason']}"


def _return(returned: Json) -> Iterator[str]:
    reason = f": {returned['reason']}" if returned["reason"] else ""
    yield f"{returned['number']}  {_words(returned['status'])}{reason}"
    for line in returned["lines"]:
        yield f"  {_number(line['quantity'])} x {line['sku']}"


def _claim(claim: Json) -> Iterator[str]:
    amount = f", {_money(claim['amount'])}" if claim["amount"] else ""
    filed = f", filed {claim['filedOn']}" if claim["filedOn"] else ""
    yield f"{claim['number']}  {_words(claim['kind'])}, {_words(claim['status'])}{amount}{filed}"
    if claim["description"]:
        yield f"  {claim['description']}"


_WRITERS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "serviceCase": _case,
    "customer": _customer,
    "orders": _order,
    "shipments": _shipment,
    "fulfillments": _fulfillment,
    "inventory": _position,
    "invoices": _invoice,
    "credit": _credit,
    "returns": _return,
    "claims": _claim,
}


def _status(node: Json) -> str:
    """The canonical status, with the system's own word where it says something else."""
    own, status = node["sourceStatus"], _words(node["status"])
    return status if not own or own.replace("_", " ").lower() == status else f"{status} ({own})"


def _quantities(line: Json, names: Mapping[str, str]) -> str:
    said = [f"{_number(line[field])} {name}" for field, name in names.items() if line[field] is not None]
    return f"  ({', '.join(said)})" if said else ""


def _words(code: str) -> str:
    return code.replace("_", " ").lower()


def _number(decimal: str) -> str:
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal


def _money(money: Json) -> str:
    return f"{money['amount']} {money['currency']}"


def _moment(instant: str) -> str:
    return datetime.fromisoformat(instant).strftime("%a %d %b %H:%M UTC")


def _seconds(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s"
