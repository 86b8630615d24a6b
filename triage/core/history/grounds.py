"""The runs on which history rests when it says that a failure does not depend on processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from triage.core.findings import VerdictKind
from triage.core.history.opinions import kind_of
from triage.core.history.period import Seen, apart
from triage.core.history.records import Occasion
from triage.core.history.wording import named

Ground = tuple[str, tuple[Occasion, ...]]  # what these runs show, and the runs


def grounds(seen: Sequence[Seen], refuting: Sequence[Occasion], others: Sequence[Occasion]) -> Iterator[Ground]:
    """What speaks for a cause that any process shows; other runs' own verdicts only where nothing is seen of it."""
    failed = tuple(each.occasion for each in seen if each.occasion.failed and apart(each.meeting) is False)
    passed = tuple(each.occasion for each in seen if not each.occasion.failed and apart(each.meeting))
    if refuting:
        yield "It failed in runs made to keep write and read together", tuple(refuting)
    if failed:
        yield "It failed where write and read met one process", failed
    if passed:
        met = "they met different ones" if failed else "write and read met different processes"
        yield f"It passed where {met}", passed
    if not (refuting or failed or passed):
        said = tuple(each for each in others if kind_of(each) is VerdictKind.CONSISTENT_FAILURE)
        if said:
            yield "Logs of other runs show a consistent failure", said


def read_out(found: Sequence[Ground]) -> str:
    """`It failed where write and read met one process: the runs of 20 Nov 2026, 12:00 UTC, of … and 4 more.`"""
    return " ".join(f"{shows}: {named([each.at_us for each in runs])}." for shows, runs in found)
