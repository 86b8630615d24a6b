"""Whether a write and its reads met the same process in one run, told by the same rule for passes and for failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from triage.core.case import WRITING
from triage.core.findings import End, Trace, Verdict, Visit
from triage.core.history.records import Occasion, Pair, Relation
from triage.core.history.traces import request_kind
from triage.core.paths import kinship
from triage.core.records import SECOND

_RELATED = 0.6  # kinship from which a request may show what another one wrote


class Meeting(msgspec.Struct, frozen=True, kw_only=True):
    """How the writes and reads of a pair met in one run."""

    relation: Relation = Relation.UNKNOWN
    replaced: bool | None = None  # the process that took a write ended before a request that should show it
    reads: int = 0  # requests after a write that could have met another process


NEVER_MET = Meeting()


def observe(occasion: Occasion, pair: Pair) -> tuple[Relation, bool | None]:
    """How write and read met in this run, and whether the process that took the write was replaced in between.

    The second is None where it cannot be told.
    """
    meeting = meet(occasion.trace, pair)
    return meeting.relation, meeting.replaced


def meet(trace: Trace | None, pair: Pair, most: int | None = None) -> Meeting:
    """DIFFERENT where a write and what should show it met two processes, SAME where all are known and met one.

    What should show a write: the reads of the pair and whatever else follows it on the same thing, and reads of the
    very same kind before it, as a count before is compared with the count after. None of this looks at the outcome.
    But who asks more often meets more processes: `most` looks at so many requests after the write only.
    """
    if trace is None or not pair.write or not pair.read:
        return NEVER_MET
    visits = trace.visits
    writes = [place for place, visit in enumerate(visits) if visit.kind == pair.write and _took(visit)]
    if not writes:
        return NEVER_MET
    shows = {kind: _shows(kind, pair) for kind in {visit.kind for visit in visits}}
    later = [place for place, visit in enumerate(visits) if shows[visit.kind] and place > writes[0]][:most]
    if pair.read != pair.write and any(visits[place].kind == pair.read for place in later):
        baseline = [place for place in range(writes[-1]) if visits[place].kind == pair.read and place not in later]
    else:
        baseline = []
    taken = {visits[place].process for place in writes}
    shown = [visits[place] for place in (*baseline, *later)]
    different = any(
        visit.process is not None and any(each is not None and each != visit.process for each in taken)
        for visit in shown
    )
    told = None not in taken and all(visit.process is not None for visit in shown) and "" not in shows
    if not shown or not (different or told):
        return Meeting(reads=len(later))
    replaced = different and any(_ended(trace, visits[write], visits[read]) for write in writes for read in later)
    return Meeting(
        relation=Relation.DIFFERENT if different else Relation.SAME,
        replaced=replaced,
        reads=len(later),
    )


def _took(visit: Visit) -> bool:
    return visit.status is None or visit.status < 400


@lru_cache(maxsize=4_096)
def _shows(kind: str, pair: Pair) -> bool:
    """Whether a request of this kind may show what the pair's write wrote."""
    if kind == pair.write and kind.partition(" ")[0] in WRITING:
        return kind == pair.read  # one more of them is another write
    return kind == pair.read or (bool(kind) and related(pair.write, kind))


def _ended(trace: Trace, wrote: Visit, read: Visit) -> bool:
    """Whether the process that took a write ended before a read; a stamp of a whole second says so of that second."""
    if wrote.process is None or wrote.process == read.process or wrote.process >= len(trace.holders):
        return False
    died = trace.holders[wrote.process].died_us
    if died is None:
        return False
    slack = SECOND if died % SECOND == 0 else 0
    return wrote.at_us - slack <= died <= read.at_us + slack


def pair_of(verdict: Verdict, trace: Trace | None = None) -> Pair | None:
    """The pair that a verdict rests on; its trace names ends that are known by their words only."""
    if verdict.write is None or verdict.read is None:
        return None
    pair = Pair(write=_kind(verdict.write, trace), read=_kind(verdict.read, trace))
    return pair if pair.write and pair.read else None


def _kind(end: End, trace: Trace | None) -> str:
    if end.path is None and trace is not None:
        return next((visit.kind for visit in trace.visits if visit.at_us == end.at_us), "")
    return request_kind(end.method, end.path)


def pair_in(occasions: Iterable[Occasion]) -> Pair | None:
    """The pair of most failures: their verdicts' own, else what their last request could have shown."""
    failed = [occasion for occasion in occasions if occasion.failed]
    told = Counter(each.pair for each in failed if each.pair is not None and each.pair.write and each.pair.read)
    found = told or Counter(
        pair for each in failed if each.trace is not None and (pair := _last_pair(each.trace)) is not None
    )
    return max(found, key=lambda pair: (found[pair], pair.write, pair.read)) if found else None


def _last_pair(trace: Trace) -> Pair | None:
    """The last request and the nearest write before it on something related."""
    visits = [visit for visit in trace.visits if visit.kind]
    if not visits:
        return None
    read = visits[-1]
    for write in reversed(visits[:-1]):
        if write.kind.split(" ", 1)[0] in WRITING and related(write.kind, read.kind):
            return Pair(write=write.kind, read=read.kind)
    return None


def related(write: str, read: str) -> bool:
    """Whether a request of the second kind may show what one of the first wrote."""
    return kinship(_path(write), _path(read)) >= _RELATED


def _path(kind: str) -> str:
    """The path of a kind without the names of single objects, of which a template has none to compare."""
    return kind.partition(" ")[2].replace("/{}", "") or "/"
