"""Failed sign-ins, counted in the cache that all processes share.

Counting in one process's memory would allow as many tries a process as were meant for all.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache

WINDOW_S = 15 * 60
# One name from one address; one name from anywhere; one address with any names (many people may share one).
LIMITS = (("pair", 10), ("name", 50), ("address", 200))


def keys(name: str, address: str) -> dict[str, str]:
    """What the tries are counted under. Names are hashed: a cache is no place for what people typed."""
    name = name.strip().lower()[:300]
    told = {"pair": f"{name}\n{address}", "name": name, "address": address}
    return {kind: f"sign-in:{kind}:{hashlib.sha256(text.encode()).hexdigest()}" for kind, text in told.items()}


def spent(who: dict[str, str]) -> bool:
    counts = cache.get_many(who.values())
    return any(counts.get(who[kind], 0) >= limit for kind, limit in LIMITS)


def note(who: dict[str, str]) -> None:
    for key in who.values():
        cache.add(key, 0, WINDOW_S)
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.add(key, 1, WINDOW_S)


def forget(who: dict[str, str]) -> None:
    cache.delete_many([who["pair"], who["name"]])
