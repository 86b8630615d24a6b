"""Over the whole run: did other processes know of what one process was told?

Catches: objects that only their maker's process ever finds, and lists that grow only where the POST went.
Evidence needed: several reads, on the writer's process and on others, of objects named in paths or of list sizes.
Looks the same but is not: a regression, where the maker's own process misses the object as well; a deleted object.
Example: /items/8025b594 was made on gunicorn[16755]; gunicorn[16756] answers 404, gunicorn[16755] 200.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.finding import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.sightings import bayes_factor
from triage.core.weights import CAP

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or read.path is None:
        return
    own = frozenset(each.served for each in case.exchanges if each.served is not None and each.at >= write.at)
    known = [sighting for sighting in court.sightings.of(read.path) if sighting.read in own]
    for sighting in known:
        if sighting.crossed and sighting.seen:
            served = court.lineup.served
            reader = court.lineup.processes[served[sighting.read].process]
            writer = court.lineup.processes[served[sighting.write].process]
            yield Finding(
                of=_KIND,
                kind="reader_knew_it",
                text=f"{court.name(reader)} showed in this very test what {court.name(writer)} had been told.",
                lines=court.served_lines(sighting.write, sighting.read),
                contrast=True,
            )
            break
    others = court.sightings.of(read.path, without=own)
    if not others:
        return
    factor = max(-CAP, min(CAP, bayes_factor(others)))
    missed = sum(s.crossed and not s.seen and not s.outlived for s in others)
    seen = sum(s.crossed and s.seen for s in others)
    own_seen = sum(not s.crossed and s.seen for s in others)
    own_missed = sum(not s.crossed and not s.seen for s in others)
    example = next((s for s in others if s.crossed and s.seen == (factor < 0)), others[0])
    yield Finding(
        of=_KIND,
        kind="objects_disagree",
        text=(
            f"Elsewhere in the run other processes saw {seen} of {seen + missed} such writes,"
            f" the writer's own process {own_seen} of {own_seen + own_missed}."
        ),
        times=factor if not (factor > 0 and own_seen == 0) else min(factor, 1.2),
        lines=court.served_lines(example.write, example.read),
        contrast=abs(factor) > 1 and (own_seen > 0 or factor < 0),
    )
