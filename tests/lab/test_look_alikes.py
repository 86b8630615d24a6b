"""Look-alikes and the variety of evidence, as data: what the lab promises to stage is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.registry import SCENARIOS, by_slug
from lab.scenario import Scenario
from lab.scenarios import evidence, look_alikes, traffic
from lab.scenarios.traffic import CROWD

LOOK_ALIKES = [scenario for scenario in SCENARIOS if scenario.look_alike]
CROWDED = [scenario for scenario in traffic.SCENARIOS if scenario.disturbance.background]


def test_at_least_twelve_different_look_alikes_are_staged() -> None:
    assert len({scenario.look_alike for scenario in LOOK_ALIKES}) >= 12


@pytest.mark.parametrize("scenario", LOOK_ALIKES, ids=lambda scenario: scenario.slug)
def test_a_look_alike_is_no_split_state(scenario: Scenario) -> None:
    assert scenario.truth.kind not in ("split_state", "lost_state")
    assert scenario.split_kind == 0
    assert not scenario.remedy_helps


@pytest.mark.parametrize("scenario", look_alikes.SCENARIOS, ids=lambda scenario: scenario.slug)
def test_a_look_alike_has_several_processes_and_a_shared_store(scenario: Scenario) -> None:
    assert scenario.server.workers * (1 + len(scenario.server.more_hosts)) > 1
    assert ("STORE", "memory") not in scenario.server.env


@pytest.mark.parametrize("scenario", CROWDED, ids=lambda scenario: scenario.slug)
def test_a_crowded_case_has_a_quiet_twin_that_differs_in_nothing_else(scenario: Scenario) -> None:
    quiet = by_slug(f"{scenario.slug}-quiet")
    assert quiet.disturbance == replace(scenario.disturbance, background=())
    assert replace(quiet, slug=scenario.slug, about=scenario.about, disturbance=scenario.disturbance) == scenario


def test_at_least_four_pairs_compare_a_crowd_with_quiet() -> None:
    assert len([scenario for scenario in CROWDED if scenario.disturbance.background == CROWD.background]) >= 4


def test_every_kind_of_evidence_is_staged_split_and_not_split() -> None:
    split = {scenario.slug for scenario in evidence.SCENARIOS if scenario.split_kind}
    others = {scenario.slug.rpartition("-")[0] for scenario in evidence.SCENARIOS if not scenario.split_kind}
    assert split == others
    assert len(split) >= 13
