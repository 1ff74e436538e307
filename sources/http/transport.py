"""The connections behind httpx's API.

httpx's own pool keeps one lock and scans lists for every call: with 32 calls under way it answers a thirtieth of what
aiohttp does (`bench/transport.py` measures it). httpx-aiohttp keeps the API and takes aiohttp's connections.
"""

import socket
from datetime import timedelta

import aiohttp
import httpx
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import AddrInfoType, Connection
from aiohttp.tracing import Trace
from httpx_aiohttp import AiohttpTransport

from sources.http.addresses import Destination, MustNotBeCalled

KEEP_ALIVE = timedelta(seconds=30)
"""How long an idle connection is kept; most servers close theirs later."""


class _Connector(aiohttp.TCPConnector):
    """Drops a kept connection on which something came that nobody had asked for.

    aiohttp takes it for the answer to the next request, which is about another case (aio-libs/aiohttp#13656).
    """

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        while kept := await super()._get(key, traces):
            if kept.protocol is not None and not kept.protocol.should_close:
                return kept
            kept.close()
        return None


def open_transport(destination: Destination) -> httpx.AsyncBaseTransport:
    """Connections of one source: kept alive, without cookies, environment proxies or a second bulkhead.

    Args:
        destination: where they may lead.
    """
    ssl_context = httpx.create_ssl_context(trust_env=False)

    def allowed_socket(found: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = found
        if not destination.allows(str(address[0])):
            raise MustNotBeCalled
        return socket.socket(family, kind, protocol)

    def session() -> aiohttp.ClientSession:
        opened = aiohttp.ClientSession(
            connector=_Connector(
                limit=0,
                keepalive_timeout=KEEP_ALIVE.total_seconds(),
                ssl=ssl_context,
                socket_factory=allowed_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        opened._retry_connection = False  # noqa: SLF001  # it has no public switch, and would repeat beyond our budget
        return opened

    return AiohttpTransport(verify=ssl_context, trust_env=False, client=session)
