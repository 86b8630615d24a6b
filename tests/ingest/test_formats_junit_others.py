"""JUnit XML of other runners, in the bad forms that are common, and Robot Framework's own output."""

from __future__ import annotations

import pytest

from ingest.formats.detect import detect
from ingest.formats.reports import junit, reportlog, robot
from ingest.formats.reports.junit_bytes import cleaned
from tests.ingest.client_parts import Read, read, sample, source
from triage.core.records import Outcome


def xml(name: str) -> Read:
    return read(junit, sample(f"junit/{name}.xml"))


def case(inner: str, attributes: str = "") -> str:
    return f'<testsuite name="pytest"><testcase classname="test_a" name="t" {attributes}>{inner}</testcase></testsuite>'


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"\x1b[31mred\x1b[0m", "red"), (b"a\x00b\x01c", "a\u2400b#x01c"), (b"&#27;[1mbold&#x1b;[0m", "bold"),
     (b"&#0;&#x8;", "\u2400#x08"), (b"caf\xe9", "caf\ufffd"), (b"\xef\xbf\xbe", "?"), (b"\xed\xa0\x80", "\ufffd" * 3),
     (b"tab\tand&#10;line", "tab\tand")],
)  # fmt: skip
def test_characters_that_no_xml_may_hold_do_not_end_the_reading(raw, shown):
    text = case("<failure message='m'>E   %s</failure><system-out>%s\n</system-out>").encode()
    found = read(junit, text.replace(b"%s", raw) + b"")
    assert "problem" not in found.facts
    assert found.steps[0].text == shown
    assert shown in found.results[0].detail


@pytest.mark.parametrize("size", range(1, 20))
def test_a_reference_at_the_edge_of_a_block_is_cleaned_too(size):
    data = b"<a>" + b"x&#x1b;&#00;&amp;&#10;\xc3\xa9" * 5 + b"</a>"
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(cleaned(iter(pieces))) == data.replace(b"&#x1b;", b"#x1B").replace(b"&#00;", b"#x00")


def test_space_before_the_declaration_and_other_encodings_are_read():
    body = '<testsuite name="a"><testcase classname="b" name="café"/></testsuite>'
    for data in (
        b"\n  " + f'<?xml version="1.0" encoding="UTF-8"?>{body}'.encode(),
        f'<?xml version="1.0" encoding="ISO-8859-1"?>{body}'.encode("latin-1"),
        f'<?xml version="1.0" encoding="utf-16"?>{body}'.encode("utf-16"),
    ):
        assert detect(source(data)).format is junit
        assert [each.test for each in read(junit, data).results] == ["b::café"]


def test_attempts_that_surefire_tells_inside_of_a_case():
    found = read(junit, """<testsuite name="api.CarsTest" time="1.5">
<testcase name="adds" classname="api.CarsTest" time="0.3">
<flakyFailure message="expected: 5 but was: 4" type="Failed"><stackTrace><![CDATA[AssertionFailedError: expected: 5
    at api.CarsTest.adds(CarsTest.java:9)]]></stackTrace><system-out><![CDATA[POST /cars/add -> 200
]]></system-out></flakyFailure>
<flakyError type="java.net.ConnectException">java.net.ConnectException: refused</flakyError></testcase>
<testcase name="lists" classname="api.CarsTest"><failure message="no"/><rerunFailure message="no again"/></testcase>
</testsuite>""")  # fmt: skip
    adds = [(each.attempt, each.outcome, each.message) for each in found.results if each.test.endswith("adds")]
    assert adds == [
        (1, Outcome.RERUN, "expected: 5 but was: 4"), (2, Outcome.RERUN, "java.net.ConnectException: refused"),
        (3, Outcome.PASSED, ""),
    ]  # fmt: skip
    lists = [(each.attempt, each.outcome) for each in found.results if each.test.endswith("lists")]
    assert lists == [(1, Outcome.RERUN), (2, Outcome.FAILED)]
    assert found.requests("api.CarsTest::adds") == [("POST", "/cars/add", 200)]
    assert "CarsTest.java:9" in found.results[0].detail


def test_whole_seconds_of_a_suite_leave_a_second_open():
    for result in xml("jest").results:
        assert result.started.tick_us >= 1_000_000
        assert not result.started.zoned


def test_cases_of_a_parallel_run_may_have_begun_at_any_time_although_their_times_would_fit():
    found = xml("pytest-xdist-xunit1")
    suite = int(found.facts["session_started_us"])
    assert {each.started.us for each in found.results} == {suite}
    exact = {each.test: each for each in read(reportlog, sample("reportlog/subtests-xdist.jsonl")).results}
    for result in found.results:
        setup = exact[result.test].started.us
        assert result.started.us <= setup <= result.started.us + result.started.tick_us


def test_cases_of_a_run_in_one_process_began_within_what_is_told():
    found = xml("pytest-reruns-subtests")
    exact = {each.test: each for each in read(reportlog, sample("reportlog/subtests-reruns.jsonl")).results}
    for result in found.results:
        key = next(key for key in exact if key.rpartition("::")[2] == result.test.rpartition("::")[2])
        assert result.started.us - 1_000 <= exact[key].started.us <= result.started.us + result.started.tick_us
    assert len({result.started.us for result in found.results}) > 10


def test_an_attempt_that_is_tried_again_is_a_rerun_and_its_log_is_told_once():
    found, told = xml("pytest-reruns-subtests"), read(reportlog, sample("reportlog/subtests-reruns.jsonl"))
    assert [(each.test, each.attempt) for each in found.results if each.outcome is Outcome.RERUN] == [
        (each.test, each.attempt) for each in told.results if each.outcome is Outcome.RERUN
    ]
    for test in ("api/test_flaky.py::test_third_time_lucky", "api/test_flaky.py::test_never"):
        assert found.requests(test) == told.requests(test)
        assert [step.text for step in found.of(test)] == [step.text for step in told.of(test)]


def test_attempts_that_only_begin_alike_keep_all_their_lines():
    log = "--------------------------------- Captured Log ---------------------------------\nINFO     a:b.py:1 same\n"
    cases = "".join(
        f'<testcase classname="test_a" name="t"><system-out>{log}INFO     a:b.py:2 own {n}\n</system-out></testcase>'
        for n in range(3)
    )
    found = read(junit, f'<testsuite name="pytest">{cases}</testsuite>')
    assert [step.text for step in found.steps] == ["same", "own 0", "same", "own 1", "same", "own 2"]
    assert [each.outcome for each in found.results] == [Outcome.RERUN, Outcome.RERUN, Outcome.PASSED]


def test_a_time_that_all_suites_share_is_that_of_the_run():
    assert all(each.started is None for each in xml("newman").results)
    assert all(each.started.tick_us > 5_000_000 for each in xml("playwright").results)


def test_a_suite_without_a_time_has_that_of_the_suite_around_it():
    found = read(
        junit,
        """<testsuites><testsuite name="all" timestamp="2026-11-23T03:00:00.5Z" time="9">
<testsuite name="inner"><testcase classname="A" name="b" time="2"/></testsuite></testsuite></testsuites>""",
    )
    assert found.results[0].started.tick_us >= 7_000_000
    assert found.results[0].started.us % 60_000_000 == 500_000


def test_a_case_with_a_time_of_its_own_began_then():
    found = read(junit, case("", 'timestamp="2026-11-23T03:00:07.250Z"'))
    assert (found.results[0].started.us % 60_000_000, found.results[0].started.tick_us) == (7_250_000, 1_000)


def test_what_a_test_recorded_is_told_and_javas_properties_are_bounded():
    inner = '<properties><property name="x-request-id" value="abc-123"/></properties>'
    found = read(junit, case(inner))
    assert [(step.text, step.test) for step in found.steps] == [("x-request-id=abc-123", "test_a.py::t")]
    many = "".join(f'<property name="p{n}" value="v"/>' for n in range(500))
    found = read(junit, f'<testsuite name="a"><properties>{many}</properties></testsuite>')
    assert len(found.records) == 60


def test_the_worker_of_a_failure_is_the_one_that_xdist_puts_above_it():
    found = read(junit, case("<failure message='m'>[gw3] linux -- Python 3.11.7 /srv/python\nE   no</failure>"))
    assert found.results[0].worker == "gw3"


def test_log_lines_of_subtests_are_told_once_and_by_the_time_of_their_subtest():
    found = read(reportlog, sample("reportlog/subtests-reruns.jsonl"))
    test = "api/test_cars.py::test_subtests"
    assert found.requests(test) == [
        ("GET", "/cars/swift", 200), ("GET", "/cars/creta", 200), ("GET", "/cars/figo9", 404)
    ]  # fmt: skip
    answered = [step for step in found.of(test) if step.request is not None and step.request.path]
    assert [step.after.us % 1_000_000 for step in answered] == [72_203, 74_586, 76_504]
    assert [step.text for step in found.of(test)].count("setup base") == 1


def test_log_lines_that_only_a_subtest_tells_are_kept():
    base = '{"$report_type": "%s", "nodeid": "t.py::t", "when": "%s", "outcome": "passed", "start": 5, "sections": %s}'
    log = '[["Captured log call", "INFO     a:b.py:1 inside"], ["Captured stdout call", "printed"]]'
    reports = [("TestReport", "setup", "[]"), ("SubTestReport", "call", log), ("TestReport", "call", "[]")]
    found = read(reportlog, "\n".join(base % each for each in (*reports, ("TestReport", "teardown", "[]"))))
    assert sorted(step.text for step in found.steps) == ["inside", "printed"]
    cut = read(reportlog, base % ("SubTestReport", "call", log))
    assert sorted(step.text for step in cut.steps) == ["inside", "printed"]


def test_robot_tells_every_message_with_its_time():
    found = read(robot, sample("robot/output.xml"))
    assert [(each.test, each.outcome) for each in found.results] == [
        ("Cars::Added Car Is Listed", Outcome.PASSED), ("Cars::Missing Car", Outcome.FAILED),
        ("Cars::Slow", Outcome.PASSED), ("Cars::Skipped", Outcome.SKIPPED),
    ]  # fmt: skip
    added = found.results[0]
    assert (added.started.us % 1_000_000, added.duration_us, added.started.zoned) == (41_090, 30_171, False)
    assert found.requests() == [
        ("GET", "/cars", 200), ("POST", "/cars/add", 200), ("GET", "/cars", 200), ("GET", "/cars/none", 404),
        ("GET", "/cars/swift", 200), ("GET", "/slow", 200), ("GET", "/slow", 200),
    ]  # fmt: skip
    assert all(step.stamp is not None and step.stamp.tick_us == 1 for step in found.steps)
    assert sum(step.text == "done" for step in found.steps) == 1
    assert {step.phase for step in found.of("Cars::Slow")} == {"setup", "call", "teardown"}


def test_robot_at_its_own_level_tells_requests_from_its_library():
    said = "GET Response : url=http://127.0.0.1:5055/cars?n=1 \n status=404, reason=NOT FOUND"
    message = f'<msg time="2026-11-23T06:59:51.5" level="INFO">{said}</msg>'
    inner = f'<suite name="S"><test name="T"><kw name="K">{message}</kw></test></suite>'
    found = read(robot, f'<robot generator="Robot 7">{inner}</robot>')
    assert found.requests() == [("GET", "/cars", 404)]


def test_older_robot_times_are_read_to_the_millisecond():
    found = read(robot, robot.SAMPLES[1])
    assert (found.results[0].started.us % 1_000_000, found.results[0].started.tick_us) == (40_000, 1_000)
    assert found.results[0].duration_us == 12_000
    assert found.requests() == [("GET", "/cars", 200)]


@pytest.mark.parametrize("text", robot.SAMPLES)
def test_robot_is_recognised(text):
    assert detect(source(text)).format is robot
