"""One test of pytest-json-report as its result and its steps, with the times that its log records prove."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs import http_trace, log_json
from ingest.formats.client_logs.client_steps import Place, StepReader, Told, library_request, mark_in
from ingest.formats.client_logs.log_line import LEVELS
from ingest.formats.reports.report_values import (
    TEST_NAME,
    Object,
    an_object,
    detail_of,
    epoch_seconds,
    failure_of,
    first_line,
    later,
    objects,
    span,
    text,
    texts,
    whole,
)
from triage.core.records import SECOND, Outcome, Record, Stamp, Step, TestResult

PHASES = ("setup", "call", "teardown")
OUTCOMES = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "xfailed": Outcome.XFAILED,
    "xpassed": Outcome.XPASSED,
}
TRIED_AGAIN = "The test was tried again; the report keeps its last attempt only."


class Session(msgspec.Struct, frozen=True):
    began: Stamp | None = None
    ended: Stamp | None = None


class Phase(msgspec.Struct):
    """One phase and the bounds of its time, in microseconds."""

    name: str
    data: Object
    took_us: int | None
    first: int | None  # the times of its first and last log record
    last: int | None


def records_of(line: int, test: Object, session: Session) -> Iterator[Record]:
    """The steps in the order of the phases, then the result."""
    name = text(test.get("nodeid"), TEST_NAME)
    phases = [_phase(each, an_object(test.get(each))) for each in PHASES if isinstance(test.get(each), dict)]
    for number, phase in enumerate(phases):
        yield from _steps(line, name, phase, _stopped(phases, number, session))
    yield from _results(line, name, test, phases, session)


def _phase(name: str, data: Object) -> Phase:
    times = [at.us for record in objects(data.get("log")) if (at := epoch_seconds(record.get("created"))) is not None]
    return Phase(name, data, span(data.get("duration"), SECOND), min(times, default=None), max(times, default=None))


def _steps(line: int, test: str, phase: Phase, stopped: Stamp | None) -> Iterator[Step]:
    records = objects(phase.data.get("log"))
    told: Counter[Told] = Counter(
        filter(
            None, (library_request(text(record.get("msg"))) for record in records if "HTTP" in text(record.get("msg")))
        )
    )
    reader = StepReader()
    for record in records:
        yield from reader.add(_step(line, test, phase.name, record))
    yield from reader.flush()
    place = Place(test=test, phase=phase.name, after=stopped, told=told)
    for stream in ("stdout", "stderr"):
        for raw in texts(phase.data.get(stream)):
            yield from reader.feed(line, raw[:LINE_LIMIT], place)
        yield from reader.flush()
    longrepr = text(phase.data.get("longrepr"), 64 * LINE_LIMIT)
    if longrepr and (request := (failure := failure_of(longrepr)).unanswered) is not None:
        yield Step(line=line, raw=failure.message, text=failure.message, test=test, phase=phase.name, level="error",
                   request=request, mark="fail", after=stopped)  # fmt: skip


def _step(line: int, test: str, phase: str, record: Object) -> Step:
    """A log record: all that Python's logging knew of it."""
    said = text(record.get("msg"), LINE_LIMIT)
    level = text(record.get("levelname"), 40)
    logger = text(record.get("name"), 200)
    head = log_json.read(said) if said.startswith("{") else None
    message = head.message if head is not None else said
    trace = text(record.get("exc_text"), LINE_LIMIT)
    whole_text = f"{message}\n{trace}" if trace else message
    return Step(
        line=line,
        raw=f"{level:8} {logger} {said}"[:LINE_LIMIT],
        text=whole_text[:LINE_LIMIT],
        stamp=epoch_seconds(record.get("created")),
        test=test,
        phase=phase,
        level=LEVELS.get(level.upper(), ""),
        logger=logger,
        request=http_trace.request_in(message),
        mark=mark_in(message),
        pid=whole(record.get("process")),
        keys=http_trace.keys_in(message),
    )


def _results(line: int, name: str, test: Object, phases: list[Phase], session: Session) -> Iterator[TestResult]:
    told = test.get("outcome")
    attempt = 1
    if told == "rerun":  # the plugin calls it so even where the last attempt passed; earlier ones left no trace
        yield TestResult(test=name, outcome=Outcome.RERUN, message=TRIED_AGAIN, line=line)
        attempt = 2
    outcome = OUTCOMES.get(told) if isinstance(told, str) else None
    broken = next((each for each in phases if each.data.get("outcome") == "failed"), None)
    if outcome is None:
        outcome = Outcome.PASSED if broken is None else Outcome.FAILED if broken.name == "call" else Outcome.ERROR
    decided = broken or next((each for each in phases if each.data.get("outcome") == "skipped"), None)
    decided = decided or next((each for each in phases if each.name == "call"), None)
    timed = next((each for each in phases if each.name == "call"), decided)
    traces = [
        text(each.data.get("longrepr"), 64 * LINE_LIMIT) for each in phases if each.data.get("outcome") == "failed"
    ]
    number = phases.index(timed) if timed is not None else 0
    message, detail = _said(decided, "\n\n".join(filter(None, traces)))
    yield TestResult(
        test=name,
        outcome=outcome,
        message=message,
        detail=detail,
        phase=decided.name if decided else "",
        started=_started(phases, number, session),
        stopped=_stopped(phases, number, session),
        duration_us=timed.took_us if timed else None,
        attempt=attempt,
        line=line,
    )


def _said(decided: Phase | None, trace: str) -> tuple[str, str]:
    if decided is None or decided.data.get("outcome") == "passed":
        return "", ""
    crash = text(an_object(decided.data.get("crash")).get("message"))
    longrepr = text(decided.data.get("longrepr"), 64 * LINE_LIMIT)
    if decided.data.get("outcome") == "skipped":
        reason = longrepr.strip("()").rpartition(", ")[2].strip("'\"") if longrepr.startswith("(") else longrepr
        return first_line(crash or reason.removeprefix("Skipped: ")), ""
    message = first_line(crash) or failure_of(trace).message
    return message, failure_of(detail_of(crash, trace)).detail.text()[:LINE_LIMIT]


def _bounds(phases: list[Phase], number: int, session: Session) -> tuple[int, int] | None:
    """(earliest, latest) time at which that phase can have begun: after what came before, before its first record, and
    early enough to end before what comes after.
    """
    took = [each.took_us or 0 for each in phases]
    lowest = [session.began.us + sum(took[:number])] if session.began is not None else []
    highest = [session.ended.us - sum(took[number:])] if session.ended is not None else []
    for place, phase in enumerate(phases):
        if phase.first is None or phase.last is None:
            continue
        if place < number:
            lowest.append(phase.last)
        elif place == number:
            highest.append(phase.first)
        else:
            highest.append(phase.first - sum(took[number:place]))
        if place <= number:
            lowest.append(phase.last - took[place] + sum(took[place:number]))
    if not lowest or not highest:
        return None
    low, high = max(lowest), min(highest)
    return (low, high) if low <= high else (min(low, high), max(low, high))


def _started(phases: list[Phase], number: int, session: Session) -> Stamp | None:
    bounds = _bounds(phases, number, session) if phases else None
    return Stamp(bounds[0], True, bounds[1] - bounds[0] + 1) if bounds else None


def _stopped(phases: list[Phase], number: int, session: Session) -> Stamp | None:
    """The beginning and the duration make the end."""
    return later(_started(phases, number, session), phases[number].took_us) if phases else None
