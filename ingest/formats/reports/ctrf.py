"""CTRF, the Common Test Report Format: one JSON shape for many runners; start and stop of each test in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.client_steps import Place, StepReader, mark_in
from ingest.formats.client_logs.http_trace import keys_in, request_in
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.json_stream import Faulty, Value, values
from ingest.formats.reports.report_values import (
    MILLI,
    TEST_NAME,
    Object,
    an_object,
    detail_of,
    epoch,
    failure_of,
    first_line,
    instant_of,
    objects,
    span,
    text,
    texts,
    whole,
    within,
)
from triage.core.records import Fact, Outcome, Record, Side, Stamp, Step, TestResult, Unparsed

NAME = "ctrf"
TITLE = "CTRF (pytest-json-ctrf and others)"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"reportFormat": "CTRF", "specVersion": "1.0.0", "results": {"tool": {"name": "pytest", "version": "9.2.0"}, '
    '"summary": {"tests": 1, "passed": 0, "failed": 1, "start": 1795415308992, "stop": 1795415309697}, "tests": '
    '[{"name": "api/test_cars.py::test_add_car", "status": "failed", "rawStatus": "call_failed", "duration": 42, '
    '"start": 1795415309071, "stop": 1795415309113, "filePath": "api/test_cars.py", "message": "AssertionError: '
    'assert 5 == (6 + 1)", "trace": "E  assert 5 == (6 + 1)"}]}}',
)

INTO = ((), ("results",), ("results", "tests"))
STATUS = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "skipped": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "other": Outcome.SKIPPED,  # such as a todo of jest; one that tells an error is one
}
RAW_STATUS = {  # the producer's own word, where it says more
    "setup_failed": (Outcome.ERROR, "setup"),
    "teardown_failed": (Outcome.ERROR, "teardown"),
    "call_failed": (Outcome.FAILED, "call"),
    "xfailed": (Outcome.XFAILED, "call"),
    "xpassed": (Outcome.XPASSED, "call"),
}
ATTEMPTS = 100
STEPS = 10_000


def recognises(head: Head) -> Recognition | None:
    """By its own name for itself, or by results with a tool, a summary and tests."""
    start = head.data[:65_536].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{") or b'"results"' not in start:
        return None
    if b'"reportFormat"' in start and b"CTRF" in start:
        return Recognition(0.99, "a JSON report that names itself CTRF")
    if all(key in start for key in (b'"tool"', b'"summary"', b'"tests"', b'"pending"')):
        return Recognition(0.98, "a JSON report with results, tool, summary and tests, as CTRF has them")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """The records of one test after the other, in constant memory. Never raises on content."""
    workers: set[str] = set()
    for value in values(source.blocks(), INTO):
        if isinstance(value, Faulty):
            yield Fact(name="problem", value=value.problem, line=value.line)
        elif value.path == ("results", "tests", "*"):
            test = decode(value.data) if value.whole else None
            if test is None or not text(test.get("name")):
                yield Unparsed(value.line, value.data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
                continue
            for record in _test(value.line, test):
                if isinstance(record, TestResult) and record.worker and len(workers) < 1000:
                    workers.add(record.worker)
                yield record
        elif value.path == ("results", "summary"):
            yield from _summary(value)
    if workers:
        yield Fact(name="xdist_workers", value=str(len(workers)))


def _summary(value: Value) -> Iterator[Fact]:
    summary = decode(value.data) or {}
    started, stopped = epoch(summary.get("start")), epoch(summary.get("stop"))
    if started is not None:
        yield Fact(name="session_started_us", value=str(started.us), line=value.line)
        if stopped is not None and stopped.us >= started.us:
            yield Fact(name="session_duration_us", value=str(stopped.us - started.us), line=value.line)


def _test(line: int, test: Object) -> Iterator[Record]:
    """The attempts before the last, what the test told, and its result."""
    name, lossy = _node_id(test)
    extra = an_object(test.get("extra"))
    worker = text(extra.get("worker") or test.get("threadId"), 40)
    earlier = objects(test.get("retryAttempts"), ATTEMPTS)
    for number, attempt in enumerate(earlier):
        yield from _steps(line, name, worker, attempt)
        yield _result(line, name, lossy, worker, attempt, number + 1, Outcome.RERUN, "")
    retries = whole(test.get("retries"), ATTEMPTS) or 0
    if retries and not earlier:  # told as a number only
        for number in range(1, retries + 1):
            yield TestResult(test=name, outcome=Outcome.RERUN, worker=worker, attempt=number, line=line, lossy=lossy)
    outcome, phase = STATUS.get(text(test.get("status")).lower(), Outcome.ERROR), ""
    if test.get("status") == "other" and text(test.get("message")):
        outcome = Outcome.ERROR
    outcome, phase = RAW_STATUS.get(text(test.get("rawStatus")).lower(), (outcome, phase))
    yield from _steps(line, name, worker, test)
    yield _result(line, name, lossy, worker, test, max(len(earlier), retries) + 1, outcome, phase)


def _result(
    line: int, name: str, lossy: bool, worker: str, told: Object, attempt: int, outcome: Outcome, phase: str
) -> TestResult:
    message, trace = text(told.get("message"), 16 * LINE_LIMIT), text(told.get("trace"), 64 * LINE_LIMIT)
    started, stopped, took = _times(told)
    return TestResult(
        test=name,
        outcome=outcome,
        message=first_line(message) or failure_of(trace).message,
        detail=failure_of(detail_of(message, trace)).detail.text()[:LINE_LIMIT],
        phase=phase,
        started=started,
        stopped=stopped,
        duration_us=took,
        worker=worker,
        attempt=attempt,
        line=line,
        lossy=lossy,
    )


def _times(told: Object) -> tuple[Stamp | None, Stamp | None, int | None]:
    started, stopped = instant_of(told.get("start")), instant_of(told.get("stop"))
    return started, stopped, span(told.get("duration"), MILLI)


def _steps(line: int, name: str, worker: str, told: Object) -> Iterator[Step]:
    """Its steps, which some producers give times, then what it printed."""
    _, stopped, _ = _times(told)
    reader = StepReader()
    for each in objects(told.get("steps"), STEPS):
        yield from reader.add(_step(line, name, worker, each, stopped))
    yield from reader.flush()
    place = Place(test=name, phase="call", worker=worker, after=stopped)
    for stream in ("stdout", "stderr"):
        for raw in texts(told.get(stream)):
            yield from reader.feed(line, raw[:LINE_LIMIT], place)
        yield from reader.flush()
    failure = failure_of(text(told.get("trace"), 64 * LINE_LIMIT))
    if (request := failure.unanswered) is not None:
        yield Step(line=line, raw=failure.message, text=failure.message, test=name, phase="call", worker=worker,
                   level="error", request=request, mark="fail", after=stopped)  # fmt: skip


def _step(line: int, test: str, worker: str, told: Object, stopped: Stamp | None) -> Step:
    said = text(told.get("name"), LINE_LIMIT)
    extra = an_object(told.get("extra"))
    began, ended = (instant_of(told.get(key)) or instant_of(extra.get(key)) for key in ("start", "stop"))
    request = request_in(said)
    return Step(
        line=line,
        raw=said,
        text=said,
        stamp=within(began, ended) if request is not None else began,
        test=test,
        phase="call",
        worker=worker,
        request=request,
        mark="fail" if told.get("status") == "failed" else mark_in(said),
        keys=keys_in(said),
        after=ended or stopped,
    )


def _node_id(test: Object) -> tuple[str, bool]:
    """(id, whether it was put together): pytest's name is the node id, others name title, suites and file."""
    name = text(test.get("name"), TEST_NAME)
    if "::" in name:
        return name, False
    told = test.get("suite")
    suites = [text(each) for each in told] if isinstance(told, list) else text(told).split(" > ")
    file = text(test.get("filePath")).replace("\\", "/")
    if suites and file.endswith(suites[0]):
        file = ""  # the path of this machine, whose end the suites begin with
    return "::".join(filter(None, (file, *suites, name)))[:TEST_NAME], True
