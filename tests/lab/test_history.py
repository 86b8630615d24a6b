"""Recorded histories: what is recorded of a scenario, how failures are judged by them, and what they measure."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.corpus import SUFFIX, unpacked
from lab.history import HISTORIES, planned, record, staged
from lab.history_score import SUCCESSIONS, Seen, Told, conclusions, judged, look, succeeded
from lab.history_tables import HALVES, measured, right
from lab.needs import needs
from lab.registry import SCENARIOS, by_slug
from lab.score import half
from lab.verdict_score import AT_MOST, TARGETS
from triage.core.findings import Level
from triage.core.history.weigh import weigh

LARGEST = 6 * 1_048_576
# (half, figure): what is measured now, a little less (of "ece" a little more). Every row is a target that is missed.
MISSED: dict[tuple[str, str], float] = {}


def _experiments(slug: str, runs: int = 3, controls: int = 6) -> list[str]:
    return [experiment for experiment, _ in planned(by_slug(slug), runs, controls)]


@pytest.mark.parametrize(
    ("slug", "expected"),
    [
        ("memory-items", ["", *["one_process"] * 4, "", "", "fix", "fix"]),
        ("shared-rounding", ["", *["one_process"] * 4, "", "", "fix", "fix"]),
        ("original", ["", *["one_process"] * 6, "", ""]),
        ("lost-killed", ["", *["no_recycling"] * 4, "", "", "fix", "fix"]),
        ("xdist-wiping", ["", *["no_xdist"] * 6, "", ""]),
        ("refresh-preload", ["", "", "", *["fix"] * 6]),
        ("waitress-regression", ["", "", "", *["fix"] * 6]),
    ],
)
def test_a_history_is_runs_as_they_are_then_an_experiment_then_runs_as_they_are_then_a_fix(
    slug: str, expected: list[str]
) -> None:
    assert _experiments(slug) == expected


def test_a_scenario_of_one_process_without_a_switch_has_no_controls() -> None:
    alone = replace(by_slug("original"), server=replace(by_slug("original").server, workers=1))
    assert [experiment for experiment, _ in planned(alone, 2, 3)] == ["", ""]


def test_a_fix_leaves_the_processes_as_they_are_and_switches_the_defect_off() -> None:
    *_, (_, mended) = planned(by_slug("jobs-polled"), 0, 3)
    assert mended.server.workers == by_slug("jobs-polled").server.workers > 1
    assert "STORE" not in dict(mended.server.env)


def _truth(*problems: str | None, kind: str = "split_state") -> dict[str, Any]:
    return {
        "tests": {"test_a": "failed"},
        "failures": [{"test": "test_a", "kind": kind}],
        "requests": [{"test": "test_a", "problem": problem} for problem in problems],
    }


def test_a_run_that_shows_something_else_than_its_cause_is_dropped() -> None:
    split, regression = by_slug("memory-items"), by_slug("shared-rounding")
    assert staged(split, "", _truth(None)) == ""
    assert "failed where none ought to" in staged(split, "one_process", _truth(None))
    assert "failed where none ought to" in staged(regression, "fix", _truth(None, kind="consistent_failure"))
    assert staged(regression, "one_process", _truth(None, kind="consistent_failure")) == ""
    assert "waited in vain" in staged(split, "", _truth(None, "ReadTimeout: timed out"))
    assert "failed where none ought to" in staged(by_slug("shared-healthy"), "", _truth(None))
    assert staged(split, "", {"tests": {}, "failures": [], "requests": []}) == "no test ran"


def test_what_is_recorded_already_is_packed_and_not_recorded_again(tmp_path: Path) -> None:
    scenario = by_slug("original")
    if problem := needs(scenario):
        pytest.skip(problem)
    for number in range(1, 4):  # two as it stands and one control
        run = tmp_path / "work" / "original" / str(number)
        run.mkdir(parents=True)
        (run / "truth.json").write_text("{}")
    assert record([scenario], 2, 1, tmp_path / "work", tmp_path / "out") == 0
    with unpacked(tmp_path / "out") as runs:
        assert [run.name for run in runs] == ["1", "2", "3"]


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """Every test of every recorded run."""
    found = look(HISTORIES)
    if not found:
        pytest.skip("needs recorded histories: python -m lab history")
    return found


@pytest.fixture(scope="module")
def told(seen: list[Seen]) -> list[Told]:
    return list(judged(seen))


def test_every_failure_is_judged_in_its_own_scenario_alone(seen: list[Seen], told: list[Told]) -> None:
    slug = told[0].seen.scenario
    alone = [each for each in told if each.seen.scenario == slug]
    assert list(judged([each for each in seen if each.scenario == slug])) == alone
    assert len(told) == sum(each.expected is not None for each in seen)


def test_the_order_in_which_runs_are_found_changes_no_verdict(seen: list[Seen], told: list[Told]) -> None:
    slug = told[0].seen.scenario
    for each in (each for each in told if each.seen.scenario == slug and each.alone is not None):
        others = [
            other.occasion
            for other in reversed(seen)
            if (other.scenario, other.test) == (slug, each.seen.test) and other.run != each.seen.run
        ]
        assert each.alone and weigh(each.alone, each.seen.occasion, others) == each.weighed


def test_no_confirmed_verdict_is_wrong_even_where_one_cause_followed_another(
    seen: list[Seen], told: list[Told]
) -> None:
    several = (*told, *succeeded(seen))
    sure = [each for each in several if each.after and each.after.level is Level.CONFIRMED]
    assert [each.name for each in sure if not right(each, each.after)] == []


def test_no_experiment_concludes_what_is_not_so(seen: list[Seen]) -> None:
    assert [
        f"{each.scenario} {each.test}: {each.conclusion.sentence}" for each in conclusions(seen) if each.wrong
    ] == []


def test_causes_that_follow_one_another_are_of_one_half_and_of_one_suite() -> None:
    for first, later in SUCCESSIONS:
        assert half(first) == half(later)
        assert by_slug(first).client.suite == by_slug(later).client.suite


@pytest.mark.parametrize("name", HALVES)
@pytest.mark.parametrize(("figure", "target"), [(key, after) for key, _, _, after in TARGETS if after is not None])
def test_verdicts_reach_what_they_must(told: list[Told], name: str, figure: str, target: float) -> None:
    value = measured(told)[name, "history"].value(figure)
    if value is None:
        pytest.skip(f"needs histories in the half {name!r} that measure {figure}")
    floor = MISSED.get((name, figure), target)
    assert value <= floor if figure in AT_MOST else value >= floor


def test_every_archive_is_of_a_scenario_that_there_is_and_all_of_them_are_small() -> None:
    archives = list(HISTORIES.glob(f"*{SUFFIX}"))
    assert {path.name.removesuffix(SUFFIX) for path in archives} <= {scenario.slug for scenario in SCENARIOS}
    assert sum(path.stat().st_size for path in archives) <= LARGEST


def test_runs_with_a_remedy_are_marked_and_others_are_not() -> None:
    archive = next(iter(sorted(HISTORIES.glob(f"*{SUFFIX}"))), None)
    if archive is None:
        pytest.skip("needs recorded histories: python -m lab history")
    slug = archive.name.removesuffix(SUFFIX)
    with unpacked(HISTORIES) as runs:
        marks = [
            json.loads((run / "meta.json").read_text()).get("experiment") for run in runs if run.parent.name == slug
        ]
    assert None in marks and any(marks)
