"""The original case, staged for real: a journald, gunicorn with three workers, pytest; then the verdict on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab.evidence import gathered
from lab.needs import needs
from lab.registry import by_slug
from lab.run import run_scenario
from triage.core.analyse import analyse
from triage.core.findings import VerdictKind

ATTEMPTS = 8  # the fault is a race: about two runs of three show it
TEST = "tests/test_api_example.py::test_api_example"


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A recorded run of the original case whose test failed, and its truth."""
    scenario = by_slug("original")
    needed = needs(scenario)
    if needed:
        pytest.skip(needed)
    folder = tmp_path_factory.mktemp("lab")
    for attempt in range(1, ATTEMPTS + 1):
        truth = run_scenario(scenario, attempt, folder / str(attempt))
        if truth["failures"]:
            return folder / str(attempt), truth
    pytest.fail(f"the fault did not show in {ATTEMPTS} runs")


def test_the_journal_names_the_process_that_really_answered(failing: tuple[Path, dict[str, Any]]) -> None:
    folder, truth = failing
    journal = (folder / "server" / "journal-short.txt").read_text()
    logged = {
        "POST": re.findall(r"gunicorn\[(\d+)\]: .*successfully added", journal),
        "GET": re.findall(r"gunicorn\[(\d+)\]: .*Processing /GET request", journal),
        "DELETE": re.findall(r"gunicorn\[(\d+)\]: .*removed figo", journal),
    }
    for method, pids in logged.items():
        assert [str(request["pid"]) for request in truth["requests"] if request["method"] == method] == pids


def test_the_failing_read_was_answered_by_another_process_than_the_write(
    failing: tuple[Path, dict[str, Any]],
) -> None:
    _, truth = failing
    [failure] = truth["failures"]
    assert failure["test"] == TEST
    assert failure["write_pid"] != failure["read_pid"]


def test_an_upload_tells_nothing_of_the_truth(failing: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = failing
    uploaded = [*(folder / "tests").iterdir(), *(folder / "server").iterdir(), folder / "meta.json"]
    assert len(uploaded) == 4
    for path in uploaded:
        assert not re.search(rb"x-lab|lab_truth|lab_pid|LAB_", path.read_bytes(), re.IGNORECASE), path.name


def test_the_pure_core_finds_the_true_processes(failing: tuple[Path, dict[str, Any]]) -> None:
    folder, truth = failing
    [failure] = truth["failures"]
    report = analyse(gathered(folder).evidence)
    [verdict] = report.verdicts
    assert verdict.kind is VerdictKind.SPLIT_STATE, verdict.summary
    assert verdict.write is not None and verdict.read is not None
    assert verdict.write.pid == failure["write_pid"]
    assert verdict.read.pid in failure["read_pids"]


def test_no_process_of_the_server_is_left(failing: tuple[Path, dict[str, Any]]) -> None:
    _, truth = failing
    assert not [request["pid"] for request in truth["requests"] if psutil.pid_exists(request["pid"])]


def test_the_recording_says_what_was_staged(failing: tuple[Path, dict[str, Any]]) -> None:
    folder, truth = failing
    assert json.loads((folder / "truth.json").read_text()) == truth
    assert truth["cause"] == {"kind": "split_state", "side": "server", "mechanism": "in_memory"}
