"""The whole answer for one run: evidence in, report out. Pure, and the same for the same evidence."""

from __future__ import annotations

from triage.core.diagnose import diagnose
from triage.core.findings import Report
from triage.core.lineup import line_up
from triage.core.records import RunEvidence
from triage.core.sessions import told_apart

CORE_VERSION = 4  # raised whenever the same evidence may get another answer


def analyse(evidence: RunEvidence) -> Report:
    """Line up the run and give one verdict per failing test. Never raises on what a log says."""
    scene = line_up(told_apart(evidence))
    return Report(lineup=scene.lineup, verdicts=diagnose(scene), core_version=CORE_VERSION)
