"""How good a lineup is: requests tied to the right process, confidences that mean what they say, clocks in bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.determined import Fate, fates
from lab.pairs import Truth, about
from lab.true_clocks import ClockScore, score_clock, true_clock
from triage.core.findings import PlacedStep, Report
from triage.core.records import RunEvidence, Side

SURE = 0.9
TIED = 0.5
BINS = 10
UNPAIRED = -1


@dataclass(slots=True)
class Count:
    """So many of so many."""

    hits: int = 0
    total: int = 0

    def add(self, hit: bool) -> None:
        self.hits += hit
        self.total += 1

    @property
    def share(self) -> float | None:
        return self.hits / self.total if self.total else None


@dataclass(slots=True)
class LineupTally:
    """Sums over many runs."""

    requests: int = 0  # that some process took
    told: int = 0  # of which the tests' logs have a line
    tied: Count = field(default_factory=Count)  # determined requests: right process, at least half sure
    tied_at_all: Count = field(default_factory=Count)  # the same at any confidence
    steps_tied: Count = field(default_factory=Count)  # the same by lines instead of requests
    modest: Count = field(default_factory=Count)  # requests that are not determined: unknown, or less than sure
    bold: Counter[str] = field(default_factory=Counter)  # of those given as sure: right, wrong
    sure: Count = field(default_factory=Count)  # all sure matches: right
    unserved: Count = field(default_factory=Count)  # requests that no process took: not given as sure
    stated: list[float] = field(default_factory=lambda: [0.0] * BINS)
    right: list[int] = field(default_factory=lambda: [0] * BINS)
    count: list[int] = field(default_factory=lambda: [0] * BINS)
    clock_inside: Count = field(default_factory=Count)
    clock_near: dict[str, Count] = field(default_factory=lambda: {"fine": Count(), "coarse": Count()})
    clock_undecided: int = 0
    skews: Count = field(default_factory=Count)  # clocks that drift: found, and by how much
    false_skews: int = 0
    jumps: Count = field(default_factory=Count)  # jumps found
    false_jumps: int = 0
    faults: list[str] = field(default_factory=list)

    def ece(self) -> float | None:
        """Expected calibration error: how far stated confidence is from what was right, on average."""
        total = sum(self.count)
        gaps = (abs(stated - right) for stated, right in zip(self.stated, self.right, strict=True))
        return sum(gaps) / total if total else None


def score_lineup(evidence: RunEvidence, truth: Truth, report: Report, tallies: Sequence[LineupTally]) -> None:
    """Adds one run to every tally."""
    lists_all = "served" in truth or not truth.get("background_requests")
    known = fates(evidence, truth) if lists_all else []
    steps = report.lineup.steps
    by_request: dict[int, list[PlacedStep]] = {}
    for position, request in _paired(evidence, steps, truth).items():
        if request is None:
            _unserved(steps[position], tallies, truth)
        else:
            by_request.setdefault(request, []).append(steps[position])
    for tally in tallies:
        tally.requests += sum(request["pid"] is not None for request in truth["requests"])
        tally.told += sum(fate.told and fate.pid is not None for fate in known)
        for n, fate in enumerate(known):
            _score_request(report, by_request.get(n, []), fate, tally, f"{_run(truth)} {_route(truth, n)}")
        for clock in report.lineup.clocks:
            true = true_clock(truth, clock.host)
            if true is not None:
                _count_clock(
                    score_clock(evidence, truth, report.lineup, clock, true),
                    tally,
                    f"{_run(truth)} clock of {clock.host}",
                )


def _paired(evidence: RunEvidence, steps: Sequence[PlacedStep], truth: Truth) -> dict[int, int | None]:
    """Position in `steps` → request, by the line of the log: to which test a step was given makes no difference.

    Steps without a line of the tests' own, which were derived, stand for the test that they were given to.
    """
    tests = {index: part for index, part in enumerate(evidence.parts) if part.side is Side.TESTS}
    logged: dict[tuple[int, int, str], list[int | None]] = {}  # a line of a report may hold the same text twice
    for index, part in tests.items():
        pairs = about(part.steps, truth)
        for position, source in enumerate(part.steps):
            logged.setdefault((index, source.line, source.text), []).append(pairs.get(position, UNPAIRED))
    derived = [step for step in steps if step.ref.part not in tests]
    found: dict[int, int | None] = {}
    for step in steps:
        requests = logged.get((step.ref.part, step.ref.line, step.text))
        request = (requests.pop(0) if len(requests) > 1 else requests[0]) if requests else UNPAIRED
        if request != UNPAIRED:
            found[step.index] = request
    for position, request in about(derived, truth).items():
        found[derived[position].index] = request
    return found


def _run(truth: Truth) -> str:
    return f"{truth['scenario']}/{truth['run']}"


def _route(truth: Truth, n: int) -> str:
    request = truth["requests"][n]
    return f"{request['test'].rpartition('::')[2]} #{n} {request['method']} {request['path']}"


def _unserved(step: PlacedStep, tallies: Sequence[LineupTally], truth: Truth) -> None:
    """A line on no request at all: whoever is given as sure for it is wrong."""
    if step.matches and step.matches[0].confidence >= SURE:
        for tally in tallies:
            _count_match(step.matches[0].confidence, False, tally)
            tally.faults.append(f"{_run(truth)} sure of a line on no request: {step.text[:60]}")


def _score_request(report: Report, steps: Sequence[PlacedStep], fate: Fate, tally: LineupTally, name: str) -> None:
    named = [(match.confidence, _pid(report, match.served)) for step in steps for match in step.matches[:1]]
    named = [(confidence, pid) for confidence, pid in named if pid is not None]  # the others say: I do not know
    confidence, pid = max(named, default=(0.0, None), key=lambda each: each[0])
    for each, given in named:
        _count_match(each, given == fate.pid, tally)
        if each >= SURE and given != fate.pid:
            tally.faults.append(f"{name}: was {fate.pid}, said {given} ({each:.3f})")
    sure, right = confidence >= SURE, pid is not None and pid == fate.pid
    if fate.pid is None:
        tally.unserved.add(not sure)
    elif fate.determined:
        tied = right and confidence >= TIED
        tally.tied.add(tied)
        tally.tied_at_all.add(right)
        if not tied:
            tally.faults.append(
                f"{name}: determined to be {fate.pid}, said {pid} ({confidence:.3f}), {len(steps)} lines"
            )
        for step in steps:
            if step.request is None or step.request.path:
                best = step.matches[0] if step.matches else None
                fits = best is not None and best.confidence >= TIED and _pid(report, best.served) == fate.pid
                tally.steps_tied.add(fits)
    elif fate.told:
        tally.modest.add(not sure)
        if sure:
            tally.bold["right" if right else "wrong"] += 1
            tally.faults.append(f"{name}: sure ({confidence:.3f}), but {fate.possible} were possible")


def _count_match(confidence: float, right: bool, tally: LineupTally) -> None:
    place = min(int(confidence * BINS), BINS - 1)
    tally.stated[place] += confidence
    tally.right[place] += right
    tally.count[place] += 1
    if confidence >= SURE:
        tally.sure.add(right)


def _pid(report: Report, served: int) -> int | None:
    return report.lineup.processes[report.lineup.served[served].process].pid


def _count_clock(score: ClockScore, tally: LineupTally, name: str) -> None:
    if not score.decided:
        tally.clock_undecided += 1
        return
    tally.clock_inside.add(score.inside)
    tally.clock_near["coarse" if score.coarse else "fine"].add(score.near)
    if not score.inside or not score.near:
        tally.faults.append(f"{name}: {score.said}")
    for found in score.jumps:
        tally.jumps.add(found)
    tally.false_jumps += score.false_jumps
    if score.drifts:
        tally.skews.add(score.skew_found)
    tally.false_skews += score.false_skew
