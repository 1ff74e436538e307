"""Asks EasyPost: trackers by many codes in one call, claims page by page because their list has no such filter."""

import base64
import re
from collections.abc import Sequence
from http import HTTPStatus

from domain.call import Call
from domain.errors import Missing, UnusableAnswer
from domain.lookup import Findings, Lookup
from sources.base import Answerer
from sources.easypost.findings import claim_findings, tracker_findings
from sources.easypost.settings import EasyPostSettings
from sources.http import Answer, Http, Request

PAGE_SIZE = 100
TRACKER_ID = re.compile(r"trk_[0-9a-f]{8,64}")
CLAIM_ID = re.compile(r"clm_[0-9a-f]{8,64}")


class EasyPostClient:
    """Speaks to one EasyPost account."""

    def __init__(self, settings: EasyPostSettings, http: Http) -> None:
        self._settings = settings
        self._http = http
        credentials = base64.b64encode(f"{settings.token.get_secret_value()}:".encode()).decode()
        self._headers = {"Authorization": f"Basic {credentials}"}

    async def fetch(self, read: str, lookups: Sequence[Lookup], call: Call) -> Findings:
        """See `sources.base.Client.fetch`."""
        return await {"trackers": self._trackers, "claims": self._claims}[read](lookups, call)

    async def check(self, call: Call) -> None:
        """See `sources.base.Client.check`."""
        await self._list("/v2/trackers", "trackers", call, page_size="1")

    async def _trackers(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        ids = sorted({lookup.by.value for lookup in lookups if TRACKER_ID.fullmatch(lookup.by.value)})
        tracking_codes = sorted({_tracking_code(lookup.by.value) for lookup in lookups} - set(ids))
        records, answer = await self._batch(tracking_codes, call) if tracking_codes else ([], None)
        for tracker_id in ids:
            answer = await self._get(f"/v2/trackers/{tracker_id}", call)
            records += self._one(answer, call)
        assert answer is not None  # noqa: S101  # there is at least one lookup
        return tracker_findings(records, lookups, self._answerer(answer), self._settings.links)

    async def _claims(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        if all(CLAIM_ID.fullmatch(lookup.by.value) for lookup in lookups):
            answers = [await self._get(f"/v2/claims/{lookup.by.value}", call) for lookup in lookups]
            records = [record for answer in answers for record in self._one(answer, call)]
            return claim_findings(records, lookups, self._answerer(answers[0]), self._settings.links, is_whole=True)
        return await self._searched_claims(lookups, call)

    async def _searched_claims(self, lookups: Sequence[Lookup], call: Call) -> Findings:
        records, has_more, answer = await self._list("/v2/claims", "claims", call)
        for _ in range(1, self._settings.claim_pages):
            if not has_more:
                break
            last = records[-1].get("id") if isinstance(records[-1], dict) else None
            page, has_more, answer = await self._list("/v2/claims", "claims", call, before_id=str(last))
            records += page
        return claim_findings(records, lookups, self._answerer(answer), self._settings.links, is_whole=not has_more)

    async def _batch(self, tracking_codes: Sequence[str], call: Call) -> tuple[list[object], Answer]:
        body = {"tracking_codes": tracking_codes}
        answer = await self._http.send(Request("POST", "/v2/trackers/batch", headers=self._headers, json=body), call)
        records, has_more = self._records(answer, "trackers", call)
        if has_more:
            raise self._unusable(answer, "only a part of the trackers", call)
        return records, answer

    async def _list(
        self, path: str, name: str, call: Call, page_size: str = str(PAGE_SIZE), **params: str
    ) -> tuple[list[object], bool, Answer]:
        query = (("page_size", page_size), *params.items())
        answer = await self._get(path, call, query)
        return *self._records(answer, name, call), answer

    async def _get(self, path: str, call: Call, params: Sequence[tuple[str, str]] = ()) -> Answer:
        return await self._http.send(Request("GET", path, params, self._headers), call)

    def _records(self, answer: Answer, name: str, call: Call) -> tuple[list[object], bool]:
        if answer.status == HTTPStatus.NOT_FOUND:
            raise self._http.spoiled(Missing(answer.source), call)
        body = self._json(answer, call)
        records = body.get(name)
        if not isinstance(records, list):
            raise self._unusable(answer, f"no {name}", call)
        return records, body.get("has_more") is True and bool(records)

    def _one(self, answer: Answer, call: Call) -> list[object]:
        """The one record of an answer; none if there is no such record."""
        return [] if answer.status == HTTPStatus.NOT_FOUND else [self._json(answer, call)]

    def _json(self, answer: Answer, call: Call) -> dict[str, object]:
        try:
            body = answer.json()
        except UnusableAnswer as error:
            raise self._http.spoiled(error, call) from error
        if not isinstance(body, dict) or "error" in body:
            raise self._unusable(answer, "an error instead of data", call)
        return body

    def _unusable(self, answer: Answer, detail: str, call: Call) -> Exception:
        return self._http.spoiled(UnusableAnswer(answer.source, detail), call)

    def _answerer(self, answer: Answer) -> Answerer:
        return Answerer.of(self._settings, [answer])


def _tracking_code(number: str) -> str:
    """The code of a parcel that is asked for by code, or by the `carrier:code` under which we show it."""
    return number.rpartition(":")[2]
