"""Asks Tryton over its REST: all sales of a batch, with all that hangs on them, in one call."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.call import Call
from domain.errors import Missing, UnusableAnswer
from domain.identity import EntityKind, Reference
from domain.lookup import Changes, Findings, Lookup
from sources.base import Answerer
from sources.http import Answer, Http, Request
from sources.tryton.dossier import Dossier, Json, dossiers
from sources.tryton.findings import Shelf, findings, merged, questions_about, questions_about_customers, stock_findings
from sources.tryton.mapping import Vantage
from sources.tryton.questions import (
    Question,
    change_question,
    company_question,
    credit_question,
    party_change_question,
    party_question,
    pointer_questions,
    sale_question,
    stock_question,
    warehouse_question,
)
from sources.tryton.search import at, encode
from sources.tryton.settings import TrytonSettings

NOT_FOUND = 404
PAGE = 200
"""Records per call."""
LONGEST_TRANSACTION = timedelta(seconds=60)
"""How long a transaction in Tryton may take, at most, that changes something a view shows."""
COVERED = (EntityKind.ORDER, EntityKind.CUSTOMER, EntityKind.FULFILLMENT)
"""Kinds of which `changes` leaves nothing out, see the README."""
MAX_NUMBERS = 50
"""Numbers per call: domain and fields travel in the address, of which common proxies take no more than 8 KiB."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Records as they came, and the first of the answers they came in."""

    records: Sequence[Json]
    answer: Answer


class TrytonClient:
    """Speaks to one company of one Tryton."""

    def __init__(self, settings: TrytonSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        self._authorization = f"Bearer {settings.token.get_secret_value()}"
        self._reads: Mapping[str, Callable[[Sequence[Lookup], Call], Awaitable[Findings]]] = {
            "sales": self._sales,
            "parties": self._parties,
            "stock": self._stock,
        }

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:
        """See `sources.base.Client.fetch`."""
        return merged(await asyncio.gather(*(self._reads[read](batch, call) for batch in _batches(lookups))))

    async def changes(self, since: datetime, call: Call) -> Changes:
        """See `sources.base.ChangesClient.changes`.

        A record is stamped when its transaction begins and seen when it ends, so the next poll looks back by
        `LONGEST_TRANSACTION`.
        """
        company = self._settings.company
        questions = (change_question(since, company), credit_question(company), party_change_question(since))
        sales, held, parties = answers = await self._ask_all(questions, call)
        lookups = (
            *questions_about(sales.records, COVERED),
            *questions_about(held.records, (EntityKind.ORDER,)),
            *questions_about_customers(parties.records),
        )
        until = min(each.answer.moment for each in answers) - LONGEST_TRANSACTION
        return Changes(tuple(dict.fromkeys(lookups)), until)

    async def check(self, call: Call) -> None:
        """See `sources.base.Client.check`. Proves the company, too: with a wrong one Tryton answers without a word."""
        company = await self._ask(company_question(self._settings.company), call)
        if not any(at(company.records, "currency.code")):
            raise UnusableAnswer(self._settings.id, f"its company {self._settings.company} cannot be read")

    async def _sales(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        sales = await self._ask(sale_question(lookups, self._settings.company), call)
        questions = pointer_questions(lookups, sales.records)
        answers = await self._ask_all(questions.values(), call)
        pointers = {name: answer.records for name, answer in zip(questions, answers, strict=True)}
        known = dossiers(sales.records, **pointers)
        return findings(lookups, known, Dossier.is_known_as, self._vantage([sales, *answers]))

    async def _parties(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        parties = await self._ask(party_question(lookups), call)
        known = [Dossier(sale={**party, "party": party, "invoice_party": None}) for party in parties.records]
        return findings(lookups, known, _is_party, self._vantage([parties]))

    async def _stock(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        warehouses = await self._ask(warehouse_question(self._settings.warehouses), call)
        questions = [
            stock_question(lookups, warehouse.get("id"), is_free=is_free)
            for is_free in (False, True)
            for warehouse in warehouses.records
        ]
        levels = await self._ask_all(questions, call)
        on_hand, free = levels[: len(warehouses.records)], levels[len(warehouses.records) :]
        shelves = [
            Shelf(warehouse, all_of_it.records, free_of_it.records)
            for warehouse, all_of_it, free_of_it in zip(warehouses.records, on_hand, free, strict=True)
        ]
        return stock_findings(lookups, shelves, self._vantage([warehouses, *levels]))

    def _vantage(self, answers: Iterable[Rows]) -> Vantage:
        return Vantage(self._settings, Answerer.of(self._settings, [each.answer for each in answers]))

    async def _ask_all(self, questions: Iterable[Question], call: Call) -> Sequence[Rows]:
        return await asyncio.gather(*(self._ask(question, call) for question in questions))

    async def _ask(self, question: Question, call: Call) -> Rows:
        """The whole answer, page after page."""
        first = page = await self._page(question, 0, call)
        records = list(first.records)
        while len(page.records) == PAGE:
            page = await self._page(question, len(records), call)
            records += page.records
        return Rows(records, first.answer)

    async def _page(self, question: Question, offset: int, call: Call) -> Rows:
        answer = await self._http.send(self._request(question, offset), call)
        if answer.status == NOT_FOUND:
            raise self._http.spoiled(Missing(self._settings.id, f"no such model or database: {question.model}"), call)
        return Rows(self._records(answer, question, call), answer)

    def _request(self, question: Question, offset: int) -> Request:
        params = [("f", name) for name in question.fields]
        params += [("d", encode(question.domain)), ("o", encode([["id", "ASC"]])), ("s", str(PAGE)), ("p", str(offset))]
        context = {"company": self._settings.company, **question.context}
        headers = {"Authorization": self._authorization, "X-Tryton-Context": encode(context)}
        return Request("GET", f"/rest/model/{question.model}", params=params, headers=headers)

    def _records(self, answer: Answer, question: Question, call: Call) -> Sequence[Json]:
        """The records; Tryton reports some errors as an object with status 200."""
        try:
            body = answer.json()
        except UnusableAnswer as error:
            raise self._http.spoiled(error, call) from error
        if isinstance(body, list) and all(isinstance(record, dict) for record in body):
            return body
        raise self._http.spoiled(UnusableAnswer(answer.source, f"{question.model}: not a list of records"), call)


def _is_party(party: Dossier, reference: Reference) -> bool:
    return reference.value in at(party.sale, "party.code")


def _batches(lookups: Sequence[Lookup]) -> Iterator[Sequence[Lookup]]:
    """The lookups by at most `MAX_NUMBERS` numbers at a time."""
    by_number: dict[Reference, list[Lookup]] = {}
    for lookup in lookups:
        by_number.setdefault(lookup.by, []).append(lookup)
    numbers = list(by_number)
    for start in range(0, len(numbers), MAX_NUMBERS):
        yield [lookup for number in numbers[start : start + MAX_NUMBERS] for lookup in by_number[number]]
