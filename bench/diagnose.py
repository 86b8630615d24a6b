"""The verdicts alone: what they add to a run of at least 2,000 tests and 50 failures once it is lined up.

    .venv/bin/python -m bench.diagnose [--entries 200000] [--rounds 3]

Seconds are of the process's own time, the median of the rounds. Every other failure says that something was found
twice, so that the detectors that go through the whole log are among what is measured.
"""

from __future__ import annotations

import argparse
import time
from itertools import count
from statistics import median

import msgspec

from bench.busy import HOSTS, STEPS, Busy
from triage.core.diagnose import diagnose
from triage.core.lineup import line_up
from triage.core.records import Outcome, PartRecords, RunEvidence, Side
from triage.core.sessions import told_apart
from triage.core.sieves import LIMITS, Sieves
from triage.core.wanted import wanted

TESTS, FAILURES, SECONDS = 2_000, 50, 1.0  # what is promised of so many
TWICE = "AssertionError: sent more than once\nassert 2 == 1"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=200_000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    run = _run(given.entries)
    begun = time.process_time()
    scene = line_up(told_apart(_evidence(run)))
    lined_up = time.process_time() - begun
    spent = []
    verdicts = 0
    for _ in range(given.rounds):
        begun = time.process_time()
        verdicts = len(diagnose(scene))
        spent.append(time.process_time() - begun)
    lines = len(scene.lines.lines)
    print(f"  {len(scene.lineup.tests):,} tests, {verdicts} failures, {lines:,} of {given.entries:,} entries kept")
    print(f"  promised: {SECONDS:.2f} s for {TESTS:,} tests and {FAILURES} failures")
    print(f"  measured: {median(spent):.2f} s, after lining up in {lined_up:.2f} s")


def _run(entries: int) -> Busy:
    """The first made-up run that has as many failures as are promised."""
    for tests in count(TESTS, 50):
        run = Busy(entries, tests * STEPS)
        if sum(result.outcome is Outcome.FAILED for result in run.tests.results) >= FAILURES:
            break
    failed = count()
    run.tests = msgspec.structs.replace(
        run.tests,
        results=tuple(
            msgspec.structs.replace(result, message=TWICE)
            if result.outcome is Outcome.FAILED and next(failed) % 2
            else result
            for result in run.tests.results
        ),
    )
    return run


def _evidence(run: Busy) -> RunEvidence:
    """What is kept of the log, by the same sieve that a large upload goes through."""
    sieve = Sieves(wanted(RunEvidence(parts=(run.tests,))), *LIMITS)
    for number, host in enumerate(HOSTS, start=1):
        sieve.take(number, run.entries(host))
    found = sieve.parts()
    parts = (
        PartRecords(name=f"{host}.log", side=Side.SERVER, entries=found[n].entries, left_out=found[n].left_out)
        for n, host in enumerate(HOSTS, start=1)
    )
    return RunEvidence(parts=(run.tests, *parts))


if __name__ == "__main__":
    main()
