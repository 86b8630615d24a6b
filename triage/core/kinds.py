"""Which line an application writes for which kind of request, learnt from the run itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import log

import msgspec

from triage.core.candidates import Candidate
from triage.core.events import ClientEvent
from triage.core.paths import template

LEAST = 4  # steps that a lesson takes
MOST, WORST = 2.0, -2.5  # what a lesson may weigh
DOUBT = 0.5  # how much of chance is mixed in, as runs are short
STRANGE = log(DOUBT / (1 + DOUBT))  # what a line and a step weigh that were never seen together

Row = list[tuple[Candidate, float]]


def kind_of_step(event: ClientEvent) -> str:
    """The endpoint that a step asks, and the sort of answer."""
    request = event.request
    if request is None:
        return ""
    return f"{request.method} {template(request.path or '')} {(request.status or 0) // 100}"


class Lesson(msgspec.Struct, frozen=True):
    """What a run teaches: bonuses of pairs of kinds, and how often each kind of step leaves no line."""

    asked: frozenset[str]  # kinds of steps that were seen with any kind of line
    written: frozenset[str]  # kinds of lines that were seen with any kind of step
    pairs: dict[tuple[str, str], float]  # those seen together; all others are worth STRANGE
    nothing: dict[str, float]

    def bonus(self, event: ClientEvent, candidate: Candidate) -> float:
        line = candidate.event.kind
        kind = kind_of_step(event)
        if kind not in self.asked or line not in self.written:
            return 0.0
        return self.pairs.get((kind, line), STRANGE)


def learn(steps: Iterable[ClientEvent], rows: dict[int, Row]) -> Lesson | None:
    """Count what goes with what, by the probabilities so far; None where there is too little to learn from."""
    together: dict[tuple[str, str], float] = defaultdict(float)
    asked: dict[str, float] = defaultdict(float)
    written: dict[str, float] = defaultdict(float)
    silent: dict[str, float] = defaultdict(float)
    count: dict[str, int] = defaultdict(int)
    for event in steps:
        kind = kind_of_step(event)
        if not kind:
            continue
        count[kind] += 1
        left = 1.0
        for candidate, chance in rows.get(event.step, ()):
            left -= chance
            if candidate.event.kind:
                together[kind, candidate.event.kind] += chance
                asked[kind] += chance
                written[candidate.event.kind] += chance
        silent[kind] += max(left, 0.0)
    total = sum(asked.values())
    if sum(count.values()) < LEAST or not total:
        return None
    pairs = {}
    for (kind, line), often in together.items():
        chance = max(asked[kind] * written[line] / total, 0.05)
        ratio = (often + DOUBT * chance) / (chance * (1 + DOUBT))
        pairs[kind, line] = min(max(log(ratio), WORST), MOST)
    nothing = {
        kind: min(max(log((silent[kind] + DOUBT) / (number - silent[kind] + DOUBT)), WORST), MOST)
        for kind, number in count.items()
    }
    return Lesson(frozenset(asked), frozenset(written), pairs, nothing)


def blank(lesson: Lesson | None, steps: Sequence[ClientEvent], otherwise: Sequence[float]) -> list[float]:
    """The score of “no entry” of each step."""
    if lesson is None:
        return list(otherwise)
    return [
        score + lesson.nothing.get(kind_of_step(event), 0.0) / 2 for event, score in zip(steps, otherwise, strict=True)
    ]
