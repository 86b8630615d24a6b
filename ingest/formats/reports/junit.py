"""JUnit XML, as pytest and most other test runners write it. Read as a stream, with every bound that XML needs."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.reports.junit_cases import Cases
from ingest.formats.reports.junit_xml import Sums, read_xml
from triage.core.records import Fact, Record, Side

NAME = "junit-xml"
TITLE = "JUnit XML (pytest --junitxml and others)"
SIDE = Side.TESTS
DOCUMENT = True  # one file is one report, whatever logs stand in it
SAMPLES = (
    """\
<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" \
skipped="0" tests="2" time="0.276" timestamp="2026-11-23T03:10:14.425170+00:00" hostname="ci">\
<testcase classname="tests.api.test_cars" name="test_get_missing" time="0.003">\
<failure message="assert 404 == 200&#10; +  where 404 = &lt;Response [404]&gt;.status_code">
&gt;       assert r.status_code == 200
E       assert 404 == 200

tests/api/test_cars.py:17: AssertionError</failure><system-out>\
--------------------------------- Captured Log ---------------------------------
DEBUG    urllib3.connectionpool:connectionpool.py:550 http://127.0.0.1:5055 "GET /cars/none HTTP/1.1" 404 24

</system-out></testcase><testcase classname="tests.api.test_cars.TestGroup" name="test_ok" time="0.000" />\
</testsuite></testsuites>
""",
    """\
<testsuite name="api" tests="1" time="1.2" timestamp="2026-11-23T03:10:14">
  <testcase classname="cars.ApiTest" name="adds a car" time="1.2"><skipped/></testcase>
</testsuite>
""",
)


def recognises(head: Head) -> Recognition | None:
    """By the root element; a document that only mentions it is not one."""
    data = head.data.replace(b"\0", b"") if head.data[:2] in (b"\xff\xfe", b"\xfe\xff") else head.data
    start = data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:65_536]
    if not start.startswith(b"<"):
        return None
    for tag in (b"<testsuites", b"<testsuite", b"<testcase"):
        at = start.find(tag)
        if at >= 0 and start[at + len(tag) : at + len(tag) + 1] in (b" ", b">", b"\n", b"\r", b"\t", b"/"):
            return Recognition(0.99, f"an XML document with <{tag[1:].decode()}>")
    return None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Two passes: the time that each suite's cases took together, then the records. Never raises on content."""
    sums = Sums()
    for _ in read_xml(source.blocks(), sums):
        pass
    cases = Cases(sums)
    problem = ""
    for found in read_xml(source.blocks(), cases):
        problem = found or problem
        yield from cases.take()
    yield from cases.finish()
    if problem:
        yield Fact(name="problem", value=problem)
