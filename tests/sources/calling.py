"""An adapter before a router instead of a wire."""

from datetime import timedelta

import httpx
import respx

from domain.call import Call
from domain.clock import SystemClock
from domain.identity import EntityKind, Reference, Scheme
from domain.lookup import Lookup
from sources.http import Http, Limits

URL = "https://system.example.com"
CLOCK = SystemClock()
LIMITS = Limits(total=timedelta(seconds=1), connect=timedelta(seconds=1), concurrency=8, max_body_bytes=2**21)


class Calling:
    """`async with Calling(source, token=...) as calling`: `calling.router`, `calling.fetch(...)`."""

    def __init__(self, source, **settings):
        self.source = source
        self.settings = source.settings.model_validate(
            {"id": "here", "adapter": source.adapter, "base_url": URL} | settings
        )
        self.router = respx.Router(assert_all_called=False)
        transport = httpx.MockTransport(self.router.async_handler)
        self.http = Http("here", URL, limits=LIMITS, clock=CLOCK, transport=transport)
        self.client = source.connect(self.settings, self.http)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.http.aclose()

    async def fetch(self, read, *lookups):
        return await self.client.fetch(read, lookups, self.call)

    @property
    def call(self):
        return Call(deadline=CLOCK.monotonic() + 5, correlation_id="c-12345678")


def lookup(kind, scheme, value, issuer=None):
    return Lookup(EntityKind[kind], Reference(scheme=Scheme[scheme], value=value, issuer=issuer))
