"""The scenarios as data: every one can be told apart, run and remedied."""

from __future__ import annotations

import pytest

from lab.registry import SCENARIOS, by_slug
from lab.run import LAB
from lab.scenario import Scenario
from lab.score import half
from lab.servers import RUNNERS
from triage.core.findings import Mechanism, VerdictKind


def test_no_two_scenarios_share_a_slug() -> None:
    assert len({scenario.slug for scenario in SCENARIOS}) == len(SCENARIOS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_a_scenario_names_an_app_a_suite_and_a_verdict_that_exist(scenario: Scenario) -> None:
    assert (LAB / "apps" / f"{scenario.server.app}.py").is_file()
    assert list((LAB / "suites" / scenario.client.suite / "tests").glob("test_*.py"))
    assert scenario.server.runner in RUNNERS
    for truth in (scenario.truth, *(truth for _, truth in scenario.other_truths)):
        assert VerdictKind(truth.kind)
        assert truth.mechanism is None or Mechanism(truth.mechanism)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_a_remedy_changes_something(scenario: Scenario) -> None:
    assert scenario.remedied() != scenario


def test_both_halves_of_the_scenarios_have_every_kind_of_failure() -> None:
    kinds = {"tune": set(), "held out": set()}
    for scenario in SCENARIOS:
        kinds[half(scenario.slug)].add(scenario.truth.kind)
    assert kinds["tune"] == kinds["held out"]


def test_an_unknown_scenario_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="original"):
        by_slug("nothing")
