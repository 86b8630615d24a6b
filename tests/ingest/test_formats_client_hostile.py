"""Client formats on hostile input: nothing raises, no line is lost, time stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.formats import pytest_terminal
from ingest.formats.client_logs import loguru, pytest_log_file, python_log
from ingest.formats.registry import CLIENT_FORMATS
from ingest.formats.reports import junit, reportlog
from tests.ingest.client_parts import read, sample, source
from triage.core.records import Step, TestResult

SAMPLES = {
    "pytest-terminal": (
        "pytest_terminal/v_ra_debug.txt",
        "pytest_terminal/xdist_v.txt",
        "pytest_terminal/logcli_f.txt",
    ),
    "unittest-text": ("unittest_text/py313_v.txt", "unittest_text/py38.txt"),
    "pytest-log-file": ("pytest_log_file/logfile_asctime.log",),
    "python-log": ("python_log/logfile_full.log", "python_log/loguru_serialized.jsonl"),
    "loguru": ("loguru/default.log", "loguru/original.log"),
    "junit-xml": ("junit/junit2.xml",),
    "pytest-reportlog": ("reportlog/report_xdist.jsonl",),
    "pytest-json-report": ("json_report/one-line.json",),
    "ctrf": ("ctrf/pytest.json", "ctrf/jest.json"),
    "allure-results": ("allure/b7c9c644-149b-4b11-910a-53db8a61473f-result.json",),
    "playwright-json": ("playwright/report.json",),
    "playwright-trace": ("playwright/page.network",),
    "har": ("har/playwright-page.har",),
    "newman-json": ("newman/two-iterations.json",),
    "robot-output": ("robot/output.xml",),
    "http-trace": ("http_trace/curl_v.txt", "http_trace/http_client_debuglevel.txt", "http_trace/playwright_api.log"),
    "newman-cli": ("http_trace/newman_verbose.txt",),
}
IDS = [each.NAME for each in CLIENT_FORMATS]
quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = r"""=================================== FAILURES ===================================
==================================== ERRORS ====================================
=========================== short test summary info ============================
============================= test session starts ==============================
____________________________ test_a[x] [msg] (i=1) _____________________________
_________________________ ERROR at teardown of test_td _________________________
------------------------------ Captured log setup ------------------------------
-------------------------------- live log call ---------------------------------
DEBUG    urllib3.connectionpool:connectionpool.py:550 http://127.0.0.1:5000 "GET /cars HTTP/1.1" 200 3
tests/test_a.py::test_a[x] PASSED                                         [ 50%]
tests/test_a.py::test_a[x] printed
[gw0] [ 50%] FAILED tests/test_a.py::test_a[x]
FAILED tests/test_a.py::test_a[x] - assert 1 == 2
E       assert 1 == 2
tests/test_a.py:3: AssertionError
1 failed, 2 passed in 0.12s
FAILED
2024-05-23 12:11:10 | INFO | Base_Logging | test_api_example | FAIL: no
{"$report_type": "TestReport", "nodeid": "t.py::t", "when": "call", "outcome": "failed", "longrepr": "x"}
<testsuite><testcase name="a" classname="b"><failure>E  x</failure></testcase></testsuite>
"""
pieces = st.sampled_from([*PIECES.splitlines(), "\x1b[31m\0\ufffd"])


def check(what, content: bytes) -> None:
    """Everything that every part must hold to."""
    found = read(what, content)
    for record in found.records:
        if isinstance(record, Step):
            assert record.line >= 0 and "\0" not in record.text and len(record.raw) <= 65_536
        if isinstance(record, TestResult):
            assert record.test and len(record.detail) <= 65_536 and record.attempt >= 1
            assert "\n" not in record.message
    what.recognises(source(content).head())


@pytest.mark.parametrize("what", CLIENT_FORMATS, ids=IDS)
@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"\0" * 1000, bytes(range(256)) * 40, b"\xff\xfe", b"a" * 300_000])
def test_empty_and_garbage_parts_are_read_without_raising(what, content):
    check(what, content)


@pytest.mark.parametrize("what", CLIENT_FORMATS, ids=IDS)
@given(data=st.data())
@quick
def test_any_text_is_read_without_raising(what, data):
    lines = data.draw(st.lists(st.one_of(pieces, st.text(max_size=80)), max_size=40))
    check(what, "\n".join(lines).encode("utf-8", "replace"))


@pytest.mark.parametrize("what", CLIENT_FORMATS, ids=IDS)
@given(data=st.data())
@quick
def test_mutated_samples_are_read_without_raising(what, data):
    content = bytearray(sample(data.draw(st.sampled_from(SAMPLES[what.NAME]))))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        cut = data.draw(st.integers(0, 400))
        content[at : at + cut] = data.draw(st.binary(max_size=40))
        if not content:
            content += b"x"
    check(what, bytes(content))


@pytest.mark.parametrize("what", CLIENT_FORMATS, ids=IDS)
def test_a_part_cut_anywhere_is_read_without_raising(what):
    for path in SAMPLES[what.NAME]:
        content = sample(path)
        for share in range(1, 12):
            check(what, content[: len(content) * share // 12])


HOSTILE_LINES = [
    "=" * 60_000,
    "= " * 30_000 + "=",
    "_" * 40 + " a" + " [" * 20_000 + "] " + "_" * 40,
    "_" * 40 + " " + "a" * 50_000 + "(" * 5_000 + " " + "_" * 40,
    "tests/a.py::t[" + "] " * 30_000,
    "tests/a.py::t" + " PASSED (" * 7_000,
    "tests/a.py" + "::a" * 20_000,
    "[gw0] PASSED a" + " " * 50_000 + "x",
    "FAILED " + "a - " * 15_000,
    "F" * 60_000 + "!",
    "1 passed, " * 6_000 + "in 1s",
    "- Captured log call " + "-" * 60_000 + "x",
    "INFO " + "[a" * 30_000,
    "2024-05-23 12:11:10 | INFO | " + "a | " * 15_000,
    "2024-05-23 12:11:10 | INFO | " + "a" * 60_000,
    "GET /" * 12_000,
    "http://" * 9_000,
    "X-Request-ID:" * 4_600,
    '{"a":' * 12_000,
    '{"event": "' + "\\u0000" * 10_000 + '"}',
    "\x1b[" * 30_000,
    "E   " + "assert " * 9_000,
    "gw0 [1] / " * 6_000 + "x",
]


@pytest.mark.parametrize("what", [pytest_terminal, loguru, pytest_log_file, python_log, reportlog, junit])
def test_hostile_lines_take_linear_time(what):
    frame = (
        "============================= test session starts ==============================\n"
        "collected 1 item\n{0}\n"
        "=================================== FAILURES ===================================\n"
        "____________________________________ test_a ____________________________________\n{0}\n"
        "------------------------------ Captured log call -------------------------------\n{0}\n"
        "=========================== short test summary info ============================\n{0}\n"
    )
    for line in HOSTILE_LINES:
        before = time.process_time()
        content = (
            frame.format(line.replace("{", "{{").replace("}", "}}")) if what is pytest_terminal else f"{line}\n" * 4
        )
        check(what, content.encode())
        assert time.process_time() - before < 1.5, line[:40]


def test_a_large_terminal_log_is_read_at_a_steady_pace():
    line = b'DEBUG    urllib3.connectionpool:connectionpool.py:550 http://web:80 "GET /cars HTTP/1.1" 200 3\n'
    text = sample("pytest_terminal/v_ra_debug.txt")
    at = text.index(b"DEBUG    urllib3")
    before = time.process_time()
    found = read(pytest_terminal, text[:at] + line * 20_000 + text[at:])
    assert len(found.steps) > 20_000
    assert time.process_time() - before < 10
