"""Where a gateway listens: taken before anything is started, so that a port that is not free is said at once."""

import errno
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from domain.errors import CasefoldError

SPREADS = sys.platform == "linux"
"""Whether the system spreads connections evenly over sockets of one address; elsewhere processes share one socket."""


class AddressTaken(CasefoldError):
    """The gateway cannot listen where it should."""


class Address:
    """A host and a port that are ours until the context ends.

    Args:
        host: a name or an address; a name may stand for several.
        port: 0: any free one.
        processes: how many will listen there.

    Raises:
        AddressTaken: somebody else listens there, or it is none of this machine's.
    """

    def __init__(self, host: str, port: int, processes: int = 1) -> None:
        self._spreads = SPREADS and processes > 1
        self._held = ExitStack()
        try:
            self._sockets = [self._held.enter_context(each) for each in _bound_to(host, port)]
        except OSError as error:
            self._held.close()
            raise AddressTaken(f"cannot listen on {host}, port {port}: {error.strerror}") from error
        for each in self._sockets if self._spreads else ():  # only now: whoever listened there already would let us in
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Keep it no longer; who listens there goes on."""
        self._held.close()

    def __str__(self) -> str:
        host, port = self._sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def listeners(self) -> Sequence[socket.socket]:
        """Sockets of one process, which closes them; one that dies takes no connection with it that is not its own."""
        if not self._spreads:
            return [each.dup() for each in self._sockets]
        return [_bound(each.family, each.getsockname(), is_shared=True) for each in self._sockets]


def _bound_to(host: str, port: int) -> Iterator[socket.socket]:
    """One for each address of a host, but those of a family that is switched off here."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    is_any_ours, refusal = False, None
    for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
        try:
            made = _bound(family, address)
        except OSError as error:
            if error.errno != errno.EADDRNOTAVAIL:
                raise
            refusal = error
        else:
            is_any_ours = True
            yield made
    if refusal is not None and not is_any_ours:
        raise refusal


def _bound(family: socket.AddressFamily, address: Any, *, is_shared: bool = False) -> socket.socket:  # noqa: ANN401  # as its family has it
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made
