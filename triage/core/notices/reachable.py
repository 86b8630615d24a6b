"""Which addresses a message may go to: no machine's own secrets, and one's own network only where that is allowed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Where clouds answer with a machine's credentials, beside 169.254.169.254, which is link-local.
METADATA = tuple(map(ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")))
_SHARED = ip_network("100.64.0.0/10")
_TRANSLATED = ip_network("64:ff9b::/96")  # an IPv4 address inside an IPv6 one


def refusal(address: str, private_allowed: bool) -> str:
    """Why nothing is sent to an address, in a sentence; "" where something may be."""
    try:
        ip = _inner(ip_address(address.partition("%")[0]))
    except ValueError:
        return "Its name leads to no address."
    if ip.is_link_local or ip in METADATA:
        return "Its name leads to a link-local or metadata address, where nothing is sent."
    if ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        return "Its name leads to an address that belongs to no server."
    private = ip.is_private or ip.is_loopback or (isinstance(ip, IPv4Address) and ip in _SHARED)
    if private and not private_allowed:
        return "Its name leads into the private network. The operator may allow that: LINEUP_PRIVATE_TARGETS=true."
    return ""


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
