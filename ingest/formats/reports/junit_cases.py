"""The cases of a JUnit report as results and steps: node ids rebuilt, starts told as honestly as the report allows."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping

import msgspec

from ingest.formats import stamps
from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs import http_trace, log_line
from ingest.formats.client_logs.client_steps import Place, StepReader, Told, library_request
from ingest.formats.pytest_terminal import grammar
from ingest.formats.pytest_terminal.failure import Failure
from ingest.formats.reports.junit_again import Again
from ingest.formats.reports.junit_names import like_pytest, node_id, plain
from ingest.formats.reports.junit_times import Suite, began
from ingest.formats.reports.junit_xml import WORKER, SuiteSum, Sums, seconds
from triage.core.records import Fact, Outcome, Record, Stamp, Step, TestResult

NAMES = 200_000  # ids whose attempts are counted
LEARN = 200  # log lines of one case from which the shape of its log is learned
VERDICTS = ("failure", "error", "skipped")
# Surefire's: attempts before the one that counts, each with its own trace and output inside
RETRIES = ("rerunFailure", "rerunError", "flakyFailure", "flakyError")
PROPERTIES = 60  # of one suite: Maven writes all of Java's
STREAMS = ("system-out", "system-err")

_PHASE = re.compile(r'^failed on (?P<phase>setup|teardown) with "(?P<text>.*)"$', re.DOTALL)


class Case(msgspec.Struct):
    test: str
    line: int
    duration_us: int | None
    started: Stamp | None
    exact: bool  # the report names the file, so that the id is no reconstruction
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    phase: str = ""
    worker: str = ""
    repeated: bool = False  # the report has several cases of this name
    later: bool = False  # and another one comes
    detail: list[str] = msgspec.field(default_factory=list)


class Cases:
    """The second pass. `take` gives the records found since the last call."""

    def __init__(self, sums: Sums) -> None:
        self._all = sums
        self._sums = deque(sums.suites)
        self._suites: list[Suite] = []
        self._case: Case | None = None
        self._inside = ""  # the element whose text is read
        self._message = ""
        self._partial = ""
        self._line = 0
        self._failure = Failure()
        self._steps = StepReader()
        self._place = Place()
        self._held: list[tuple[int, str]] = []  # the first lines of a log section, until its shape is known
        self._told: Counter[Told] = Counter()  # by a library in the log of the open case
        self._again = Again()
        self._left = Counter(sums.named)  # cases that are still to come, by class name and name
        self._attempts: dict[str, int] = {}
        self._properties = 0  # of the suite
        self._found: deque[Record] = deque()

    def take(self) -> list[Record]:
        found = list(self._found)
        self._found.clear()
        return found

    def finish(self) -> list[Record]:
        """The case that a broken document left open."""
        self._end_text()
        self._found.extend(self._steps.flush())
        if self._case is not None and self._case.outcome is not Outcome.PASSED:
            self._close_case()
        return self.take()

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        if tag == "testsuite":
            self._open_suite(attributes, line)
        elif tag == "testcase":
            self._open_case(attributes, line)
        elif tag in VERDICTS and self._case is not None:
            self._inside, self._line, self._partial = tag, line, ""
            self._message = plain(attributes.get("message", ""))
            self._failure = Failure()
            self._verdict(tag, attributes)
        elif tag in RETRIES and self._case is not None:
            self._inside, self._line, self._partial = tag, line, ""
            self._message = plain(attributes.get("message", ""))
            self._failure = Failure()
        elif tag in STREAMS:
            self._end_text()  # a retry's output stands inside of it, behind its trace
            self._inside, self._line, self._partial = tag, line, ""
            self._place = Place(test=self._case.test if self._case else None)
        elif tag == "property" and (attributes.get("value") or attributes.get("name")):
            self._property(f"{attributes.get('name', '')}={attributes.get('value', '')}"[:1000], line)

    def end(self, tag: str) -> None:
        if tag == self._inside:
            self._end_text()
        elif tag == "testcase" and self._case is not None:
            self._close_case()
        elif tag == "testsuite" and self._suites:
            self._suites.pop()

    def text(self, text: str) -> None:
        if not self._inside:
            return
        lines = (self._partial + text).split("\n")
        self._partial = lines.pop()[:LINE_LIMIT]
        for line in lines:
            self._read(line)

    def _open_suite(self, attributes: Mapping[str, str], line: int) -> None:
        read = stamps.iso(attributes.get("timestamp", ""))
        suite = Suite(
            attributes.get("name", ""),
            read[0] if read else None,
            seconds(attributes.get("time", "")),
            self._sums.popleft() if self._sums else SuiteSum(),
        )
        self._suites.append(suite)
        self._properties = 0
        if suite.started is not None:
            self._found.append(Fact(name="session_started_us", value=str(suite.started.us), line=line))
            zoned = "yes" if suite.started.zoned else "no"
            self._found.append(Fact(name="session_started_zoned", value=zoned, line=line))
        if suite.time_us is not None:
            self._found.append(Fact(name="session_duration_us", value=str(suite.time_us), line=line))

    def _open_case(self, attributes: Mapping[str, str], line: int) -> None:
        suite = self._suites[-1] if self._suites else None
        took = seconds(attributes.get("time", ""))
        pytest = suite is None or suite.name.startswith("pytest") or like_pytest(attributes)
        own = stamps.iso(attributes.get("timestamp", ""))  # some runners tell it of each case
        started = own[0] if own else began(self._suites, took or 0, self._all) if suite is not None else None
        test = node_id(attributes, pytest)
        exact = "::" in test and test.startswith(attributes.get("file") or "\0")
        self._case = Case(test, line, took, started, exact)
        name = attributes.get("classname", ""), attributes.get("name", "")
        self._left[name] -= 1
        self._case.repeated = pytest and self._all.named[name] > 1
        self._case.later = pytest and self._left[name] > 0
        self._told = Counter()
        if suite is not None:
            suite.gone_us += took or 0
            suite.cases += 1

    def _property(self, said: str, line: int) -> None:
        """What a test recorded of itself; of a suite the first ones."""
        if self._case is not None:
            step = Step(line=line, raw=said, text=plain(said), test=self._case.test, keys=http_trace.keys_in(said))
            self._found.extend(self._steps.add(step))
        elif self._properties < PROPERTIES:
            self._properties += 1
            self._found.append(Fact(name="property", value=said, line=line))

    def _verdict(self, tag: str, attributes: Mapping[str, str]) -> None:
        case = self._case
        if case is None:
            return
        first = self._message.split("\n", 1)[0]
        phase = "call" if tag == "failure" else ""
        if found := _PHASE.match(self._message):
            phase, first = found["phase"], found["text"].split("\n", 1)[0]
        if tag == "skipped":
            outcome = Outcome.XFAILED if "xfail" in attributes.get("type", "") else Outcome.SKIPPED
        else:
            outcome = Outcome.FAILED if tag == "failure" else Outcome.ERROR
        if case.outcome is Outcome.PASSED or (outcome is Outcome.FAILED and case.outcome is not Outcome.FAILED):
            case.outcome, case.phase, case.message = outcome, phase, first
        elif case.message.startswith("contains ") or not case.message:
            case.message = first

    def _end_text(self) -> None:
        if not self._inside:
            return
        if self._partial:
            self._read(self._partial)
        inside, self._inside, self._partial = self._inside, "", ""
        if inside in RETRIES and self._case is not None:
            self._tried(self._case)
        elif inside in STREAMS:
            self._end_section()
        elif self._case is not None:
            case = self._case
            case.detail.append(self._detail())
            if inside != "skipped":
                case.message = case.message or self._failure.message
                self._unanswered(case)

    def _detail(self) -> str:
        detail = self._failure.detail.text()
        if self._message and (not detail or self._message.split("\n", 1)[0] not in detail):
            return f"{self._message}\n\n{detail}".strip("\n")
        return detail

    def _tried(self, case: Case) -> None:
        """An attempt that failed and is not the one that counts."""
        number = self._attempts.get(case.test, 0) + 1
        if case.test in self._attempts or len(self._attempts) < NAMES:
            self._attempts[case.test] = number
        self._found.append(
            TestResult(
                test=case.test,
                outcome=Outcome.RERUN,
                message=(self._message.split("\n", 1)[0] or self._failure.message)[:4096],
                detail=self._detail()[:LINE_LIMIT],
                attempt=number,
                line=case.line,
                lossy=not case.exact,
            )
        )

    def _read(self, raw: str) -> None:
        raw = raw.rstrip("\r")
        self._line += 1
        line = self._line - 1
        if self._inside in VERDICTS or self._inside in RETRIES:
            if raw.startswith("[gw") and self._case is not None and (found := WORKER.match(raw)):
                self._case.worker = found["worker"]
            self._failure.add(line, plain(raw))
            return
        section = grammar.section(raw) if raw.startswith("-") else None
        if section is not None:
            self._end_section()
            log = section[0] == "log"
            self._place = Place(test=self._place.test, phase=section[1], log=log, told=None if log else self._told)
            if self._case is not None and self._case.repeated:
                self._again.begin(self._case.test, raw)
        elif self._case is not None and self._case.repeated:
            for number, text in self._again.feed(line, plain(raw)[:LINE_LIMIT]):
                self._printed(number, text)
        else:
            self._printed(line, plain(raw)[:LINE_LIMIT])

    def _printed(self, line: int, text: str) -> None:
        if self._place.log and len(self._held) < LEARN:
            self._held.append((line, text))
        else:
            self._release()
            self._found.extend(self._steps.feed(line, text, self._place))

    def _end_section(self) -> None:
        for line, text in self._again.end():
            self._printed(line, text)
        self._release()
        self._found.extend(self._steps.flush())

    def _release(self) -> None:
        held, self._held = self._held, []
        if not held:
            return
        self._told.update(filter(None, (library_request(text) for _, text in held if "HTTP" in text)))
        if not self._steps.shape.logger_after:
            self._steps.shape = log_line.learn(text for _, text in held)
        for line, text in held:
            self._found.extend(self._steps.feed(line, text, self._place))

    def _unanswered(self, case: Case) -> None:
        request = self._failure.unanswered
        if request is not None:
            message = self._failure.message
            step = Step(
                line=case.line,
                raw=message,
                text=message,
                test=case.test,
                phase=case.phase,
                level="error",
                request=request,
                mark="fail",
            )
            self._found.extend(self._steps.add(step))

    def _close_case(self) -> None:
        case, self._case = self._case, None
        if case is None:
            return
        if case.later and case.outcome is Outcome.PASSED:
            case.outcome = Outcome.RERUN  # pytest writes an attempt that is tried again as a case without a verdict
        number = self._attempts.get(case.test, 0)
        if not (case.phase == "teardown" and number):  # a second case of the same attempt
            number += 1
        if case.test in self._attempts or len(self._attempts) < NAMES:
            self._attempts[case.test] = number
        self._found.append(
            TestResult(
                test=case.test,
                outcome=case.outcome,
                message=case.message[:4096],
                detail="\n\n".join(filter(None, case.detail))[:LINE_LIMIT],
                phase=case.phase,
                started=case.started,
                duration_us=case.duration_us,
                worker=case.worker,
                attempt=max(number, 1),
                line=case.line,
                lossy=not case.exact,
            )
        )
