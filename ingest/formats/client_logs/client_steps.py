"""Lines of test logs made into steps: what continues a message is joined, an exchange that was printed over many lines
becomes one step, and each request is told once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec

from ingest.formats import ansi
from ingest.formats.base import LINE_LIMIT
from ingest.formats.client_logs import http_exchange, http_trace, log_line, log_record
from ingest.formats.client_logs.client_requests import Requests, Told, by_library, library_request
from ingest.formats.client_logs.log_line import LogLine, Shape
from triage.core.records import Request, Stamp, Step

INSIDE = frozenset(" \t│╭╰")  # what a line that goes on with a record begins with
TRACEBACKS = ("\nTraceback (most recent call last)", "\n╭", "\n  + Exception Group Traceback")
JOINED_LINES = 400  # lines of one message; what is longer begins a new step
MARK = re.compile(
    r"^[ *-]{0,8}(?P<said>PASS|PASSED|FAIL|FAILED)(?::| -)(?=\s|$)"
)  # FAIL: count is 4; not FAILED to connect


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the test run a stream of lines belongs."""

    test: str | None = None
    phase: str = ""
    worker: str = ""
    after: Stamp | None = None
    log: bool = False  # a stream of log records: lines without columns continue the record before
    told: Counter[Told] | None = None  # requests of the same test that a library tells of in another section


NOWHERE = Place()
__all__ = ["NOWHERE", "Place", "StepReader", "Told", "library_request", "mark_in"]


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


class _Printed(msgspec.Struct):
    """An HTTP exchange whose lines still come."""

    line: int
    place: Place
    exchange: http_exchange.Exchange
    raw: list[str]
    size: int = 0

    def add(self, raw: str) -> None:
        """One more line of it."""
        if self.size < LINE_LIMIT:
            self.raw.append(raw)
            self.size += len(raw) + 1

    def takes(self, place: Place, text: str) -> bool:
        ours = self.place
        return ours.test == place.test and ours.phase == place.phase and self.exchange.take(text)


class StepReader:
    """Feed it lines in file order; it gives steps, a few lines late. `flush` gives what is left."""

    def __init__(self, shape: Shape = log_line.PLAIN, columns: Callable[[str], LogLine | None] | None = None) -> None:
        self.shape = shape
        self._columns = columns  # for a format with columns of its own
        self._open: _Open | None = None
        self._printed: _Printed | None = None
        self._requests = Requests()

    def feed(self, line: int, raw: str, place: Place, text: str | None = None) -> Iterator[Step]:
        """One line of the section that `place` names; `text` where it is not simply `raw` without escapes."""
        if text is None:
            text = ansi.strip(raw)
        if self._printed is not None:
            if self._printed.takes(place, text):
                self._printed.add(raw)
                return
            if self._follows(text, place):
                self._printed.add(raw)
                return
            yield from self._close()
        if text[:1] in http_exchange.STARTS and (begun := http_exchange.begun(text)) is not None:
            yield from self._close()
            if begun.take(text):
                self._printed = _Printed(line, place, begun, [raw])
                return
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

    def add(self, step: Step, told: Counter[Told] | None = None) -> Iterator[Step]:
        """A step made elsewhere, in its place among the others; `told` as in a Place."""
        yield from self._close()
        yield from self._requests.push(step, step.phase == "" or by_library(step), told)

    def flush(self) -> Iterator[Step]:
        yield from self._close()
        yield from self._requests.flush()

    def _head(self, text: str, place: Place) -> LogLine | None:
        if self._columns is not None:
            return self._columns(text)
        head = log_record.read(text, self.shape)
        if head is not None and not place.log and head.stamp is None and not head.logger:
            return None  # "ERROR no such car" on stdout is a tester's own word
        return head

    def _follows(self, text: str, place: Place) -> bool:
        """Whether a line in a stream of records is no record, so only the body of the exchange before it."""
        return (
            place.log
            and self._printed is not None
            and self._printed.place is place
            and (text[:1] not in http_exchange.STARTS or http_exchange.begun(text) is None)
            and self._head(text, place) is None
            and not _tells_request(text)
        )

    def _close(self) -> Iterator[Step]:
        if self._printed is not None:
            yield from self._close_exchange(self._printed)
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
            request=http_trace.request_in(text) if len(current.text) == 1 else _request_of(text),
            mark=mark_in(text),
            pid=head.pid if head else None,
            keys=http_trace.keys_in(text),
            after=place.after,
        )
        yield from self._requests.push(step, by_library(step), place.told)

    def _close_exchange(self, printed: _Printed) -> Iterator[Step]:
        self._printed = None
        place, raw = printed.place, "\n".join(printed.raw)[:LINE_LIMIT]
        step = Step(
            line=printed.line,
            raw=raw,
            text=ansi.strip(raw).strip(),
            stamp=printed.exchange.stamp,
            test=place.test,
            phase=place.phase,
            worker=place.worker,
            request=printed.exchange.request,
            keys=printed.exchange.keys,
            after=place.after,
        )
        yield from self._requests.exchange(step, place.told)


def _tells_request(text: str) -> bool:
    """Whether a line without columns is a request of its own: with -s, prints stand among the records of a live log."""
    if text[:1] in INSIDE:
        return False  # the source lines of a traceback
    request = http_trace.request_in(text)
    return request is not None and request.method is not None


def _request_of(text: str) -> Request | None:
    """The request that a message of several lines tells of: a traceback shows code, and only its error is told."""
    said = text
    for begins in TRACEBACKS:
        said = said.partition(begins)[0]
    return http_trace.request_in(said) or (http_trace.refused_in(text) if said is not text else None)


def mark_in(text: str) -> str:
    """ "pass" or "fail" where the line itself says so: "PASS: car added", "FAIL: count is 4"."""
    found = MARK.match(text)
    return ("pass" if found["said"].startswith("PASS") else "fail") if found else ""
