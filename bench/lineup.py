"""Lining up ten thousand requests of tests against a million entries, and a tenth of both.

    .venv/bin/python -m bench.lineup [--entries 1000000] [--requests 10000] [--rounds 3]

Every measurement is a process of its own. Seconds are of its own processor time, medians of the rounds: of sieving the
entries, of lining up, and of the verdicts. What it takes to make the entries up is not counted, the memory for them is.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from statistics import median

from bench.busy import HOSTS, Busy
from triage.core.diagnose import diagnose
from triage.core.findings import VerdictKind
from triage.core.lineup import Scene, line_up
from triage.core.records import Entry, PartRecords, RunEvidence, Side
from triage.core.sessions import told_apart
from triage.core.sieves import LIMITS, Sieves
from triage.core.wanted import wanted

BATCH = 20_000
SURE = 0.9
SECONDS, MEGABYTES, TIMES = 10.0, 500, 12.0  # what is promised of a million entries, and of ten times the input


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--requests", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--once", action="store_true", help="one measurement in this very process, as JSON")
    given = arguments.parse_args()
    if given.once:
        print(json.dumps(measured(given.entries, given.requests)))
        return
    sizes = {"a tenth": (given.entries // 10, given.requests // 10), "all": (given.entries, given.requests)}
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in sizes}
    for _ in range(given.rounds):
        for name, (entries, requests) in sizes.items():
            rows[name].append(apart(entries, requests))
    middle = {name: {key: median(row[key] for row in found) for key in found[0]} for name, found in rows.items()}
    for name, (entries, requests) in sizes.items():
        _tell(entries, requests, middle[name])
    _judge(middle["a tenth"], middle["all"])


def _tell(entries: int, requests: int, row: dict[str, float]) -> None:
    """One size's medians."""
    print(f"  {requests:,} requests, {entries:,} entries, {row['kept']:,.0f} of them kept by the sieve")
    print(
        f"    sieve {row['sieve']:.2f} s + lining up {row['lineup']:.2f} s + verdicts {row['verdicts']:.2f} s;"
        f" {row['lineup_mb']:,.0f} MB at most lining up, {row['all_mb']:,.0f} MB with the verdicts"
    )
    print(
        f"    {100 * row['right']:.2f} % of the steps tied to the right process; of the {100 * row['sure']:.2f} %"
        f" tied surely {100 * row['sure_right']:.2f} %; {row['split']:.0f} of {row['failed']:.0f} failures called split"
        " state"
    )


def _judge(small: dict[str, float], large: dict[str, float]) -> None:
    """What was promised beside what was measured."""
    before, after = small["sieve"] + small["lineup"], large["sieve"] + large["lineup"]
    print(f"  promised: {SECONDS:.0f} s, {MEGABYTES} MB, {TIMES:.0f} times the seconds for ten times the input")
    print(f"  measured: {after:.2f} s, {large['lineup_mb']:,.0f} MB, {after / before:.1f} times;", end=" ")
    before, after = before + small["verdicts"], after + large["verdicts"]
    print(f"with the verdicts {after:.2f} s, {large['all_mb']:,.0f} MB, {after / before:.1f} times")


def apart(entries: int, requests: int) -> dict[str, float]:
    """One measurement in a process of its own."""
    words = [sys.executable, "-m", "bench.lineup", "--once", "--entries", str(entries), "--requests", str(requests)]
    return dict(json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout))


def measured(entries: int, requests: int) -> dict[str, float]:
    run = Busy(entries, requests)
    begun = time.process_time()
    sieve = Sieves(wanted(RunEvidence(parts=(run.tests,))), *LIMITS)
    spent = time.process_time() - begun
    for number, host in enumerate(HOSTS, start=1):
        made = _Stopped(run.entries(host))
        begun = time.process_time()
        sieve.take(number, iter(made))
        spent += time.process_time() - begun - made.spent
    begun = time.process_time()
    found = sieve.parts()
    parts = [
        PartRecords(name=f"{host}.log", side=Side.SERVER, entries=found[n].entries, left_out=found[n].left_out)
        for n, host in enumerate(HOSTS, start=1)
    ]
    evidence = RunEvidence(parts=(run.tests, *parts))
    spent += time.process_time() - begun
    kept = sum(len(part.entries) for part in parts)
    del parts, found, sieve
    begun = time.process_time()
    scene = line_up(told_apart(evidence))
    lined_up = time.process_time() - begun
    memory = _peak_mb()
    begun = time.process_time()
    verdicts = diagnose(scene)
    decided = time.process_time() - begun
    return {
        "kept": kept,
        "sieve": spent,
        "lineup": lined_up,
        "verdicts": decided,
        "lineup_mb": memory,
        "all_mb": _peak_mb(),
        "failed": len(verdicts),
        "split": sum(verdict.kind is VerdictKind.SPLIT_STATE for verdict in verdicts),
        **_right(scene, run),
    }


def _right(scene: Scene, run: Busy) -> dict[str, float]:
    lineup = scene.lineup
    right = sure = sure_right = 0
    for step in lineup.steps:
        if not step.matches:
            continue
        best = step.matches[0]
        process = lineup.processes[lineup.served[best.served].process]
        agrees = (process.host, process.pid) == run.truth[step.ref.line]
        right += agrees
        sure += best.confidence >= SURE
        sure_right += agrees and best.confidence >= SURE
    return {"right": right / len(run.truth), "sure": sure / len(run.truth), "sure_right": sure_right / max(sure, 1)}


class _Stopped:
    """Entries in batches that are made up beforehand, and how long that took."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = entries
        self.spent = 0.0

    def __iter__(self) -> Iterator[Entry]:
        while True:
            begun = time.process_time()
            batch = list(islice(self._entries, BATCH))
            self.spent += time.process_time() - begun
            if not batch:
                return
            yield from batch


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


if __name__ == "__main__":
    main()
