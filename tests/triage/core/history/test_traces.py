"""What is kept of a run for its history: bounded, for passed tests too."""

from __future__ import annotations

from tests.triage.core.made import TEST, asked, client_part, failed, passed, run, served, server_part
from triage.core.analyse import analyse
from triage.core.diagnose import court_of, diagnose
from triage.core.findings import Outcome, Report
from triage.core.history.traces import LEFT_OUT, VISITS, request_kind, traces
from triage.core.lineup import line_up
from triage.core.sessions import told_apart

OTHER = "tests/test_cars.py::test_other"


def report(exchanges: int = 1) -> Report:
    steps, entries = [], []
    for n in range(exchanges):
        for place, (method, path) in enumerate((("POST", "/cars/add"), ("GET", f"/cars/{1000 + n}"))):
            second = 2 * n + place
            for shift, test in ((0, TEST), (0.5, OTHER)):
                steps.append(asked(second + shift, method, path, test=test, size=7 + n))
                entries.append(served(second + shift, 11 + place, method, path, size=7 + n))
    return analyse(run(client_part(*steps, failed(), passed(OTHER)), server_part(*entries)))


def test_a_trace_tells_kind_process_status_of_each_exchange_whether_it_passed_or_failed():
    found = report().traces
    assert [(each.test, each.outcome) for each in found] == [(TEST, Outcome.FAILED), (OTHER, Outcome.PASSED)]
    for each in found:
        assert [visit.kind for visit in each.visits] == ["POST /cars/add", "GET /cars/{}"]
        assert [each.holders[visit.process].name for visit in each.visits] == ["web1[11]", "web1[12]"]  # type: ignore[index]
        assert {visit.status for visit in each.visits} == {200}


def test_verdicts_and_traces_may_look_at_the_same_exchanges():
    evidence = run(client_part(asked(0, "POST", "/cars"), failed()), server_part(served(0, 11, "POST", "/cars")))
    scene = line_up(told_apart(evidence))
    court = court_of(scene)
    assert diagnose(scene, court) == diagnose(scene)
    assert traces(scene, court) == traces(scene)


def test_the_processes_of_a_run_are_kept_once():
    first, second = report().traces
    assert first.holders is second.holders
    assert [holder.requests for holder in first.holders] == [2, 2]


def test_a_long_test_keeps_its_beginning_and_its_end_and_says_so():
    trace = report(exchanges=50).traces[0]
    assert len(trace.visits) == VISITS
    assert trace.visits.count(LEFT_OUT) == 1


def test_a_request_is_known_by_its_method_and_template_or_by_its_words():
    assert request_kind("GET", "/cars/17/doors") == "GET /cars/{}/doors"
    assert request_kind(None, "/cars") == "/cars"
    assert request_kind(None, None, "Successfully fetched cars") == "“successfully fetched cars”"
    assert request_kind(None, None, "") == ""
