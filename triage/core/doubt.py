"""What the logs leave open: a step that another process may have served as well, for all that is said of it.

Nearness in time and in the log makes one of two equal requests the likelier; it never makes it sure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from triage.core.candidates import Candidate
from triage.core.events import ClientEvent
from triage.core.findings import Served
from triage.core.kinds import Row
from triage.core.likeness import Scale, of_anything
from triage.core.server_time import NEVER

SURE = 0.9
UNSURE = 0.89  # the most that is said where another process is as possible
EVEN = 1.0  # scores closer to each other than this are as good as equal
LATE = 20_000  # a server's line may follow the client's by this much
_FIRST, _LAST = -1, 1 << 62


def left_open(
    client: Sequence[ClientEvent], rows: Mapping[int, Row], served: Sequence[Served], scale: Scale
) -> frozenset[int]:
    """Steps that seem sure, but that a request of another process fits as well: in what it says, in time, in order."""
    sure: dict[int, Candidate] = {}
    taken: dict[int, int] = {}
    chains: dict[str, list[ClientEvent]] = defaultdict(list)
    begun: dict[int, int] = {}  # client time of the line before each step, before which it was not sent
    last: dict[str, int] = {}
    for event in client:
        begun[event.step] = event.sent if event.sent is not None else last.get(event.chain, NEVER)
        if event.low is not None:
            last[event.chain] = event.low
        row = rows.get(event.step)
        if not row:
            continue
        chains[event.chain].append(event)
        if row[0][1] >= SURE:
            sure[event.step] = row[0][0]
            taken[row[0][0].event.served] = event.step
    found: set[int] = set()
    for chain in chains.values():
        spans = _spans(chain, sure)
        for event, (after, before) in zip(chain, spans, strict=True):
            best, _ = rows[event.step][0]
            process = served[best.event.served].process
            if (
                sum(chance for other, chance in rows[event.step] if served[other.event.served].process == process)
                < SURE
            ):
                continue
            rivals = [
                other
                for other, _ in rows[event.step]
                if served[other.event.served].process != process
                and after < other.event.order < before
                and taken.get(other.event.served, event.step) == event.step
                and _in_time(event, begun[event.step], other, scale)
            ]
            if rivals and "exact key" not in best.likeness.basis:
                least = of_anything(event, best.event, scale) - EVEN
                if any(of_anything(event, other.event, scale) >= least for other in rivals):
                    found.add(event.step)
    return frozenset(found)


def _spans(chain: Sequence[ClientEvent], sure: Mapping[int, Candidate]) -> list[tuple[int, int]]:
    """For each step of a chain the places in the log of the sure ones before and after it."""
    befores, afters = [], []
    at = _FIRST
    for event in chain:
        befores.append(at)
        if event.step in sure:
            at = sure[event.step].event.order
    at = _LAST
    for event in reversed(chain):
        afters.append(at)
        if event.step in sure:
            at = sure[event.step].event.order
    return list(zip(befores, reversed(afters), strict=True))


def _in_time(step: ClientEvent, begun: int, other: Candidate, scale: Scale) -> bool:
    interval = scale.interval(other.event)
    if interval is None or step.high is None:
        return True
    return interval[1] >= begun and interval[0] <= step.high + LATE
