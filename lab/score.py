"""What Lineup makes of recorded runs, against the truth: verdicts, write and read, processes of requests, clocks."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from lab.evidence import gathered
from triage.core.analyse import analyse
from triage.core.findings import Report, Verdict, VerdictKind

KINDS = tuple(VerdictKind)
SURE = 0.9


@dataclass(slots=True)
class Tally:
    """Counts over many runs."""

    runs: int = 0
    seconds: float = 0.0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (true kind, given kind); "" is no verdict
    honest: Counter[str] = field(default_factory=Counter)  # "cannot tell", and the logs really cannot
    pairs: Counter[str] = field(default_factory=Counter)  # of right split verdicts: right, wrong, absent
    mechanisms: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    clocks: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def half(slug: str) -> str:
    """Scenarios are split by their name for good: one half to tune on, one to be honest with."""
    return "tune" if hashlib.sha256(slug.encode()).digest()[0] % 2 else "held out"


def score_folder(folder: Path, *, wrong: bool = False) -> int:
    """Prints the tables for every run below `folder`; exit status 2 where there is none."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    by_scenario: dict[str, Tally] = defaultdict(Tally)
    for path in sorted(folder.glob("*/*/truth.json")):
        truth = json.loads(path.read_text())
        started = time.monotonic()
        report = analyse(gathered(path.parent).evidence)
        for tally in (tallies[half(truth["scenario"])], by_scenario[truth["scenario"]]):
            tally.runs += 1
            tally.seconds += time.monotonic() - started
            score_report(truth, report, tally)
    if not tallies:
        print(f"no recorded runs under {folder}: python -m lab run --out {folder}")
        return 2
    print_scenarios(by_scenario)
    for name, tally in sorted(tallies.items()):
        print_tally(name, tally)
    if wrong:
        print("\nVerdicts that miss the truth")
        for name, tally in sorted(tallies.items()):
            for line in tally.wrong:
                print(f"  [{name}] {line}")
    return 0


def score_report(truth: dict[str, Any], report: Report, tally: Tally) -> None:
    """Adds one run's verdicts, processes and clock to the tally."""
    verdicts = {_name(verdict.test): verdict for verdict in report.verdicts}
    for expected in truth["failures"]:
        verdict = verdicts.pop(_name(expected["test"]), None)
        _score_verdict(f"{truth['scenario']}/{truth['run']}", expected, verdict, tally)
    for verdict in verdicts.values():
        tally.verdicts["(passed)", verdict.kind.value] += 1
        tally.wrong.append(f"{truth['scenario']}/{truth['run']} {verdict.test}: a verdict on a test that passed")
    _score_requests(truth, report, tally)
    _score_clock(truth, report, tally)


def _name(test: str) -> str:
    """What every format keeps of a node id."""
    return test.rpartition("::")[2]


def _score_verdict(run: str, expected: dict[str, Any], verdict: Verdict | None, tally: Tally) -> None:
    given = verdict.kind.value if verdict else ""
    if given in expected.get("honest", ()):
        tally.honest[expected["kind"]] += 1
        return
    tally.verdicts[expected["kind"], given] += 1
    if verdict is None or given != expected["kind"]:
        said = f"{given} {verdict.confidence:.2f}: {verdict.summary}" if verdict else "no verdict"
        tally.wrong.append(f"{run} {_name(expected['test'])}: is {expected['kind']}, said {said}")
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
            tally.wrong.append(f"{run} {_name(expected['test'])}: the pair is {ends}")


def _score_requests(truth: dict[str, Any], report: Report, tally: Tally) -> None:
    """Pairs steps with true requests by test, method, path and order, then compares the process."""
    told: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for step in report.lineup.steps:
        if step.request and step.request.method and step.request.path:
            told[_name(step.test), step.request.method, step.request.path].append(step.index)
    true: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for request in truth["requests"]:
        true[_name(request["test"]).partition(" ")[0], request["method"], request["path"]].append(request)
    for key, requests in true.items():
        steps = told.get(key, [])
        if len(steps) != len(requests):
            tally.requests["not in the client's log"] += len(requests)
            continue
        for index, request in zip(steps, requests, strict=True):
            tally.requests[_attribution(report, index, request["pid"])] += 1


def _attribution(report: Report, index: int, pid: int | None) -> str:
    matches = report.lineup.steps[index].matches
    if not matches:
        return "no match" if pid else "no match, rightly"
    best = matches[0]
    given = report.lineup.processes[report.lineup.served[best.served].process].pid
    sure = "sure" if best.confidence >= SURE else "unsure"
    if given is None:
        return f"matched, PID unknown ({sure})"
    return f"{'right' if given == pid else 'WRONG'} ({sure})"


def _score_clock(truth: dict[str, Any], report: Report, tally: Tally) -> None:
    """The stated offset may or may not contain the zones, as the logs told them or not; the nearest reading counts."""
    decided = [clock for clock in report.lineup.clocks if clock.decided]
    if not decided:
        tally.clocks["undecided"] += 1
        return
    clock = decided[0]
    day = truth["requests"][0]["sent"] if truth["requests"] else 0
    server, client = (_zone_s(truth[side], day) for side in ("server_timezone", "client_timezone"))
    readings = [truth["clock_offset_s"] + s * server - c * client for s in (0, 1) for c in (0, 1)]
    true_us = min((reading * 1e6 for reading in readings), key=lambda us: abs(us - clock.offset_us))
    inside = clock.low_us <= true_us <= clock.high_us
    tally.clocks["inside its bounds" if inside else "OUTSIDE its bounds"] += 1
    error = abs(true_us - clock.offset_us)
    tally.clocks["error < 50 ms" if error < 5e4 else "error < 0.6 s" if error < 6e5 else "error ≥ 0.6 s"] += 1
    if not inside:
        bounds = f"[{clock.low_us / 1e6:.3f}, {clock.high_us / 1e6:.3f}]"
        tally.wrong.append(f"{truth['scenario']}/{truth['run']}: true offset {true_us / 1e6:.3f} s not in {bounds}")


def _zone_s(name: str, at: float) -> float:
    from_utc = ZoneInfo(name).utcoffset(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
    return from_utc.total_seconds() if from_utc else 0.0


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
    for row in (*(kind.value for kind in KINDS), "(passed)"):
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
        ("process of requests", tally.requests),
        ("clock", tally.clocks),
    ):
        print(f"{title}: " + ", ".join(f"{what} {count}" for what, count in tallied.most_common()))


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "0/0"
