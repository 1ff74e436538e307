"""How a gateway is served, seen from within."""

import asyncio
import gc
import socket
from contextlib import suppress

import pytest
import uvicorn
import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.listening import Address, AddressTaken
from app.main import COLLECTED_AFTER, create_app
from app.serving import OPTIONS
from app.settings import configure
from app.wiring import build
from tests.callers import ANYBODY

NOWHERE = "unix:///dev/null"


def test_it_is_served_by_what_is_fastest():
    config = uvicorn.Config(lambda: None, **OPTIONS)
    config.load()
    assert issubclass(config.http_protocol_class, HttpToolsProtocol)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        assert isinstance(runner.get_loop(), uvloop.Loop)


async def test_what_is_there_from_the_start_is_not_looked_through_again():
    app, received, sent = create_app(build(configure(ANYBODY, {}), NOWHERE)), asyncio.Queue(), asyncio.Queue()
    gc.unfreeze()
    before = gc.get_threshold()
    serving = asyncio.create_task(app({"type": "lifespan"}, received.get, sent.put))
    try:
        await received.put({"type": "lifespan.startup"})
        assert (await sent.get())["type"] == "lifespan.startup.complete"
        assert gc.get_freeze_count() > 50_000
        assert gc.get_threshold() == COLLECTED_AFTER
    finally:
        await received.put({"type": "lifespan.shutdown"})
        await serving
        gc.unfreeze()
        gc.set_threshold(*before)


def test_a_name_may_stand_for_several_addresses():
    with Address("localhost", 0) as address:
        assert {each.getsockname()[0] for each in _closed(address.listeners())} <= {"127.0.0.1", "::1"}


def has_ipv6():
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        return True
    return False


IPV6 = pytest.param("::1", "http://[::1]:", marks=pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here"))


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1:"), IPV6])
def test_processes_listen_at_one_port(host, url):
    with Address(host, 0, processes=2) as address:
        ports = {each.getsockname()[1] for _ in range(2) for each in _closed(address.listeners())}
        assert [f"{url}{port}" for port in ports] == [str(address)]


def test_who_comes_too_late_is_refused():
    with Address("127.0.0.1", 0) as address:
        [listener] = address.listeners()
        listener.listen()
        address.let_go()
        place = listener.getsockname()
        socket.create_connection(place).close()
        listener.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(place)


def _closed(sockets):
    """Sockets that are closed once they were looked at."""
    for each in sockets:
        with each:
            yield each


def test_a_family_that_is_switched_off_is_left_out(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (host, 0)) for host in ("127.0.0.1", "192.0.2.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with Address("localhost", 0) as address:
        assert [each.getsockname()[0] for each in _closed(address.listeners())] == ["127.0.0.1"]


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid"])
def test_an_address_of_somebody_else_is_none_to_listen_at(host):
    with pytest.raises(AddressTaken, match=f"cannot listen on {host}, port 8000"):
        Address(host, 8000)
