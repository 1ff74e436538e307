"""Asks a DCSA Track & Trace API for the events of one number at a time: its filters take one value each."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qsl, quote, urlsplit

from pydantic import ValidationError

from domain.call import Call
from domain.errors import Missing, UnusableAnswer
from domain.identity import Reference, Scheme
from domain.lookup import Changes, Findings, Lookup
from sources.base import Answerer
from sources.dcsa import wire
from sources.dcsa.codes import LISTED_WITHIN
from sources.dcsa.findings import Reply, findings_of, lookups_of, misread
from sources.dcsa.mapping import Vantage, booking_of, boxes_of, document_of
from sources.dcsa.settings import AUTHORIZATION, DcsaSettings
from sources.http import Answer, Http, Request

EVENTS = "/v2/events"
PAGE_SIZE = "100"
"""The default of the specification, which no API should refuse."""

BOOKING, DOCUMENT, EQUIPMENT = "carrierBookingReference", "transportDocumentReference", "equipmentReference"

CONTAINER_NUMBER = re.compile(r"[A-Z]{3}[JUZ][0-9]{7}")
"""ISO 6346: owner, category, serial number and check digit."""

LONGEST_EQUIPMENT = 15
"""Characters of an equipmentReference, by its schema."""

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """Records of several pages.

    Attributes:
        records: events as they came.
        answers: what they came in, first page first; at least one.
        is_whole: whether there were no more.
    """

    records: Sequence[object]
    answers: Sequence[Answer]
    is_whole: bool


class DcsaClient:
    """Speaks to one carrier's Track & Trace API."""

    def __init__(self, settings: DcsaSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        token = settings.token.get_secret_value()
        is_bearer = settings.token_header.lower() == AUTHORIZATION.lower()
        self._headers = {settings.token_header: f"Bearer {token}" if is_bearer else token}

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:  # noqa: ARG002  # there is one read
        """See `sources.base.Client.fetch`."""
        replies = await asyncio.gather(*(self._replies(lookup.by, call) for lookup in lookups))
        return findings_of(dict(zip(lookups, replies, strict=True)), Vantage.of(self._settings))

    async def check(self, call: Call) -> None:
        """See `sources.base.Client.check`."""
        self._records(await self._get(EVENTS, (("limit", "1"),), call), call)

    async def changes(self, since: datetime, call: Call) -> Changes:
        """See `sources.base.ChangesClient.changes`.

        An event that names only some of its numbers changes what is answered under the others, too: they are asked for.
        """
        asked = (
            ("eventCreatedDateTime:gte", since.isoformat()),
            ("sort", "eventCreatedDateTime:ASC"),
            ("limit", PAGE_SIZE),
        )
        pages = await self._pages(asked, call)
        changed = self._envelopes(pages, call)
        related = await self._related(changed, call)
        until = self._reached(pages, changed, since, call)
        return Changes(lookups_of((*changed, *related)), until, pages.is_whole)

    async def _replies(self, by: Reference, call: Call) -> list[Reply]:
        return list(await asyncio.gather(*(self._reply(each, by.value, call) for each in filters_of(by))))

    async def _reply(self, name: str, number: str, call: Call) -> Reply:
        pages = await self._whole(((name, number),), call)
        return Reply(number, name == EQUIPMENT, pages.records, Answerer.of(self._settings, pages.answers))

    async def _whole(self, params: Params, call: Call) -> Pages:
        pages = await self._pages((*params, ("limit", PAGE_SIZE)), call)
        if not pages.is_whole:
            raise self._unusable(f"more than {self._settings.pages} pages of events of one number", call)
        return pages

    async def _pages(self, params: Params, call: Call) -> Pages:
        """The pages from the first on, as many as the settings allow."""
        records: list[object] = []
        answers: list[Answer] = []
        asked: set[Params] = set()
        following: Params | None = params
        while following is not None and len(answers) < self._settings.pages:
            if following in asked:
                raise self._unusable("Next-Page leads back to a page that was read", call)
            asked.add(following)
            answers.append(await self._get(EVENTS, following, call))
            records += self._records(answers[-1], call)
            following = self._next(answers[-1], call)
        return Pages(records, answers, following is None)

    def _next(self, answer: Answer, call: Call) -> Params | None:
        link = answer.headers.get("next-page")
        if link is None:
            return None
        following = params_of(link)
        if not following:
            raise self._unusable("Next-Page names no page", call)
        return following

    async def _related(self, changed: Sequence[wire.Envelope], call: Call) -> list[wire.Envelope]:
        """Events of the same shipments as those that do not name all of their numbers."""
        asked = dict.fromkeys(param for event in changed for param in _unnamed(event))
        retracted = dict.fromkeys(each.retracts for each in changed if each.retracts and not lookups_of([each]))
        pages = await asyncio.gather(*(self._whole((param,), call) for param in asked))
        events = await asyncio.gather(*(self._event(name, call) for name in retracted))
        return [*(each for page in pages for each in self._envelopes(page, call)), *events]

    async def _event(self, name: str, call: Call) -> wire.Envelope:
        """An event by its id: a retraction tells no more of what it takes back."""
        answer = await self._http.send(Request("GET", f"{EVENTS}/{quote(name, safe='')}", (), self._headers), call)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise self._unusable("an event was retracted, and cannot be read to learn whose it was", call)
        return self._envelopes(Pages([self._json(answer, call)], [answer], is_whole=True), call)[0]

    def _envelopes(self, pages: Pages, call: Call) -> list[wire.Envelope]:
        """What is read of each event.

        Raises:
            UnusableAnswer: one cannot be read, so that nobody knows what it changes.
        """
        try:
            return [wire.Envelope.model_validate(record) for record in pages.records]
        except ValidationError as error:
            raise self._unusable(misread(error), call) from error

    def _reached(self, pages: Pages, changed: Sequence[wire.Envelope], since: datetime, call: Call) -> datetime:
        """Until when nothing is missing: of a part, until its last event, if it was sorted as asked."""
        if pages.is_whole:
            return Answerer.of(self._settings, pages.answers).moment - LISTED_WITHIN
        moments = [each.created_at for each in changed]
        if moments != sorted(moments) or not moments or moments[-1] <= since:
            raise self._unusable("more events than can be read, and not by eventCreatedDateTime", call)
        return moments[-1]

    async def _get(self, path: str, params: Params, call: Call) -> Answer:
        answer = await self._http.send(Request("GET", path, params, self._headers), call)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise self._http.spoiled(Missing(answer.source, path), call)
        return answer

    def _records(self, answer: Answer, call: Call) -> list[object]:
        body = self._json(answer, call)
        if not isinstance(body, list):
            raise self._unusable("no list of events", call)
        return body

    def _json(self, answer: Answer, call: Call) -> object:
        try:
            return answer.json()
        except UnusableAnswer as error:
            raise self._http.spoiled(error, call) from error

    def _unusable(self, detail: str, call: Call) -> Exception:
        return self._http.spoiled(UnusableAnswer(self._settings.id, detail), call)


def filters_of(by: Reference) -> tuple[str, ...]:
    """The filters that a number may be meant for; a box of a shipper need not look like a container."""
    if by.scheme is Scheme.BOL:
        return (DOCUMENT,)
    if CONTAINER_NUMBER.fullmatch(by.value):
        return (EQUIPMENT,)
    return (BOOKING, EQUIPMENT) if len(by.value) <= LONGEST_EQUIPMENT else (BOOKING,)


def params_of(link: str) -> Params:
    """The query of the next page, given what `Next-Page` says: a link, or the bare cursor.

    Of a link only the query counts, so that it leads nowhere else. A cursor goes alone: it stands for the whole query,
    and DCSA's own 2.x server refuses filters beside it. Empty: it names no page.
    """
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return ()
    if parts.query or parts.scheme in {"http", "https"}:
        return tuple(parse_qsl(parts.query))
    return (("cursor", link.strip()),) if link.strip() else ()


def _unnamed(event: wire.Envelope) -> Iterable[tuple[str, str]]:
    """What to ask for, to learn the numbers that an event does not name itself."""
    boxes, booking, document = boxes_of(event), booking_of(event), document_of(event)
    if not booking:
        yield from ((EQUIPMENT, box) for box in boxes)
    if not boxes and booking:
        yield BOOKING, booking
    elif not boxes and document:
        yield DOCUMENT, document
