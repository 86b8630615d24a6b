"""Causes are verified, not declared: the remedy makes a split case pass and leaves a control failing."""

from __future__ import annotations

from pathlib import Path

from lab.run import run_scenario
from lab.scenario import Scenario

ATTEMPTS = 6


def verify(scenario: Scenario, folder: Path, runs: int) -> tuple[bool, str]:
    """Whether the cause is what the scenario says, and a sentence about it. Writes its runs under `folder`."""
    as_is = _failing(scenario, folder / "as-is", runs)
    for attempt in range(ATTEMPTS):
        if not as_is and not scenario.slug.endswith("healthy"):  # a race: it need not show at once
            as_is = _failing(scenario, folder / f"as-is-{attempt + 2}", 1)
    remedied = _failing(scenario.remedied(), folder / "remedied", runs)
    if scenario.slug.endswith("healthy"):
        return not as_is and not remedied, f"failing tests: {sorted(as_is | remedied) or 'none'}"
    if not as_is:
        return False, f"no test failed in {runs + ATTEMPTS} runs, so there is nothing to explain"
    if scenario.remedy_helps:
        return not remedied, f"{len(as_is)} tests fail, with the remedy {sorted(remedied) or 'none'}"
    still = as_is & remedied
    return still == as_is, f"{len(as_is)} tests fail, with the remedy still {len(still)}"


def _failing(scenario: Scenario, folder: Path, runs: int) -> set[str]:
    failing: set[str] = set()
    for number in range(1, runs + 1):
        truth = run_scenario(scenario, number, folder / str(number))
        failing |= {failure["test"] for failure in truth["failures"]}
    return failing
