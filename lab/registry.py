"""All scenarios of the lab, in the order in which they run."""

from __future__ import annotations

from lab.scenario import Scenario
from lab.scenarios import (
    clocks,
    desk,
    evidence,
    forked,
    look_alikes,
    lost,
    memory,
    moving_clocks,
    original,
    portal,
    rollout,
    sessions,
    shared,
    sockets,
    traffic,
    zones,
)

SCENARIOS: tuple[Scenario, ...] = (
    *original.SCENARIOS,
    *memory.SCENARIOS,
    *sessions.SCENARIOS,
    *shared.SCENARIOS,
    *lost.SCENARIOS,
    *clocks.SCENARIOS,
    *zones.SCENARIOS,
    *moving_clocks.SCENARIOS,
    *desk.SCENARIOS,
    *look_alikes.SCENARIOS,
    *evidence.SCENARIOS,
    *traffic.SCENARIOS,
    *sockets.SCENARIOS,
    *forked.SCENARIOS,
    *rollout.SCENARIOS,
    *portal.SCENARIOS,
)


def by_slug(slug: str) -> Scenario:
    """Raises KeyError with the known slugs."""
    for scenario in SCENARIOS:
        if scenario.slug == slug:
            return scenario
    raise KeyError(f"no scenario {slug!r}; known are {', '.join(s.slug for s in SCENARIOS)}")
