"""What JUnit XML and pytest-reportlog tell, and what they do not."""

from __future__ import annotations

import json

import pytest

from ingest.formats.reports import junit, reportlog
from tests.ingest.client_parts import Read, read, sample, source
from tests.ingest.test_formats_client_terminal import API, ERRORS, FAILED, PASSED
from triage.core.records import Outcome, instant


def jsonl(name: str) -> Read:
    return read(reportlog, sample(f"reportlog/{name}.jsonl"))


def xml(name: str) -> Read:
    return read(junit, sample(f"junit/{name}.xml"))


@pytest.mark.parametrize("found", [jsonl("report"), jsonl("report_xdist"), xml("junit1"), xml("junit2")])
def test_every_failing_test_has_its_node_id_outcome_and_message(found):
    failing = {each.test: each for each in found.results if each.outcome is Outcome.FAILED}
    assert set(failing) == set(FAILED)
    for test, message in FAILED.items():
        assert message in failing[test].message
        assert message.removeprefix("AssertionError: ") in failing[test].detail
    assert found.result(f"{API}test_error").outcome is Outcome.ERROR
    assert found.result(f"{API}test_error").phase == "setup"
    assert found.result(f"{API}test_error").message.startswith("ValueError: setup boom") and ERRORS
    assert "\0" not in found.result(f"{API}test_error").message
    assert {each.test for each in found.results if each.outcome is Outcome.PASSED} >= PASSED
    assert found.result(f"{API}test_skip").outcome is Outcome.SKIPPED
    assert found.result(f"{API}test_xfail").outcome is Outcome.XFAILED


@pytest.mark.parametrize("found", [jsonl("report"), jsonl("report_xdist"), xml("junit2")])
def test_the_requests_of_a_test_come_in_order_and_once(found):
    assert found.requests(f"{API}test_add_car") == [("POST", "/cars/add", 200), ("GET", "/cars", 200)]
    assert found.requests(f"{API}test_key") == [("GET", "/cars", 200)]
    assert found.requests(f"{API}test_httpx") == [("GET", "/cars", 200)]
    texts = [step.text for step in found.of(f"{API}test_add_car")]
    assert texts.count("setup base") == texts.count("teardown base") == texts.count("added soon") == 1


def test_a_reportlog_keeps_the_times_of_the_call_and_of_each_phase():
    found = jsonl("report")
    result = found.result(f"{API}test_add_car")
    assert result.phase == "call"
    assert result.started.zoned and result.started.tick_us == 1
    assert 0 < result.stopped.us - result.started.us < 1_000_000
    phases = {step.phase: step.after.us for step in found.of(f"{API}test_add_car")}
    assert phases["setup"] <= result.started.us <= phases["call"] == result.stopped.us < phases["teardown"]
    assert instant(int(found.facts["session_started_us"])).year == 2026


def test_a_reportlog_of_a_distributed_run_tells_the_workers():
    found = jsonl("report_xdist")
    assert {each.worker for each in found.results} == {"gw0", "gw1"}
    assert {step.worker for step in found.steps} == {"gw0", "gw1"}
    assert found.facts["xdist_workers"] == "2"


def test_attempts_of_a_reportlog_are_counted_and_their_sections_are_told_once():
    found = jsonl("report_rerun")
    attempts = [(each.attempt, each.outcome) for each in found.results if each.test == f"{API}test_key"]
    assert attempts == [(1, Outcome.RERUN), (2, Outcome.FAILED)]
    assert len(found.requests(f"{API}test_key")) == 2  # one an attempt
    assert [step.text for step in found.of(f"{API}test_error")] == ["about to break"] * 2


def test_a_refused_request_of_a_reportlog_tells_method_and_path():
    step = next(step for step in jsonl("refused").steps if step.mark == "fail")
    assert (step.request.method, step.request.path, step.request.target) == ("GET", "/cars", "127.0.0.1:1")


def test_a_reportlog_cut_off_in_a_line_keeps_what_came_before():
    data = sample("reportlog/report.jsonl")
    whole = jsonl("report")
    found = read(reportlog, data[: len(data) // 2])
    assert 0 < len(found.results) < len(whole.results)
    assert found.facts["problem"] == "The report ends in the middle of a line: the run was cut off."
    assert len(found.unparsed) == 1


def test_a_test_whose_teardown_never_came_is_told():
    lines = sample("reportlog/report.jsonl").split(b"\n")
    call = next(n for n, line in enumerate(lines) if b'"when": "call"' in line)
    found = read(reportlog, b"\n".join(lines[: call + 1]))
    assert [(each.test, each.outcome) for each in found.results] == [(f"{API}test_add_car", Outcome.FAILED)]


def test_a_passing_call_with_a_broken_teardown_is_an_error_of_the_teardown():
    base = {"nodeid": "t.py::test_a", "$report_type": "TestReport", "sections": [], "start": 1e9, "stop": 1e9 + 1}
    reports = [
        {**base, "when": "setup", "outcome": "passed"},
        {**base, "when": "call", "outcome": "passed"},
        {**base, "when": "teardown", "outcome": "failed", "longrepr": "E   ValueError: no"},
    ]
    found = read(reportlog, "\n".join(map(json.dumps, reports)))
    assert [(each.outcome, each.phase, each.message) for each in found.results] == [
        (Outcome.ERROR, "teardown", "ValueError: no")
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"$report_type": "TestReport", "nodeid": "t.py::test_a", "when": "call", "outcome": "failed", "start": NaN, '
        '"stop": Infinity, "sections": [["Captured stdout call", "caf\\udce9 \\u0000"]], "longrepr": "E   x \\ud800"}',
        '{"$report_type": "TestReport", "nodeid": 7, "when": [], "outcome": {}, "start": "x", "sections": [[1]]}',
        '{"$report_type": "TestReport", "longrepr": {"chain": [[{"reprentries": [{"data": 1}, 2]}], 3, []], '
        '"reprcrash": 4}, "outcome": "failed"}',
        '{"$report_type": "TestReport", "longrepr": {"reprtraceback": {"reprentries": {}}}, "outcome": "failed"}',
        '{"a":' * 3000,
        "[" * 100_000,
    ],
)
def test_a_strange_report_is_read_without_raising(line):
    found = read(reportlog, line)
    assert found.records
    for step in found.steps:
        assert "\0" not in step.raw
        step.raw.encode()


def test_junit_ids_are_exact_only_where_the_report_names_the_file():
    assert not any(each.lossy for each in xml("junit1").results)
    assert all(each.lossy for each in xml("junit2").results)


def test_a_junit_case_starts_within_the_room_that_the_report_leaves():
    found = xml("junit2")
    suite = int(found.facts["session_started_us"])
    took = int(found.facts["session_duration_us"])
    assert found.facts["session_started_zoned"] == "yes"
    last = 0
    for result in found.results:
        start = result.started
        assert suite <= start.us and start.us + start.tick_us <= suite + took + 30_000
        assert start.tick_us > 1_000
        assert start.us >= last - 20_000
        last = start.us


def test_a_junit_case_of_a_parallel_run_may_have_started_at_any_time():
    found = read(
        junit,
        '<testsuite name="pytest" time="3" timestamp="2026-11-23T03:00:00"><testcase classname="test_a" name="test_b" '
        'time="2"/><testcase classname="test_a" name="test_c" time="2.5"/></testsuite>',
    )
    assert [each.started.us - found.results[0].started.us for each in found.results] == [0, 0]
    assert found.results[0].started.tick_us > 900_000
    assert not found.results[0].started.zoned
    assert found.facts["session_started_zoned"] == "no"


def test_junit_ids_are_rebuilt_from_class_names():
    cases = {
        'classname="tests.test_a" name="test_b[x/y]"': "tests/test_a.py::test_b[x/y]",
        'classname="tests.test_a.TestC.TestD" name="test_b"': "tests/test_a.py::TestC::TestD::test_b",
        'classname="tests.test_a.lower" name="t" file="tests/test_a.py"': "tests/test_a.py::lower::t",
        'classname="" name="bad.test_bad"': "bad/test_bad.py",
    }
    for attributes, test in cases.items():
        found = read(junit, f'<testsuite name="pytest"><testcase {attributes}/></testsuite>')
        assert [each.test for each in found.results] == [test]
    other = read(
        junit, '<testsuites><testsuite name="x"><testcase classname="a.B" name="adds a car"/></testsuite></testsuites>'
    )
    assert [each.test for each in other.results] == ["a.B::adds a car"]


def test_a_failing_call_and_a_failing_teardown_are_one_attempt():
    results = [each for each in xml("junit2").results if each.test == f"{API}test_td"]
    assert [(each.outcome, each.phase, each.attempt) for each in results] == [
        (Outcome.FAILED, "call", 1),
        (Outcome.ERROR, "teardown", 1),
    ]


BOMB = """<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
<!ENTITY lol3 "&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;&lol2;">]><testsuite><testcase name="&lol3;"/></testsuite>"""
EXTERNAL = """<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<testsuite><testcase name="a" classname="b"><failure>&x;</failure></testcase></testsuite>"""


@pytest.mark.parametrize("text", [BOMB, EXTERNAL, '<!DOCTYPE testsuite SYSTEM "http://127.0.0.1:9/x.dtd"><testsuite/>'])
def test_a_document_type_or_entity_is_refused_with_a_sentence(text):
    found = read(junit, text)
    assert not found.results
    assert "document type or entities" in found.facts["problem"]


def test_a_truncated_report_keeps_the_cases_before_the_cut():
    data = sample("junit/junit2.xml")
    found = read(junit, data[: data.index(b"test_httpx_fail")])
    assert [each.test for each in found.results][:3] == [
        f"{API}test_add_car",
        f"{API}test_get_missing",
        f"{API}test_key",
    ]
    assert "broken in line" in found.facts["problem"]


def test_deep_nesting_ends_with_a_sentence():
    found = read(junit, '<testsuite name="own"><testcase name="a" classname="test_b"/>' + "<a>" * 100_000)
    assert [each.test for each in found.results] == ["test_b.py::a"]
    assert "nested more than" in found.facts["problem"]


def test_a_tag_without_end_is_given_up():
    found = read(junit, b'<testsuite><testcase name="' + b"a" * 10_000_000)
    assert "longer than 4 MiB" in found.facts["problem"]


def test_a_huge_text_is_cut_and_the_error_at_its_end_is_kept():
    text = "x" * 90 + "\n"
    found = read(
        junit,
        f'<testsuite name="pytest"><testcase classname="test_a" name="t"><failure message="assert 1 == 2">'
        f"{text * 20_000}E   assert 1 == 2</failure></testcase></testsuite>",
    )
    assert len(found.results[0].detail) <= 65_536
    assert found.results[0].detail.endswith("E   assert 1 == 2")


@pytest.mark.parametrize("what", [junit, reportlog])
def test_the_samples_of_the_format_are_recognised_and_read(what):
    for text in what.SAMPLES:
        assert what.recognises(source(text).head()).score > 0.9
        found = read(what, text)
        assert found.results or found.steps
        assert not found.unparsed
