"""Runs with a report, as the read API and the pages find them; saved by the store that saves real ones."""

from __future__ import annotations

from datetime import datetime

from tests.triage.made import NOON, a_part, a_run
from triage.core.findings import (
    Clock,
    End,
    Evidence,
    Level,
    LineRef,
    Lineup,
    Match,
    Mechanism,
    PlacedStep,
    Process,
    Report,
    Served,
    TestCase,
    Verdict,
    VerdictKind,
)
from triage.core.records import SECOND, Outcome, Request, Side, micros
from triage.models import Run
from triage.store import reports

T0 = micros(NOON)
FAILED, PASSED, ERROR = (
    "tests/test_cars.py::test_count",
    "tests/test_cars.py::test_get[<b>]",
    "tests/test_cars.py::test_x",
)
SPLIT = "POST /cars/add was served by gunicorn[51463], GET /cars by gunicorn[51465], which never saw it."


def a_report() -> Report:
    """Two workers, a write to one and a read from the other; a test that passed and one that broke."""
    add, get = Request(method="POST", path="/cars/add", status=200), Request(method="GET", path="/cars", status=200)
    steps = (
        _step(0, FAILED, 1, "added a car", add, Match(served=0, confidence=0.99), Match(served=1, confidence=0.01)),
        _step(1, FAILED, 2, "fetched cars", get, Match(served=1, confidence=0.9)),
        _step(2, FAILED, 3, "count differs", None),
        _step(3, PASSED, 1, "fetched cars", get),
    )
    return Report(
        lineup=Lineup(
            tests=(
                TestCase(test=FAILED, outcome=Outcome.FAILED, message="assert 3 == 4", detail="xy", steps=(0, 1, 2)),
                TestCase(test=PASSED, outcome=Outcome.PASSED, steps=(3,)),
                TestCase(test=ERROR, outcome=Outcome.ERROR, message="fixture 'car' not found"),
            ),
            steps=steps,
            processes=(
                Process(index=0, host="web1", unit="gunicorn", pid=51463),
                Process(index=1, host="web1", unit="gunicorn", pid=51465),
                Process(index=2, host="web1", unit="nginx", pid=None),
            ),
            served=(_served(0, 0, add), _served(1, 1, get)),
            clocks=(Clock(host="web1", offset_us=-1_378_700_000, low_us=-1_379_100_000, high_us=-1_378_300_000,
                          basis="31 matched requests", matched=31, decided=True),),
            remarks=("The journal names no year.",),
        ),
        verdicts=(
            Verdict(
                test=FAILED, outcome=Outcome.FAILED, message="assert 3 == 4", kind=VerdictKind.SPLIT_STATE,
                level=Level.LIKELY, confidence=0.93, summary=SPLIT, side=Side.SERVER, mechanism=Mechanism.IN_MEMORY,
                write=_end("POST", "/cars/add", 51463, 0), read=_end("GET", "/cars", 51465, 1),
                evidence=(
                    Evidence(kind="pid_switch", text="Two processes.", weight=2.1, lines=(LineRef(part=1, line=1),)),
                ),
                advice="Keep the cars in one place.", confirm="Run with one worker.",
            ),
            Verdict(
                test=ERROR, outcome=Outcome.ERROR, message="fixture 'car' not found", kind=VerdictKind.TEST_ERROR,
                level=Level.SUSPECTED, confidence=0.6, summary="The test itself broke.",
                write=End(method=None, path=None, host="web1", unit="", pid=None, at_us=T0),
            ),
        ),
    )  # fmt: skip


def _step(index: int, test: str, n: int, text: str, request: Request | None, *matches: Match) -> PlacedStep:
    at = T0 + index * SECOND
    return PlacedStep(
        index=index, test=test, n=n, ref=LineRef(part=0, line=index + 1), text=text, at_us=None if index == 2 else at,
        until_us=at + SECOND, request=request, matches=matches,
    )  # fmt: skip


def _served(index: int, process: int, request: Request) -> Served:
    at = T0 + index * SECOND + 500_000
    ref = LineRef(part=1, line=index + 1)
    return Served(index=index, process=process, entries=(ref,), request=request, low_us=at, high_us=at)


def _end(method: str, path: str, pid: int, served: int) -> End:
    at = T0 + served * SECOND + 500_000
    return End(method=method, path=path, host="web1", unit="gunicorn", pid=pid, at_us=at, served=served)


def a_ready_run(key: str = "ci/1", at: datetime = NOON, **fields: object) -> Run:
    run = a_run(key, at, **fields)
    a_part(run, "tests", "test.log", format="pytest-terminal", entries=4, state="read")
    a_part(run, "server", "journal.txt", format="journal-short", entries=8123, skipped_lines=2, state="read")
    a_part(run, "server", "photo.jpg", problem="This is no log: it is a JPEG picture.", state="unreadable")
    assert reports.save(run, a_report())
    run.refresh_from_db()
    return run
