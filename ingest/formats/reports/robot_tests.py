"""The elements of Robot Framework's output.xml as steps and results: a status stands at the end of what it is about."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping

import msgspec

from ingest.formats import stamps
from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs.client_steps import StepReader, mark_in
from ingest.formats.client_logs.http_trace import keys_in, request_in, split_url
from ingest.formats.client_logs.log_line import LEVELS
from ingest.formats.reports.junit_names import plain
from ingest.formats.reports.junit_xml import seconds
from ingest.formats.reports.report_values import later
from triage.core.records import Fact, Outcome, Record, Request, Stamp, Step, TestResult

STATUS = {"PASS": Outcome.PASSED, "FAIL": Outcome.FAILED, "SKIP": Outcome.SKIPPED, "NOT RUN": Outcome.SKIPPED}
PHASES = {"setup": "setup", "teardown": "teardown"}
COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)$")  # 20261123 06:59:51.050, before 7.0
# what RequestsLibrary says at the level that Robot logs by itself: GET Response : url=http://127.0.0.1:5055/cars?n=1
ANSWERED = re.compile(r"^(?P<method>[A-Z]{3,7}) Response : url=(?P<url>\S{1,4000})\s{1,9}status=(?P<status>\d{3}),")
TOLD = 1_000
INSIDE = ("suite", "test", "kw", "for", "while", "if", "try", "iter", "branch", "group")  # what a status is about


class Element(msgspec.Struct):
    tag: str
    name: str
    line: int
    phase: str = ""


class Tests:
    """Feed it the document. `take` gives the records found since the last call."""

    def __init__(self) -> None:
        self._open: list[Element] = []
        self._text: list[str] | None = None  # of the message or status that is open
        self._size = 0
        self._attributes: Mapping[str, str] = {}
        self._line = 0
        self._attempts: dict[str, int] = {}
        self._steps = StepReader()
        self._begun = False
        self._warned: set[str] = set()
        self._found: deque[Record] = deque()

    def take(self) -> list[Record]:
        found = list(self._found)
        self._found.clear()
        return found

    def finish(self) -> list[Record]:
        self._found.extend(self._steps.flush())
        return self.take()

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        if tag in INSIDE:
            kind = attributes.get("type", "").lower()
            phase = PHASES.get(kind, self._open[-1].phase if self._open else "")
            self._open.append(Element(tag, attributes.get("name", "")[:1000], line, phase))
        elif tag in ("msg", "status"):
            self._text, self._size, self._attributes, self._line = [], 0, attributes, line

    def text(self, text: str) -> None:
        if self._text is not None and self._size < LINE_LIMIT:
            self._text.append(text)
            self._size += len(text)

    def end(self, tag: str) -> None:
        if tag in INSIDE and self._open:
            self._open.pop()
        elif tag in ("msg", "status") and self._text is not None:
            said = plain("".join(self._text)).strip()[:LINE_LIMIT]
            self._text = None
            if tag == "msg":
                self._message(said)
            elif self._open:
                self._status(said)

    @property
    def _test(self) -> str | None:
        names = [each.name for each in self._open if each.tag in ("suite", "test")]
        return "::".join(names) if any(each.tag == "test" for each in self._open) else None

    def _phase(self) -> str:
        phase = self._open[-1].phase if self._open else ""
        return phase or ("call" if self._test else "")

    def _message(self, said: str) -> None:
        level = self._attributes.get("level", "")
        if not self._open and said in self._warned:
            return  # all warnings are told once more at the end
        if level in ("WARN", "ERROR") and len(self._warned) < TOLD:
            self._warned.add(said)
        step = Step(
            line=self._line,
            raw=said,
            text=said,
            stamp=_stamp(self._attributes.get("time") or self._attributes.get("timestamp", "")),
            test=self._test,
            phase=self._phase(),
            level=LEVELS.get(level.upper(), "error" if level == "FAIL" else ""),
            request=_answered(said) or request_in(said),
            mark="fail" if level == "FAIL" else mark_in(said),
            keys=keys_in(said),
        )
        self._found.extend(self._steps.add(step))

    def _status(self, said: str) -> None:
        about = self._open[-1]
        began, ended, took = _times(self._attributes)
        if began is not None and not self._begun and about.tag != "kw":
            self._begun = True
            self._found.append(Fact(name="session_started_us", value=str(began.us), line=self._line))
            self._found.append(Fact(name="session_started_zoned", value="no", line=self._line))
        if about.tag != "test":
            return
        self._found.extend(self._steps.flush())
        test = self._test or about.name
        number = self._attempts.get(test, 0) + 1
        if test in self._attempts or len(self._attempts) < 200_000:
            self._attempts[test] = number
        self._found.append(
            TestResult(
                test=test,
                outcome=STATUS.get(self._attributes.get("status", ""), Outcome.ERROR),
                message=said.split("\n", 1)[0][:4096],
                detail=said,
                started=began,
                stopped=ended,
                duration_us=took,
                attempt=number,
                line=about.line,
            )
        )


def _answered(said: str) -> Request | None:
    found = ANSWERED.match(said)
    if found is None:
        return None
    target, path, query = split_url(found["url"])
    return Request(
        method=found["method"], path=path, query=query, status=int(found["status"]), target=target, ended=True
    )


def _stamp(text: str) -> Stamp | None:
    """Local time without a zone, in either version's writing."""
    if found := COMPACT.match(text):
        text = f"{found[1]}-{found[2]}-{found[3]}T{found[4]}"
    read = stamps.iso(text)
    return read[0] if read else None


def _times(attributes: Mapping[str, str]) -> tuple[Stamp | None, Stamp | None, int | None]:
    began = _stamp(attributes.get("start") or attributes.get("starttime", ""))
    if "elapsed" in attributes:
        took = seconds(attributes["elapsed"])
        return began, later(began, took), took
    ended = _stamp(attributes.get("endtime", ""))
    took = ended.us - began.us if began is not None and ended is not None and ended.us >= began.us else None
    return began, ended, took
