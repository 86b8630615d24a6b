"""The steps of all reports as one sequence a test: the same line told by two reports is one step."""

from __future__ import annotations

from collections import Counter, defaultdict

import msgspec

from triage.core.records import RunEvidence, Side, Step
from triage.core.results import TestNames

KEY_LIMIT = 300  # characters that tell two lines apart
REACH = 400  # steps that one report may hold between two lines that another report has next to each other
RUN = 40  # lines that are compared to tell two places with the same words apart
_PHASES = {"setup": 0, "": 1, "call": 1, "teardown": 2}


class Item(msgspec.Struct):
    """A step on its way into the lineup."""

    part: int
    step: Step
    test: str  # resolved node id, "" where nobody told it
    order: float  # position in the run as far as the reports' own order tells
    parts: set[int] = set()  # all parts that told it

    def absorb(self, other: Item) -> None:
        """Take from another report's telling of the same line what this one lacks."""
        mine, theirs = self.step, other.step
        self.test = self.test or other.test
        self.parts = self.parts | other.parts | {other.part}
        self.step = msgspec.structs.replace(
            mine,
            stamp=_finer(mine, theirs),
            phase=mine.phase or theirs.phase,
            worker=mine.worker or theirs.worker,
            level=mine.level or theirs.level,
            logger=mine.logger or theirs.logger,
            request=mine.request or theirs.request,
            mark=mine.mark or theirs.mark,
            pid=mine.pid if mine.pid is not None else theirs.pid,
            keys=tuple(dict.fromkeys(mine.keys + theirs.keys)),
            after=mine.after or theirs.after,
            text=min(mine.text, theirs.text, key=len) or mine.text,
        )


def merge_steps(evidence: RunEvidence, names: TestNames) -> list[Item]:
    """The steps of all tests parts, each line once, in the order of the fullest report."""
    tellings = [
        [
            Item(index, step, names.resolve(step.test) if step.test else "", float(position))
            for position, step in enumerate(part.steps)
        ]
        for index, part in enumerate(evidence.parts)
        if part.side is Side.TESTS and part.steps
    ]
    # Reports that know the test come first, the fullest of them leading: others are fitted into their order.
    tellings.sort(key=lambda items: (-sum(bool(item.test) for item in items), -len(items)))
    merged: list[Item] = []
    for items in tellings:
        merged = _fit(merged, items) if merged else items
    return merged


def phase_rank(phase: str) -> int:
    return _PHASES.get(phase, 1)


def _fit(merged: list[Item], items: list[Item]) -> list[Item]:
    """`items` merged into `merged`: equal lines unite, the others take their place between their neighbours."""
    pairs = _pairs(merged, items)
    result = list(merged)
    last_order, gap = -1.0, 0
    last_test = ""
    for position, item in enumerate(items):
        same = merged[pairs[position]] if position in pairs else None
        if same is not None:
            same.absorb(item)
            last_order, gap, last_test = max(same.order, last_order), 0, same.test
            continue
        gap += 1
        # In a report without tests, what stands right behind a known line is of that line's test.
        item.order = last_order + min(gap, REACH) / (2 * REACH)
        if not item.test and gap <= 1 and item.step.stamp is None:
            item.test = last_test
        result.append(item)
    result.sort(key=lambda item: item.order)
    for position, item in enumerate(result):
        item.order = float(position)
    return result


def _pairs(merged: list[Item], items: list[Item]) -> dict[int, int]:
    """Which line of `items` is which of `merged`: lines that stand once in both, their neighbours, then the rest."""
    mine, theirs = [_key(item.step) for item in merged], [_key(item.step) for item in items]
    pairs: dict[int, int] = {}
    used: set[int] = set()

    def same(i: int, j: int) -> bool:
        if i in pairs or j in used or theirs[i] != mine[j] or not _agree(items[i].step, merged[j].step):
            return False
        return not items[i].test or not merged[j].test or items[i].test == merged[j].test

    def unite(i: int, j: int) -> None:
        pairs[i] = j
        used.add(j)
        for direction in (1, -1):
            a, b = i + direction, j + direction
            while 0 <= a < len(items) and 0 <= b < len(merged) and same(a, b):
                if items[a].test != items[i].test or merged[b].test != merged[j].test:
                    break  # what stands next in one report is of another test, and may be far away in the other
                pairs[a] = b
                used.add(b)
                a, b = a + direction, b + direction

    where = _once(mine)
    for key, i in _once(theirs).items():
        j = where.get(key)
        if j is not None and same(i, j):
            unite(i, j)
    places: dict[str, list[int]] = defaultdict(list)
    for i, key in enumerate(theirs):
        if i not in pairs:
            places[key].append(i)

    def run(i: int, j: int) -> int:
        length = 0
        while i + length < len(items) and j + length < len(merged) and length < RUN and same(i + length, j + length):
            length += 1
        return length

    for j, key in enumerate(mine):
        if j in used:
            continue
        found = sorted(((run(i, j), -i) for i in places[key][:REACH] if same(i, j)), reverse=True)
        if not found:
            continue
        # Equal words in several places, one of them with a test and the other without: whose they are, nobody can tell.
        sure = len(found) == 1 or found[0][0] > found[1][0] or items[-found[0][1]].test == merged[j].test
        if sure:
            unite(-found[0][1], j)
    return pairs


def _once(keys: list[str]) -> dict[str, int]:
    """The lines that stand only once, and where."""
    counts = Counter(keys)
    return {key: place for place, key in enumerate(keys) if counts[key] == 1}


def _agree(one: Step, other: Step) -> bool:
    """Whether nothing that both tell speaks against their being one line: time, and the size of an answer."""
    sizes = {step.request.size for step in (one, other) if step.request is not None} - {None}
    if len(sizes) > 1:
        return False
    a, b = one.stamp, other.stamp
    if a is None or b is None or a.zoned != b.zoned or a.dated != b.dated:
        return True
    return abs(a.us - b.us) <= max(a.tick_us, b.tick_us) + 5_000


def _finer(mine: Step, theirs: Step) -> object:
    a, b = mine.stamp, theirs.stamp
    if a is None or b is None:
        return a or b
    return max(a, b, key=lambda stamp: (stamp.dated, stamp.zoned, -stamp.tick_us))


def _key(step: Step) -> str:
    """What the same line has in common however a report frames it: text behind the last frame, or the request."""
    request = step.request
    if request is not None and request.method and request.path and request.ended:
        return f"{request.method} {request.path}?{request.query} {request.status}"[:KEY_LIMIT]
    return " ".join(step.text.rsplit(" | ", 1)[-1].split())[:KEY_LIMIT]
