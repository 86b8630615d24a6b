"""The recorded corpus in a crowd: what a sifted log says, the whole one says as well, or the run without the crowd."""

from __future__ import annotations

from collections import Counter

import pytest

from lab.corpus import CORPUS, unpacked
from lab.evidence import gathered
from tests.triage.core.busy import TALKERS, in_a_crowd, sifted
from triage.core.analyse import analyse
from triage.core.findings import LineRef, Report
from triage.core.records import RunEvidence
from triage.core.sessions import told_apart

SURE = 0.9
EVERY = 5  # of the recorded runs is looked at
LOST = 0.002  # of the steps that the whole log is sure of, where only order ties them
VERDICTS = 0.98  # that stay: a doubtful one may tip over where strangers are gone


def test_a_sifted_log_ties_steps_as_the_whole_one_does() -> None:
    with unpacked(CORPUS) as runs:
        if not runs:
            pytest.skip("no corpus is recorded")
        counts: Counter[str] = Counter()
        for run in runs[::EVERY]:
            compare(told_apart(gathered(run).evidence), counts, str(run))
    assert counts["steps lost"] <= LOST * counts["steps"]
    assert counts["verdicts the same"] >= VERDICTS * counts["verdicts"]


def compare(evidence: RunEvidence, counts: Counter[str], run: str) -> None:
    """Holds one run's processes to be the same, and counts its sure steps and its verdicts."""
    crowd = in_a_crowd(evidence)
    alone, whole, less = analyse(evidence), analyse(crowd), analyse(sifted(crowd))
    without, before, after = _told(alone), _told(whole), _told(less)
    for step, (process, confidence) in before.items():
        counts["steps"] += confidence >= SURE
        counts["steps lost"] += confidence >= SURE and after.get(step, (None,))[0] != process
    for step, (process, confidence) in after.items():
        agree = [found[step][0] for found in (before, without) if step in found]
        counts["steps lost"] += confidence >= SURE and process not in agree
    assert _processes(whole) == _processes(less), run
    if any("derived" in match.basis for step in whole.lineup.steps for match in step.matches):
        return  # in a log with many strangers no step is derived
    for one, other, first in zip(whole.verdicts, less.verdicts, alone.verdicts, strict=True):
        counts["verdicts"] += 1
        counts["verdicts the same"] += other.kind in (one.kind, first.kind)


def _told(report: Report) -> dict[LineRef, tuple[object, float]]:
    """Who served each step that the tests tell of, and how surely."""
    lineup = report.lineup
    found: dict[LineRef, tuple[object, float]] = {}
    for step in lineup.steps:
        if step.matches and "derived" not in step.matches[0].basis:
            process = lineup.processes[lineup.served[step.matches[0].served].process]
            found[step.ref] = (process.host, process.pid), step.matches[0].confidence
    return found


def _processes(report: Report) -> dict[object, int]:
    """Spans and requests of all processes that serve any."""
    return {
        (each.host, each.pid, each.boot, each.born_us, each.died_us, each.ended_by, each.first_us, each.last_us):
        each.requests
        for each in report.lineup.processes
        if each.requests and each.pid not in TALKERS
    }  # fmt: skip
