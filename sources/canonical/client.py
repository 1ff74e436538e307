"""One call answers everything that is asked in one moment."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from domain.call import Call
from domain.errors import Missing, UnusableAnswer
from domain.lookup import Changes, Findings, Lookup
from sources.base import Answerer
from sources.canonical.mapping import changes_of, findings_of, request_of
from sources.canonical.settings import CanonicalSettings
from sources.canonical.wire import WireAnswer, WireChanges
from sources.http import Answer, Http, Request

NOT_FOUND = 404


T = TypeVar("T")

MOST_CHANGES = 1_000
"""Changes of one answer."""


class CanonicalClient:
    """Speaks to one canonical system."""

    def __init__(self, settings: CanonicalSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        token = settings.token.get_secret_value() if settings.token else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._answers = msgspec.json.Decoder(WireAnswer)

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:  # noqa: ARG002  # there is one read
        """See `sources.base.Client.fetch`."""
        body = msgspec.to_builtins(request_of(lookups))
        answer = await self._send(Request("POST", "/v1/read", headers=self._headers, json=body), call)
        answerer = Answerer.of(self._settings, [answer])
        return findings_of(self._decoded(self._answers, answer, call), lookups, answerer, self._settings.links)

    async def check(self, call: Call) -> None:
        """See `sources.base.Client.check`."""
        await self._send(Request("GET", "/v1/health", headers=self._headers), call)

    async def _send(self, request: Request, call: Call) -> Answer:
        answer = await self._http.send(request, call)
        if answer.status == NOT_FOUND:
            raise self._http.spoiled(Missing(self._settings.id, request.path), call)
        return answer

    def _decoded(self, decoder: "msgspec.json.Decoder[T]", answer: Answer, call: Call) -> T:
        try:
            return decoder.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._http.spoiled(UnusableAnswer(answer.source, str(error)[:300]), call) from error


class ChangesCanonicalClient(CanonicalClient):
    """Speaks to one that can say what has changed."""

    def __init__(self, settings: CanonicalSettings, http: Http) -> None:
        super().__init__(settings, http)
        self._changes = msgspec.json.Decoder(WireChanges)

    async def changes(self, since: datetime, call: Call) -> Changes:
        """See `sources.base.ChangesClient.changes`."""
        params = (("since", since.isoformat()), ("limit", str(MOST_CHANGES)))
        answer = await self._send(Request("GET", "/v1/changes", params, self._headers), call)
        return changes_of(self._decoded(self._changes, answer, call))


def connect(settings: CanonicalSettings, http: Http) -> CanonicalClient:
    """The client of one configured system."""
    return (ChangesCanonicalClient if settings.lists_changes else CanonicalClient)(settings, http)
