"""Lines of test logs made into steps: what continues a message is joined, and each request is told once.

A tester's "POST /cars/add -> 200", the library's own line and a later "status: 200" speak of one request. The library's
line keeps it; the words of the tester keep their text and lose the request, so that no request is counted twice.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator

import msgspec

from ingest.formats import ansi, http_trace, log_json, log_line
from ingest.formats.base import LINE_LIMIT
from ingest.formats.log_line import LogLine, Shape
from triage.core.records import Request, Stamp, Step

LOOK_AHEAD = 8  # steps that may stand between a request and the line that tells its answer
JOINED_LINES = 400  # lines of one message; what is longer begins a new step
RECENT = 4  # steps within which a tester's words repeat a library's line
LIBRARIES = ("urllib3", "httpx", "requests")
MARK = re.compile(
    r"^[ *-]{0,8}(?P<said>PASS|PASSED|FAIL|FAILED)(?::| -)(?=\s|$)"
)  # FAIL: count is 4; not FAILED to connect

Told = tuple[str, str]  # method and path


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the test run a stream of lines belongs."""

    test: str | None = None
    phase: str = ""
    worker: str = ""
    after: Stamp | None = None
    log: bool = False  # a stream of log records: lines without columns continue the record before
    told: Counter[Told] | None = None  # requests of the same test that a library tells of in another section


NOWHERE = Place()


class _Open(msgspec.Struct):
    """A step whose message may go on."""

    line: int
    place: Place
    head: LogLine | None
    raw: list[str]
    text: list[str]
    size: int = 0

    def takes(self, place: Place, raw: str) -> bool:
        """Whether a line without columns goes on with this message."""
        if not place.log or self.place is not place or self.head is None:
            return False
        return len(self.text) < JOINED_LINES and self.size + len(raw) < LINE_LIMIT


class StepReader:
    """Feed it lines in file order; it gives steps, a few lines late. `flush` gives what is left."""

    def __init__(self, shape: Shape = log_line.PLAIN, columns: Callable[[str], LogLine | None] | None = None) -> None:
        self.shape = shape
        self._columns = columns  # for a format with columns of its own
        self._open: _Open | None = None
        self._requests = _Requests()

    def feed(self, line: int, raw: str, place: Place) -> Iterator[Step]:
        """One line of the section that `place` names."""
        text = ansi.strip(raw)
        head = self._head(text, place)
        current = self._open
        if current is not None and head is None and current.takes(place, raw) and not _tells_request(text):
            current.raw.append(raw)
            current.text.append(text)
            current.size += len(raw) + 1
            return
        yield from self._close()
        if text.strip():
            self._open = _Open(line, place, head, [raw], [head.message if head else text.strip()], len(raw))
            if not place.log:
                yield from self._close()

    def add(self, step: Step) -> Iterator[Step]:
        """A step made elsewhere, in its place among the others."""
        yield from self._close()
        yield from self._requests.push(step, step.phase == "", None)

    def flush(self) -> Iterator[Step]:
        yield from self._close()
        yield from self._requests.flush()

    def _head(self, text: str, place: Place) -> LogLine | None:
        if self._columns is not None:
            return self._columns(text)
        if text.startswith("{"):
            return log_json.read(text)
        head = log_line.read(text, self.shape)
        if head is not None and not place.log and head.stamp is None and not head.logger:
            return None  # "ERROR no such car" on stdout is a tester's own word
        return head

    def _close(self) -> Iterator[Step]:
        current, self._open = self._open, None
        if current is None:
            return
        place, head = current.place, current.head
        text = "\n".join(current.text).rstrip()
        step = Step(
            line=current.line,
            raw="\n".join(current.raw)[:LINE_LIMIT],
            text=text,
            stamp=head.stamp if head else None,
            test=place.test,
            phase=place.phase,
            worker=place.worker or (head.worker if head else ""),
            level=head.level if head else "",
            logger=head.logger if head else "",
            request=http_trace.request_in(text),
            mark=mark_in(text),
            pid=head.pid if head else None,
            keys=http_trace.keys_in(text),
            after=place.after,
        )
        yield from self._requests.push(step, _by_library(step), place.told)


def _tells_request(text: str) -> bool:
    """Whether a line without columns is a request of its own: with -s, prints stand among the records of a live log."""
    request = http_trace.request_in(text)
    return request is not None and request.method is not None


def mark_in(text: str) -> str:
    """ "pass" or "fail" where the line itself says so: "PASS: car added", "FAIL: count is 4"."""
    found = MARK.match(text)
    return ("pass" if found["said"].startswith("PASS") else "fail") if found else ""


def library_request(message: str) -> Told | None:
    """Method and path where an HTTP library wrote this message; None for testers' words."""
    if not http_trace.is_library_line(message):
        return None
    request = http_trace.request_in(message)
    return (request.method, request.path) if request and request.method and request.path else None


def _by_library(step: Step) -> bool:
    return step.logger.startswith(LIBRARIES) or http_trace.is_library_line(step.text)


class _Requests:
    """Holds back an unanswered request for a few steps, until its answer or its library line has come."""

    def __init__(self) -> None:
        self._held: deque[Step] = deque()  # empty, or begins with an unanswered request
        self._recent: deque[tuple[str | None, Told, int | None]] = deque(maxlen=RECENT)  # told by a library, unrepeated
        self._last: tuple[str | None, int] | None = None  # test and status of the last answered request

    def push(self, step: Step, library: bool, told: Counter[Told] | None) -> Iterator[Step]:
        if self._held and self._held[0].test != step.test:
            yield from self.flush()
        request = step.request
        if request is None:
            yield from self._pass(step)
        elif request.path is None and request.method is None:
            yield from self._answer(step, request)
        elif library:
            yield from self._library(step, request)
        elif self._is_repeat(step, request, told):
            yield from self._pass(_silent(step))
        else:
            yield from self.flush()
            if request.status is None and request.method is not None:
                self._held.append(step)
            else:
                self._last = (step.test, request.status) if request.status is not None else None
                yield step

    def flush(self) -> Iterator[Step]:
        while self._held:
            yield self._held.popleft()

    def _pass(self, step: Step) -> Iterator[Step]:
        if not self._held:
            yield step
            return
        self._held.append(step)
        if len(self._held) > LOOK_AHEAD:
            yield from self.flush()

    def _answer(self, step: Step, request: Request) -> Iterator[Step]:
        """A line with only a target or only a status."""
        if request.status is None:
            yield from self._pass(step)
        elif self._held:
            first = self._held.popleft()
            asked = first.request or Request()
            yield msgspec.structs.replace(first, request=msgspec.structs.replace(asked, status=request.status))
            self._last = (step.test, request.status)
            yield from self.flush()
            yield _silent(step)
        elif self._last == (step.test, request.status):
            yield _silent(step)
        else:
            yield step

    def _library(self, step: Step, request: Request) -> Iterator[Step]:
        method, path = request.method or "", request.path or ""
        if self._held:
            said = self._held[0].request
            if said is not None and said.method == method and said.path == path:
                self._held[0] = _silent(self._held[0])
            else:
                self._recent.append((step.test, (method, path), request.status))
            yield from self.flush()
        else:
            self._recent.append((step.test, (method, path), request.status))
        self._last = (step.test, request.status) if request.status is not None else None
        yield step

    def _is_repeat(self, step: Step, request: Request, told: Counter[Told] | None) -> bool:
        key = (request.method or "", request.path or "")
        if told is not None and told[key] > 0:
            told[key] -= 1
            return True
        for recent in self._recent:
            test, known, status = recent
            if test == step.test and known == key and request.status in (None, status):
                self._recent.remove(recent)
                return True
        return False


def _silent(step: Step) -> Step:
    return msgspec.structs.replace(step, request=None)
