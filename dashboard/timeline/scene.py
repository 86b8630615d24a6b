"""What is to be drawn: one test, or one run, with the processes that served it. The layout's only input."""

from __future__ import annotations

import msgspec

from triage.core.clock_scale import clock_of, to_client
from triage.core.findings import Clock, PlacedStep, Process, Report, Served, Verdict
from triage.core.records import Outcome


class Traffic(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Requests of one process that the test did not make, counted over a slice of server time."""

    process: int
    low_us: int
    high_us: int
    count: int = 1
    errors: int = 0
    own: int = 0  # how many of them steps of the test asked for, where these steps are counted in a Crowd
    served: int | None = None  # the request's own position, where it is a single one
    words: str = ""  # and what it was: `GET /health 200`


class Crowd(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Steps of a test that has too many to fetch, counted over a slice of its time."""

    first: int  # index of the first of them
    low_us: int
    high_us: int
    count: int


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One test of a whole run, on the client's clock."""

    position: int
    test: str
    outcome: Outcome
    start_us: int
    stop_us: int
    worker: str = ""


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Steps keep their index in the lineup, served requests theirs; both are looked up by it."""

    test: str
    outcome: Outcome
    failure: str = ""  # what the test said when it failed, one line
    ended_us: int | None = None
    steps: tuple[PlacedStep, ...] = ()
    processes: tuple[Process, ...] = ()  # all of the run, in order of appearance
    served: tuple[Served, ...] = ()  # those that the steps and the verdict name
    traffic: tuple[Traffic, ...] = ()  # everything else that was served meanwhile
    crowd: tuple[Crowd, ...] = ()  # steps that are counted instead of fetched
    step_count: int = 0  # of the test, fetched or not
    reach: tuple[int, int] | None = None  # client time of all steps of the test, where not all are here
    clocks: tuple[Clock, ...] = ()
    verdict: Verdict | None = None
    written: str = ""  # in a few words of the log: what was written
    read: str = ""
    spans: tuple[Span, ...] = ()  # only for a whole run: the tests whose times are known
    tests: int = 0  # how many the run has


def client_time(clocks: tuple[Clock, ...], host: str, us: int) -> int:
    """The client's reading at a host's instant; by the busiest host's clock where its own is not known."""
    clock = clock_of(clocks, host)
    return to_client(clock, us) if clock is not None else us


def scene_of(report: Report, test: str, *, written: str = "", read: str = "") -> Scene:
    """The scene of one test of a whole report held in memory; the traffic is everything else that was served."""
    lineup = report.lineup
    case = next(t for t in lineup.tests if t.test == test)
    verdict = next((v for v in report.verdicts if v.test == test), None)
    ends = tuple(e for e in (verdict.write, verdict.read) if e) if verdict else ()
    shown = dict.fromkeys([*case.steps, *sorted(e.step for e in ends if e.step is not None)])
    steps = tuple(lineup.steps[i] for i in sorted(shown))
    wanted = {m.served for s in steps for m in s.matches} | {e.served for e in ends if e.served is not None}
    return Scene(
        test=test,
        outcome=case.outcome,
        failure=case.message,
        ended_us=case.stopped_us,
        steps=steps,
        step_count=len(steps),
        processes=lineup.processes,
        served=tuple(s for s in lineup.served if s.index in wanted),
        traffic=tuple(
            Traffic(process=s.process, low_us=s.low_us, high_us=s.high_us, errors=int(s.error), served=s.index)
            for s in lineup.served
            if s.index not in wanted
        ),
        clocks=lineup.clocks,
        verdict=verdict,
        written=written,
        read=read,
    )
