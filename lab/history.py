"""Records a scenario's history as a team has it: run after run as it stands, then runs that test what the cause is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab.corpus import record_all
from lab.run import run_scenario
from lab.scenario import Scenario, never_replaced, one_test_process, one_worker
from lab.scenarios.forked import without_preload

HISTORIES = Path(__file__).resolve().parent / "histories"
ATTEMPTS = 3  # at each run, before the scenario is given up
DEFECTS = ("STORE", "SESSIONS", "CACHE", "DEFECT", "LOCK", "FILES", "BUG", "DATABASE")  # variables that switch one on
# What `--verify` changes, by the name that a project gives such a run.
REMEDIES: tuple[tuple[Callable[[Scenario], Scenario], str], ...] = (
    (one_worker, "one_process"),
    (never_replaced, "no_recycling"),
    (one_test_process, "no_xdist"),
    (without_preload, "fix"),
)
AS_IT_STANDS = ""
AGAIN = 2  # runs as it stands after the experiment

Planned = tuple[str, Scenario]  # the kind of experiment, and what is run


def planned(scenario: Scenario, runs: int, controls: int) -> Iterator[Planned]:
    """`runs` of the scenario as it stands, among them `controls`: two of three with the remedy, the third with a fix.

    The remedy is taken away again before anything is mended: else a change of the code would explain it as well.
    """
    tried = [each for each in (with_remedy(scenario), with_remedy(scenario), fixed(scenario)) if each is not None]
    made = [tried[n % len(tried)] for n in range(controls if tried else 0)]
    experiments = [each for each in made if each[0] != "fix"]
    again = min(AGAIN, runs) if experiments else 0
    yield from [(AS_IT_STANDS, scenario)] * (runs - again)
    yield from experiments
    yield from [(AS_IT_STANDS, scenario)] * again
    yield from [each for each in made if each[0] == "fix"]


def with_remedy(scenario: Scenario) -> Planned | None:
    """The decisive experiment; None where one process serves alone as it is, or the remedy is none that a team has."""
    remedy = scenario.remedy or one_worker
    alone = scenario.server.workers == 1 and not scenario.server.more_hosts
    named = dict(REMEDIES).get(remedy)
    return None if named is None or (alone and remedy is one_worker) else (named, scenario.remedied())


def fixed(scenario: Scenario) -> Planned | None:
    """The app with its defect switched off; None where no switch of its own does that."""
    kept = tuple((name, value) for name, value in scenario.server.env if name not in DEFECTS or not value)
    if kept == scenario.server.env:
        return None
    return "fix", replace(scenario, server=replace(scenario.server, env=kept))


def staged(scenario: Scenario, experiment: str, truth: dict[str, Any]) -> str:
    """Why this run shows something else than what was staged, as far as its truth tells; empty where it does not."""
    failures = truth["failures"]
    helps = experiment == "fix" or (experiment and scenario.remedy_helps) or scenario.slug.endswith("healthy")
    if helps and failures:
        return f"{len(failures)} tests failed where none ought to"
    if not truth["tests"]:
        return "no test ran"
    for failure in failures:
        asked = [each for each in truth["requests"] if each["test"] == failure["test"]]
        if failure["kind"] == "split_state" and any("imed out" in str(each["problem"]) for each in asked):
            return f"{failure['test']} waited in vain"
    return ""


def record(scenarios: Sequence[Scenario], runs: int, controls: int, work: Path, out: Path) -> int:
    """Records so many runs of each scenario, `controls` of them experiments, as `lab.corpus.record_all` does."""
    return record_all(scenarios, lambda scenario, folder: _record(scenario, runs, controls, folder), work, out)


def _record(scenario: Scenario, runs: int, controls: int, folder: Path) -> str:
    """What went wrong; empty where all runs are there."""
    for number, (experiment, changed) in enumerate(planned(scenario, runs, controls), start=1):
        run = folder / str(number)
        if (run / "truth.json").exists():
            continue
        problem = ""
        for _ in range(ATTEMPTS):
            shutil.rmtree(run, ignore_errors=True)  # what an interrupted recording left
            problem = _run(scenario, changed, experiment, number, run)
            if not problem:
                break
            print(f"--  {scenario.slug} {number} {experiment}: {problem}", flush=True)
        if problem:
            shutil.rmtree(run, ignore_errors=True)
            if not experiment:
                return f"run {number}: {problem}"
    return ""  # a control that cannot be staged is left out


def _run(scenario: Scenario, changed: Scenario, experiment: str, number: int, folder: Path) -> str:
    try:
        truth = run_scenario(changed, number, folder)
    except Exception as problem:  # whatever one run does, the others are recorded
        return f"{type(problem).__name__}: {problem}"
    if experiment:
        meta = json.loads((folder / "meta.json").read_text()) | {"experiment": experiment}
        (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")
    return staged(scenario, experiment, truth)
