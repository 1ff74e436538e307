"""The endpoints of the simulated systems, as functions from request to reply."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import dropwhile, islice
from types import MappingProxyType
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta, Struct

from domain.identity import EntityKind, Scheme
from domain.model import Instant
from sandbox import canonical, crm, easypost, erp, wms
from sandbox.canonical import Answers, Question
from sandbox.orders import Number
from sandbox.world import World, WorldClock

KEYS: Mapping[str, str] = MappingProxyType({name: f"sandbox-{name}-key" for name in ("erp", "wms", "crm", "easypost")})
"""Credentials that everybody knows, and that open nothing but a sandbox."""

Limit = Annotated[int, Meta(ge=1, le=1_000)]

PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
"""How many records a page of EasyPost has, unless asked for, and at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an endpoint is told.

    Attributes:
        authorization: the header of that name, empty if there is none.
        path: parameters in the path.
        query: parameters in the query.
        body: as received.
    """

    authorization: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What it says.

    Attributes:
        body: JSON.
        status: HTTP status.
        entities: how many entities it was asked for.
        delay_seconds: how long it thinks before.
    """

    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    entities: int = 0
    delay_seconds: float = 0.0


class Endpoint(NamedTuple):
    """One address of one system, under the name that it has in the counters."""

    system: str
    name: str
    method: str
    path: str
    answer: Callable[[Request], Reply]


def endpoints(world: World, clock: WorldClock, keys: Mapping[str, str]) -> Iterator[Endpoint]:
    """Every address of every system.

    Args:
        world: what the systems know.
        clock: the world's time.
        keys: the credential of each canonical system, and of EasyPost.
    """
    for system, answers in (("erp", erp.ANSWERS), ("wms", wms.ANSWERS), ("crm", crm.ANSWERS)):
        yield from CanonicalDesk(system, answers, keys[system], world, clock).endpoints()
    yield from EasyPostDesk(keys["easypost"], world, clock).endpoints()


class CanonicalDesk:
    """A system that speaks Casefold's own exchange."""

    def __init__(self, system: str, answers: Answers, key: str, world: World, clock: WorldClock) -> None:
        self._system = system
        self._answers = answers
        self._authorization = f"Bearer {key}"
        self._world = world
        self._clock = clock
        self._questions = msgspec.json.Decoder(Question)

    def endpoints(self) -> Iterator[Endpoint]:
        """Its addresses."""
        addresses = (
            ("read", "POST", self._read),
            ("health", "GET", self._health),
            ("changes", "GET", self._changes),
        )
        for name, method, answer in addresses:
            path = f"/{self._system}/v1/{name}"
            yield Endpoint(self._system, name, method, path, partial(self._if_authorized, answer))

    def _if_authorized(self, answer: Callable[[Request], Reply], request: Request) -> Reply:
        if request.authorization != self._authorization:
            return Reply(b'{"error":"the token is wrong"}', HTTPStatus.UNAUTHORIZED)
        return answer(request)

    def _health(self, _: Request) -> Reply:
        return Reply(b'{"status":"ok"}')

    def _read(self, request: Request) -> Reply:
        try:
            question = self._questions.decode(request.body)
        except msgspec.DecodeError as error:
            return Reply(msgspec.json.encode({"error": str(error)}), HTTPStatus.BAD_REQUEST)
        numbers = tuple(question.numbers)
        find = partial(self._world.find, moment=self._clock.now())
        delay_seconds = self._world.erp_delay_seconds(numbers) if self._system == "erp" else 0.0
        body = canonical.answer(question, self._answers, find)
        return Reply(body, entities=len(numbers), delay_seconds=delay_seconds)

    def _changes(self, request: Request) -> Reply:
        try:
            since = msgspec.convert(request.query.get("since"), Instant)
            limit = msgspec.convert(request.query.get("limit", "1000"), Limit, strict=False)
        except msgspec.ValidationError as error:
            return Reply(msgspec.json.encode({"error": str(error)}), HTTPStatus.BAD_REQUEST)
        now = self._clock.now()
        return Reply(canonical.changes(self._world.changed(self._answers, since, now), self._answers, now, limit))


class _Batch(Struct):
    """Which parcels are asked for."""

    tracking_codes: list[str]


class EasyPostDesk:
    """EasyPost: trackers for the TMS, claims for the claims desk."""

    def __init__(self, key: str, world: World, clock: WorldClock) -> None:
        self._key = key
        self._world = world
        self._clock = clock
        self._batches = msgspec.json.Decoder(_Batch)

    def endpoints(self) -> Iterator[Endpoint]:
        """Its addresses; the fixed one comes before the one with a parameter."""
        yield self._endpoint("tms", "POST", "trackers/batch", self._batch)
        for system, name, kind, scheme in (
            ("tms", "trackers", EntityKind.SHIPMENT, Scheme.SHIPMENT_ID),
            ("claims", "claims", EntityKind.CLAIM, Scheme.CLAIM),
        ):
            yield self._endpoint(system, "GET", name, partial(self._list, name, kind, scheme))
            yield self._endpoint(system, "GET", f"{name}/{{id}}", partial(self._one, kind, scheme))

    def _endpoint(self, system: str, method: str, name: str, answer: Callable[[Request], Reply]) -> Endpoint:
        return Endpoint(system, name, method, f"/easypost/v2/{name}", partial(self._if_authorized, answer))

    def _if_authorized(self, answer: Callable[[Request], Reply], request: Request) -> Reply:
        """The key is the user of HTTP Basic; a password is not looked at."""
        kind, _, credentials = request.authorization.partition(" ")
        try:
            user = base64.b64decode(credentials, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            user = ""
        if kind != "Basic" or user != self._key:
            return Reply(easypost.refusal("UNAUTHORIZED", "The API key is wrong."), HTTPStatus.UNAUTHORIZED)
        return answer(request)

    def _find(self, kind: EntityKind, number: Number) -> Iterator[bytes]:
        return self._world.find(kind, number, self._clock.now())

    def _batch(self, request: Request) -> Reply:
        """Parcels that nobody made a tracker for are left out."""
        try:
            codes = self._batches.decode(request.body).tracking_codes
        except msgspec.DecodeError as error:
            refusal = easypost.refusal("PARAMETER.INVALID", str(error))
            return Reply(refusal, HTTPStatus.UNPROCESSABLE_ENTITY)
        found = [body for code in codes for body in self._find(EntityKind.SHIPMENT, (Scheme.TRACKING, code))]
        return Reply(easypost.page("trackers", found, has_more=False), entities=len(codes))

    def _list(self, name: str, kind: EntityKind, scheme: Scheme, request: Request) -> Reply:
        size, last = request.query.get("page_size", str(PAGE_SIZE)), request.query.get("before_id")
        if not (size.isdecimal() and 1 <= int(size) <= MAX_PAGE_SIZE):
            refusal = easypost.refusal("PARAMETER.INVALID", f"page_size: from 1 to {MAX_PAGE_SIZE}")
            return Reply(refusal, HTTPStatus.UNPROCESSABLE_ENTITY)
        numbers = self._world.newest(kind, self._clock.now())
        if last is not None:
            numbers = islice(dropwhile((scheme, last).__ne__, numbers), 1, None)
        some = list(islice(numbers, int(size) + 1))
        records = [body for number in some[: int(size)] for body in self._find(kind, number)]
        return Reply(easypost.page(name, records, has_more=len(some) > int(size)))

    def _one(self, kind: EntityKind, scheme: Scheme, request: Request) -> Reply:
        """Asked for by id; a tracker is not found by the other numbers of its parcel."""
        found = next(self._find(kind, (scheme, request.path["id"])), None)
        if found is None:
            refusal = easypost.refusal("NOT_FOUND", "The requested resource could not be found.")
            return Reply(refusal, HTTPStatus.NOT_FOUND, entities=1)
        return Reply(found, entities=1)
