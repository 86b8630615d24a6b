"""Where a request came from: the address that the connection had, or what a proxy that the operator trusts says."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

MOST_HOPS = 20
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def client_address(request: HttpRequest) -> str:
    """The client's address, as something to count by: IPv6 by its /64, which is one customer's; "" for a socket's peer.

    What X-Forwarded-For says counts only as far as PROXIES go: whoever is not behind one could write anything there.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    told = [word.strip() for word in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-MOST_HOPS:]]
    hops, networks = settings.PROXIES.hops, settings.PROXIES.networks
    if hops:
        peer = told[-hops] if len(told) >= hops and told[-hops] else peer
    while networks and told and _among(peer, networks):
        peer = told.pop() or peer
    return _counted(peer)


def _among(text: str, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    address = _read(text)
    return address is not None and any(address in network for network in networks)


def _read(text: str) -> Address | None:
    """An address with or without a port: 10.0.0.1, 10.0.0.1:4711, ::1, [::1]:4711."""
    bare = text[1:].partition("]")[0] if text.startswith("[") else text
    bare = bare.partition(":")[0] if bare.count(":") == 1 else bare
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _counted(text: str) -> str:
    address = _read(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address) if address else text[:64]
