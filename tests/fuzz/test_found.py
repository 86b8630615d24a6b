"""What fuzzing has found, each as the smallest input that showed it."""

from __future__ import annotations

import json

import pytest

from ingest.formats import plain
from ingest.formats.reports import junit, reportlog
from tests.fuzz.doors import in_pieces
from tests.fuzz.promises import CONTEXT, broken, part
from triage.core.records import TestResult

NATIVE = {
    "$report_type": "TestReport",
    "nodeid": "t.py::test_a",
    "when": "call",
    "outcome": "failed",
    "longrepr": {
        "reprtraceback": {
            "reprentries": [
                {
                    "type": "ReprEntryNative",
                    "data": {"lines": ['  File "t.py", line 3\n    assert x\n', "KeyError: 1\nmore\n"]},
                }
            ]
        }
    },
}


def results(format: object, content: bytes) -> list[TestResult]:
    return [each for each in format.parse(part(content), CONTEXT) if isinstance(each, TestResult)]  # type: ignore[attr-defined]


def test_a_native_traceback_with_several_lines_in_one_has_a_message_of_one_line():
    content = json.dumps(NATIVE).encode()
    assert broken(reportlog, content) == []
    (result,) = results(reportlog, content)
    assert (result.message, result.detail.count("\n")) == ("KeyError: 1", 3)


@pytest.mark.parametrize(
    ("format", "content"),
    [
        (junit, b'<testsuite><testcase name="" classname=""/></testsuite>'),
        (junit, b'<testsuite><testcase name=" "/></testsuite>'),
        (reportlog, b'{"$report_type": "TestReport", "nodeid": "", "when": "call", "outcome": "failed"}'),
    ],
)
def test_a_test_without_a_name_is_called_so(format: object, content: bytes):
    assert [each.test for each in results(format, content)] == ["(a test without a name)"]


def test_a_line_that_is_only_a_cis_stamp_counts_as_blank():
    stamped = [f"2026-11-23T06:54:0{n % 10}.0849147Z " for n in range(30)]
    lines = [f"Nov 23 06:54:0{n % 10} web1 cars[7]: read {n}" if n % 7 else "" for n in range(30)]
    assert in_pieces("\n".join(map(str.__add__, stamped, lines)).encode()) == []


def test_a_line_of_separators_alone_is_blank():
    assert broken(plain, b"\x1c \n\x1d\x1e\n") == []
