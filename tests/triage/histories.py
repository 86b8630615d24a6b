"""Reports of runs of one small suite, as history needs them: who served the write and the read of each test."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from tests.triage.made import NOON
from triage.core.findings import (
    End,
    Evidence,
    Holder,
    Level,
    Lineup,
    Mechanism,
    Report,
    TestCase,
    Trace,
    Verdict,
    VerdictKind,
    VerdictSide,
    Visit,
)
from triage.core.records import SECOND, Outcome, micros
from triage.models import Project, Run
from triage.store import decisions

TEST = "tests/test_cars.py::test_count"
WRITE, READ = "POST /cars", "GET /cars"
MESSAGE = "AssertionError: assert 3 == 4"
_numbers = count(1)


def a_trace(test: str = TEST, *, failed: bool, crossed: bool | None, processes: int = 2) -> Trace:
    """A write on the first of so many processes, then a read on the second where `crossed`; None: it cannot be told."""
    reader = None if crossed is None else int(crossed)
    return Trace(
        test=test,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        visits=(
            Visit(kind=WRITE, process=0, at_us=micros(NOON), status=200),
            Visit(kind=READ, process=reader, at_us=micros(NOON) + SECOND, status=200),
        ),
        holders=tuple(Holder(name=f"web1[{7 + n}]", requests=30) for n in range(processes)),
    )


def a_verdict(test: str = TEST, **fields: object) -> Verdict:
    facts = {
        "test": test,
        "outcome": Outcome.FAILED,
        "message": MESSAGE,
        "kind": VerdictKind.SPLIT_STATE,
        "level": Level.SUSPECTED,
        "confidence": 0.7,
        "summary": "POST /cars was served by web1[7], GET /cars by web1[8].",
        "side": VerdictSide.SERVER,
        "mechanism": Mechanism.IN_MEMORY,
        "write": End(method="POST", path="/cars", host="web1", unit="gunicorn", pid=7, at_us=micros(NOON)),
        "read": End(method="GET", path="/cars", host="web1", unit="gunicorn", pid=8, at_us=micros(NOON) + SECOND),
        "evidence": (Evidence(kind="pid_switch", text="Two processes.", weight=2.0),),
    }
    return Verdict(**{**facts, **fields})


def a_report(
    *cases: tuple[str, bool, bool | None],
    message: str = MESSAGE,
    version: int = 4,
    processes: int = 2,
    **verdict: object,
) -> Report:
    """A report on tests given as (node id, failed, crossed)."""
    given = cases or ((TEST, True, True),)
    return Report(
        lineup=Lineup(
            tests=tuple(
                TestCase(
                    test=test,
                    outcome=Outcome.FAILED if failed else Outcome.PASSED,
                    message=message if failed else "",
                )
                for test, failed, _ in given
            )
        ),
        verdicts=tuple(a_verdict(test, message=message, **verdict) for test, failed, _ in given if failed),
        traces=tuple(
            a_trace(test, failed=failed, crossed=crossed, processes=processes) for test, failed, crossed in given
        ),
        core_version=version,
    )


def a_run(project: Project, **fields: object) -> Run:
    """The next run of a project, a minute after the one before it."""
    number = next(_numbers)
    at = NOON + timedelta(minutes=number)
    facts = {"run_key": f"ci/{number}", "received_at": at, "changed_at": at, "received_on": at.date()}
    return Run.objects.create(project=project, **{**facts, **fields})


def ran(project: Project, *cases: tuple[str, bool, bool | None], **fields: object) -> Run:
    """A run of a project with its report kept, as the task keeps it."""
    report = {name: fields.pop(name) for name in ("message", "version", "processes", "kind", "level") if name in fields}
    run = a_run(project, **fields)
    assert decisions.keep(run, a_report(*cases, **report))
    run.refresh_from_db()
    return run


def runs_that_split(project: Project, failed: int = 8, passed: int = 8) -> list[Run]:
    """Runs by turns, the failing ones first in the list: it fails where processes differ, and passes where not."""
    made: dict[bool, list[Run]] = {True: [], False: []}
    for number in range(max(failed, passed)):
        for fails, wanted in ((True, failed), (False, passed)):
            if number < wanted:
                made[fails].append(ran(project, (TEST, fails, fails)))
    return made[True] + made[False]
