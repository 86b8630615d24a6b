"""What log files of test programs tell: loguru, frameworks on it, pytest's log file, logging, structlog, JSON."""

from __future__ import annotations

import pytest

from ingest.formats.client_logs import http_trace, log_line, loguru, pytest_log_file, python_log
from ingest.formats.client_logs.log_line import LogLine
from ingest.formats.detect import detect
from tests.ingest.client_parts import Read, read, sample, source
from triage.core.records import SECOND, Outcome, Request, Side, Stamp, instant

SEED = "tests/test_api_example.py::test_api_example"


def log(what, path: str) -> Read:
    return read(what, sample(path), path.rpartition("/")[2])


def test_the_original_case_names_its_test_and_why_it_failed():
    found = log(loguru, "loguru/original.log")
    assert [(each.test, each.outcome, each.message, each.lossy) for each in found.results] == [
        (SEED, Outcome.FAILED, "Total car count doesnt match expected count", True)
    ]
    assert [step.test for step in found.steps] == [SEED] * 5
    assert [step.mark for step in found.steps] == ["pass", "", "fail", "", ""]
    assert found.steps[1].text.strip() == "- Successfully fetched cars"
    first = found.steps[0].stamp
    assert (instant(first.us).isoformat(), first.zoned, first.tick_us) == ("2024-05-23T12:11:07+00:00", False, SECOND)


@pytest.mark.parametrize("name", ["default", "qxf2_now", "colour"])
def test_loguru_lines_keep_messages_of_several_lines_and_name_the_caller(name):
    found = log(loguru, f"loguru/{name}.log")
    assert not found.unparsed
    assert len(found.steps) == 5
    assert "expected 5\ngot 4 | of them" in found.steps[2].text
    assert found.steps[3].text.endswith("division by zero")
    assert found.requests() == [("POST", "/cars/add", 200)]
    assert "\x1b" not in found.steps[0].text
    assert found.steps[0].level == "info" and found.steps[2].level == "error"


def test_tests_that_follow_one_another_are_told_apart():
    found = log(loguru, "loguru/qxf2_now.log")
    assert [(each.test, each.outcome) for each in found.results] == [
        ("tests/test_cars.py::test_add", Outcome.FAILED),
        ("tests/test_more.py::test_two", Outcome.PASSED),
    ]
    seed = sample("loguru/original.log").decode()
    twice = read(loguru, seed + seed.replace("test_api_example", "test_other"))
    assert [step.test for step in twice.steps] == [SEED] * 5 + ["tests/test_other.py::test_other"] * 5
    again = read(loguru, seed + seed)
    assert [(each.test, each.attempt) for each in again.results] == [(SEED, 1), (SEED, 2)]


def test_a_log_that_names_no_test_takes_the_name_from_its_file():
    found = read(loguru, "2024-05-23 12:11:10 | INFO | Base | log | FAIL: count\n", "log/test_cars_list.log")
    assert [(each.test, each.outcome) for each in found.results] == [("test_cars_list", Outcome.FAILED)]
    assert read(loguru, "2024-05-23 12:11:10 | INFO | Base | log | FAIL: count\n").steps[0].test is None


@pytest.mark.parametrize(
    ("what", "path", "stamp", "pid"),
    [
        (pytest_log_file, "pytest_log_file/logfile_default.log", None, False),
        (pytest_log_file, "pytest_log_file/logfile_asctime.log", (False, False, SECOND), False),
        (python_log, "python_log/logfile_date.log", (True, False, SECOND), False),
        (python_log, "python_log/logfile_full.log", (True, True, 1000), True),
    ],
)
def test_a_log_file_keeps_times_processes_and_requests_in_order(what, path, stamp, pid):
    found = log(what, path)
    assert found.requests()[:3] == [("POST", "/cars/add", 200), ("GET", "/cars", 200), ("GET", "/cars/none", 404)]
    first = found.steps[0]
    assert first.text == "setup base"
    assert found.steps[1].text == "adding a car\nwith two lines"
    assert (first.stamp and (first.stamp.dated, first.stamp.zoned, first.stamp.tick_us)) == stamp
    assert (first.pid is not None) is pid
    assert not found.unparsed
    assert {step.level for step in found.steps} == {"info", "debug"}


def test_plain_logging_structlog_and_json_lines_are_read():
    assert log(python_log, "python_log/basic_config.log").requests()[0] == ("GET", "/cars", 200)
    console = log(python_log, "python_log/structlog_console.log")
    assert console.requests() == [("GET", "/cars", 200)]
    assert console.steps[0].stamp.zoned and console.steps[1].level == "error"
    serialized = log(python_log, "python_log/loguru_serialized.jsonl")
    assert serialized.requests() == [("POST", "/cars/add", 200)]
    assert serialized.steps[0].stamp.zoned and serialized.steps[0].pid


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("loguru/original.log", "loguru"),
        ("loguru/default.log", "loguru"),
        ("loguru/qxf2_now.log", "loguru"),
        ("loguru/colour.log", "loguru"),
        ("pytest_log_file/logfile_default.log", "pytest-log-file"),
        ("pytest_log_file/logfile_asctime.log", "pytest-log-file"),
        ("python_log/logfile_full.log", "python-log"),
        ("python_log/logfile_date.log", "python-log"),
        ("python_log/basic_config.log", "python-log"),
        ("python_log/loguru_serialized.jsonl", "python-log"),
        ("junit/junit1.xml", "junit-xml"),
        ("junit/junit2.xml", "junit-xml"),
        ("reportlog/report.jsonl", "pytest-reportlog"),
        ("reportlog/report_xdist.jsonl", "pytest-reportlog"),
        *((f"pytest_terminal/{each}.txt", "pytest-terminal") for each in ("q", "tb_line", "logcli_asctime", "crash_q")),
        *(
            (f"pytest_terminal/{each}.txt", "pytest-terminal")
            for each in ("xdist_v", "ci_console", "tb_no_rA", "color")
        ),
    ],
)
def test_client_formats_are_never_taken_for_another(path, name):
    for slot in (None, Side.TESTS):
        assert name == detect(source(sample(path)), slot).format.NAME


@pytest.mark.parametrize(
    "path",
    [
        "gunicorn/sync.log",
        "gunicorn/error-of-all-versions.log",
        "flask/development-server.log",
        "uvicorn/workers.log",
        "journal/short.txt",
        "journal/short-iso.txt",
        "django/runserver.log",
    ],
)
def test_server_logs_are_not_claimed_by_client_formats(path):
    for what in (loguru, pytest_log_file, python_log):
        found = what.recognises(source(sample(path)).head())
        assert found is None or found.score < 0.4
    assert detect(source(sample(path))).side is Side.SERVER


REQUESTS = {
    'http://127.0.0.1:5000 "POST /cars/add HTTP/1.1" 200 105': ("POST", "/cars/add", "", 200, "127.0.0.1:5000"),
    'https://api.example.org:443 "GET /v1/cars?page=2 HTTP/1.1" 304 None': (
        "GET",
        "/v1/cars",
        "page=2",
        304,
        "api.example.org:443",
    ),
    'HTTP Request: DELETE http://[::1]:8000/cars/1 "HTTP/1.1 204 No Content"': (
        "DELETE",
        "/cars/1",
        "",
        204,
        "[::1]:8000",
    ),
    "Starting new HTTPS connection (1): api.example.org:443": (None, None, "", None, "api.example.org:443"),
    "Resetting dropped connection: 127.0.0.1": (None, None, "", None, "127.0.0.1"),
    "POST /cars/add -> 200": ("POST", "/cars/add", "", 200, ""),
    "GET http://127.0.0.1:5000/cars?x=1 200": ("GET", "/cars", "x=1", 200, "127.0.0.1:5000"),
    "[PATCH] /cars/7: 409 in 12 ms": ("PATCH", "/cars/7", "", 409, ""),
    "PUT request to http://web/cars/7 returned 500": ("PUT", "/cars/7", "", 500, "web"),
    "response: 200": (None, None, "", 200, ""),
    "<Response [404]>": (None, None, "", 404, ""),
    "send: b'GET /cars HTTP/1.1\\r\\nHost: 127.0.0.1:5000\\r\\n'": ("GET", "/cars", "", None, "127.0.0.1:5000"),
    "reply: 'HTTP/1.1 200 OK\\r\\n'": (None, None, "", 200, ""),
    "> GET /cars HTTP/1.1": ("GET", "/cars", "", None, ""),
    "< HTTP/1.1 404 NOT FOUND": (None, None, "", 404, ""),
    "ConnectionError: HTTPConnectionPool(host='127.0.0.1', port=1): Max retries exceeded with url: /cars?a=b "
    '(Caused by NewConnectionError("Connection refused"))': (None, "/cars", "a=b", None, "127.0.0.1:1"),
    "HTTPConnectionPool(host='web', port=80): Read timed out. (read timeout=1)": (None, None, "", None, "web:80"),
}


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_is_found_in_what_clients_write(text):
    method, path, query, status, target = REQUESTS[text]
    found = http_trace.request_in(text)
    assert (found.method, found.path, found.query, found.status, found.target) == (method, path, query, status, target)


@pytest.mark.parametrize("text", ["", "before=4 after=4", "FORGET /cars", "took 200 ms", "GETTING /cars", "3 of 200"])
def test_plain_words_are_no_request(text):
    assert http_trace.request_in(text) is None


def test_exact_keys_are_found():
    trace = "0af7651916cd43dd8448eb211c80319c"
    assert http_trace.keys_in("X-Request-ID: 7f3c-11") == (("request_id", "7f3c-11"),)
    assert http_trace.keys_in(f"{{'traceparent': '00-{trace}-b7ad6b7169203331-01'}}") == (("trace", trace),)
    ((name, value),) = http_trace.keys_in("[(b'Server', b'x'), (b'Date', b'Mon, 23 Nov 2026 03:09:57 GMT')]")
    assert (name, instant(int(value)).isoformat()) == ("server_date_us", "2026-11-23T03:09:57+00:00")


def test_an_answer_told_later_belongs_to_the_request_before_it():
    found = read(python_log, "INFO:t:POST /cars/add\nINFO:t:payload {'name': 'figo'}\nINFO:t:status code: 201\n")
    assert found.requests() == [("POST", "/cars/add", 201)]
    assert found.steps[2].request is None


def test_a_testers_words_before_the_librarys_line_do_not_count_twice():
    line = 'DEBUG:urllib3.connectionpool:http://web:80 "GET /cars HTTP/1.1" 200 5'
    lines = f"INFO:t:GET /cars\n{line}\nINFO:t:response: 200\n"
    found = read(python_log, lines * 2)
    assert found.requests() == [("GET", "/cars", 200)] * 2


COLUMNS = {
    "INFO     cars:conftest.py:4 setup base": LogLine("setup base", None, "info", "cars"),
    "2026-11-23 03:10:09,123 - cars - INFO - adding 4 cars": LogLine(
        "adding 4 cars", Stamp(1_795_403_409_123_000, False, 1000), "info", "cars"
    ),
    "03:10:03 12828 cars INFO setup": LogLine(
        "setup", Stamp(11_403 * SECOND, False, SECOND, False), "info", "cars", 12828
    ),
    "2026-11-23 12:11:07 [MainThread] [ERROR] [cars.api] no": LogLine(
        "no", Stamp(1_795_435_867 * SECOND, False, SECOND), "error", "cars.api"
    ),
    "INFO:cars:adding": LogLine("adding", None, "info", "cars"),
    "2026-11-23 03:10:09 INFO Response: 200": LogLine(
        "Response: 200", Stamp(1_795_403_409 * SECOND, False, SECOND), "info"
    ),
}


@pytest.mark.parametrize("text", COLUMNS)
def test_columns_are_recognised_by_what_they_are(text):
    assert log_line.read(text) == COLUMNS[text]


@pytest.mark.parametrize("text", ["with two lines", "200 OK", "", "Traceback (most recent call last):", "  File x"])
def test_a_line_without_time_or_level_has_no_columns(text):
    assert log_line.read(text) is None


def test_where_the_logger_stands_is_learned_from_a_known_one():
    shape = log_line.learn(["12:00:01 DEBUG urllib3.connectionpool Starting new HTTP connection (1): web:80"])
    assert log_line.read("12:00:02 INFO cars adding", shape).logger == "cars"
    assert log_line.read("12:00:02 INFO cars adding").message == "cars adding"


def test_a_request_without_an_answer_is_kept_when_the_log_ends():
    assert read(python_log, "INFO:t:POST /cars/add\n").requests() == [("POST", "/cars/add", None)]
    assert http_trace.request_in("POST /cars/add") == Request(method="POST", path="/cars/add")


@pytest.mark.parametrize("what", [loguru, pytest_log_file, python_log])
def test_the_samples_of_the_format_are_recognised_and_read(what):
    for text in what.SAMPLES:
        assert what.recognises(source(text).head()).score > 0.8
        found = read(what, text)
        assert found.steps and not found.unparsed
