"""The connections behind httpx's API.

httpx's own pool keeps one lock and scans lists for every call: with 32 calls under way it answers a thirtieth of what
aiohttp does (`bench/transport.py` measures it). httpx-aiohttp keeps the API and takes aiohttp's connections.
"""

from datetime import timedelta

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

KEEP_ALIVE = timedelta(seconds=30)
"""How long an idle connection is kept; most servers close theirs later."""


def open_transport() -> httpx.AsyncBaseTransport:
    """Connections of one source: kept alive, without cookies, environment proxies or a second bulkhead."""
    ssl_context = httpx.create_ssl_context(trust_env=False)

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE.total_seconds(), ssl=ssl_context),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    return AiohttpTransport(verify=ssl_context, trust_env=False, client=session)
