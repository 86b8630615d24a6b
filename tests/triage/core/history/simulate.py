"""Draws histories of tests whose cause is known, and counts how often history is right about them.

`python -m tests.triage.core.history.simulate [HISTORIES]` prints the table: of tests whose failures have nothing to do
with processes, how many are accused or even confirmed at some moment; of tests with split state, how many are found.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from tests.triage.core.history.made import occasion, verdict_of
from triage.core.findings import Level, VerdictKind
from triage.core.history.records import ExperimentKind, Occasion
from triage.core.history.weigh import weigh

MOMENTS = (5, 10, 20, 40)  # runs after which a history is looked at
ACCUSED = 0.5  # of failures on different processes, how many a careless run would accuse although it is not split


@dataclass(slots=True)
class Server:
    """Processes that take requests in uneven shares; which one takes the next is drawn anew each time."""

    shares: list[float]
    chance: random.Random

    def process(self) -> int:
        return self.chance.choices(range(len(self.shares)), self.shares)[0]

    def requests(self) -> list[int]:
        counts = Counter(self.process() for _ in range(40))
        return [counts[number] for number in range(len(self.shares))]


def server(chance: random.Random, workers: int | None = None) -> Server:
    many = workers or chance.choice((2, 3, 4, 8))
    return Server([chance.gammavariate(1.5, 1) + 0.02 for _ in range(many)], chance)


History = Iterator[Occasion]
Cause = Callable[[random.Random], History]


def _run(
    chance: random.Random, number: int, on: Server, fails: Callable[[bool], bool], reads: int = 1, **more: object
) -> Occasion:
    """One run: a write, some reads, an outcome; now and then a line is tied to a wrong process or to none."""
    write = on.process()
    read = [on.process() for _ in range(reads)]
    failed = fails(any(each != write for each in read))
    told: list[int | None] = [write, *read]
    for place in range(len(told)):
        drawn = chance.random()
        if drawn < 0.05:
            told[place] = None
        elif drawn < 0.06:
            told[place] = on.process()
    return occasion(number, failed, *told, shares=on.requests(), **more)  # type: ignore[arg-type]


def flaky(chance: random.Random) -> History:
    """Fails now and then, whoever answers: a race, a clock, another test that ran before."""
    on, rate = server(chance), chance.uniform(0.05, 0.9)
    for number in range(max(MOMENTS)):
        yield _run(chance, number, on, lambda _: chance.random() < rate, branch=f"pull-{number}")


def always(chance: random.Random) -> History:
    """A regression that nobody mends."""
    on = server(chance)
    for number in range(max(MOMENTS)):
        yield _run(chance, number, on, lambda _: True)


def mended(chance: random.Random) -> History:
    """A regression that comes and goes with commits, and with it the number of workers."""
    before, during = server(chance, 2), server(chance, 8)
    first = chance.randrange(0, 15)
    last = first + chance.randrange(3, 15)
    for number in range(max(MOMENTS)):
        broken = first <= number <= last
        yield _run(chance, number, during if broken else before, lambda _, broken=broken: broken)


def busy(chance: random.Random) -> History:
    """Too slow where the server is busy, and only a busy server spreads requests over its processes."""
    idle, crowded = Server([30, 1, 1, 1], chance), Server([1, 1, 1, 1, 1, 1], chance)
    for number in range(max(MOMENTS)):
        late = chance.random() < 0.5
        rate = 0.85 if late else 0.03
        yield _run(chance, number, crowded if late else idle, lambda _, rate=rate: chance.random() < rate)


def waiting(chance: random.Random) -> History:
    """Asks until something is there: who waits in vain asks more often, and meets more processes."""
    on = server(chance)
    for number in range(max(MOMENTS)):
        vain = chance.random() < 0.4
        yield _run(chance, number, on, lambda _, vain=vain: vain, reads=12 if vain else chance.choice((1, 1, 2, 3)))


def branch(chance: random.Random) -> History:
    """A branch with a fault of its own and with more workers, built between the runs of the others."""
    few, many = server(chance, 2), server(chance, 8)
    for number in range(max(MOMENTS)):
        own = chance.random() < 0.4
        yield _run(chance, number, many if own else few, lambda _, own=own: own, branch="feature" if own else "main")


def race(chance: random.Random) -> History:
    """Two requests at once disturb each other, so that it never happens with one process: and yet no state is split."""
    on, alone = server(chance), Server([1.0], chance)
    for number in range(max(MOMENTS)):
        tried = number > 5 and chance.random() < 0.3
        rate = 0.0 if tried else 0.5
        kind = ExperimentKind.ONE_PROCESS if tried else None
        yield _run(chance, number, alone if tried else on, lambda _, rate=rate: chance.random() < rate, experiment=kind)


def split(chance: random.Random) -> History:
    """What one process wrote no other one sees."""
    on, shows = server(chance), chance.uniform(0.8, 1.0)
    for number in range(max(MOMENTS)):
        yield _run(chance, number, on, lambda differ: differ and chance.random() < shows)


def split_for_a_while(chance: random.Random) -> History:
    """The same, brought by one commit and mended by another."""
    on, first = server(chance), chance.randrange(0, 10)
    last = first + chance.randrange(10, 30)
    for number in range(max(MOMENTS)):
        there = first <= number <= last
        yield _run(chance, number, on, lambda differ, there=there: differ and there)


def split_and_tried(chance: random.Random) -> History:
    """The same with a run on one process now and then."""
    on, alone = server(chance), Server([1.0], chance)
    for number in range(max(MOMENTS)):
        tried = number > 3 and chance.random() < 0.25
        kind = ExperimentKind.ONE_PROCESS if tried else None
        yield _run(chance, number, alone if tried else on, lambda differ: differ, experiment=kind)


INNOCENT: tuple[Cause, ...] = (flaky, always, mended, busy, waiting, branch, race)
GUILTY: tuple[Cause, ...] = (split, split_for_a_while, split_and_tried)


def judged(chance: random.Random, history: list[Occasion], guilty: bool) -> list[Occasion]:
    """What each run alone says of itself: of split state mostly the truth, of other causes often an accusation."""
    found = []
    for each in history:
        visits = each.trace.visits if each.trace else ()
        told = {visit.process for visit in visits} - {None}
        kind, confidence = VerdictKind.CONSISTENT_FAILURE, chance.uniform(0.6, 0.9)
        if chance.random() < 0.2:
            kind, confidence = VerdictKind.UNEXPLAINED, 0.6
        elif len(told) > 1 and (guilty or chance.random() < ACCUSED):
            kind, confidence = VerdictKind.SPLIT_STATE, chance.uniform(0.6, 0.97)
        said = {"verdict": kind.value, "confidence": confidence} if each.failed else {}
        if each.failed and kind is not VerdictKind.SPLIT_STATE:
            said |= {"pair": None, "side": "", "mechanism": ""}
        found.append(msgspec.structs.replace(each, **said))
    return found


@dataclass(slots=True)
class Tally:
    """Failures of one cause, looked at after so many runs."""

    histories: int = 0
    failures: int = 0
    accused: int = 0  # said to be split state at likely or above
    found: int = 0  # said to be split state at any level
    alone: int = 0  # the same by the run alone
    confirmed: int = 0  # failures
    ever: int = 0  # histories in which any failure was confirmed at this moment


@dataclass(slots=True)
class Table:
    rows: dict[tuple[str, int], Tally] = field(default_factory=dict)

    def of(self, cause: str, moment: int) -> Tally:
        return self.rows.setdefault((cause, moment), Tally())


def simulate(histories: int, seed: int = 5, asked: int = 4) -> Table:
    """So many histories of each cause; after each moment the last few failures up to it are weighed."""
    table = Table()
    for cause in (*INNOCENT, *GUILTY):
        chance = random.Random(f"{seed} {cause.__name__}")
        for _ in range(histories):
            runs = judged(chance, list(cause(chance)), cause in GUILTY)
            for moment in MOMENTS:
                _look(table.of(cause.__name__, moment), runs[:moment], asked)
    return table


def _look(tally: Tally, runs: list[Occasion], asked: int) -> None:
    tally.histories += 1
    ever = False
    for own in [each for each in runs if each.failed and each.experiment is None][-asked:]:
        verdict = verdict_of(own)
        said = weigh(verdict, own, [each for each in runs if each is not own]).verdict
        tally.failures += 1
        tally.alone += verdict.kind is VerdictKind.SPLIT_STATE
        if said.kind is VerdictKind.SPLIT_STATE:
            tally.found += 1
            tally.accused += said.level is not Level.SUSPECTED
            tally.confirmed += said.level is Level.CONFIRMED
        ever = ever or said.level is Level.CONFIRMED
    tally.ever += ever


def print_table(table: Table) -> None:
    innocent = {cause.__name__ for cause in INNOCENT}
    heads = ("failures", "run alone", "split", "likely+", "confirmed")
    print(f"{'cause':20}{'runs':>5}" + "".join(f"{head:>11}" for head in heads) + "  histories with a confirmed one")
    for (cause, moment), tally in table.rows.items():
        counts = (tally.alone, tally.found, tally.accused, tally.confirmed)
        shares = "".join(f"{count / max(tally.failures, 1):>11.3f}" for count in counts)
        wrong = " WRONG" if cause in innocent and tally.ever else ""
        print(f"{cause:20}{moment:>5}{tally.failures:>11}{shares}  {tally.ever} of {tally.histories}{wrong}")


if __name__ == "__main__":
    print_table(simulate(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
