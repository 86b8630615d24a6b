"""Verdicts on small runs: what is flagged, and above all what is not."""

from __future__ import annotations

import msgspec
import pytest

from tests.triage.core.made import (
    TEST,
    asked,
    at,
    client_part,
    failed,
    life,
    passed,
    run,
    said,
    served,
    server_part,
    wrote,
)
from triage.core.analyse import analyse
from triage.core.findings import Level, Mechanism, Verdict, VerdictKind, VerdictSide
from triage.core.records import (
    SECOND,
    Entry,
    Fact,
    Life,
    Outcome,
    PidTrust,
    Request,
    RunEvidence,
    Stamp,
    TestResult,
)


def verdict(evidence: RunEvidence, test: str = TEST) -> Verdict:
    return next(each for each in analyse(evidence).verdicts if each.test == test)


def missing_object(reader: int) -> RunEvidence:
    """A car is made by one process and asked for on `reader`; other cars of the run show how the server behaves."""
    steps, entries = [], []
    for n, (maker, asker) in enumerate([(11, 11), (12, 12), (13, 13)]):
        test = f"tests/test_cars.py::test_other[{n}]"
        path = f"/cars/{n}a4f09c{n}"
        steps += [
            asked(n, "POST", "/cars", 201, size=40 + n, test=test),
            asked(n + 0.1, "GET", path, 200, size=50 + n, test=test),
        ]
        entries += [
            served(n - 0.002, maker, "POST", "/cars", 201, size=40 + n),
            served(n + 0.098, asker, "GET", path, 200, size=50 + n),
        ]
        steps.append(passed(test))
    steps += [asked(5, "POST", "/cars", 201, size=47), asked(5.1, "GET", "/cars/8025b594", 404, size=207), failed()]
    entries += [
        served(4.998, 11, "POST", "/cars", 201, size=47),
        served(5.098, reader, "GET", "/cars/8025b594", 404, size=207),
    ]
    return run(client_part(*steps), server_part(*entries))


def test_a_read_served_by_another_process_is_flagged() -> None:
    found = verdict(missing_object(reader=12))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.side is VerdictSide.SERVER
    assert found.write is not None and found.write.pid == 11
    assert found.read is not None and found.read.pid == 12
    assert found.level is Level.LIKELY
    assert (
        found.summary
        == "POST /cars was served by gunicorn[11], GET /cars/8025b594 by gunicorn[12], which never saw it."
    )
    assert "gunicorn --workers 1" in found.confirm


def test_a_read_served_by_the_writer_itself_is_no_split() -> None:
    assert verdict(missing_object(reader=11)).kind is VerdictKind.CONSISTENT_FAILURE


def test_a_switch_of_processes_alone_proves_nothing() -> None:
    """Other processes saw each other's cars all the time: the failing count is wrong for another reason."""
    steps, entries = [], []
    for n, (maker, asker) in enumerate([(11, 12), (12, 13), (13, 11), (12, 11)]):
        test = f"tests/test_cars.py::test_other[{n}]"
        path = f"/cars/{n}a4f09c{n}"
        steps += [
            asked(n, "POST", "/cars", 201, size=40 + n, test=test),
            asked(n + 0.1, "GET", path, 200, size=50 + n, test=test),
        ]
        entries += [
            served(n - 0.002, maker, "POST", "/cars", 201, size=40 + n),
            served(n + 0.098, asker, "GET", path, 200, size=50 + n),
        ]
        steps.append(passed(test))
    steps += [
        asked(5, "POST", "/cars", 201, size=47),
        asked(5.1, "GET", "/cars", 200, size=99),
        failed("assert 3 == (3 + 1)"),
    ]
    entries += [served(4.998, 11, "POST", "/cars", 201, size=47), served(5.098, 12, "GET", "/cars", 200, size=99)]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.CONSISTENT_FAILURE
    assert any(evidence.kind == "objects_disagree" for evidence in found.evidence)


def test_a_holder_that_was_recycled_between_write_and_read_is_lost_state() -> None:
    found = verdict(
        run(
            client_part(asked(1, "POST", "/orders", 201), asked(3, "GET", "/orders/8025b594", 404), failed()),
            server_part(
                life(-5, 10, Life.BOOT, 11),
                served(0.999, 11, "POST", "/orders", 201),
                life(1.5, 11, Life.RECYCLE, 11, "Autorestarting worker after current request."),
                life(1.6, 11, Life.EXIT, 11, "Worker exiting (pid: 11)"),
                life(1.8, 12, Life.BOOT, 12, "Booting worker with pid: 12"),
                served(2.999, 12, "GET", "/orders/8025b594", 404),
            ),
        )
    )
    assert (found.kind, found.mechanism) == (VerdictKind.LOST_STATE, Mechanism.WORKER_RECYCLED)
    assert found.summary == (
        "POST /orders was served by gunicorn[11], which was recycled before GET /orders/8025b594 reached gunicorn[12]."
    )


def test_a_service_that_is_stopped_after_the_tests_has_lost_nothing() -> None:
    """With whole seconds, the exit lines carry the stamp of the last request; the order of lines decides."""
    entries = [
        served(4.998, 11, "POST", "/cars", 201, stamp=at(4.998, tick=SECOND)),
        served(5.098, 12, "GET", "/cars/8025b594", 404, stamp=at(5.098, tick=SECOND)),
        wrote(5.2, 11, "Worker exiting (pid: 11)", stamp=at(5.2, tick=SECOND), life=life(5.2, 11, Life.EXIT, 11).life),
        wrote(5.2, 12, "Worker exiting (pid: 12)", stamp=at(5.2, tick=SECOND), life=life(5.2, 12, Life.EXIT, 12).life),
    ]
    steps = [asked(5, "POST", "/cars", 201), asked(5.1, "GET", "/cars/8025b594", 404), failed()]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.SPLIT_STATE


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (
            "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed'))",
            "server_unavailable",
        ),
        (
            "requests.exceptions.ReadTimeout: HTTPConnectionPool(host='h', port=1): Read timed out.",
            "server_unavailable",
        ),
        ("fixture 'catalogue' not found", "test_error"),
        ("NameError: name 'itmes' is not defined", "test_error"),
        ('TypeError: can only concatenate str (not "int") to str', "test_error"),
        ("AttributeError: 'dict' object has no attribute 'title'", "test_error"),
    ],
)
def test_errors_that_name_their_cause_are_believed(message: str, kind: str) -> None:
    part = client_part(asked(1, "POST", "/cars", 201), failed(message))
    assert verdict(run(part, server_part(served(0.999, 11, "POST", "/cars", 201)))).kind == kind


def test_a_key_error_on_an_answer_is_a_symptom_and_not_the_tests_own_fault() -> None:
    steps = [asked(1, "POST", "/cars", 201), asked(1.1, "GET", "/cars/8025b594", 404), failed("KeyError: 'name'")]
    entries = [served(0.999, 11, "POST", "/cars", 201), served(1.099, 12, "GET", "/cars/8025b594", 404)]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.SPLIT_STATE


def test_an_answer_of_500_is_the_servers_error() -> None:
    steps = [asked(1, "POST", "/cars", 201), asked(1.1, "GET", "/report", 500), failed("assert 500 == 200")]
    trace = "Exception on /report [GET]\nTraceback (most recent call last):\nZeroDivisionError: division by zero"
    entries = [
        served(0.999, 11, "POST", "/cars", 201),
        wrote(1.098, 12, trace, level="error"),
        served(1.099, 12, "GET", "/report", 500),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.SERVER_ERROR
    assert "ZeroDivisionError" in found.summary


def test_a_table_that_only_one_process_has_is_split_state() -> None:
    steps = [asked(1, "POST", "/notes/setup"), asked(1.1, "GET", "/notes", 500), failed("assert 500 == 200")]
    entries = [
        served(0.999, 11, "POST", "/notes/setup"),
        wrote(1.098, 12, "Exception on /notes [GET]\nsqlite3.OperationalError: no such table: note", level="error"),
        served(1.099, 12, "GET", "/notes", 500),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert (found.kind, found.mechanism) == (VerdictKind.SPLIT_STATE, Mechanism.IN_MEMORY_DATABASE)


def test_a_worker_that_the_master_gave_up_on_left_the_test_without_an_answer() -> None:
    entries = [
        served(0.999, 11, "POST", "/cars", 201),
        life(3, 10, Life.TIMEOUT, 12, "WORKER TIMEOUT (pid:12)"),
        wrote(
            3.01,
            12,
            "Error handling request GET /report",
            level="error",
            request=Request(method="GET", path="/report", status=500),
        ),
    ]
    steps = [asked(1, "POST", "/cars", 201), asked(3.02, "GET", "/report", 500), failed("assert 500 == 200")]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.SERVER_UNAVAILABLE


def test_without_pids_the_answer_is_cannot_tell_with_the_line_that_would_help() -> None:
    steps = [asked(1, "POST", "/cars", 201), asked(1.1, "GET", "/cars/8025b594", 404), failed()]
    entries = [served(0.999, None, "POST", "/cars", 201), served(1.099, None, "GET", "/cars/8025b594", 404)]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert found.kind is VerdictKind.UNEXPLAINED
    assert "%(p)s" in found.missing


def test_a_redirect_to_the_login_page_right_after_the_login_is_a_split_session() -> None:
    steps = [
        asked(1, "POST", "/login"),
        asked(1.1, "GET", "/dashboard", 302),
        asked(1.2, "GET", "/login"),
        failed("AssertionError: assert 'Hello ben' in '<form>Please log in</form>'"),
    ]
    entries = [
        served(0.999, 11, "POST", "/login"),
        served(1.099, 12, "GET", "/dashboard", 302),
        served(1.199, 11, "GET", "/login"),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert (found.kind, found.mechanism) == (VerdictKind.SPLIT_STATE, Mechanism.SESSION_KEY)
    assert found.read is not None and (found.read.path, found.read.pid) == ("/dashboard", 12)


def test_a_reset_by_another_test_process_is_split_between_the_tests() -> None:
    steps = [
        asked(1, "POST", "/cars", 201, size=40, worker="gw0"),
        asked(1.3, "GET", "/cars/8025b594", 404, size=207, worker="gw0"),
        asked(1.15, "DELETE", "/cars", 204, size=0, worker="gw1", test="tests/test_cars.py::test_empty"),
        failed(worker="gw0"),
        passed("tests/test_cars.py::test_empty", worker="gw1"),
    ]
    entries = [
        served(0.999, 11, "POST", "/cars", 201, size=40),
        served(1.149, 11, "DELETE", "/cars", 204, size=0),
        served(1.299, 11, "GET", "/cars/8025b594", 404, size=207),
    ]
    found = verdict(run(client_part(*steps), server_part(*entries)))
    assert (found.kind, found.side, found.mechanism) == (VerdictKind.SPLIT_STATE, VerdictSide.TEST, Mechanism.XDIST)


def test_a_refusal_by_a_rule_fails_the_same_everywhere() -> None:
    steps = [asked(1, "POST", "/cars", 422), failed("assert 422 == 201")]
    found = verdict(
        run(client_part(*steps), server_part(served(0.999, 11, "POST", "/cars", 422), served(2, 12, "GET", "/cars")))
    )
    assert found.kind is VerdictKind.CONSISTENT_FAILURE


def test_a_limit_that_each_process_counts_for_itself_is_named() -> None:
    pids = (11, 12, 11, 13, 12)
    steps = [asked(n / 5, "POST", "/codes") for n in range(1, 6)]
    entries = [served(n / 5 - 0.001, pid, "POST", "/codes") for n, pid in enumerate(pids, start=1)]
    found = verdict(
        run(client_part(*steps, failed("limit of 4 not enforced\nassert 200 == 429")), server_part(*entries))
    )
    assert (found.kind, found.mechanism) == (VerdictKind.SPLIT_STATE, Mechanism.RATE_LIMIT)


def original() -> RunEvidence:
    figo = "{'name': 'figo', 'brand': 'ford', 'price_range': '5-8 lacs', 'car_type': 'hatchback'}"

    def journal(seconds: float, pid: int, inner: float, message: str, request: Request | None = None) -> Entry:
        return Entry(
            line=1,
            raw=message,
            stamp=at(seconds, tick=SECOND, zoned=False),
            inner=Stamp(at(inner).us, False, 1000),
            host="ip-172-31-10-107",
            unit="gunicorn",
            pid=pid,
            pid_trust=PidTrust.PROVEN,
            message=f"INFO in cars_app: {message}",
            request=request,
        )

    def logged(seconds: float, text: str, mark: str = "") -> object:
        step = said(seconds, text, test=None, mark=mark)
        return msgspec.structs.replace(step, stamp=at(seconds, tick=SECOND, zoned=False))

    return run(
        client_part(
            logged(667, f"PASS: Successfully added new car with details {figo}", "pass"),
            logged(668, "  - Successfully fetched cars"),
            logged(670, "FAIL: Total car count doesnt match expected count", "fail"),
            logged(670, ""),
            logged(670, "Exception when trying to run test:/home/ci/qxf2-page-object-model/tests/test_api_example.py"),
        ),
        server_part(
            journal(667, 51463, 2046.721, f"successfully added {figo}"),
            journal(668, 51465, 2047.021, "Processing /GET request against /cars", Request(method="GET", path="/cars")),
        ),
    )


def test_the_case_that_started_it_all() -> None:
    report = analyse(original())
    (found,) = report.verdicts
    assert found.test == "tests/test_api_example.py::test_api_example"
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.write is not None and found.write.pid == 51463
    assert found.read is not None and found.read.pid == 51465
    assert 0.5 <= found.confidence < 0.9, "two lines alone are not much"
    (clock,) = report.lineup.clocks
    assert clock.low_us <= 0 <= clock.high_us
    assert any("1,37" in remark and "ahead" in remark for remark in clock.remarks)


def test_every_failing_test_gets_exactly_one_verdict() -> None:
    results = [TestResult(test=f"tests/test_a.py::test_{n}", outcome=outcome) for n, outcome in enumerate(Outcome)]
    report = analyse(run(client_part(*results)))
    assert [found.outcome for found in report.verdicts] == [Outcome.FAILED, Outcome.ERROR]
    assert all(found.kind is VerdictKind.UNEXPLAINED for found in report.verdicts)


def test_a_pid_of_the_parent_is_never_believed() -> None:
    steps = [asked(1, "POST", "/cars", 201), asked(1.1, "GET", "/cars/8025b594", 404), failed()]
    entries = [
        life(-1, 10, Life.BOOT, 11, "Booting worker with pid: 11"),
        life(-1, 10, Life.BOOT, 12, "Booting worker with pid: 12"),
        served(0.999, 10, "POST", "/cars", 201),
        served(1.099, 10, "GET", "/cars/8025b594", 404),
    ]
    report = analyse(run(client_part(*steps), server_part(*entries)))
    assert report.verdicts[0].kind is VerdictKind.UNEXPLAINED
    assert [gap.kind for gap in report.gaps if "%(p)s" in gap.fix] == ["parent_pid"]
    declared = run(client_part(*steps), server_part(Fact(name="pid_is_parents", value="10"), *entries[2:]))
    assert analyse(declared).verdicts[0].kind is VerdictKind.UNEXPLAINED


def test_a_value_that_the_same_process_changes_by_itself_is_a_matter_of_time() -> None:
    """A lagging replica: nobody wrote in between, and the process that answered the old value answers the new one."""
    theme = "/settings/theme"
    sizes = [(1, 12, 15), (2.1, 12, 15), (3, 12, 18), (3.2, 11, 18)]
    steps = [asked(2, "PUT", theme, size=9)] + [asked(when, "GET", theme, size=size) for when, _, size in sizes]
    entries = [served(1.999, 11, "PUT", theme, size=9)]
    entries += [served(when - 0.001, pid, "GET", theme, size=size) for when, pid, size in sizes]
    entries.sort(key=lambda entry: entry.stamp.us if entry.stamp else 0)
    found = verdict(run(client_part(*steps, failed("assert None == 'dark'")), server_part(*entries)))
    assert found.kind is not VerdictKind.SPLIT_STATE


def test_an_object_that_outlived_other_processes_was_not_lost_with_this_one() -> None:
    """The worker was recycled in between, but other objects survive such ends: the failure has another reason."""
    steps, entries = [], [life(-9, 10, Life.BOOT, 11), life(-9, 10, Life.BOOT, 12)]
    for n in range(4):
        path, test = f"/cars/{n}a4f09c{n}", f"tests/test_cars.py::test_other[{n}]"
        steps += [
            asked(n, "POST", "/cars", 201, size=40 + n, test=test),
            asked(n + 0.1, "GET", path, size=50 + n, test=test),
            passed(test),
        ]
        entries.append(served(n - 0.002, 11, "POST", "/cars", 201, size=40 + n))
        entries.append(served(n + 0.098, 12, "GET", path, size=50 + n))
    steps += [asked(5, "POST", "/cars", 201, size=47), asked(6, "GET", "/cars", size=99), failed("assert 3 == (3 + 1)")]
    entries += [
        served(4.998, 11, "POST", "/cars", 201, size=47),
        life(5.5, 11, Life.RECYCLE, 11, "Autorestarting worker after current request."),
        served(5.998, 12, "GET", "/cars", size=99),
    ]
    assert verdict(run(client_part(*steps), server_part(*entries))).kind is VerdictKind.CONSISTENT_FAILURE


def test_an_error_message_alone_can_name_the_request() -> None:
    """No step, no time: the URL in the message leads to the object, and the server's words to its maker."""
    message = "requests.exceptions.HTTPError: 404 Client Error: NOT FOUND for url: http://127.0.0.1:5000/cars/8025b594"
    entries = [
        wrote(0.998, 11, "car 8025b594 created: figo"),
        served(0.999, 11, "POST", "/cars", 201),
        served(1.099, 12, "GET", "/cars/8025b594", 404),
    ]
    found = verdict(run(client_part(failed(message)), server_part(*entries)))
    assert found.kind is VerdictKind.SPLIT_STATE
    assert found.write is not None and found.write.pid == 11
