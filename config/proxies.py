"""TRUSTED_PROXIES: which of the machines before us may say where a request came from."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

from config import environment


class Proxies(NamedTuple):
    hops: int = 0  # how many stand before us, each of which adds to X-Forwarded-For
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()


def read() -> Proxies:
    """A number of proxies, or their addresses and networks; neither, and nobody is believed."""
    words = environment.words("TRUSTED_PROXIES")
    if len(words) == 1 and words[0].isascii() and words[0].isdigit():
        if int(words[0][:4]) > 10:
            raise environment.BadVariable("TRUSTED_PROXIES must be at most 10 proxies, or their addresses.")
        return Proxies(hops=int(words[0]))
    try:
        return Proxies(networks=tuple(ipaddress.ip_network(word) for word in words))
    except ValueError:
        raise environment.BadVariable(
            "TRUSTED_PROXIES must be a number of proxies, or addresses such as 127.0.0.1, 10.0.0.0/8."
        ) from None
