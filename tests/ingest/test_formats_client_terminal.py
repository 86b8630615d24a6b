"""What the terminal format makes of real pytest output, in every verbosity and style."""

from __future__ import annotations

import pytest

from ingest.formats import pytest_terminal
from tests.ingest.client_parts import Read, read, sample, source
from triage.core.records import Outcome

API = "tests/api/test_cars.py::"
FAILED = {
    f"{API}test_add_car": "AssertionError: Total car count doesnt match expected count",
    f"{API}test_get_missing": "assert 404 == 200",
    f"{API}test_key": "KeyError: 'figo'",
    f"{API}test_httpx_fail": "AssertionError: assert 500 == 200",
    f"{API}test_chained": "RuntimeError: wrapped the error",
    f"{API}TestGroup::test_in_class": "AssertionError: assert [",
    f"{API}test_param[a - b]": "AssertionError: assert ('a - b' == 'x y'",
    f"{API}test_param[a::b]": "AssertionError: assert ('a::b' == 'x y'",
    f"{API}test_param[[br]]": "AssertionError: assert ('[br]' == 'x y'",
    f"{API}test_td": "AssertionError: and the call too",
    f"{API}TestU::test_sub": "AssertionError: 1 != 0",
    f"{API}test_subtests": "assert 1 != 1",
    "tests/unit/test_cars.py::test_add_car": "[1, 2, 3] == [1, 2, 4]",
}
ERRORS = {f"{API}test_error": "ValueError: setup boom"}
PASSED = {
    f"{API}test_httpx",
    f"{API}TestGroup::test_ok",
    f"{API}test_param[x y]",
    f"{API}test_param[\\xfcn\\xef]",
    f"{API}test_warn",
    "tests/unit/test_cars.py::test_fine",
}
WHOLE = [
    "q",
    "default",
    "v_ra_debug",
    "ci_q_ra",
    "xdist_v",
    "xdist_default",
    "logcli",
    "logcli_asctime",
    "logcli_f",
    "logformat",
]
STYLES = ["tb_line", "tb_native", "tb_short", "color", "ci_console"]
VERBOSE = ["v_ra_debug", "xdist_v", "logcli", "logcli_asctime", "logcli_f", "color", "ci_console"]
LOGGED = [
    "default",
    "v_ra_debug",
    "ci_q_ra",
    "xdist_v",
    "xdist_default",
    "logcli",
    "logcli_asctime",
    "logcli_f",
    "logformat",
    "ci_console",
]


def terminal(name: str) -> Read:
    return read(pytest_terminal, sample(f"pytest_terminal/{name}.txt"))


@pytest.mark.parametrize("name", WHOLE + STYLES)
def test_every_failing_test_has_its_node_id_outcome_and_message(name):
    found = terminal(name)
    failing = {each.test: each for each in found.results if each.outcome in (Outcome.FAILED, Outcome.ERROR)}
    assert set(failing) == {*FAILED, *ERRORS}
    assert len(failing) == len([each for each in found.results if each.outcome in (Outcome.FAILED, Outcome.ERROR)])
    for test, message in FAILED.items():
        assert failing[test].outcome is Outcome.FAILED
        assert message in failing[test].message
        assert message.removeprefix("AssertionError: ") in failing[test].detail
        assert not failing[test].lossy
    assert failing[f"{API}test_error"].outcome is Outcome.ERROR
    assert failing[f"{API}test_error"].phase == "setup"
    assert failing[f"{API}test_error"].message.startswith("ValueError: setup boom")


@pytest.mark.parametrize("name", VERBOSE)
def test_verbose_output_tells_every_outcome(name):
    found = terminal(name)
    assert {each.test for each in found.results if each.outcome is Outcome.PASSED} == PASSED
    assert found.result(f"{API}test_skip").outcome is Outcome.SKIPPED
    assert found.result(f"{API}test_xfail").outcome is Outcome.XFAILED
    assert found.result(f"{API}test_xpass").outcome is Outcome.XPASSED


@pytest.mark.parametrize("name", LOGGED)
def test_the_requests_of_a_test_come_in_order_and_once(name):
    found = terminal(name)
    assert found.requests(f"{API}test_add_car") == [("POST", "/cars/add", 200), ("GET", "/cars", 200)]
    assert found.requests(f"{API}test_get_missing") == [("GET", "/cars/none", 404)]
    # the test prints "GET …/cars -> 200" itself, and urllib3 logs the same request
    assert found.requests(f"{API}test_key") == [("GET", "/cars", 200)]
    assert found.requests(f"{API}test_httpx_fail") == [("GET", "/boom", 500)]
    texts = [step.text for step in found.of(f"{API}test_add_car")]
    assert texts.count("setup base") == texts.count("teardown base") == 1
    assert "adding a car\nwith two lines" in texts


@pytest.mark.parametrize("name", LOGGED)
def test_steps_know_phase_level_and_logger(name):
    steps = {step.text: step for step in terminal(name).of(f"{API}test_add_car")}
    assert steps["setup base"].phase == "setup"
    assert steps["teardown base"].phase == "teardown"
    assert steps["adding a car\nwith two lines"].phase == "call"
    assert steps["adding a car\nwith two lines"].level == "info"
    if name != "logcli_f":  # its format has no logger
        assert steps["setup base"].logger == "cars"


@pytest.mark.parametrize("name", WHOLE + STYLES)
def test_no_line_is_left_unparsed_but_the_noise_around(name):
    unparsed = [each.raw for each in terminal(name).unparsed]
    expected = ["##[group]Run pytest -v -ra", "Requirement already satisfied: pytest", "##[endgroup]"]
    end = ["##[error]Process completed with exit code 1.", "Post job cleanup."]
    assert unparsed == (expected + end if name == "ci_console" else [])


def test_the_introspection_of_an_assertion_is_in_the_detail_in_full():
    detail = terminal("v_ra_debug").result(f"{API}test_get_missing").detail
    assert 'r = requests.get(f"{base}/cars/none")' in detail
    assert ">       assert r.status_code == 200" in detail
    assert "E        +  where 404 = <Response [404]>.status_code" in detail


def test_session_facts_are_told():
    facts = terminal("xdist_v").facts
    assert facts["pytest"] == "9.2.0"
    assert facts["python"] == "3.11.7"
    assert facts["rootdir"] == "/home/ci/suite"
    assert facts["xdist_workers"] == "2"
    assert facts["tests_failed"] == "15"
    assert facts["tests_passed"] == "7"


def test_a_distributed_run_tells_the_worker_of_tests_and_steps():
    found = terminal("xdist_v")
    assert {each.worker for each in found.results} == {"gw0", "gw1"}
    for result in found.results:
        assert {step.worker for step in found.of(result.test)} <= {result.worker}


def test_quiet_distributed_output_takes_the_worker_from_the_block():
    assert terminal("xdist_default").result(f"{API}test_add_car").worker in ("gw0", "gw1")


def test_times_of_a_live_log_are_kept_as_written():
    bare = terminal("logcli_asctime").of(f"{API}test_add_car")[0]
    assert (bare.stamp.dated, bare.stamp.zoned, bare.stamp.tick_us, bare.pid is not None) == (
        False,
        False,
        1_000_000,
        True,
    )
    full = terminal("logcli_f").of(f"{API}test_add_car")[0]
    assert (full.stamp.dated, full.stamp.zoned, full.stamp.tick_us) == (True, True, 1_000)


def test_a_ci_stamp_is_the_latest_time_of_a_step_and_not_its_time():
    step = terminal("ci_console").of(f"{API}test_add_car")[0]
    assert step.stamp is None
    assert step.after is not None and step.after.zoned


def test_output_glued_to_the_progress_belongs_to_the_running_test():
    found = terminal("s_v_short")
    assert [step.text for step in found.of(f"{API}test_add_car")] == ["added soon"]
    assert found.requests(f"{API}test_key") == [("GET", "/cars", 200)]
    assert [step.text for step in found.of(f"{API}test_error")] == ["about to break"]
    assert found.result(f"{API}test_add_car").outcome is Outcome.FAILED


def test_output_without_a_line_end_does_not_hide_the_outcome():
    text = (
        "============================= test session starts ==============================\n"
        "collected 2 items\n\n"
        "test_a.py::test_one POST /cars/add -> 200PASSED\n"
        "test_a.py::test_two first\nGET /cars -> 200FAILED\n"
        "============================== 1 failed, 1 passed in 0.02s ==============================\n"
    )
    found = read(pytest_terminal, text)
    assert [(each.test, each.outcome) for each in found.results] == [
        ("test_a.py::test_one", Outcome.PASSED),
        ("test_a.py::test_two", Outcome.FAILED),
    ]
    assert found.requests() == [("POST", "/cars/add", 200), ("GET", "/cars", 200)]


def test_a_request_printed_among_the_records_of_a_live_log_is_a_step_of_its_own():
    text = (
        "============================= test session starts ==============================\n"
        "collected 1 item\n\n"
        "test_a.py::test_one \n"
        "-------------------------------- live log call ---------------------------------\n"
        "INFO     cars:test_a.py:6 adding\nwith two lines\n"
        "POST /cars/add -> 201\n"
        "PASSED                                                                   [100%]\n"
        "============================== 1 passed in 0.02s ==============================\n"
    )
    found = read(pytest_terminal, text)
    assert [step.text for step in found.steps] == ["adding\nwith two lines", "POST /cars/add -> 201"]
    assert found.requests("test_a.py::test_one") == [("POST", "/cars/add", 201)]


def test_an_attempt_that_is_tried_again_is_a_result_of_its_own():
    found = terminal("reruns")
    attempts = [(each.attempt, each.outcome) for each in found.results if each.test == f"{API}test_key"]
    assert attempts == [(1, Outcome.RERUN), (2, Outcome.FAILED)]
    assert found.result(f"{API}test_key").message == "KeyError: 'figo'"


@pytest.mark.parametrize("name", ["crash", "crash_q"])
def test_a_crashed_worker_names_the_test_it_was_at(name):
    found = terminal(name)
    crashed = found.result("tests/test_crash.py::test_crash")
    assert crashed.outcome is Outcome.FAILED
    assert crashed.worker.startswith("gw")
    assert crashed.message == f"worker '{crashed.worker}' crashed while running 'tests/test_crash.py::test_crash'"
    assert found.facts["xdist_worker_down"] == f"{crashed.worker}: Not properly terminated"


def test_a_module_that_cannot_be_imported_is_an_error_of_that_file():
    found = terminal("collect_error")
    assert [(each.test, each.outcome) for each in found.results] == [("bad/test_bad.py", Outcome.ERROR)]
    assert found.results[0].message == "ModuleNotFoundError: No module named 'nonexistent_thing'"


def test_a_refused_request_is_a_step_with_the_path_it_asked_for():
    found = terminal("refused")
    refused = [step for step in found.of(f"{API}test_refused") if step.mark == "fail"]
    assert len(refused) == 1
    request = refused[0].request
    assert (request.method, request.path, request.status, request.target) == ("GET", "/cars", None, "127.0.0.1:1")
    message = found.result(f"{API}test_refused").message
    assert message.startswith("requests.exceptions.ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=1)")
    assert "Connection refused" in message


def test_without_tracebacks_the_summary_tells_the_messages():
    found = terminal("tb_no_rA")
    assert found.result(f"{API}test_get_missing").message == "assert 404 == 200"
    assert found.result("tests/unit/test_cars.py::test_fine").outcome is Outcome.PASSED
    assert found.result(f"{API}TestU::test_sub").outcome is Outcome.FAILED


def test_messages_of_several_lines_in_the_summary_are_joined():
    text = sample("pytest_terminal/ci_q_ra.txt").decode()
    summary = text[text.index("=========================== short test summary") :]
    found = read(pytest_terminal, summary)
    assert "\nassert 1 == 5\n +  where 1 = len(" in found.result(f"{API}test_add_car").detail
    assert {each.test for each in found.results if each.outcome is Outcome.FAILED} == set(FAILED)


def test_blocks_without_summary_get_their_id_from_the_traceback():
    text = sample("pytest_terminal/q.txt").decode()
    found = read(pytest_terminal, text[: text.index("=============================== warnings")])
    result = found.result(f"{API}test_get_missing")
    assert result.lossy
    assert result.outcome is Outcome.FAILED
    assert found.result(f"{API}TestGroup::test_in_class").lossy
    assert found.result("tests/unit/test_cars.py::test_add_car").lossy


def test_two_sessions_in_one_log_are_both_read():
    found = read(pytest_terminal, sample("pytest_terminal/x.txt") + sample("pytest_terminal/q.txt"))
    attempts = [each.attempt for each in found.results if each.test == f"{API}test_add_car"]
    assert len(attempts) == 2
    assert found.requests(f"{API}test_add_car")[:2] == [("POST", "/cars/add", 200), ("GET", "/cars", 200)]


def test_slowest_durations_give_the_call_its_duration():
    found = terminal("ci_q_ra")
    assert found.result(f"{API}test_httpx_fail").duration_us > 1_000


def test_a_session_killed_half_way_keeps_what_it_told():
    text = sample("pytest_terminal/v_ra_debug.txt").decode()
    found = read(pytest_terminal, text[: text.index("==================================== ERRORS")])
    assert found.result(f"{API}test_get_missing").outcome is Outcome.FAILED
    assert found.result(f"{API}test_httpx").outcome is Outcome.PASSED


@pytest.mark.parametrize("text", pytest_terminal.SAMPLES)
def test_the_samples_of_the_format_are_recognised_and_read(text):
    assert pytest_terminal.recognises(source(text).head()).score > 0.9
    found = read(pytest_terminal, text)
    assert [each.outcome for each in found.results].count(Outcome.FAILED) == 1
    assert not found.unparsed
