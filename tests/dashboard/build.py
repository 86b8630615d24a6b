"""Reports made by hand: lineups and verdicts in every state that a page has to show."""

from __future__ import annotations

from typing import Any

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
    VerdictSide,
)
from triage.core.records import SECOND, Outcome, Request

NOON = 1_716_466_267 * SECOND  # 2024-05-23T12:11:07Z
TEST = "tests/test_api_example.py::test_api_example"
HOST = "ip-172-31-10-107"


class Build:
    """Grows a report step by step. Times are seconds after NOON on the client's clock."""

    def __init__(self, offset_s: float = 0.0, hosts: tuple[str, ...] = (HOST,), slack_s: float = 0.5) -> None:
        self.offset_us = int(offset_s * SECOND)
        self.clocks = tuple(
            Clock(
                host=host,
                offset_us=self.offset_us + i * 3 * SECOND,
                low_us=self.offset_us + i * 3 * SECOND - int(slack_s * SECOND),
                high_us=self.offset_us + i * 3 * SECOND + int(slack_s * SECOND),
                basis="2 matched requests",
                matched=2,
                decided=True,
            )
            for i, host in enumerate(hosts)
        )
        self.tests: list[TestCase] = []
        self.steps: list[PlacedStep] = []
        self.processes: list[Process] = []
        self.served: list[Served] = []
        self.verdicts: list[Verdict] = []
        self.remarks: tuple[str, ...] = ()
        self.server_lines: list[str] = []
        self.test_lines: list[str] = []

    def process(self, pid: int | None, *, host: str = HOST, unit: str = "gunicorn", **more: Any) -> int:
        self.processes.append(Process(index=len(self.processes), host=host, unit=unit, pid=pid, **more))
        return len(self.processes) - 1

    def serve(self, process: int, at: float, request: Request | None = None, *, line: str = "", **more: Any) -> int:
        one = self.processes[process]
        clock = next((c for c in self.clocks if c.host == one.host), None)
        us = NOON + round(at * SECOND) + (clock.offset_us if clock else 0)
        text = line or f"{request.method} {request.path} -> {request.status}" if request else line or "a line"
        stamp = f"May 23 12:11:{7 + at:06.3f}"
        self.server_lines.append(f"{stamp} {one.host} {one.unit}[{one.pid}]: {text}")
        entry = LineRef(1, len(self.server_lines))
        self.served.append(
            Served(
                index=len(self.served),
                process=process,
                entries=(entry,),
                request=request,
                low_us=us,
                high_us=us + 8000,
                **more,
            )
        )
        self.processes[process] = _more(one, requests=one.requests + 1)
        return len(self.served) - 1

    def step(
        self, text: str, at: float | None, *, served: int | None = None, test: str = TEST, confidence: float = 0.97,
        request: Request | None = None, also: tuple[tuple[int, float], ...] = (), **more: Any,
    ) -> int:  # fmt: skip
        index = len(self.steps)
        us = NOON + round(at * SECOND) if at is not None else None
        self.test_lines.append(f"2024-05-23 12:11:{7 + (at or 0):06.3f} | INFO | {text}")
        matches = [Match(served=served, confidence=confidence, basis=("path", "time"))] if served is not None else []
        matches += [Match(served=other, confidence=sure, basis=("time",)) for other, sure in also]
        n = 1 + sum(s.test == test for s in self.steps)
        self.steps.append(
            PlacedStep(
                index=index, test=test, n=n, ref=LineRef(0, index + 1), text=text, at_us=us,
                until_us=us + SECOND if us is not None else None, request=request, matches=tuple(matches), **more,
            )
        )  # fmt: skip
        return index

    def test(self, outcome: Outcome, message: str = "", *, test: str = TEST, **more: Any) -> None:
        steps = tuple(s.index for s in self.steps if s.test == test)
        times = [self.steps[i].at_us for i in steps if self.steps[i].at_us is not None]
        more.setdefault("started_us", min(times) if times else None)
        more.setdefault("stopped_us", max(times) if times else None)
        self.tests.append(TestCase(test=test, outcome=outcome, message=message, steps=steps, **more))

    def end(self, *, served: int | None = None, step: int | None = None) -> End:
        if served is None:
            found = self.steps[step or 0]
            request = found.request
            return End(
                method=request.method if request else None, path=request.path if request else None, host="", unit="",
                pid=None, at_us=found.at_us or NOON, step=step, line=found.ref,
            )  # fmt: skip
        one = self.served[served]
        process, request = self.processes[one.process], one.request
        return End(
            method=request.method if request else None, path=request.path if request else None, host=process.host,
            unit=process.unit, pid=process.pid, at_us=one.low_us, step=step, served=served, process=one.process,
            line=one.entries[0],
        )  # fmt: skip

    def verdict(self, kind: VerdictKind, summary: str, **more: Any) -> None:
        case = self.tests[-1]
        more.setdefault("level", Level.LIKELY)
        more.setdefault("confidence", 0.93)
        self.verdicts.append(
            Verdict(test=case.test, outcome=case.outcome, message=case.message, kind=kind, summary=summary, **more)
        )

    def report(self) -> Report:
        lineup = Lineup(
            tests=tuple(self.tests), steps=tuple(self.steps), processes=tuple(self.processes),
            served=tuple(self.served), clocks=self.clocks if self.processes else (), remarks=self.remarks,
        )  # fmt: skip
        return Report(lineup=lineup, verdicts=tuple(self.verdicts))


def _more(process: Process, **change: Any) -> Process:
    return Process(**{name: getattr(process, name) for name in process.__struct_fields__} | change)


POST = Request(method="POST", path="/cars/add", status=200)
GET = Request(method="GET", path="/cars", status=200)
WHY = (
    Evidence(kind="pid_switch", text="The write and the read were served by different workers.", weight=1.6),
    Evidence(kind="answer_lacks_write", text="“figo” was added with 200; the list did not have it.", weight=1.4),
    Evidence(kind="sibling_crossed_and_passed", text="Two sibling tests crossed workers and passed.", weight=-0.3),
    Evidence(kind="no_restart", text="No worker was replaced and none logged an error.", weight=0.0),
)  # fmt: skip
SUMMARY = "POST /cars/add was served by gunicorn[51463], GET /cars by gunicorn[51465], which never saw it."


def original(*, offset_s: float = 0.0, kind: VerdictKind = VerdictKind.SPLIT_STATE, summary: str = SUMMARY) -> Build:
    """The case that started it, in whole seconds, with a third worker that did other work."""
    b = Build(offset_s)
    writer, other, reader = b.process(51463), b.process(51464), b.process(51465)
    first = b.serve(writer, -0.9, Request(method="GET", path="/cars", status=200))
    added = b.serve(
        writer,
        0.0,
        POST,
        line="[2024-05-23 12:34:06,721] INFO in cars_app: successfully added {'name': 'figo', 'brand': 'ford'}",
    )
    read = b.serve(
        reader, 1.0, GET, line="[2024-05-23 12:34:07,021] INFO in cars_app: Processing /GET request against /cars"
    )
    for at in (-0.6, 0.3, 0.7, 1.8, 2.6):
        b.serve(other, at, Request(method="GET", path="/health", status=200))
    b.step("  - Counting cars", -0.9, served=first, request=Request(method="GET", path="/cars"))
    w = b.step("PASS: Successfully added new car with details {'name': 'figo', 'brand': 'ford'}", 0.0, served=added)
    r = b.step("  - Successfully fetched cars", 1.0, served=read)
    b.step("FAIL: Total car count doesnt match expected count", 3.0, mark="fail")
    b.test(Outcome.FAILED, "Total car count doesnt match expected count", detail="E  assert 4 == 5")
    b.verdict(
        kind, summary, side=VerdictSide.SERVER, mechanism=Mechanism.SESSION_KEY, write=b.end(served=added, step=w),
        read=b.end(served=read, step=r), evidence=WHY,
        advice="Give every worker the same key: read SECRET_KEY from the environment instead of drawing it on import.",
        confirm="Run the test five times with one worker: gunicorn --workers 1 cars_app:app",
        missing="Which cars the second answer held: neither log tells an answer's body.",
    )  # fmt: skip
    b.remarks = ("The journal carries no year and no zone; the year is taken from the test log.",)
    return b
