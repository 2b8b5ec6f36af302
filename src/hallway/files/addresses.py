"""Which network addresses a server-side download may connect to."""

import ipaddress

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

# Python's own tables differ between its releases, and leave these out: protocol assignments (one cloud's metadata is
# there), the retired 6to4 relays and site-local addresses, documentation, and another cloud's metadata.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "fec0::/10", "3fff::/20", "5f00::/16"),
    )
)
# Networks that translate to IPv4: what counts is the address inside (RFC 6052, RFC 3056).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: IPAddress) -> bool:
    """Tell whether an address is of the open internet.

    Private, loopback, link-local (cloud metadata among them), carrier-grade NAT, unique-local, multicast and
    reserved addresses are not, nor is any of them wrapped in an IPv6 address.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded_ipv4(address)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
