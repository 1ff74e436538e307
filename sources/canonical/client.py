"""One call answers everything that is asked in one moment."""

from collections.abc import Sequence

import msgspec

from domain.call import Call
from domain.errors import Missing, UnusableAnswer
from domain.lookup import Findings, Lookup
from sources.base import Answerer
from sources.canonical.mapping import findings_of, request_of
from sources.canonical.wire import WireAnswer
from sources.http import Answer, Http, Request
from sources.settings import SourceSettings

NOT_FOUND = 404


class CanonicalClient:
    """Speaks to one canonical system."""

    def __init__(self, settings: SourceSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        token = settings.token.get_secret_value() if settings.token else None
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._decoder = msgspec.json.Decoder(WireAnswer)

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:  # noqa: ARG002  # there is one read
        """See `sources.base.Client.fetch`."""
        body = msgspec.to_builtins(request_of(lookups))
        answer = await self._send(Request("POST", "/v1/read", headers=self._headers, json=body), call)
        answerer = Answerer.of(self._settings, [answer])
        return findings_of(self._decoded(answer, call), lookups, answerer)

    async def check(self, call: Call) -> None:
        """See `sources.base.Client.check`."""
        await self._send(Request("GET", "/v1/health", headers=self._headers), call)

    async def _send(self, request: Request, call: Call) -> Answer:
        answer = await self._http.send(request, call)
        if answer.status == NOT_FOUND:
            raise self._http.spoiled(Missing(self._settings.id, request.path), call)
        return answer

    def _decoded(self, answer: Answer, call: Call) -> WireAnswer:
        try:
            return self._decoder.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._http.spoiled(UnusableAnswer(answer.source, str(error)[:300]), call) from error
