"""The recorded answers, and what the adapter makes of them."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Findings, Lookup
from domain.observation import Snapshot
from sources.base import Answerer
from sources.tryton.dossier import Dossier, dossiers
from sources.tryton.findings import findings
from sources.tryton.mapping import Vantage
from sources.tryton.settings import TrytonSettings

PAYLOADS = Path(__file__).parent / "payloads"
SALES = tuple(sorted(path.stem for path in PAYLOADS.glob("sale-*.json")))
POINTERS = ("return_sales", "complaints", "corrections")
MOMENT = datetime(2026, 11, 23, 18, tzinfo=UTC)
"""The evening of the day on which the payloads were recorded."""

Change = Callable[[Any], object]


@cache
def _text(name: str) -> str:
    return (PAYLOADS / f"{name}.json").read_text()


def payload(name: str) -> Any:
    """A fresh copy, to be changed at will."""
    return json.loads(_text(name))


def pointers() -> dict[str, Any]:
    return {name: payload(name) for name in POINTERS}


def settings(**told: object) -> TrytonSettings:
    return TrytonSettings.model_validate(
        {"id": "erp", "adapter": "tryton", "base_url": "https://erp.example.com/acme", "token": "key"} | told
    )


def vantage(**told: object) -> Vantage:
    told_settings = settings(**told)
    return Vantage(told_settings, Answerer(told_settings.tenant, told_settings.id, MOMENT))


def asked(kind: EntityKind, sale: Any, scheme: Scheme = Scheme.SO) -> Lookup:
    return Lookup(kind=kind, by=Reference(scheme=scheme, value=sale["number"]))


def found(kind: EntityKind, sales: Sequence[Any], **told: object) -> Findings:
    """What is found under the numbers of the sales, with all that was recorded pointing to them."""
    known = dossiers(sales, **pointers())
    return findings([asked(kind, sale) for sale in sales], known, Dossier.is_known_as, vantage(**told))


def snapshots(kind: EntityKind, label: str, change: Change = lambda _: None, **told: object) -> tuple[Snapshot, ...]:
    """The snapshots of one recorded sale, after a change to its record."""
    sale = payload(f"sale-{label}")
    change(sale)
    findings_ = found(kind, [sale], **told)
    assert findings_.unusable == {}
    return findings_.found[asked(kind, sale)]


def contents(kind: EntityKind, label: str, change: Change = lambda _: None, **told: object) -> list[Any]:
    """As `snapshots`, without the envelope."""
    return [each.content for each in snapshots(kind, label, change, **told)]


def content(kind: EntityKind, label: str, change: Change = lambda _: None, **told: object) -> Any:
    """The only one."""
    [only] = contents(kind, label, change, **told)
    return only
