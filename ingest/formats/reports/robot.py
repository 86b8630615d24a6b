"""Robot Framework's output.xml: every keyword and log message with its time, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.reports.junit_xml import read_xml
from ingest.formats.reports.robot_tests import Tests
from triage.core.records import Fact, Record, Side

NAME = "robot-output"
TITLE = "Robot Framework output.xml"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    """\
<?xml version="1.0" encoding="UTF-8"?>
<robot generator="Robot 7.5 (Python 3.11.7 on linux)" generated="2026-11-23T06:59:50.851644" schemaversion="5">
<suite id="s1" name="Cars" source="/srv/garage/robot/cars.robot">
<test id="s1-t1" name="Added Car Is Listed" line="5">
<kw name="GET On Session" owner="RequestsLibrary">
<msg time="2026-11-23T06:59:51.050061" level="DEBUG">http://127.0.0.1:5055 "GET /cars HTTP/1.1" 200 207</msg>
<status status="PASS" start="2026-11-23T06:59:51.041497" elapsed="0.009887"/>
</kw>
<status status="FAIL" start="2026-11-23T06:59:51.041290" elapsed="0.030155">14 != 13</status>
</test>
<status status="FAIL" start="2026-11-23T06:59:50.852547" elapsed="0.538817"/>
</suite>
</robot>
""",
    """\
<robot generator="Robot 6.1 (Python 3.11.7 on linux)" generated="20261123 06:59:51.391" schemaversion="4">
<suite id="s1" name="Cars"><test id="s1-t1" name="Lists cars">
<kw name="Log"><msg timestamp="20261123 06:59:51.050" level="INFO">GET /cars -> 200</msg>
<status status="PASS" starttime="20261123 06:59:51.041" endtime="20261123 06:59:51.051"/></kw>
<status status="PASS" starttime="20261123 06:59:51.040" endtime="20261123 06:59:51.052"/></test></suite></robot>
""",
)


def recognises(head: Head) -> Recognition | None:
    """By the root element and its generator."""
    start = head.data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and b"<robot " in start and b"generator=" in start:
        return Recognition(0.99, "an XML document with <robot>, as Robot Framework writes it")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Messages as steps in their order, a result at the end of each test. Never raises on content."""
    tests = Tests()
    problem = ""
    for found in read_xml(source.blocks(), tests):
        problem = found or problem
        yield from tests.take()
    yield from tests.finish()
    if problem:
        yield Fact(name="problem", value=problem)
