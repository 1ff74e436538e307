"""Writes the payloads of the adapter's unit tests again: `python -m tests.upstreams.capture`.

They are what a real Tryton answers to the adapter's own questions about some of the seeded orders.
"""

import json
from pathlib import Path
from typing import Any

from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.tryton import OF_A_SALE
from sources.tryton.codes import KNOWN
from sources.tryton.questions import (
    Question,
    party_question,
    pointer_questions,
    sale_question,
    stock_question,
    warehouse_question,
)
from tests.upstreams.tryton import Tryton, running_tryton

PAYLOADS = Path(__file__).parents[1] / "sources" / "tryton" / "payloads"

LABELS = (
    "paid-1",
    "partly-paid-overdue",
    "delivered-invoice-draft",
    "in-transit",
    "packed",
    "picked",
    "assigned",
    "partly-assigned",
    "backordered",
    "split-shipment",
    "quotation",
    "cancelled",
    "credit-hold",
    "shipment-exception",
    "invoice-exception",
    "claim-return",
    "claim-credit-note",
    "claim-line",
    "refunded",
    "taken-back",
)


def lookups(scheme: Scheme, values: list[str], *kinds: EntityKind) -> list[Lookup]:
    return [Lookup(kind=kind, by=Reference(scheme=scheme, value=value)) for kind in kinds for value in values]


def read(tryton: Tryton, question: Question) -> list[dict[str, Any]]:
    return tryton.read(question.model, question.domain, question.fields, **question.context)


def sales_of(tryton: Tryton) -> dict[str, Any]:
    orders = {tryton.orders[label]["number"]: label for label in LABELS}
    asked = lookups(Scheme.SO, list(orders), *OF_A_SALE)
    sales = read(tryton, sale_question(asked, tryton.manifest["company"]))
    pointers = pointer_questions(asked, sales)
    return {f"sale-{orders[sale['number']]}": sale for sale in sales} | {
        name: read(tryton, question) for name, question in pointers.items()
    }


def stock_of(tryton: Tryton) -> dict[str, Any]:
    asked = lookups(Scheme.SKU, ["CHR-100", "CAB-500", "SHIP"], EntityKind.INVENTORY)
    warehouse, *_ = read(tryton, warehouse_question(()))
    return {
        "warehouse": warehouse,
        "on_hand": read(tryton, stock_question(asked, warehouse["id"], is_free=False)),
        "free": read(tryton, stock_question(asked, warehouse["id"], is_free=True)),
    }


def vocabularies_of(tryton: Tryton) -> dict[str, Any]:
    return {name: sorted(tryton.choices(*name.rsplit(".", 1))) for name in KNOWN}


def main() -> None:
    with running_tryton() as tryton:
        parties = lookups(Scheme.CUSTOMER, list(tryton.manifest["customers"]), EntityKind.CUSTOMER, EntityKind.CREDIT)
        payloads: dict[str, Any] = sales_of(tryton) | {
            "parties": read(tryton, party_question(parties)),
            "stock": stock_of(tryton),
            "vocabularies": vocabularies_of(tryton),
        }
    for name, payload in payloads.items():
        text = json.dumps(payload, indent=1, sort_keys=True, ensure_ascii=False)
        (PAYLOADS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
