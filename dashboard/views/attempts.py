"""Failed sign-ins, counted in Postgres.

Counting in one process's memory would allow as many tries a process as were meant for all.
"""

from __future__ import annotations

from django.utils import timezone

from triage.limits import QUARTER
from triage.models import Attempt
from triage.store import attempts

# One name from one address; one name from anywhere; one address with any names (many people may share one).
LIMITS = (("pair", 10), ("name", 50), ("address", 200))


def keys(name: str, address: str) -> dict[str, str]:
    """What the tries are counted under, by kind."""
    name = name.strip().lower()[:300]
    told = {"pair": f"{name}\n{address}", "name": name, "address": address}
    return {kind: attempts.key(f"sign-in {kind}", text) for kind, text in told.items()}


def spent(who: dict[str, str]) -> bool:
    counts = Attempt.objects.counts(list(who.values()), timezone.now())
    return any(counts.get(who[kind], 0) >= limit for kind, limit in LIMITS)


def note(who: dict[str, str]) -> None:
    for key in who.values():
        attempts.note(key, QUARTER, timezone.now())


def forget(who: dict[str, str]) -> None:
    attempts.forget([who["pair"], who["name"]])
