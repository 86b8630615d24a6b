"""The whole answer for one run: evidence in, report out. Pure, and the same for the same evidence."""

from __future__ import annotations

from triage.core.audit.audit import audit
from triage.core.diagnose import court_of, diagnose
from triage.core.findings import Report
from triage.core.history.traces import traces
from triage.core.lineup import line_up
from triage.core.records import RunEvidence
from triage.core.sessions import told_apart

CORE_VERSION = 5  # raised whenever the same evidence may get another answer


def analyse(evidence: RunEvidence) -> Report:
    """Line up the run and give one verdict per failing test. Never raises on what a log says."""
    scene = line_up(told_apart(evidence))
    court = court_of(scene)
    verdicts = diagnose(scene, court)
    return Report(
        lineup=scene.lineup,
        verdicts=verdicts,
        gaps=audit(scene, verdicts),
        traces=traces(scene, court),
        core_version=CORE_VERSION,
    )
