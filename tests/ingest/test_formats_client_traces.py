"""HTTP exchanges as clients print them: one request each, with its answer, its time and the keys of its headers."""

from __future__ import annotations

from collections import Counter

import pytest

from ingest.formats import pytest_terminal
from ingest.formats.client_logs import http_exchange, http_trace, http_trace_log, newman_cli, python_log
from ingest.formats.detect import detect
from tests.ingest.client_parts import Read, read, sample, source
from triage.core.records import Outcome, Side

# what grep counts in the files, by other marks than the ones they are read by
TRACES = {
    "http_client_debuglevel.txt": (http_trace_log, {200: 6, 201: 6, 302: 6, 404: 6}, 24),
    "curl_v.txt": (http_trace_log, {200: 8, 201: 4, 302: 4, 404: 4}, 20),
    "curl_trace_time.txt": (http_trace_log, {200: 6, 201: 3, 302: 3}, 12),
    "curl_trace_ascii.txt": (http_trace_log, {200: 6, 201: 3, 302: 3}, 12),
    "requests_toolbelt.txt": (http_trace_log, {200: 5, 201: 5, 302: 5, 404: 5}, 20),
    "playwright_api.log": (http_trace_log, {200: 8, 201: 4, 302: 4, 404: 4, None: 1}, 20),
    "httpx_debug.log": (python_log, {200: 16, 201: 8, 302: 8, 404: 8}, 40),
    "httpx_info.log": (python_log, {200: 16, 201: 8, 302: 8, 404: 8}, 0),
    "urllib3_debug.log": (python_log, {200: 24, 201: 12, 302: 12, 503: 2, None: 1}, 0),
    "aiohttp_traces.log": (python_log, {200: 10, 201: 10, None: 4}, 10),
    "newman.txt": (newman_cli, {200: 1, 201: 1, 404: 1, None: 1}, 0),
    "newman_verbose.txt": (newman_cli, {200: 2, 201: 2, 404: 2, None: 2}, 0),
}


def trace(name: str) -> Read:
    return read(TRACES[name][0], sample(f"http_trace/{name}"))


@pytest.mark.parametrize("name", TRACES)
def test_every_exchange_is_one_request_with_its_answer(name):
    what, statuses, _ = TRACES[name]
    assert detect(source(sample(f"http_trace/{name}")), Side.TESTS).format is what
    found = trace(name)
    assert Counter(status for _, _, status in found.requests()) == statuses
    assert not found.unparsed


@pytest.mark.parametrize("name", TRACES)
def test_headers_of_the_answer_are_keys_of_its_request(name):
    keys = [dict(step.keys) for step in trace(name).steps if step.request is not None]
    with_all = [each for each in keys if {"request_id", "server_pid", "server_date_us"} <= set(each)]
    assert len(with_all) == TRACES[name][2]
    assert {each["server_pid"] for each in with_all} <= {"31173", "31174", "31175"}


@pytest.mark.parametrize(
    ("name", "stamped", "tick_us", "dated", "zoned"),
    [
        ("curl_trace_time.txt", 12, 1, False, False),
        ("curl_trace_ascii.txt", 3, 1, False, False),
        ("playwright_api.log", 21, 1_000, True, True),
        ("curl_v.txt", 0, 0, False, False),
        ("http_client_debuglevel.txt", 0, 0, False, False),
    ],
)
def test_an_exchange_has_the_time_of_its_request_line(name, stamped, tick_us, dated, zoned):
    stamps = [step.stamp for step in trace(name).steps if step.stamp is not None and step.request is not None]
    assert len(stamps) == stamped
    assert all((each.tick_us, each.dated, each.zoned) == (tick_us, dated, zoned) for each in stamps)


def test_the_lines_of_an_exchange_stay_in_its_step():
    first = trace("http_client_debuglevel.txt").steps[1]
    assert first.raw.startswith("send: b'POST /cars/add HTTP/1.1")
    assert "header: X-Worker-Pid: " in first.raw
    assert (first.request.target, first.request.ended) == ("127.0.0.1:5065", True)
    assert dict(first.keys)["request_id"] == "req-debug-0000"


def test_a_header_that_a_trace_wraps_is_put_together():
    text = (
        "=> Send header, 120 bytes (0x78)\n0000: GET /cars HTTP/1.1\n0014: Host: web:80\n"
        f"0022: traceparent: 00-{'a' * 32}-{'b' * 16}\n0062: -01\n0068: \n"
        "<= Recv header, 17 bytes (0x11)\n0000: HTTP/1.1 200 OK\n"
    )
    (step,) = read(http_trace_log, text).steps
    assert dict(step.keys) == {"trace": "a" * 32}
    assert (step.request.path, step.request.status, step.request.target) == ("/cars", 200, "web:80")


def test_a_collection_tells_what_became_of_each_of_its_requests():
    found = trace("newman_verbose.txt")
    assert [(each.test, each.attempt, each.outcome) for each in found.results] == [
        (test, attempt, outcome)
        for attempt in (1, 2)
        for test, outcome in (
            ("add car", Outcome.PASSED),
            ("folder / read missing", Outcome.FAILED),
            ("folder / list (all)", Outcome.PASSED),
            ("refused", Outcome.FAILED),
        )
    ]
    assert found.requests("folder / read missing") == [("GET", "/cars/none", 404)] * 2
    assert [step.mark for step in found.of("folder / read missing")].count("fail") == 2
    assert trace("newman.txt").steps[0].request.duration_us == 101_000


TERMINAL = ["traces", "traces_s_v", "traces_logcli_s"]


@pytest.mark.parametrize("name", TERMINAL)
def test_an_exchange_that_a_test_prints_counts_once_beside_the_librarys_line(name):
    found = read(pytest_terminal, sample(f"pytest_terminal/{name}.txt"))
    assert found.requests("extra/test_traces.py::test_add_then_read") == [
        ("POST", "/cars/add", 201),
        ("GET", "/cars/none", 404),
    ]
    assert found.requests("extra/test_traces.py::test_curl") == [("GET", "/cars/none", 404)]
    assert found.requests("extra/test_traces.py::test_dump") == [("GET", "/boom", 500)]
    steps = [
        step for step in found.of("extra/test_traces.py::test_add_then_read") if step.request and step.request.path
    ]
    assert all("server_pid" in dict(step.keys) for step in steps)


REQUESTS = {
    "TraceRequestStartParams(method='GET', url=URL('http://web:80/cars?i=0'), headers=<CIMultiDict()>)": (
        ("GET", "/cars", None)
    ),
    "Ending request TraceRequestEndParams(method='PUT', url=URL('http://web/cars/1'), headers=<CIMultiDict()>, "
    "response=<ClientResponse(http://web/cars/1) [409 Conflict]>": ("PUT", "/cars/1", 409),
    "got <ClientResponse(http://127.0.0.1:5065/cars?i=0) [200 OK]>": (None, None, 200),
    "<-- 404 GET http://127.0.0.1:5065/cars/none": ("GET", "/cars/none", 404),
    "← 201 CREATED": (None, None, 201),
    "HTTP/1.1 200 OK": (None, None, 200),
    "  201 CREATED ★ 23ms time ★ 282B↑ 232B↓ size ★ 9↑ 7↓ headers ★ 0 cookies": (None, None, 201),
}


@pytest.mark.parametrize("text", REQUESTS)
def test_a_request_is_found_in_one_line(text):
    found = http_trace.request_in(text)
    assert (found.method, found.path, found.status) == REQUESTS[text]


@pytest.mark.parametrize(
    "text", ["> quoted words", "< 5 cars", "send: it", "=> next", "* a list", "→ on", "06:58:41 > x"]
)
def test_plain_words_begin_no_exchange(text):
    assert http_exchange.begun(text) is None


@pytest.mark.parametrize(
    "text",
    ["X-Worker-Pid: 31175", "(b'X-Worker-Pid', b'31175')", "'X-Worker-Pid': '31175'", "x-server-pid: 31175"],
)
def test_a_header_that_names_the_servers_process_is_a_key(text):
    assert http_trace.keys_in(text) == (("server_pid", "31175"),)


@pytest.mark.parametrize("what", [http_trace_log, newman_cli])
def test_the_samples_of_the_format_are_recognised_and_read(what):
    for text in what.SAMPLES:
        assert what.recognises(source(text).head()).score > 0.8
        found = read(what, text)
        assert found.requests() and not found.unparsed
