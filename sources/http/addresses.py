"""Which network addresses may be called: whoever can answer for a name must not send our calls wherever they like.

The rule is applied to the very address that a socket is about to be connected to, so there is no moment between the
check and the call in which a name could come to stand for something else.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200")})
"""Where clouds tell machines their credentials, besides the link-local addresses."""

LOOPBACK_NAMES = frozenset({"localhost"})

_NAT64 = IPv6Network("64:ff9b::/96")


class MustNotBeCalled(OSError):
    """A name led to an address that settings do not say may be called."""

    def __init__(self) -> None:
        super().__init__("it must not be called")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the calls of one client may go.

    Attributes:
        host: of the URL in the settings, a name or an address; an address that stands there is meant.
        allow_private: whether its name may lead into private networks, where systems on the premises are.
    """

    host: str
    allow_private: bool = False

    def allows(self, text: str) -> bool:
        """Whether an address may be connected to.

        Args:
            text: as the operating system spells it.
        """
        address = _reached(ip_address(text.partition("%")[0]))
        if address.is_link_local or address.is_multicast or address.is_unspecified or address in METADATA:
            return False
        if address == _literal(self.host):
            return True
        if address.is_loopback:
            return self.host in LOOPBACK_NAMES
        return address.is_global or (self.allow_private and address.is_private and not address.is_reserved)


def _literal(host: str) -> Address | None:
    try:
        return _reached(ip_address(host))
    except ValueError:
        return None


def _reached(address: Address) -> Address:
    """The address that is called in the end: IPv6 has several ways to say an IPv4 address."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
