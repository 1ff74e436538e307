"""Where calls may go, and that a name which comes to stand for something else sends none there."""

import asyncio
import socket

import pytest

from domain.errors import Unreachable
from sources.http.addresses import Destination
from sources.http.translate import PRIVATE
from tests.sources.http.test_faults import send
from tests.wire.raw_server import RawServer, answer

PUBLIC = "erp.example.com"


@pytest.mark.parametrize(
    ("host", "address", "by_name", "if_allowed"),
    [
        pytest.param(PUBLIC, "93.184.215.14", True, True, id="a public address"),
        pytest.param(PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", True, True, id="a public one of IPv6"),
        pytest.param(PUBLIC, "10.1.2.3", False, True, id="10/8"),
        pytest.param(PUBLIC, "172.16.0.1", False, True, id="172.16/12"),
        pytest.param(PUBLIC, "192.168.1.1", False, True, id="192.168/16"),
        pytest.param(PUBLIC, "fd12::1", False, True, id="a unique local one"),
        pytest.param(PUBLIC, "127.0.0.1", False, False, id="this machine"),
        pytest.param(PUBLIC, "127.9.9.9", False, False, id="this machine by another number"),
        pytest.param(PUBLIC, "::1", False, False, id="this machine by IPv6"),
        pytest.param(PUBLIC, "::ffff:127.0.0.1", False, False, id="this machine, mapped"),
        pytest.param(PUBLIC, "64:ff9b::7f00:1", False, False, id="this machine, translated"),
        pytest.param(PUBLIC, "2002:7f00:1::1", False, False, id="this machine, 6to4"),
        pytest.param(PUBLIC, "::ffff:10.0.0.1", False, True, id="10/8, mapped"),
        pytest.param(PUBLIC, "0.0.0.0", False, False, id="any"),  # noqa: S104  # nothing is bound
        pytest.param(PUBLIC, "169.254.169.254", False, False, id="where clouds tell credentials"),
        pytest.param(PUBLIC, "::ffff:169.254.169.254", False, False, id="the same, mapped"),
        pytest.param(PUBLIC, "fd00:ec2::254", False, False, id="the same by IPv6"),
        pytest.param(PUBLIC, "100.100.100.200", False, False, id="another cloud's"),
        pytest.param(PUBLIC, "fe80::1%eth0", False, False, id="a link-local one"),
        pytest.param(PUBLIC, "224.0.0.1", False, False, id="many at once"),
        pytest.param(PUBLIC, "240.0.0.1", False, False, id="reserved"),
        pytest.param("localhost", "127.0.0.1", True, True, id="this machine, which is meant"),
        pytest.param("localhost", "::1", True, True, id="the same by IPv6"),
        pytest.param("127.0.0.1", "127.0.0.1", True, True, id="this machine's address, which is meant"),
        pytest.param("10.1.2.3", "10.1.2.3", True, True, id="a private address, which is meant"),
        pytest.param("10.1.2.3", "10.1.2.4", False, True, id="not its neighbour"),
        pytest.param("169.254.169.254", "169.254.169.254", False, False, id="credentials, whatever is meant"),
        pytest.param("2130706433", "127.0.0.1", False, False, id="this machine as one number"),
        pytest.param("0x7f.1", "127.0.0.1", False, False, id="this machine in hexadecimal"),
    ],
)
def test_r24_where_a_name_may_lead(host, address, by_name, if_allowed):
    assert Destination(host).allows(address) is by_name
    assert Destination(host, allow_private=True).allows(address) is if_allowed


@pytest.fixture
def names(monkeypatch):
    """What names stand for; each in turn, the last for good."""
    table: dict[str, list[str]] = {}
    genuine = asyncio.BaseEventLoop.getaddrinfo

    async def told(loop, host, port, **options):
        if host not in table:
            return await genuine(loop, host, port, **options)
        address = table[host].pop(0) if len(table[host]) > 1 else table[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", told)
    return table


@pytest.mark.parametrize("allow_private", [False, True])
async def test_r24_a_name_that_comes_to_stand_for_this_machine_is_not_called(names, allow_private):
    async with RawServer(answer(body=b"{}")) as canary:
        port = canary.url.rpartition(":")[2]
        names["erp.example.com"] = ["127.0.0.1"]
        with pytest.raises(Unreachable) as caught:
            await send(f"http://erp.example.com:{port}", allow_private=allow_private)
        assert caught.value.detail == PRIVATE
        assert canary.connections == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]"])
async def test_this_machine_is_called_where_it_is_meant(host):
    async with RawServer(answer(body=b"{}")) as server:
        port = server.url.rpartition(":")[2]
        assert (await send(f"http://{host}:{port}")).status == 200


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
async def test_r24_this_machine_spelled_otherwise_is_not_called(host):
    async with RawServer(answer(body=b"{}")) as canary:
        port = canary.url.rpartition(":")[2]
        with pytest.raises(Unreachable):
            await send(f"http://{host}:{port}")
        assert canary.connections == 0


async def test_r24_a_redirect_is_not_followed():
    async with RawServer(answer(body=b"{}")) as canary, RawServer(answer(302, location=canary.url)) as server:
        with pytest.raises(Unreachable):
            await send(server.url)
        assert canary.connections == 0
