"""Playwright's JSON report (`--reporter=json`): every attempt of every test with its start, worker and output."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import ansi
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.client_logs.client_steps import Place, StepReader
from ingest.formats.client_logs.http_trace import keys_in, request_in
from ingest.formats.client_logs.log_json import decode
from ingest.formats.reports.json_stream import Faulty, values
from ingest.formats.reports.report_values import (
    MILLI,
    TEST_NAME,
    Object,
    an_object,
    detail_of,
    first_line,
    instant_of,
    later,
    objects,
    span,
    text,
    whole,
)
from triage.core.records import Fact, Outcome, Record, Side, Stamp, Step, TestResult, Unparsed

NAME = "playwright-json"
TITLE = "Playwright JSON report"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    '{"config": {"configFile": "/srv/garage/playwright.config.js", "rootDir": "/srv/garage/tests", "version": '
    '"1.65.1"}, "suites": [{"title": "cars.spec.js", "file": "cars.spec.js", "specs": [{"title": "missing car", "ok": '
    'false, "tests": [{"expectedStatus": "passed", "projectName": "", "results": [{"workerIndex": 0, "status": '
    '"failed", "duration": 32, "errors": [{"message": "Expected: 200"}], "stdout": [], "stderr": [{"text": "status: '
    '404\\n"}], "retry": 0, "startTime": "2026-11-23T06:30:02.896Z"}], "status": "unexpected"}], "file": '
    '"cars.spec.js", "line": 8}]}], "errors": [], "stats": {"startTime": "2026-11-23T06:30:02.284Z", "duration": 26}}',
)

INTO = ((), ("suites",), ("errors",))
DEEP = 40
STATUS = {
    "passed": Outcome.PASSED,
    "failed": Outcome.FAILED,
    "timedOut": Outcome.FAILED,
    "interrupted": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
}
FAILING = (Outcome.FAILED, Outcome.ERROR)


def recognises(head: Head) -> Recognition | None:
    """By its config and suites, whichever other keys it has."""
    start = head.data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"{") or b'"config"' not in start[:200]:
        return None
    if not all(key in start for key in (b'"rootDir"', b'"suites"')):
        return None
    return Recognition(0.98, "a JSON object with config and suites, as Playwright reports")


def parse(source: Source, context: Context) -> Iterator[Record]:
    """One file's tests after the other, in constant memory. Never raises on content."""
    workers: set[int] = set()
    for value in values(source.blocks(), INTO):
        if isinstance(value, Faulty):
            yield Fact(name="problem", value=value.problem, line=value.line)
        elif value.path == ("suites", "*"):
            suite = decode(value.data) if value.whole else None
            if suite is None:
                yield Unparsed(value.line, value.data[:LINE_LIMIT].decode("utf-8", "replace").replace("\0", "\u2400"))
                continue
            yield from _suite(value.line, suite, (), workers)
        elif value.path == ("errors", "*"):
            message = ansi.strip(text((decode(value.data) or {}).get("message"), LINE_LIMIT))
            if message:
                yield TestResult(test="(outside of a test)", outcome=Outcome.ERROR, message=first_line(message),
                                 detail=message, line=value.line, lossy=True)  # fmt: skip
        elif value.path == ("stats",):
            stats = decode(value.data) or {}
            began = instant_of(stats.get("startTime"))
            if began is not None:
                yield Fact(name="session_started_us", value=str(began.us), line=value.line)
                yield Fact(name="session_duration_us", value=str(span(stats.get("duration"), MILLI) or 0))
    if workers:
        yield Fact(name="xdist_workers", value=str(len(workers)))


def _suite(line: int, suite: Object, titles: tuple[str, ...], workers: set[int], deep: int = 0) -> Iterator[Record]:
    for spec in objects(suite.get("specs")):
        yield from _spec(line, spec, titles, workers)
    if deep < DEEP:
        for inner in objects(suite.get("suites")):
            yield from _suite(line, inner, (*titles, text(inner.get("title"), 500)), workers, deep + 1)


def _spec(line: int, spec: Object, titles: tuple[str, ...], workers: set[int]) -> Iterator[Record]:
    for test in objects(spec.get("tests"), 1000):
        project = text(test.get("projectName"), 200)
        parts = (text(spec.get("file"), 1000), *titles, text(spec.get("title"), 1000))
        name = "::".join(filter(None, parts))[:TEST_NAME] + (f" [{project}]" if project else "")
        results = objects(test.get("results"), 100)
        for number, result in enumerate(results):
            worker = whole(result.get("parallelIndex", result.get("workerIndex")))
            if worker is not None and worker >= 0 and len(workers) < 1000:
                workers.add(worker)
            own = f"w{worker}" if worker is not None else ""
            yield from _steps(line, name, own, result)
            last = number + 1 == len(results)
            yield _result(line, name, own, result, text(test.get("expectedStatus"), 40), last)


def _result(line: int, name: str, worker: str, result: Object, expected: str, last: bool) -> TestResult:
    outcome = STATUS.get(text(result.get("status"), 40), Outcome.ERROR)
    if expected == "failed" and outcome is not Outcome.SKIPPED:
        outcome = Outcome.XFAILED if outcome in FAILING else Outcome.XPASSED
    elif outcome in FAILING and not last:
        outcome = Outcome.RERUN
    errors = [ansi.strip(text(each.get("message"), LINE_LIMIT)) for each in objects(result.get("errors"), 20)]
    stack = ansi.strip(text(an_object(result.get("error")).get("stack"), LINE_LIMIT))
    began, took = instant_of(result.get("startTime")), span(result.get("duration"), MILLI)
    return TestResult(
        test=name,
        outcome=outcome,
        message=first_line(errors[0]) if errors else "",
        detail=detail_of("\n\n".join(errors), stack),
        started=began,
        stopped=later(began, took),
        duration_us=took,
        worker=worker,
        attempt=(whole(result.get("retry"), 1000) or 0) + 1,
        line=line,
        lossy=True,
    )


def _steps(line: int, name: str, worker: str, result: Object) -> Iterator[Step]:
    """`test.step`s, of which the report tells no times, then what was printed."""
    ended = later(instant_of(result.get("startTime")), span(result.get("duration"), MILLI))
    yield from _walk(line, name, worker, objects(result.get("steps"), 10_000), ended)
    place = Place(test=name, worker=worker, after=ended)
    for stream in ("stdout", "stderr"):
        reader = StepReader()
        for each in objects(result.get(stream), 100_000):
            for raw in text(each.get("text"), LINE_LIMIT).split("\n"):
                yield from reader.feed(line, raw, place)
        yield from reader.flush()


def _walk(line: int, name: str, worker: str, steps: list[Object], ended: Stamp | None, deep: int = 0) -> Iterator[Step]:
    for told in steps:
        said = text(told.get("title"), LINE_LIMIT)
        inner = objects(told.get("steps"), 10_000) if deep < DEEP else []
        failed = bool(told.get("error")) and not any(each.get("error") for each in inner)
        yield Step(line=line, raw=said, text=said, test=name, worker=worker, request=request_in(said),
                   mark="fail" if failed else "", keys=keys_in(said), after=ended)  # fmt: skip
        yield from _walk(line, name, worker, inner, ended, deep + 1)
