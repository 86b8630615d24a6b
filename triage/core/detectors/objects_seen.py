"""Over the whole run: did other processes know of what one process was told?

Catches: objects that only their maker's process ever finds, and lists that grow only where the POST went.
Evidence needed: several reads, on the writer's process and on others, of objects named in paths or of list sizes.
Looks the same but is not: a regression, where the maker's own process misses the object as well; a deleted object.
Example: /items/8025b594 was made on gunicorn[16755]; gunicorn[16756] answers 404, gunicorn[16755] 200.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.sightings import bayes_factor
from triage.core.weights import CAP, EACH, FEW

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or read.path is None or case.relation == "repeat":
        return  # that an object is known says nothing of who remembers what was done to it
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
    if not others and case.kin < 0.6 and write.path is not None:
        others = court.sightings.of(write.path, without=own)  # a report sums up what others know of single things
    if not others:
        return
    bound = min(CAP, FEW + EACH * len(others))
    factor = max(-bound, min(bound, bayes_factor(others)))
    missed = sum(s.crossed and not s.seen and not s.outlived for s in others)
    seen = sum(s.crossed and s.seen for s in others)
    own_seen = sum(not s.crossed and s.seen for s in others)
    own_missed = sum(not s.crossed and not s.seen for s in others)
    example = next((s for s in others if s.crossed and s.seen == (factor < 0)), others[0])
    yield Finding(
        of=_KIND,
        kind="objects_disagree",
        text="Elsewhere in the run " + _told(seen, seen + missed, own_seen, own_seen + own_missed) + ".",
        times=factor if not (factor > 0 and own_seen == 0) else min(factor, 1.2),
        lines=court.served_lines(example.write, example.read),
        contrast=abs(factor) > 1 and (own_seen > 0 or factor < 0),
    )


def _told(seen: int, crossed: int, own_seen: int, own: int) -> str:
    others = f"other processes saw {seen} of {crossed} such writes" if crossed else ""
    if not own:
        return others or "such writes were read by nobody whose answer counts"
    if not crossed:
        return f"the writer's own process saw {own_seen} of {own} such writes"
    return f"{others}, the writer's own process {own_seen} of {own}"
