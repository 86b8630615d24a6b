"""What Lineup makes of recorded runs, against the truth: verdicts with their write and read, and the lineup."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.corpus import unpacked
from lab.evidence import gathered
from lab.lineup_score import LineupTally, score_lineup
from lab.tables import figures, lost_to_background, print_determined, print_lineup
from lab.verdict_score import PASSED, Ruling, measure_rulings, print_verdicts, ruling
from triage.core.analyse import analyse
from triage.core.findings import Report, Verdict, VerdictKind

KINDS = tuple(VerdictKind)
WAYS = ("honest", "strict")  # “cannot tell” counted as right where the logs cannot, and as the error that it is


@dataclass(slots=True)
class Tally:
    """Counts over many runs."""

    runs: int = 0
    seconds: float = 0.0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (true kind, given kind); "" is no verdict
    honest: Counter[str] = field(default_factory=Counter)  # "cannot tell", and the logs really cannot
    pairs: Counter[str] = field(default_factory=Counter)  # of right split verdicts: right, wrong, absent
    mechanisms: Counter[str] = field(default_factory=Counter)
    rulings: list[Ruling] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def half(slug: str) -> str:
    """Scenarios are split by their name for good: one half to tune on, one to be honest with."""
    return "tune" if hashlib.sha256(slug.encode()).digest()[0] % 2 else "held out"


@dataclass(slots=True)
class Scores:
    """Everything measured over the runs of a folder: by half, and by scenario."""

    halves: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    scenarios: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    lineups: dict[str, LineupTally] = field(default_factory=lambda: defaultdict(LineupTally))
    by_scenario: dict[str, LineupTally] = field(default_factory=lambda: defaultdict(LineupTally))

    def add(self, run: Path) -> None:
        """Scores one recorded run."""
        truth = json.loads((run / "truth.json").read_text())
        slug = truth["scenario"]
        started = time.monotonic()
        evidence = gathered(run).evidence
        report = analyse(evidence)
        seconds = time.monotonic() - started
        for tally in (self.halves[half(slug)], self.scenarios[slug]):
            tally.runs += 1
            tally.seconds += seconds
            score_report(truth, report, tally)
        score_lineup(evidence, truth, report, (self.lineups[half(slug)], self.by_scenario[slug]))

    def of_half(self, name: str) -> dict[str, LineupTally]:
        return {slug: tally for slug, tally in self.by_scenario.items() if half(slug) == name}

    def as_numbers(self) -> dict[str, Any]:
        """For a file: the lineup's figures by half and by scenario, and the counts of verdicts."""
        return {
            "halves": {name: figures(tally) for name, tally in sorted(self.lineups.items())},
            "lost_to_background": {name: lost_to_background(self.of_half(name)) for name in sorted(self.lineups)},
            "scenarios": {slug: figures(tally) for slug, tally in sorted(self.by_scenario.items())},
            "verdicts": {
                name: [{"true": t, "given": g, "count": n} for (t, g), n in sorted(tally.verdicts.items())]
                for name, tally in sorted(self.halves.items())
            },
            "measures": {
                name: {way: measure_rulings(tally.rulings, honest=way == "honest").as_numbers() for way in WAYS}
                for name, tally in sorted(self.halves.items())
            },
        }


def score_folder(folder: Path, *, wrong: bool = False, numbers: Path | None = None) -> int:
    """Prints the tables for every run below `folder`, or packed in it; exit status 2 where there is none."""
    scores = Scores()
    with unpacked(folder) as runs:
        for run in runs:
            scores.add(run)
    if not scores.halves:
        print(f"no recorded runs under {folder}: python -m lab run --out {folder}")
        return 2
    print_scenarios(scores.scenarios)
    for name, tally in sorted(scores.halves.items()):
        print_tally(name, tally)
    print_verdicts({name: tally.rulings for name, tally in scores.halves.items()})
    print_determined(scores.by_scenario, {slug: half(slug) for slug in scores.by_scenario})
    print_lineup(scores.lineups, {name: scores.of_half(name) for name in scores.lineups})
    if numbers is not None:
        numbers.write_text(json.dumps(scores.as_numbers(), indent=2) + "\n")
    if wrong:
        print("\nWhat misses the truth (of the half to tune on)")
        for line in (*scores.halves["tune"].wrong, *scores.lineups["tune"].faults):
            print(f"  {line}")
    return 0


def score_report(truth: dict[str, Any], report: Report, tally: Tally) -> None:
    """Adds one run's verdicts to the tally."""
    verdicts = {name_of(verdict.test): verdict for verdict in report.verdicts}
    for expected in truth["failures"]:
        verdict = verdicts.pop(name_of(expected["test"]), None)
        _score_verdict(f"{truth['scenario']}/{truth['run']}", expected, verdict, tally)
    for verdict in verdicts.values():
        tally.verdicts[PASSED, verdict.kind.value] += 1
        tally.rulings.append(ruling({"kind": PASSED}, verdict))
        tally.wrong.append(f"{truth['scenario']}/{truth['run']} {verdict.test}: a verdict on a test that passed")


def name_of(test: str) -> str:
    """What every format keeps of a node id."""
    return test.rpartition("::")[2]


def _score_verdict(run: str, expected: dict[str, Any], verdict: Verdict | None, tally: Tally) -> None:
    given = verdict.kind.value if verdict else ""
    tally.rulings.append(ruling(expected, verdict))
    if given in expected.get("honest", ()):
        tally.honest[expected["kind"]] += 1
        return
    tally.verdicts[expected["kind"], given] += 1
    if verdict is None or given != expected["kind"]:
        said = f"{given} {verdict.confidence:.2f}: {verdict.summary}" if verdict else "no verdict"
        tally.wrong.append(f"{run} {name_of(expected['test'])}: is {expected['kind']}, said {said}")
        return
    if expected["mechanism"]:
        said = verdict.mechanism.value if verdict.mechanism else "none"
        tally.mechanisms["right" if said == expected["mechanism"] else f"{expected['mechanism']} as {said}"] += 1
    if "read_pids" in expected and given == VerdictKind.SPLIT_STATE:
        write = verdict.write.pid if verdict.write else None
        read = verdict.read.pid if verdict.read else None
        if write is None or read is None:
            tally.pairs["absent"] += 1
        elif write in expected["write_pids"] and read in expected["read_pids"]:
            tally.pairs["right"] += 1
        else:
            tally.pairs["wrong"] += 1
            ends = f"{expected['write_pids']}→{expected['read_pids']}, said {write}→{read}"
            tally.wrong.append(f"{run} {name_of(expected['test'])}: the pair is {ends}")


def print_scenarios(tallies: dict[str, Tally]) -> None:
    print(f"{'scenario':30} {'half':9} runs  right/failures")
    for slug, tally in sorted(tallies.items()):
        right = sum(count for (true, given), count in tally.verdicts.items() if true == given)
        others = ", ".join(f"{g or 'none'} {n}" for (t, g), n in sorted(tally.verdicts.items()) if t != g)
        total = sum(tally.verdicts.values())
        print(f"{slug:30} {half(slug):9} {tally.runs:4}  {right:3}/{total:<3}  {others}")


def print_tally(name: str, tally: Tally) -> None:
    total = sum(tally.verdicts.values())
    right = sum(count for (true, given), count in tally.verdicts.items() if true == given)
    print(f"\n== {name}: {tally.runs} runs, {total} failures, {right} right, {tally.seconds / tally.runs:.3f} s a run")
    columns = [*(kind.value for kind in KINDS), ""]
    print(f"{'truth ↓   verdict →':22}" + "".join(f"{column[:10] or 'none':>12}" for column in columns))
    for row in (*(kind.value for kind in KINDS), PASSED):
        counts = [tally.verdicts[row, column] for column in columns]
        if any(counts):
            print(f"{row:22}" + "".join(f"{count or '·':>12}" for count in counts))
    split = VerdictKind.SPLIT_STATE.value
    hits = tally.verdicts[split, split]
    said = sum(count for (_, given), count in tally.verdicts.items() if given == split)
    real = sum(count for (true, _), count in tally.verdicts.items() if true == split)
    print(f"split_state: precision {_share(hits, said)}, recall {_share(hits, real)}")
    for title, tallied in (
        ("rightly said to be unexplained", tally.honest),
        ("write and read of right split verdicts", tally.pairs),
        ("mechanism", tally.mechanisms),
    ):
        print(f"{title}: " + ", ".join(f"{what} {count}" for what, count in tallied.most_common()))


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "0/0"
