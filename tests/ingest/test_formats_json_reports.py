"""pytest-json-report, CTRF, Playwright, HAR, newman: exact times where the report has them, bounds where it has not."""

from __future__ import annotations

import json
import time
import tracemalloc
from io import BytesIO

import pytest

from ingest.formats.archive import opened_member
from ingest.formats.detect import detect
from ingest.formats.reports import ctrf, har, json_report, newman, playwright_report, playwright_trace, reportlog
from ingest.formats.reports.json_stream import CUT_OFF, Faulty, Value, values
from ingest.formats.source import PartSource
from tests.ingest.client_parts import CONTEXT, FORMATS, Read, read, sample, source
from triage.core.records import Outcome, TestResult

CARS = "api/test_cars.py::"
OWN = (json_report, ctrf, har, newman, playwright_report, playwright_trace)


def member(path: str, name: str) -> Read:
    with (FORMATS / path).open("rb") as file:
        return Read(list(playwright_trace.parse(PartSource(name, opened_member(file, name)), CONTEXT)))


def split(data: bytes, size: int):
    return iter([data[at : at + size] for at in range(0, len(data), size)])


@pytest.mark.parametrize("size", [1, 13, 4_096])
def test_a_document_is_taken_apart_wherever_its_blocks_end(size):
    data = sample("json_report/indented-xdist.json")[:40_000]
    whole = [each for each in values(split(data, 1 << 20), ((), ("tests",))) if isinstance(each, Value)]
    found = [each for each in values(split(data, size), ((), ("tests",))) if isinstance(each, Value)]
    assert found == whole
    assert [each.path[0] for each in found][:5] == ["created", "duration", "exitcode", "root", "environment"]
    assert found[6].path == ("tests", "*")


@pytest.mark.parametrize(
    "data", [b"", b"{", b'{"a', b'{"a":', b'{"a" 1}', b"nope", b'{"tests":[}]}', b'{"x":"' + b"\\" * 5, b"[" * 9_000]
)
def test_a_broken_document_ends_with_a_sentence(data):
    assert isinstance(list(values(split(data, 3), ((), ("tests",))))[-1], Faulty)


@pytest.mark.parametrize("data", [b'{"a":"' + b'\\"' * 2_000_000, b'{"a":["' + b"x" * 40_000_000 + b'"]}',
                                  b'{"tests":[' + b"1," * 500_000])  # fmt: skip
def test_a_hostile_document_is_passed_in_linear_time(data):
    began = time.process_time()
    for _ in values(split(data, 1 << 18), ((), ("tests",))):
        pass
    assert time.process_time() - began < 5


def test_a_large_report_is_read_in_bounded_memory():
    report = json.loads(sample("json_report/one-line.json"))
    one = json.dumps(report["tests"][0]).encode()

    class Endless(BytesIO):
        def seek(self, *_: int) -> int:
            self.parts = iter([b'{"created":1.5,"duration":1.0,"exitcode":1,"root":"","summary":{},"tests":[', one,
                               *[b"," + one] * 9_000, b"]}"])  # fmt: skip
            return 0

        def read(self, _: int = -1) -> bytes:
            return next(self.parts, b"")

    tracemalloc.start()
    count = sum(isinstance(each, TestResult) for each in json_report.parse(PartSource("r", Endless()), CONTEXT))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 9_001
    assert len(one) * count > 50 << 20
    assert peak < 20 << 20


@pytest.mark.parametrize(
    ("name", "same"),
    [("one-line", "subtests-reruns"), ("indented-xdist", "subtests-xdist")],
)
def test_the_bounds_of_a_json_report_hold_the_times_that_a_reportlog_of_the_same_run_tells(name, same):
    bounds = read(json_report, sample(f"json_report/{name}.json"))
    exact = {each.test: each for each in read(reportlog, sample(f"reportlog/{same}.jsonl")).results}
    timed = [each for each in bounds.results if each.started is not None]
    assert len(timed) == 16
    for found in timed:
        true = exact[found.test]
        assert found.outcome is true.outcome
        assert found.phase == true.phase
        assert -20 <= true.started.us - found.started.us <= found.started.tick_us + 20
        assert -20 <= true.stopped.us - found.stopped.us <= found.stopped.tick_us + 20
        if found.test != f"{CARS}test_skipped":  # which logged nothing
            assert found.started.tick_us < 15_000


def test_every_log_record_of_a_json_report_has_its_own_time_and_process():
    found = read(json_report, sample("json_report/one-line.json"))
    recorded = [step for step in found.steps if step.stamp is not None]
    assert {step.pid for step in recorded} == {26231}
    assert {step.stamp.tick_us for step in recorded} == {1}
    times = [step.stamp.us for step in recorded]
    assert times == sorted(times)
    assert found.requests(f"{CARS}test_add_car") == [
        ("GET", "/cars", 200),
        ("POST", "/cars/add", 200),
        ("GET", "/cars", 200),
    ]
    printed = next(step for step in found.steps if step.text == "added 200")
    result = found.result(f"{CARS}test_add_car")
    assert printed.after == result.stopped
    assert result.message == "AssertionError: Total car count does not match"


def test_outcomes_of_a_json_report_are_pytests():
    found = read(json_report, sample("json_report/one-line.json"))
    for test, outcome, phase in (
        ("test_setup_breaks", Outcome.ERROR, "setup"),
        ("test_teardown_breaks", Outcome.ERROR, "teardown"),
        ("test_skipped", Outcome.SKIPPED, "setup"),
        ("test_known_to_fail", Outcome.XFAILED, "call"),
        ("test_unexpectedly_good", Outcome.XPASSED, "call"),
        ("test_subtests", Outcome.FAILED, "call"),
    ):
        assert (found.result(CARS + test).outcome, found.result(CARS + test).phase) == (outcome, phase)
    assert found.result(f"{CARS}test_skipped").message == "not on this stage"
    lucky = [each for each in found.results if each.test.endswith("test_third_time_lucky")]
    assert [(each.attempt, each.outcome) for each in lucky] == [(1, Outcome.RERUN), (2, Outcome.PASSED)]
    refused = [step for step in found.of(f"{CARS}test_refused") if step.mark == "fail"]
    assert [(step.request.method, step.request.target) for step in refused] == [("GET", "127.0.0.1:1")]


def test_a_json_report_without_logs_still_tells_all_results():
    found = read(json_report, sample("json_report/omit-log-streams.json"))
    assert len({each.test for each in found.results}) == 16
    assert all(each.started.tick_us > 100_000 for each in found.results if each.started)
    assert read(json_report, sample("json_report/summary-only.json")).facts["exit_status"] == "1"


def test_a_json_report_that_was_cut_off_keeps_the_tests_before():
    data = sample("json_report/one-line.json")
    found = read(json_report, data[: len(data) // 2])
    assert 3 < len(found.results) < 16
    assert found.facts["problem"] == CUT_OFF
    assert len(found.unparsed) == 1


def test_ctrf_tells_attempts_and_workers_with_times_in_milliseconds():
    found = read(ctrf, sample("ctrf/pytest.json"))
    lucky = [each for each in found.results if each.test.endswith("test_third_time_lucky")]
    assert [(each.attempt, each.outcome, each.started.us % 10_000_000_000) for each in lucky] == [
        (1, Outcome.RERUN, 5_309_558_000), (2, Outcome.RERUN, 5_309_563_000), (3, Outcome.PASSED, 5_309_570_000)
    ]  # fmt: skip
    assert all(each.started.tick_us == 1_000 for each in found.results)
    assert found.result(f"{CARS}test_setup_breaks").outcome is Outcome.ERROR
    assert found.result(f"{CARS}test_known_to_fail").outcome is Outcome.XFAILED
    assert not any(each.lossy for each in found.results)
    assert {each.worker for each in read(ctrf, sample("ctrf/pytest-xdist.json")).results} == {"gw0", "gw1", "gw2"}


def test_ctrf_of_other_runners_is_read_as_they_write_it():
    seconds = read(ctrf, sample("ctrf/playwright.json"))
    assert {each.started.tick_us for each in seconds.results if each.started} == {1_000_000}
    assert seconds.results[1].test == "cars.spec.js::cars api::an added car is listed"
    assert all(each.lossy for each in seconds.results)
    jest = read(ctrf, sample("ctrf/jest.json"))
    assert [each.outcome for each in jest.results].count(Outcome.SKIPPED) == 2
    assert all(each.started is None for each in jest.results)
    minimal = '{"results":{"tool":{},"summary":{"pending":0},"tests":[{"name":"t","status":"passed","duration":5}]}}'
    assert [(each.test, each.duration_us) for each in read(ctrf, minimal).results] == [("t", 5_000)]


def test_steps_of_ctrf_with_times_tell_requests_within_them():
    step = {"name": "GET /cars -> 200", "status": "passed", "start": 1_795_415_309_071, "stop": 1_795_415_309_075}
    test = {
        "name": "a::b",
        "status": "failed",
        "steps": [step, {"name": "check", "status": "failed"}],
        "stdout": ["hi\n"],
    }
    found = read(ctrf, json.dumps({"results": {"tests": [test]}}))
    assert [(each.text, each.mark, each.stamp and each.stamp.tick_us) for each in found.steps] == [
        ("GET /cars -> 200", "", 5_000), ("check", "fail", None), ("hi", "", None)
    ]  # fmt: skip


def test_a_har_entry_ends_when_its_time_says():
    found = read(har, sample("har/playwright-page.har"))
    first = found.steps[0]
    assert (first.request.method, first.request.path, first.request.status) == ("GET", "/cars", 200)
    assert first.request.duration_us == 12_067
    assert first.stamp.us % 1_000_000 == 334_000 + 12_067
    assert first.stamp.tick_us == 1_000
    assert ("server_date_us", "1795415400000000") in first.keys


def test_a_request_that_was_never_answered_has_no_status():
    entry = {"startedDateTime": "2026-11-23T06:30:00.334+05:30", "time": -1, "request": {"method": "GET", "url": "http://a/b"},
             "response": {"status": 0, "_failureText": "net::ERR_CONNECTION_REFUSED"}}  # fmt: skip
    found = read(har, json.dumps({"log": {"creator": {}, "entries": [entry, {"request": 1}, 7]}}))
    assert found.steps[0].request.status is None
    assert not found.steps[0].request.ended
    assert "ERR_CONNECTION_REFUSED" in found.steps[0].text
    assert len(found.unparsed) == 2


def test_a_trace_tells_each_request_once_with_the_time_of_the_network():
    found = member("playwright/api-request-trace.zip", "playwright-trace")
    assert found.requests() == [("GET", "/cars", 200), ("POST", "/cars/add", 200), ("GET", "/cars", 200)]
    requests = [step for step in found.steps if step.request]
    assert [key for key in requests[0].keys if key[0] == "request_id"] == [("request_id", "pw-run-7")]
    # 06:29:59.759 in the browser's own words, and 5.332 ms
    assert requests[0].stamp.us % 60_000_000 == 59_764_332
    called = next(step for step in found.steps if step.text.startswith("APIRequestContext.fetch GET"))
    assert 0 <= called.stamp.us - requests[0].stamp.us < 10_000


def test_a_trace_of_the_test_runner_names_its_test_as_the_report_does():
    found = member("playwright/test-runner-trace.zip", "playwright-trace")
    report = read(playwright_report, sample("playwright/report.json"))
    assert {step.test for step in found.steps} == {"cars.spec.js::cars api::missing car"}
    assert {step.test for step in found.steps} <= {each.test for each in report.results}
    assert any(step.mark == "fail" and "Expected: 200" in step.text for step in found.steps)
    assert found.requests() == [("GET", "/cars/swift", 200), ("GET", "/cars/none", 404)]


def test_a_call_keeps_its_request_where_no_network_tells_it():
    lines = sample("playwright/api-request-trace.zip")
    with (FORMATS / "playwright/api-request-trace.zip").open("rb") as file:
        lines = opened_member(file, "trace.trace").read()
    found = read(playwright_trace, lines)
    assert found.requests() == [("GET", "/cars", 200), ("POST", "/cars/add", 200), ("GET", "/cars", 200)]


def test_attempts_of_a_playwright_report_keep_their_times():
    found = read(playwright_report, sample("playwright/report.json"))
    attempts = [(each.attempt, each.outcome) for each in found.results if each.test.endswith("::missing car")]
    assert attempts == [(1, Outcome.RERUN), (2, Outcome.FAILED)]
    assert found.result("page.spec.js::known failure").outcome is Outcome.XFAILED
    assert all(each.started.tick_us == 1_000 and each.worker in ("w0", "w1", "") for each in found.results)


def test_requests_of_newman_carry_the_servers_clock():
    found = read(newman, sample("newman/two-iterations.json"))
    assert found.requests("list cars") == [("GET", "/cars", 200)] * 2
    first = found.steps[0]
    assert (first.request.query, first.request.target, first.request.duration_us) == (
        "page=1",
        "127.0.0.1:5055",
        16_000,
    )
    assert dict(first.keys)["server_date_us"] == "1795415363000000"
    assert [each.outcome for each in found.results[:4]] == [
        Outcome.FAILED,
        Outcome.PASSED,
        Outcome.PASSED,
        Outcome.ERROR,
    ]
    assert found.results[4].attempt == 2


@pytest.mark.parametrize("what", OWN, ids=lambda each: each.NAME)
def test_a_sample_is_recognised_for_what_it_is(what):
    for text in what.SAMPLES:
        assert detect(source(text)).format is what
        assert read(what, text).results or read(what, text).steps


@pytest.mark.parametrize("what", OWN, ids=lambda each: each.NAME)
@pytest.mark.parametrize(
    "value", ["null", "[]", "7", '"x"', "1e999", "NaN", '{"a": []}', "[[[]]]", "[{}]", '"\\ud800\\u0000"']
)
def test_values_of_a_wrong_kind_never_raise(what, value):
    document = json.loads(what.SAMPLES[0].split("\n")[0])

    def places(node, path=()):
        yield path
        children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, child in children:
            yield from places(child, (*path, key))

    marker = "b5e0"
    for path in places(document):
        copy = json.loads(json.dumps(document))
        target = copy
        for key in path[:-1]:
            target = target[key]
        if path:
            target[path[-1]] = marker
        text = json.dumps(copy).replace(f'"{marker}"', value)
        for record in read(what, text).records:
            assert "\0" not in str(record)
            str(record).encode()
