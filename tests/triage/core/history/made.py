"""Histories made by hand: a test that writes and reads cars, on processes that the caller names."""

from __future__ import annotations

from collections.abc import Sequence

from triage.core.findings import (
    End,
    Evidence,
    Holder,
    Level,
    Mechanism,
    Trace,
    Verdict,
    VerdictKind,
    VerdictSide,
    Visit,
)
from triage.core.history.records import ExperimentKind, Occasion, Pair
from triage.core.records import SECOND, Outcome

TEST = "tests/test_cars.py::test_add_car"
PAIR = Pair("POST /cars", "GET /cars")
FAILURE = "f" * 32
DAY = 86_400 * SECOND
START = 1_795_435_200 * SECOND
SAID = "POST /cars was served by gunicorn[11], GET /cars by gunicorn[12], which never saw it."


def trace(
    write: int | None,
    *reads: int | None,
    failed: bool = True,
    shares: Sequence[int] = (10, 10, 10),
    died: dict[int, int] | None = None,
    at_us: int = START,
) -> Trace:
    """POST /cars on one process, then GET /cars on others, a tenth of a second apart."""
    visits = [Visit(kind=PAIR.write, process=write, at_us=at_us, status=201)]
    visits += [
        Visit(kind=PAIR.read, process=read, at_us=at_us + (n + 1) * SECOND // 10, status=200)
        for n, read in enumerate(reads)
    ]
    return Trace(
        test=TEST,
        outcome=Outcome.FAILED if failed else Outcome.PASSED,
        visits=tuple(visits),
        holders=tuple(
            Holder(name=f"web1[{11 + n}]", requests=count, died_us=(died or {}).get(n))
            for n, count in enumerate(shares)
        ),
    )


def occasion(
    number: int,
    failed: bool,
    write: int | None = 0,
    *reads: int | None,
    kind: VerdictKind = VerdictKind.SPLIT_STATE,
    confidence: float = 0.9,
    experiment: ExperimentKind | None = None,
    branch: str = "main",
    fingerprint: str = FAILURE,
    shares: Sequence[int] = (10, 10, 10),
    died: dict[int, int] | None = None,
) -> Occasion:
    """The run of day `number`."""
    accused = failed and kind in (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)
    return Occasion(
        run=f"run-{number}",
        at_us=START + number * DAY,
        failed=failed,
        trace=trace(write, *reads, failed=failed, shares=shares, died=died),
        fingerprint=fingerprint if failed else "",
        verdict=kind.value if failed else "",
        confidence=confidence if failed else 0.0,
        pair=PAIR if accused else None,
        side=VerdictSide.SERVER.value if accused else "",
        mechanism=Mechanism.IN_MEMORY.value if accused else "",
        experiment=experiment,
        branch=branch,
    )


def apart(number: int, failed: bool, **more: object) -> Occasion:
    return occasion(number, failed, 0, 1, **more)  # type: ignore[arg-type]


def same(number: int, failed: bool, **more: object) -> Occasion:
    return occasion(number, failed, 0, 0, **more)  # type: ignore[arg-type]


def verdict_of(own: Occasion, level: Level = Level.LIKELY) -> Verdict:
    """What the run alone said."""
    kind = VerdictKind(own.verdict)
    accused = kind in (VerdictKind.SPLIT_STATE, VerdictKind.LOST_STATE)
    ends = [
        End(
            method=each.partition(" ")[0],
            path=each.partition(" ")[2],
            host="web1",
            unit="gunicorn",
            pid=11,
            at_us=START,
        )
        for each in (PAIR.write, PAIR.read)
    ]
    return Verdict(
        test=TEST,
        outcome=Outcome.FAILED,
        message="assert 0 == 1",
        kind=kind,
        level=Level.SUSPECTED if kind is VerdictKind.UNEXPLAINED else level,
        confidence=own.confidence,
        summary=SAID,
        side=VerdictSide.SERVER if accused else None,
        mechanism=Mechanism.IN_MEMORY if accused else None,
        write=ends[0] if accused else None,
        read=ends[1] if accused else None,
        evidence=(Evidence(kind="answer_lacks_write", text="The answer lacks the car.", weight=2.8),),
    )
