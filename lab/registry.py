"""All scenarios of the lab, in the order in which they run."""

from __future__ import annotations

from lab.scenario import Scenario
from lab.scenarios import clocks, desk, lost, memory, original, sessions, shared

SCENARIOS: tuple[Scenario, ...] = (
    *original.SCENARIOS,
    *memory.SCENARIOS,
    *sessions.SCENARIOS,
    *shared.SCENARIOS,
    *lost.SCENARIOS,
    *clocks.SCENARIOS,
    *desk.SCENARIOS,
)


def by_slug(slug: str) -> Scenario:
    """Raises KeyError with the known slugs."""
    for scenario in SCENARIOS:
        if scenario.slug == slug:
            return scenario
    raise KeyError(f"no scenario {slug!r}; known are {', '.join(s.slug for s in SCENARIOS)}")
