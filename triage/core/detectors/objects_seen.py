"""Over the whole run: did other processes know of what one process was told?

Catches: objects that only their maker's process ever finds, and lists that grow only where the POST went.
Evidence needed: several reads, on the writer's process and on others, of objects named in paths or of list sizes.
Looks the same but is not: a regression, where the maker's own process misses the object as well; a deleted object.
Example: /items/8025b594 was made on gunicorn[16755]; gunicorn[16756] answers 404, gunicorn[16755] 200.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import SURE, Court, Finding
from triage.core.findings import VerdictKind
from triage.core.sightings import bayes_factor, between_hosts
from triage.core.weights import CAP, EACH, FEW

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    yield from _answered_before(case, court)
    if read is None or write is None or read.path is None or case.relation == "repeat":
        return  # that an object is known says nothing of who remembers what was done to it
    own = frozenset(each.served for each in case.exchanges if each.served is not None and each.when >= write.when)
    known = [sighting for sighting in court.sightings.of(read.path) if sighting.read in own]
    hosts = court.between_hosts(case)
    for sighting in known:
        if sighting.crossed and sighting.seen and (sighting.afar or not hosts):
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
    holder = "process"
    if hosts and bayes_factor(between_hosts(others)) > bayes_factor(others):
        others, holder = between_hosts(others), "host"
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
        text="Elsewhere in the run " + _told(seen, seen + missed, own_seen, own_seen + own_missed, holder) + ".",
        times=factor if not (factor > 0 and own_seen == 0) else min(factor, 1.2),
        lines=court.served_lines(example.write, example.read),
        contrast=abs(factor) > 1 and (own_seen > 0 or factor < 0),
    )


def _answered_before(case: Case, court: Court) -> Iterator[Finding]:
    """The reader's process had answered the very same request well since the write; with nothing written in between."""
    read, write = case.read, case.write
    if read is None or write is None or read.process is None or read.process == write.process or read.ok:
        return
    if read not in case.exchanges or write not in case.exchanges:
        return
    between = case.exchanges[case.exchanges.index(write) + 1 : case.exchanges.index(read)]
    for place, each in enumerate(between):
        same = each.kind == read.kind and each.path == read.path and each.process == read.process
        sure = min(each.confidence, read.confidence) >= SURE
        if same and sure and each.ok and not any(later.writes for later in between[place:]):
            yield Finding(
                of=_KIND,
                kind="reader_knew_it",
                text=f"{court.name(court.process(read))} had answered {read.name} well before, in this very test.",
                lines=court.lines(each, read),
                contrast=True,
            )
            return


def _told(seen: int, crossed: int, own_seen: int, own: int, holder: str) -> str:
    several = "processes" if holder == "process" else "hosts"
    others = f"other {several} saw {seen} of {crossed} such writes" if crossed else ""
    if not own:
        return others or "such writes were read by nobody whose answer counts"
    if not crossed:
        return f"the writer's own {holder} saw {own_seen} of {own} such writes"
    return f"{others}, the writer's own {holder} {own_seen} of {own}"
