"""The audit of a run: which gaps its logs have, the most harmful first."""

from __future__ import annotations

from collections.abc import Sequence

from triage.core.audit.registry import AUDITORS, SERVER_LOG
from triage.core.audit.seen import Seen
from triage.core.findings import Gap, Verdict
from triage.core.lineup import Scene

# What is left to say where the server's log is missing: the rest would follow from that alone.
_TESTS_SIDE = frozenset({"no_test_requests", "silent_failures", "lines_name_no_test"})


def audit(scene: Scene, verdicts: Sequence[Verdict]) -> tuple[Gap, ...]:
    """Every gap that holds for this run, by how many failing tests it hurts. Near-linear; none for a good run."""
    seen = Seen(scene, verdicts)
    gone = tuple(SERVER_LOG(seen))
    gaps = [gap for auditor in AUDITORS for gap in auditor(seen)]
    if gone:
        gaps = [gap for gap in gaps if gap in gone or gap.kind in _TESTS_SIDE]
    return tuple(sorted(gaps, key=lambda gap: -gap.hurts))
