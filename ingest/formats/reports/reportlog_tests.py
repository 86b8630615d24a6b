"""The reports of pytest's phases gathered into one result an attempt, with the steps of each phase."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs.client_steps import Place, StepReader, Told, library_request
from ingest.formats.client_logs.log_line import Shape
from ingest.formats.pytest_terminal.failure import Failure
from ingest.formats.reports.junit_names import NO_NAME
from ingest.formats.reports.report_values import epoch_seconds
from ingest.formats.reports.reportlog_failure import Report, failure_of, pairs, reason_of
from triage.core.records import SECOND, Fact, Outcome, Record, Request, Stamp, Step, TestResult

OPEN = 20_000  # attempts that may be under way at once
INSIDE = 100_000  # log lines of the subtests of one test that are held until its own log comes
FAILING = (Outcome.FAILED, Outcome.ERROR)


class Attempt(msgspec.Struct):
    test: str
    number: int
    line: int
    worker: str = ""
    outcome: Outcome | None = None
    message: str = ""
    detail: str = ""
    phase: str = ""
    started: Stamp | None = None
    stopped: Stamp | None = None
    duration_us: int | None = None
    timed: str = ""  # the phase that started and stopped are of
    sections: list[int] = msgspec.field(default_factory=list)  # digests of those already read
    # log lines of its subtests with the time by which each was written: the test's own log tells them once more
    inside: dict[str, deque[Stamp | None]] = msgspec.field(default_factory=dict)
    held: int = 0  # lines in `inside`


class Tests:
    """Feed it reports in file order."""

    def __init__(self, shape: Shape) -> None:
        self._steps = StepReader(shape)
        self._open: dict[str, Attempt] = {}
        self._again: dict[str, Attempt] = {}  # tests whose last attempt is to be tried again
        self._subtests: dict[str, list[tuple[str, str]]] = {}
        self._workers: set[str] = set()
        self._started = False

    def report(self, line: int, report: Report, kind: object) -> Iterator[Record]:
        """One report of a phase, a subtest or a collection."""
        test = str(report.get("nodeid", ""))[:4000]
        if kind == "CollectReport":
            yield from self._collected(line, test, report)
            return
        phase = str(report.get("when") or "call")
        test = test if test.strip() else NO_NAME
        # A unittest subtest has no times: it writes 0.
        start, stop = epoch_seconds(report.get("start")), epoch_seconds(report.get("stop"))
        if start is not None and not self._started:
            self._started = True
            yield Fact(name="session_started_us", value=str(start.us), line=line)
        if kind == "SubTestReport":
            yield from self._subtest(line, test, report, phase, stop)
            return
        attempt = self._attempt(line, test, report, phase)
        if phase == "setup" and attempt.outcome is not None:
            yield from self._close(attempt)
            attempt = self._attempt(line, test, report, phase)
        failure, failed = self._outcome(attempt, report, phase, start, stop)
        yield from self._sections(line, attempt, report, phase, stop)
        if failure is not None and (request := failure.unanswered) is not None:
            yield from self._unanswered(line, attempt, failure.message, request, phase, stop)
        if phase == "teardown":
            yield from self._close(attempt)
        elif failed and len(self._open) > OPEN:
            yield from self._close(next(iter(self._open.values())))

    def finish(self) -> Iterator[Record]:
        """Attempts whose teardown never came."""
        for attempt in list(self._open.values()):
            yield from self._close(attempt)
        if self._workers:
            yield Fact(name="xdist_workers", value=str(len(self._workers)))

    def _attempt(self, line: int, test: str, report: Report, phase: str) -> Attempt:
        found = self._open.get(test)
        if found is not None:
            return found
        worker = _worker(report)
        if worker and len(self._workers) < 1000:
            self._workers.add(worker)
        before = self._again.pop(test, None)
        rerun = report.get("rerun")
        number = rerun + 1 if isinstance(rerun, int) and 0 <= rerun < 10_000 else (before.number + 1 if before else 1)
        attempt = Attempt(test, number, line, worker, sections=before.sections if before else [])
        self._open[test] = attempt
        return attempt

    def _outcome(
        self, attempt: Attempt, report: Report, phase: str, start: Stamp | None, stop: Stamp | None
    ) -> tuple[Failure | None, bool]:
        told = report.get("outcome")
        outcome = _outcome(told, phase, "wasxfail" in report)
        if phase == "call" or (attempt.timed != "call" and outcome is not Outcome.PASSED):
            attempt.started, attempt.stopped, attempt.timed = start, stop, phase
            attempt.duration_us = _micros(report.get("duration"))
        elif attempt.timed == "":
            attempt.started, attempt.stopped = start, stop
        failure: Failure | None = None
        if outcome in FAILING or outcome is Outcome.RERUN:
            failure = failure_of(report.get("longrepr"))
            if attempt.outcome in FAILING or attempt.outcome is Outcome.RERUN:
                attempt.detail = f"{attempt.detail}\n\n{failure.detail.text()}"[:LINE_LIMIT]
                return failure, True
            attempt.outcome, attempt.phase = outcome, phase
            attempt.message, attempt.detail = failure.message, failure.detail.text()[:LINE_LIMIT]
            return failure, True
        if phase == "call" or (phase == "setup" and outcome is not Outcome.PASSED):
            attempt.outcome = attempt.outcome or outcome
            attempt.phase = attempt.phase or phase
            attempt.message = attempt.message or reason_of(report)
        return None, False

    def _sections(
        self, line: int, attempt: Attempt, report: Report, phase: str, stop: Stamp | None
    ) -> Iterator[Record]:
        """Sections grow from phase to phase, and over the attempts: only those behind the known ones are new."""
        sections = pairs(report.get("sections"))
        digests = [hash(section) for section in sections]
        known = len(attempt.sections)
        fresh = sections[known:] if digests[:known] == attempt.sections else sections
        attempt.sections = digests
        yield from self._read(line, fresh, attempt, phase, stop)
        if phase == "call" and attempt.inside:
            yield from self._rest(line, attempt)

    def _read(
        self, line: int, sections: list[tuple[str, str]], attempt: Attempt, phase: str, stop: Stamp | None
    ) -> Iterator[Step]:
        told: Counter[Told] = Counter()
        for title, text in sections:
            if " log" in title and "HTTP" in text:
                told.update(filter(None, map(library_request, text.split("\n")[:5000])))
        for title, text in sections:
            when = title.rsplit(" ", 1)[-1]
            log = " log" in title
            place = Place(
                test=attempt.test,
                phase=when if when in ("setup", "call", "teardown") else phase,
                worker=attempt.worker,
                after=stop,
                log=log,
                told=None if log else told,
            )
            places = {stop: place}
            for raw in text.split("\n"):
                by = _written(attempt, raw, stop) if log and attempt.inside else stop
                if by not in places:
                    places[by] = msgspec.structs.replace(place, after=by)
                yield from self._steps.feed(line, raw[:LINE_LIMIT].replace("\0", "\u2400"), places[by])
            yield from self._steps.flush()

    def _rest(self, line: int, attempt: Attempt) -> Iterator[Step]:
        """Log lines of subtests that the log of the test does not hold."""
        for raw, stops in attempt.inside.items():
            for stop in stops:
                place = Place(test=attempt.test, phase="call", worker=attempt.worker, after=stop, log=True)
                yield from self._steps.feed(line, raw[:LINE_LIMIT].replace("\0", "\u2400"), place)
        yield from self._steps.flush()
        attempt.inside, attempt.held = {}, 0

    def _unanswered(
        self, line: int, attempt: Attempt, message: str, request: Request, phase: str, stop: Stamp | None
    ) -> Iterator[Step]:
        yield Step(
            line=line,
            raw=message,
            text=message,
            test=attempt.test,
            phase=phase,
            worker=attempt.worker,
            level="error",
            request=request,
            mark="fail",
            after=stop,
        )

    def _subtest(self, line: int, test: str, report: Report, phase: str, stop: Stamp | None) -> Iterator[Record]:
        if report.get("outcome") == "failed" and len(self._subtests) < OPEN:
            failure = failure_of(report.get("longrepr"))
            self._subtests.setdefault(test, [])
            if len(self._subtests[test]) < 20:
                self._subtests[test].append((failure.message, failure.detail.text()))
        attempt = self._attempt(line, test, report, phase)
        printed = []
        for section in pairs(report.get("sections")):
            if hash(section) in attempt.sections:
                continue
            if " log" not in section[0]:
                printed.append(section)
                continue
            lines = section[1].split("\n")[: max(0, INSIDE - attempt.held)]
            attempt.held += len(lines)
            for raw in lines:
                if raw.strip():
                    attempt.inside.setdefault(raw, deque()).append(stop)
        yield from self._read(line, printed, attempt, phase, stop)

    def _collected(self, line: int, test: str, report: Report) -> Iterator[Record]:
        outcome = report.get("outcome")
        if outcome == "failed":
            failure = failure_of(report.get("longrepr"))
            detail = failure.detail.text()[:LINE_LIMIT]
            yield TestResult(test=test, outcome=Outcome.ERROR, message=failure.message, detail=detail, line=line)
        elif outcome == "skipped":
            yield TestResult(test=test, outcome=Outcome.SKIPPED, message=reason_of(report), line=line)

    def _close(self, attempt: Attempt) -> Iterator[Record]:
        self._open.pop(attempt.test, None)
        yield from self._rest(attempt.line, attempt)
        for message, detail in self._subtests.pop(attempt.test, ()):
            if attempt.outcome is not Outcome.RERUN:
                attempt.outcome = Outcome.FAILED
            if attempt.message in ("",) or attempt.message.startswith("contains "):
                attempt.message, attempt.phase = message, "call"
            attempt.detail = f"{detail}\n\n{attempt.detail}".strip("\n")[:LINE_LIMIT]
        if attempt.outcome is Outcome.RERUN and len(self._again) < OPEN:
            self._again[attempt.test] = attempt
        if attempt.outcome is None:
            return
        yield TestResult(
            test=attempt.test,
            outcome=attempt.outcome,
            message=attempt.message,
            detail=attempt.detail,
            phase=attempt.phase,
            started=attempt.started,
            stopped=attempt.stopped,
            duration_us=attempt.duration_us,
            worker=attempt.worker,
            attempt=attempt.number,
            line=attempt.line,
        )


def _written(attempt: Attempt, raw: str, otherwise: Stamp | None) -> Stamp | None:
    """By when a line of the test's log was written: a subtest's own report tells it best."""
    stops = attempt.inside.get(raw)
    if not stops:
        return otherwise
    stop = stops.popleft()
    if not stops:
        del attempt.inside[raw]
    return stop or otherwise


def _outcome(told: object, phase: str, expected_failure: bool) -> Outcome:
    if told == "failed":
        return Outcome.FAILED if phase == "call" else Outcome.ERROR
    if told == "rerun":
        return Outcome.RERUN
    if told == "skipped":
        return Outcome.XFAILED if expected_failure else Outcome.SKIPPED
    return Outcome.XPASSED if expected_failure and phase == "call" else Outcome.PASSED


def _worker(report: Report) -> str:
    worker = report.get("worker_id")
    return worker[:40] if isinstance(worker, str) and worker != "master" else ""


def _micros(value: object) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return round(value * SECOND) if 0 <= value < 1e11 else None
