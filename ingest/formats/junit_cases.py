"""The cases of a JUnit report as results and steps: node ids rebuilt, starts told as honestly as the report allows."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping

import msgspec

from ingest.formats import ansi, log_line, stamps
from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_steps import Place, StepReader, Told, library_request
from ingest.formats.junit_xml import SuiteSum, seconds
from ingest.formats.pytest_terminal import grammar
from ingest.formats.pytest_terminal.failure import Failure
from triage.core.records import Fact, Outcome, Record, Stamp, Step, TestResult

ROUNDING_US = 500  # a case's time is told to the millisecond
NAMES = 200_000  # ids whose attempts are counted
LEARN = 200  # log lines of one case from which the shape of its log is learned
VERDICTS = ("failure", "error", "skipped")
STREAMS = ("system-out", "system-err")

_ESCAPED = re.compile(r"#x1B\[[0-9;]{0,20}m")  # how pytest writes an escape that XML cannot hold
_TEST_MODULE = re.compile(r"^(?:test_\w{0,200}|\w{1,200}_test)$")
_PHASE = re.compile(r'^failed on (?P<phase>setup|teardown) with "(?P<text>.*)"$', re.DOTALL)


class Suite(msgspec.Struct):
    name: str
    started: Stamp | None
    time_us: int | None
    sum: SuiteSum
    gone_us: int = 0  # time of the cases so far
    cases: int = 0


class Case(msgspec.Struct):
    test: str
    line: int
    duration_us: int | None
    started: Stamp | None
    exact: bool  # the report names the file, so that the id is no reconstruction
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    phase: str = ""
    detail: list[str] = msgspec.field(default_factory=list)


class Cases:
    """The second pass. `take` gives the records found since the last call."""

    def __init__(self, sums: list[SuiteSum]) -> None:
        self._sums = deque(sums)
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
        self._attempts: dict[str, int] = {}
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
            self._message = _plain(attributes.get("message", ""))
            self._failure = Failure()
            self._verdict(tag, attributes)
        elif tag in STREAMS:
            self._inside, self._line, self._partial = tag, line, ""
            self._place = Place(test=self._case.test if self._case else None)
        elif tag == "property" and self._case is None:
            value = f"{attributes.get('name', '')}={attributes.get('value', '')}"[:1000]
            self._found.append(Fact(name="property", value=value, line=line))

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
        if suite.started is not None:
            self._found.append(Fact(name="session_started_us", value=str(suite.started.us), line=line))
            zoned = "yes" if suite.started.zoned else "no"
            self._found.append(Fact(name="session_started_zoned", value=zoned, line=line))
        if suite.time_us is not None:
            self._found.append(Fact(name="session_duration_us", value=str(suite.time_us), line=line))

    def _open_case(self, attributes: Mapping[str, str], line: int) -> None:
        suite = self._suites[-1] if self._suites else None
        took = seconds(attributes.get("time", ""))
        pytest = suite is None or suite.name.startswith("pytest") or _like_pytest(attributes)
        started = _started(suite, took or 0) if suite is not None else None
        test = _node_id(attributes, pytest)
        exact = "::" in test and test.startswith(attributes.get("file") or "\0")
        self._case = Case(test, line, took, started, exact)
        self._told = Counter()
        if suite is not None:
            suite.gone_us += took or 0
            suite.cases += 1

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
        if inside in STREAMS:
            self._release()
            self._found.extend(self._steps.flush())
        elif self._case is not None:
            case = self._case
            detail = self._failure.detail.text()
            if self._message and (not detail or self._message.split("\n", 1)[0] not in detail):
                detail = f"{self._message}\n\n{detail}".strip("\n")
            case.detail.append(detail)
            if inside != "skipped":
                case.message = case.message or self._failure.message
                self._unanswered(case)

    def _read(self, raw: str) -> None:
        raw = raw.rstrip("\r")
        self._line += 1
        line = self._line - 1
        if self._inside in VERDICTS:
            self._failure.add(line, _plain(raw))
            return
        section = grammar.section(raw) if raw.startswith("-") else None
        if section is not None:
            self._release()
            self._found.extend(self._steps.flush())
            log = section[0] == "log"
            self._place = Place(test=self._place.test, phase=section[1], log=log, told=None if log else self._told)
        elif self._place.log and len(self._held) < LEARN:
            self._held.append((line, _plain(raw)[:LINE_LIMIT]))
        else:
            self._release()
            self._found.extend(self._steps.feed(line, _plain(raw)[:LINE_LIMIT], self._place))

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
                attempt=max(number, 1),
                line=case.line,
                lossy=not case.exact,
            )
        )


def _plain(text: str) -> str:
    return ansi.strip(_ESCAPED.sub("", text) if "#x1B" in text else text).replace("#x00", "\u2400")


def _started(suite: Suite, took_us: int) -> Stamp | None:
    """The interval in which a case began. Cases that ran one after the other leave little room; in parallel all of it.

    The report tells the start of the suite only. What the suite took beyond its cases lies somewhere before, between or
    behind them, so it is the uncertainty.
    """
    if suite.started is None or suite.time_us is None:
        return None
    rounding = ROUNDING_US * (suite.sum.cases + 2)
    slack = suite.time_us - suite.sum.cases_us
    if slack >= -rounding:
        low = max(0, suite.gone_us - ROUNDING_US * suite.cases)
        return Stamp(suite.started.us + low, suite.started.zoned, max(slack, 0) + 2 * rounding)
    return Stamp(suite.started.us, suite.started.zoned, max(suite.time_us - took_us, 0) + rounding)


def _like_pytest(attributes: Mapping[str, str]) -> bool:
    """Whether a case is named as pytest names its cases, in a suite that a project has given its own name."""
    modules = attributes.get("classname", "").split(".")
    return attributes.get("file", "").endswith(".py") or any(_TEST_MODULE.match(each) for each in modules[:50])


def _node_id(attributes: Mapping[str, str], pytest: bool) -> str:
    """`tests/test_cars.py::TestGroup::test_add[x]` of classname `tests.test_cars.TestGroup`, name and perhaps file."""
    classname, name = attributes.get("classname", ""), _plain(attributes.get("name", ""))
    file = attributes.get("file", "").replace("\\", "/")
    if not classname:
        if file:
            return f"{file}::{name}" if name else file
        return name.replace(".", "/") + ".py" if pytest and re.fullmatch(r"[\w.]{1,500}", name) else name
    if not pytest:
        return f"{classname}::{name}"
    if file.endswith(".py"):
        module = file.removesuffix(".py").replace("/", ".")
        if classname == module or classname.startswith(module + "."):
            inner = classname[len(module) :].strip(".")
            return "::".join(filter(None, (file, *inner.split("."), name)))
    parts = classname.split(".")
    cut = len(parts)
    while cut > 1 and parts[cut - 1][:1].isupper():
        cut -= 1
    return "::".join(("/".join(parts[:cut]) + ".py", *parts[cut:], name))
