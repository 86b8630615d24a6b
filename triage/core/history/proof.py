"""Whether a table is proof: like compared with like, and no other difference between the runs explains it as well.

Which process answers is drawn anew in every run, so nothing that holds for a whole run can make failures go with
different processes, unless it also changes how often processes differ: a busier server, another number of workers,
another version of the test, one branch. Each of these is held against the table in turn.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

import msgspec

from triage.core.history.period import Seen, processes
from triage.core.history.records import Pair, Relation, Table
from triage.core.history.relation import meet
from triage.core.history.statistics import stratified

CHANCE = 0.001  # a table that chance gives less often than that is no chance
CHANGES = 20  # moments at which something may have changed that are looked at
BRANCHES = 5
_SPREADS = (0.3, 0.6)  # hardly spread, somewhat, well spread over the processes

Key = Callable[[int, Seen], Hashable]
Count = Callable[[Iterable[Seen]], Table]


def chance_at_most(seen: Sequence[Seen], pair: Pair, count: Count = processes) -> float:
    """The greatest of the p-values that remain when runs are compared with their like only."""
    alike = as_often(seen, pair)
    known = [each for each in alike if each.meeting.relation is not Relation.UNKNOWN]
    return max((_stratified(known, key, count) for key in _divisions(known)), default=1.0)


def as_often(seen: Sequence[Seen], pair: Pair) -> list[Seen]:
    """Every run seen for no more requests than the least patient passing one made: who waits in vain asks on."""
    patience = min(
        (each.meeting.reads for each in seen if not each.occasion.failed and each.meeting.reads), default=None
    )
    if patience is None or all(each.meeting.reads <= patience for each in seen):
        return list(seen)
    return [msgspec.structs.replace(each, meeting=meet(each.occasion.trace, pair, patience)) for each in seen]


def _divisions(seen: Sequence[Seen]) -> Iterator[Key]:
    """By how busy the server was, and by that and one moment, or one branch, at a time."""
    yield lambda place, each: busy(each)
    borders = [place for place in range(1, len(seen)) if seen[place].occasion.failed != seen[place - 1].occasion.failed]
    stride = -(-len(borders) // CHANGES) or 1
    for border in borders[::stride]:
        yield lambda place, each, border=border: (busy(each), place < border)  # type: ignore[misc]
    failed = Counter(each.occasion.branch for each in seen if each.occasion.failed)
    if len({each.occasion.branch for each in seen}) > 1:
        for branch, _ in failed.most_common(BRANCHES):
            yield lambda place, each, branch=branch: (busy(each), each.occasion.branch == branch)  # type: ignore[misc]


def busy(each: Seen) -> int:
    """How widely the requests of a run were spread, in three steps; -1 where that is not known."""
    return -1 if each.spread is None else sum(each.spread >= border for border in _SPREADS)


def _stratified(seen: Sequence[Seen], key: Key, count: Count) -> float:
    parts: dict[Hashable, list[Seen]] = defaultdict(list)
    for place, each in enumerate(seen):
        parts[key(place, each)].append(each)
    return stratified(count(part) for part in parts.values())
