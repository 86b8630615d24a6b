"""One console may hold several test runs, one after the other: the same test in two of them is two tests here.

Else their steps would be taken for two tellings of one attempt, and a read of the first run be held against the writer
of the second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

import msgspec

from triage.core.records import PartRecords, RunEvidence, Side

ENDS = "session_duration_us"  # the fact that a run's last line gives


def told_apart(evidence: RunEvidence) -> RunEvidence:
    """The same evidence, in which a test that an earlier run of the same console had is called `… (run 2)`.

    The same object where no console holds two runs.
    """
    consoles: dict[str, list[int]] = {}
    for index, part in enumerate(evidence.parts):
        if part.side is Side.TESTS and part.results and (part.of or len(_ends(part)) > 1):
            consoles.setdefault(f"{part.format} {part.of or index}", []).append(index)
    parts = list(evidence.parts)
    for indexes in consoles.values():
        seen: Counter[str] = Counter()
        for index in indexes:
            parts[index] = _renamed(parts[index], seen)
    changed = any(new is not old for new, old in zip(parts, evidence.parts, strict=True))
    return msgspec.structs.replace(evidence, parts=tuple(parts)) if changed else evidence


def _ends(part: PartRecords) -> list[int]:
    """The last lines of the part's runs."""
    return [fact.line for fact in part.facts if fact.name == ENDS]


def _renamed(part: PartRecords, seen: Counter[str]) -> PartRecords:
    """`seen` counts the runs that had a test; this part's are added."""
    ends = sorted(_ends(part))[:-1]  # what comes behind the last end belongs to it

    def run_of(line: int) -> int:
        return bisect_left(ends, line)

    names: dict[tuple[int, str], str] = {}
    for run, name in dict.fromkeys((run_of(result.line), result.test) for result in part.results):
        names[run, name] = f"{name} (run {seen[name] + 1})" if seen[name] else name
        seen[name] += 1
    if all(new == old for (_, old), new in names.items()):
        return part
    return msgspec.structs.replace(
        part,
        results=tuple(
            msgspec.structs.replace(result, test=names[run_of(result.line), result.test]) for result in part.results
        ),
        steps=tuple(
            msgspec.structs.replace(step, test=names.get((run_of(step.line), step.test), step.test))
            if step.test
            else step
            for step in part.steps
        ),
    )
