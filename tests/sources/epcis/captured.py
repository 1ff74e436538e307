import json
from pathlib import Path

from sources.epcis import SOURCE

PAYLOADS = Path(__file__).with_name("payloads")
SECRET = "a bearer token of the warehouse"
DESADV = "urn:epcglobal:cbv:bt:0614141073467:1152"
DELIVERY = "0614141073467:1152"


def settings(**told):
    return SOURCE.settings.model_validate({"id": "dc", "adapter": "epcis", "webhook_secret": SECRET} | told)


def document(name):
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))


def captured(name, place=0):
    """One event of a published document, by its place in it."""
    return document(name)["epcisBody"]["eventList"][place]


def transactions(**documents):
    """A bizTransactionList: transactions(desadv="…", po="…")."""
    return [{"type": type_, "bizTransaction": identifier} for type_, identifier in documents.items()]


def step(biz_step="shipping", **changes):
    """The published event of shipping, of a fulfillment, at this step instead; what is null is left out."""
    given = {"bizStep": biz_step, "bizTransactionList": transactions(desadv=DESADV)} | changes
    return {name: value for name, value in (captured("ObjectEvent") | given).items() if value is not None}
