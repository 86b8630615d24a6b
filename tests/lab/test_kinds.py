"""Which of the 26 kinds of split state the lab stages, and that it stages them with real processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lab.needs import needs
from lab.registry import SCENARIOS, by_slug
from lab.run import run_scenario
from lab.scenario import Scenario
from lab.scenarios.forked import without_preload

KINDS = range(1, 27)
ATTEMPTS = 8  # most faults are races


def _run_until_it_fails(slug: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the first run with a failing test was kept, and its truth."""
    scenario = by_slug(slug)
    needed = needs(scenario)
    if needed:
        pytest.skip(needed)
    for attempt in range(1, ATTEMPTS + 1):
        truth = run_scenario(scenario, attempt, folder / str(attempt))
        if truth["failures"]:
            return folder / str(attempt), truth
    pytest.fail(f"the fault did not show in {ATTEMPTS} runs")


def test_every_kind_is_staged() -> None:
    assert {scenario.split_kind for scenario in SCENARIOS} >= set(KINDS)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_a_kind_is_claimed_only_for_state_that_is_split_or_lost(scenario: Scenario) -> None:
    if scenario.split_kind:
        assert scenario.split_kind in KINDS
        assert scenario.truth.kind in ("split_state", "lost_state")
        assert scenario.remedy_helps, "a kind without a remedy that helps is not proven"
        assert not scenario.look_alike


def test_an_app_can_be_imported_by_each_worker_for_itself() -> None:
    scenario = by_slug("refresh-preload")
    assert "--preload" in scenario.server.args
    assert "--preload" not in without_preload(scenario).server.args


def test_the_truth_names_the_process_that_accepted_a_websocket(tmp_path: Path) -> None:
    folder, truth = _run_until_it_fails("chat-rooms", tmp_path)
    accepted = [request for request in truth["requests"] if request["path"].startswith("/ws/")]
    assert accepted and all(request["status"] == 101 and request["pid"] for request in accepted)
    failure = truth["failures"][0]
    assert failure["write_pid"] != failure["read_pid"]
    journal = (folder / "server" / "journal-short-iso-precise.txt").read_text()
    assert f"uvicorn[{failure['read_pid']}]: INFO:" in journal
    uploaded = b"".join(path.read_bytes() for side in ("tests", "server") for path in (folder / side).iterdir())
    assert b"x-lab" not in uploaded.lower()
    assert b"lab_" not in uploaded


def test_two_processes_break_a_connection_that_they_inherited(tmp_path: Path) -> None:
    folder, _ = _run_until_it_fails("ledger-inherited", tmp_path)
    journal = (folder / "server" / "journal-short-precise.txt").read_text()
    assert "bad record mac" in journal.lower()
