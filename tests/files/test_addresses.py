"""Downloads connect to the open internet alone, in whatever form an address is written."""

import ipaddress
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallway.files.addresses import is_public

# The IANA special-purpose registry's, and two clouds' metadata services that lie outside it.
CLOSED_V4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
CLOSED_V6 = [
    IPv6Network(text)
    for text in (
        "::/128",
        "::1/128",
        "::/96",  # IPv4-compatible
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b:1::/48",
        "100::/64",
        "2001:2::/48",
        "2001:10::/28",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
]

V4 = (
    st.ip_addresses(v=4)
    | st.sampled_from(CLOSED_V4).flatmap(lambda network: st.ip_addresses(v=4, network=network))
    | st.sampled_from([IPv4Address(int(n.network_address) - 1) for n in CLOSED_V4[1:]])
    | st.sampled_from([IPv4Address(int(n.broadcast_address) + 1) for n in CLOSED_V4[:-1]])
)


def mapped(address: IPv4Address) -> IPv6Address:
    return IPv6Address(0xFFFF << 32 | int(address))


def nat64(address: IPv4Address) -> IPv6Address:
    return IPv6Address(int(IPv6Address("64:ff9b::")) | int(address))


def six_to_four(address: IPv4Address) -> IPv6Address:
    return IPv6Address(0x2002 << 112 | int(address) << 80 | 1)


def teredo(address: IPv4Address) -> IPv6Address:
    server = int(IPv4Address("65.54.227.120"))
    return IPv6Address(0x20010000 << 96 | server << 64 | int(address) ^ 0xFFFFFFFF)


@given(V4)
def test_an_ipv4_address_is_public_outside_the_special_networks_alone(address: IPv4Address) -> None:
    assert is_public(address) == (not any(address in network for network in CLOSED_V4))


@pytest.mark.parametrize("wrap", [mapped, nat64, six_to_four, teredo])
@given(address=V4)
def test_an_ipv4_address_inside_an_ipv6_address_is_judged_as_it_is(
    wrap: Callable[[IPv4Address], IPv6Address], address: IPv4Address
) -> None:
    assert is_public(wrap(address)) == is_public(address)


@given(st.sampled_from(CLOSED_V6).flatmap(lambda network: st.ip_addresses(v=6, network=network)))
def test_no_special_ipv6_address_is_public(address: IPv6Address) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "text",
    ["93.184.216.34", "8.8.8.8", "2001:4860:4860::8888", "2a00:1450:4001:81b::200e", "2606:4700::1111"],
)
def test_ordinary_servers_are_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",  # most clouds
        "169.254.170.2",  # containers' credentials
        "fd00:ec2::254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "127.0.0.1",
        "::1",
        "::ffff:169.254.169.254",
    ],
)
def test_metadata_services_and_this_machine_are_not(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))
