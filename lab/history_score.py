"""What Lineup makes of a failure once it knows the scenario's other runs, beside what the run alone told it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from lab.corpus import unpacked
from lab.disturb import matches
from lab.evidence import gathered
from lab.registry import by_slug
from lab.score import half
from lab.verdict_score import PASSED
from triage.core.analyse import analyse
from triage.core.findings import TestCase, Trace, Verdict
from triage.core.history.experiments import Conclusion, conclude
from triage.core.history.fingerprint import fingerprint
from triage.core.history.records import ExperimentKind, Occasion, Weighed
from triage.core.history.relation import pair_of
from triage.core.history.weigh import weigh
from triage.core.records import Outcome, micros

# One cause after the other in the same suite: what was learnt of the first must not be said of the second.
SUCCESSIONS = (
    ("memory-items", "shared-rounding"),
    ("hosts-two", "shared-500-asgi"),
    ("memory-items-uvicorn", "shared-regression"),
    ("memory-items-uvicorn", "shared-validation"),
    ("cache-local", "shared-replica-lag"),
    ("jobs-polled", "lost-killed-job"),
)
AT_ONCE = 2
FAILING = (Outcome.FAILED, Outcome.ERROR)
RAN = (Outcome.PASSED, Outcome.XPASSED, *FAILING)
Expected = dict[str, Any]  # one of the failures in truth.json


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One test in one run: what happened, what the run alone says of it, and what history keeps of it."""

    scenario: str
    run: int
    test: str
    expected: Expected | None  # None: it passed
    verdict: Verdict | None  # None: it passed, or nothing was said
    occasion: Occasion
    apart: float | None  # 1 - sum of p squared, p the true share of the run's requests that each process served
    parted: bool | None  # its one write and its one read met different processes; None where it had more, or none


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """One failing test in one run, judged twice."""

    seen: Seen
    expected: Expected
    alone: Verdict | None
    weighed: Weighed | None

    @property
    def after(self) -> Verdict | None:
        return self.weighed.verdict if self.weighed else None

    @property
    def half(self) -> str:
        return half(self.seen.scenario)

    @property
    def name(self) -> str:
        seen = self.seen
        control = f" ({seen.occasion.experiment.value})" if seen.occasion.experiment else ""
        return f"{seen.scenario}/{seen.run}{control} {seen.test.rpartition('::')[2]}"


def look(folder: Path) -> list[Seen]:
    """Every test of every run below `folder`, or packed in it; two runs at a time."""
    with unpacked(folder) as runs, ProcessPoolExecutor(AT_ONCE) as pool:
        return [each for several in pool.map(_seen, runs, chunksize=8) for each in several]


def _seen(run: Path) -> list[Seen]:
    return list(see(run))


def see(run: Path) -> Iterator[Seen]:
    """Every test of a recorded run that passed or failed."""
    truth = json.loads((run / "truth.json").read_text())
    meta = json.loads((run / "meta.json").read_text())
    report = analyse(gathered(run).evidence)
    failures = {_short(failure["test"]): failure for failure in truth["failures"]}
    verdicts = {verdict.test: verdict for verdict in report.verdicts}
    traces = {trace.test: trace for trace in report.traces}
    at_us = micros(datetime.fromisoformat(meta["started_at"]))
    apart = _apart(truth)
    for case in report.lineup.tests:
        if case.outcome not in RAN:
            continue
        verdict = verdicts.get(case.test)
        yield Seen(
            scenario=truth["scenario"],
            run=truth["run"],
            test=case.test,
            expected=failures.pop(_short(case.test), {"kind": PASSED} if verdict else None),
            verdict=verdict,
            occasion=_occasion(case, traces.get(case.test), verdict, meta, at_us),
            apart=apart,
            parted=_parted(truth, case.test),
        )
    for failure in failures.values():  # the logs do not so much as name it
        case = TestCase(test=failure["test"], outcome=Outcome.FAILED)
        yield Seen(
            scenario=truth["scenario"],
            run=truth["run"],
            test=failure["test"],
            expected=failure,
            verdict=None,
            occasion=_occasion(case, None, None, meta, at_us),
            apart=apart,
            parted=_parted(truth, case.test),
        )


def _apart(truth: Expected) -> float | None:
    """How often two requests would meet different processes, by the shares that the processes truly had."""
    shares = Counter(request["pid"] for request in truth["requests"] if request["pid"])
    return 1 - sum((count / shares.total()) ** 2 for count in shares.values()) if shares else None


def _parted(truth: Expected, test: str) -> bool | None:
    routes = by_slug(truth["scenario"]).truth_of(test)
    if routes.write is None or routes.read is None:
        return None
    asked = [each for each in truth["requests"] if _short(each["test"]) == _short(test)]
    wrote = [each["pid"] for each in asked if matches(routes.write, each["method"], each["path"])]
    read = [each["pid"] for each in asked if matches(routes.read, each["method"], each["path"])]
    return wrote != read if len(wrote) == len(read) == 1 else None


def _short(test: str) -> str:
    """What every format keeps of a node id."""
    return test.rpartition("::")[2]


def _occasion(case: TestCase, trace: Trace | None, verdict: Verdict | None, meta: Expected, at_us: int) -> Occasion:
    failed = case.outcome in FAILING
    return Occasion(
        run=meta["run_key"],
        at_us=at_us,
        failed=failed,
        trace=trace,
        fingerprint=fingerprint(case.test, case.message, case.detail).key if failed else "",
        verdict=verdict.kind.value if verdict else "",
        confidence=verdict.confidence if verdict else 0.0,
        pair=pair_of(verdict, trace) if verdict else None,
        side=verdict.side.value if verdict and verdict.side else "",
        mechanism=verdict.mechanism.value if verdict and verdict.mechanism else "",
        experiment=ExperimentKind(meta["experiment"]) if meta.get("experiment") else None,
        branch=meta.get("branch", ""),
    )


def judged(seen: Iterable[Seen]) -> Iterator[Told]:
    """Every failing test of every run, weighed with all other runs of it; a scenario is a project."""
    for _, runs in _by_test(seen):
        yield from _judged(runs)


def _judged(runs: Sequence[Seen]) -> Iterator[Told]:
    for place, each in enumerate(runs):
        if each.expected is None:
            continue
        others = [other.occasion for other in (*runs[:place], *runs[place + 1 :])]
        weighed = weigh(each.verdict, each.occasion, others) if each.verdict else None
        yield Told(seen=each, expected=each.expected, alone=each.verdict, weighed=weighed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How often a test failed whose state is split, beside what the worker shares let expect."""

    scenario: str
    test: str
    true: float  # from the shares as they were, averaged over the runs
    told: float | None  # the same from the logs, as history states it
    parted: float | None  # how often its write and its read truly met different processes; None where it has more
    observed: float
    runs: int
    in_turns: bool  # several hosts, to which a proxy hands requests in turns: not by chance


def rates(seen: Iterable[Seen], told: Iterable[Told]) -> list[Rate]:
    """One for each test that failed for state split between server processes; runs as the scenario stands."""
    weighed = {(each.seen.scenario, each.seen.test): each for each in told if _is_split(each)}
    runs: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for each in seen:
        if (each.scenario, each.test) in weighed and each.occasion.experiment is None and each.apart is not None:
            runs[each.scenario, each.test].append(each)
    return [
        Rate(
            scenario=key[0],
            test=key[1].rpartition("::")[2],
            true=sum(each.apart or 0.0 for each in several) / len(several),
            told=_told(weighed[key]),
            parted=_share([each.parted for each in several]),
            observed=sum(each.occasion.failed for each in several) / len(several),
            runs=len(several),
            in_turns=bool(by_slug(key[0]).server.more_hosts),
        )
        for key, several in sorted(runs.items())
    ]


def _share(parted: Sequence[bool | None]) -> float | None:
    return None if None in parted else sum(map(bool, parted)) / len(parted)


def _is_split(each: Told) -> bool:
    return (each.expected["kind"], each.expected.get("side")) == ("split_state", "server")


def _told(each: Told) -> float | None:
    return each.weighed.rates.expected if each.weighed else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Concluded:
    """What an experiment of a scenario says of one failure, beside what is true."""

    scenario: str
    test: str
    conclusion: Conclusion
    helps: bool  # what was changed for the experiment does away with the failure

    @property
    def wrong(self) -> bool:
        return self.conclusion.state in (("refuted", "failed") if self.helps else ("confirmed", "verified"))


def conclusions(seen: Iterable[Seen]) -> list[Concluded]:
    """Every experiment on the commonest failure of every test that failed as the scenario stands."""
    found = []
    for (slug, test), runs in _by_test(seen):
        occasions = [each.occasion for each in runs]
        failures = Counter(each.fingerprint for each in occasions if each.fingerprint and each.experiment is None)
        kinds = sorted({each.experiment for each in occasions if each.experiment is not None})
        for kind in kinds if failures else ():
            conclusion = conclude(kind, occasions, failures.most_common(1)[0][0])
            helps = kind is ExperimentKind.FIX or by_slug(slug).remedy_helps
            found.append(Concluded(scenario=slug, test=test, conclusion=conclusion, helps=helps))
    return found


def succeeded(seen: Sequence[Seen]) -> list[Told]:
    """Judged as if both causes of a succession had struck one project; both are of the same half."""
    found = []
    for both in SUCCESSIONS:
        of_both = [each for each in seen if each.scenario in both]
        if len({each.scenario for each in of_both}) == len(both):
            by_test = groupby(sorted(of_both, key=_when), key=lambda each: each.test)
            found += [told for _, runs in by_test for told in _judged(list(runs))]
    return found


def _when(each: Seen) -> tuple[str, int]:
    return each.test, each.occasion.at_us


def _by_test(seen: Iterable[Seen]) -> Iterator[tuple[tuple[str, str], list[Seen]]]:
    """The runs of each test of each scenario, in the order in which they ran."""
    ordered = sorted(seen, key=lambda each: (each.scenario, each.test, each.occasion.at_us))
    for key, group in groupby(ordered, key=lambda each: (each.scenario, each.test)):
        yield key, list(group)
