"""Whether a table is proof: like compared with like, and no other difference between the runs explains it as well.

Which process answers is drawn anew in every run, so nothing that holds for a whole run can make failures go with
different processes, unless it also changes how often processes differ: a busier server, another number of workers,
another version of the test, one branch. Each of these is held against the table in turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from triage.core.history.period import Seen, apart
from triage.core.history.records import Pair, Relation
from triage.core.history.relation import Meeting, meet
from triage.core.history.statistics import stratified_counts

CHANCE = 0.001  # a table that chance gives less often than that is no chance
CHANGES = 20  # moments at which something may have changed that are looked at
BRANCHES = 5
_SPREADS = (0.3, 0.6)  # hardly spread, somewhat, well spread over the processes

Tell = Callable[[Meeting], bool | None]
Cells = list[int]  # of one sort of run: failed and passed where different, failed and passed where not; and not known
_NOT_KNOWN = 4


def chance_at_most(seen: Sequence[Seen], pair: Pair, tell: Tell = apart) -> float:
    """The greatest of the p-values that remain when runs are compared with their like only."""
    alike = as_often(seen, pair)
    known = [each for each in alike if each.meeting.relation is not Relation.UNKNOWN]
    return max(map(stratified_counts, _divisions(known, tell)), default=1.0)


def as_often(seen: Sequence[Seen], pair: Pair) -> list[Seen]:
    """Every run seen for no more requests than the least patient passing one made: who waits in vain asks on."""
    patience = min(
        (each.meeting.reads for each in seen if not each.occasion.failed and each.meeting.reads), default=None
    )
    if patience is None or all(each.meeting.reads <= patience for each in seen):
        return list(seen)
    return [msgspec.structs.replace(each, meeting=meet(each.occasion.trace, pair, patience)) for each in seen]


def _divisions(seen: Sequence[Seen], tell: Tell) -> Iterator[list[Cells]]:
    """By how busy the server was, and by that and one moment, or one branch, at a time."""
    cells = [(busy(each), _cell(each, tell)) for each in seen]
    whole = _count(cells)
    yield _told(whole.values())
    borders = [place for place in range(1, len(seen)) if seen[place].occasion.failed != seen[place - 1].occasion.failed]
    stride = -(-len(borders) // CHANGES) or 1
    before: dict[int, Cells] = {}
    counted = 0
    for border in borders[::stride]:
        before = _count(cells[counted:border], before)
        counted = border
        yield _apart_from(whole, before)
    failed = Counter(each.occasion.branch for each in seen if each.occasion.failed)
    branches = [each.occasion.branch for each in seen]
    if len(set(branches)) > 1:
        for branch, _ in failed.most_common(BRANCHES):
            own = _count([cell for cell, each in zip(cells, branches, strict=True) if each == branch])
            yield _apart_from(whole, own)


def _cell(each: Seen, tell: Tell) -> int:
    different = tell(each.meeting)
    return _NOT_KNOWN if different is None else (0 if different else 2) + (not each.occasion.failed)


def _count(cells: Iterable[tuple[int, int]], found: dict[int, Cells] | None = None) -> dict[int, Cells]:
    found = {} if found is None else found
    for (sort, cell), number in Counter(cells).items():
        found.setdefault(sort, [0] * (_NOT_KNOWN + 1))[cell] += number
    return found


def _apart_from(whole: Mapping[int, Cells], part: Mapping[int, Cells]) -> list[Cells]:
    """The tables of a part of the runs, and those of the others."""
    rest = [
        [all_ - own for all_, own in zip(cells, part[sort], strict=True)] if sort in part else cells
        for sort, cells in whole.items()
    ]
    return _told([*part.values(), *rest])


def _told(cells: Iterable[Cells]) -> list[Cells]:
    return [each[:_NOT_KNOWN] for each in cells]


def busy(each: Seen) -> int:
    """How widely the requests of a run were spread, in three steps; -1 where that is not known."""
    return -1 if each.spread is None else bisect_right(_SPREADS, each.spread)
