"""Only one process ever served a request, so nothing can be split over several.

Catches: controls with one worker, and runs in which the server had a single process anyway (against split_state).
Evidence needed: PIDs on the request lines, and only one of them.
Looks the same but is not: one process at a time, each replaced by the next (lost_state).
Example: all 84 requests of the run were served by gunicorn[812].
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind


def detect(case: Case, court: Court) -> Iterator[Finding]:
    if case.read is None or len(court.serving) != 1:
        return
    only = court.serving[0]
    if any(served.process != only.index for served in court.lineup.served):
        return
    yield Finding(
        of=VerdictKind.SPLIT_STATE,
        kind="one_process",
        text=f"All {only.requests} requests in this log were served by {court.name(only)} alone.",
        contrast=True,
    )
