"""A file that a program wrote by itself: no envelope, so PID and time are what the messages tell.

Every grammar is tried on every line, whichever of them gave the file its name: one file usually holds a server's error
log, its access log and what the application printed. Lines of several containers may stand interleaved.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from ingest.formats import ansi, stamps
from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.client_logs import rich_lines
from ingest.formats.hosts import host_of
from ingest.formats.messages.said import Grammar
from ingest.formats.messages.understand import understand
from triage.core.records import Entry, PidTrust, Record, Side, Stamp, Unparsed

HEAD_SAMPLE = 400
JOINED_LIMIT = 2_000
GENERAL = ("python-logging", "json-app")  # kinds that a test's own log may have as well
ANY_SERVERS = ("access-log", "access-words", "flask-app", "ruby-logger")  # what several servers' files are full of
SERVERS = ("gunicorn-error", "uvicorn", "hypercorn", "granian", "uwsgi", "waitress", "daphne", "puma", "unicorn",
           "php-fpm", "sanic", "tornado")  # fmt: skip
GENERAL_WEIGHT = 0.7
FEW = 3  # lines understood that make a file worth reading, however many others it has
SHARE = 0.1  # or this share of them
UNNAMED = ("", "")  # label and stream of a line that has neither
LANES = 1_000  # writers, such as containers, whose lines may stand interleaved
REACH = 1_500  # lines after which an entry of one of many writers is taken to be finished
LOOK_EVERY = 64  # lines
STRANGE = frozenset("\ufffd\u2400" + "".join(map(chr, range(1, 9))))

# [2026-11-23 07:49:01,534] web1/INFO/locust.main: Starting Locust 2.47.0
LOAD_TEST = re.compile(r"\[[\d :,.-]{10,40}\] [^/\s]{1,80}/[A-Z]{4,8}/locust\.")
TRACEBACK = "Traceback (most recent call last)"
# werkzeug's ` * Running on …` and fastapi's `      INFO   127.0.0.1:52768 - …` are lines of their own
OWN_INDENT = re.compile(r" {1,10}(?:\* |(?:INFO|WARNING|ERROR|DEBUG|CRITICAL) {2,})")
CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
RAISED = re.compile(r"[A-Za-z_][\w.]{0,200}(?:: |:?$)")  # KeyError: 'figo' · sqlalchemy.exc.OperationalError: (…


class Bare:
    """The format of a bare file that is mostly of one grammar's lines."""

    SIDE = Side.SERVER

    def __init__(self, grammar: Grammar) -> None:
        self.NAME = grammar.NAME
        self.TITLE = grammar.TITLE
        self.SAMPLES = grammar.SAMPLES

    def recognises(self, head: Head) -> Recognition | None:
        kinds, tried = kinds_of(head.lines)
        if not kinds:
            return None
        kind, of_kind = spokesman(kinds)
        fits = kinds.total()
        if kind != self.NAME or (fits < FEW and fits < SHARE * tried):
            return None
        weight = GENERAL_WEIGHT if kind in GENERAL else 1
        return Recognition(
            weight * fits / tried, f"{fits} of {tried} lines are a server's, {of_kind} of them {self.TITLE}."
        )

    def parse(self, source: Source, context: Context) -> Iterator[Record]:
        return parse(source, context)


def spokesman(kinds: Counter[str]) -> tuple[str, int]:
    """(kind that names a file, how many of its lines): of mostly access lines and loggers' ones, whose server it is."""
    kind, count = kinds.most_common(1)[0]
    if kind not in ANY_SERVERS:
        return kind, count
    own = [(each, of) for each, of in kinds.most_common() if each in SERVERS]
    return own[0] if own else (kind, count)


def of_load_test(lines: tuple[str, ...]) -> bool:
    """Whether a load generator wrote them, which logs as a server does and is none."""
    return any(LOAD_TEST.match(line) for line in lines[:3])


@lru_cache(maxsize=2)
def kinds_of(lines: tuple[str, ...]) -> tuple[Counter[str], int]:
    """(lines understood by kind, lines tried); continuation lines and blank ones are not tried.

    Every bare format asks this of the same head, so the answer is remembered.
    """
    kinds: Counter[str] = Counter()
    if rich_lines.is_rich(lines):
        lines = tuple(text for _, _, text in rich_lines.joined(enumerate(lines, 1)))
    tried = 0
    if of_load_test(lines):
        return kinds, tried
    traceback = False
    for line in lines:
        if not line.strip() or (line[0] in " \t" and not OWN_INDENT.match(line)):
            continue
        if traceback and RAISED.match(line):
            traceback = False
            continue
        traceback = line.startswith(TRACEBACK)
        if traceback or line.startswith(CHAINED):
            traceback = True
            continue
        tried += 1
        said = understand(line)
        if said is not None and said.kind != "mention":
            kinds[said.kind] += 1
        if tried >= HEAD_SAMPLE:
            break
    return kinds, tried


def leading_stamp(text: str, calendar: stamps.Calendar) -> Stamp | None:
    """A time in any known form at the beginning of a line, perhaps in a bracket."""
    start = 1 if text[:1] in ("[", "(") else 0
    if not text[start : start + 1].isalnum():
        return None
    read = (
        stamps.iso(text, start)
        or stamps.slashed(text, start)
        or stamps.dotted(text, start)
        or stamps.clf(text, start)
        or stamps.asctime(text, start)
        or stamps.clock(text, start)
        or stamps.epoch(text, start)
        or calendar.syslog(text, start)
    )
    return read[0] if read else None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Entries in file order, tracebacks and indented lines with the entry of the same writer before them."""
    assembler, calendar = Assembler(), stamps.Calendar(context.reference_us)
    hint = host_of(context.host_hint)
    lanes: dict[tuple[str, str], _Lane] = {}
    order = _Order()
    lane = _Lane(assembler, calendar, hint, "")
    for number, line, plain in _lines(source):
        if not line or line.isspace():
            continue
        outer = source.outer(number)
        its = lane
        if outer is not None and (outer.label or outer.stream):
            writer = (outer.label, outer.stream)
            known = lanes.get(writer)
            if known is None:
                if len(lanes) >= LANES:
                    yield from order.end(lanes)
                lanes.setdefault(UNNAMED, lane)
                known = lanes[writer] = _Lane(assembler, calendar, outer.host or hint, outer.unit)
            its = known
        if lanes:
            yield from order.put(its.feed(number, line, plain), number, lanes)
        else:
            yield from lane.feed(number, line, plain)
    lanes.setdefault(UNNAMED, lane)
    yield from order.end(lanes)
    yield from assembler.facts()


def _lines(source: Source) -> Iterator[tuple[int, str, str | None]]:
    """(number, raw, what it says): rich's wrapped lines are put together, all others left alone."""
    if rich_lines.is_rich(source.head().lines):
        yield from rich_lines.joined(source.lines())
    else:
        for number, line in source.lines():
            yield number, line, None


class _Lane:
    """The lines of one writer: an entry is finished when the next one of the same writer begins."""

    def __init__(self, assembler: Assembler, calendar: stamps.Calendar, host: str, unit: str) -> None:
        self._assembler, self._calendar, self._host, self._unit = assembler, calendar, host, unit
        self._last: Entry | None = None
        self._more: list[str] = []
        self._traceback = False

    @property
    def open_at(self) -> int | None:
        """The line of the entry that may go on."""
        return self._last.line if self._last is not None else None

    def feed(self, number: int, line: str, plain: str | None = None) -> tuple[Record, ...]:
        """`plain` is what the line says where that is known already."""
        text = plain if plain is not None else ansi.strip(line) if "\x1b" in line else line
        if self._last is None:
            self._traceback = text.startswith(TRACEBACK)
        elif self._joins(self._last, text):
            if len(self._more) < JOINED_LIMIT:
                self._more.append(line)
            return ()
        entry = self._assembler.entry(number, line, None, text, self._host, self._unit, None, PidTrust.UNKNOWN)
        if entry.stamp is None and entry.request is None and entry.life is None:
            stamp = leading_stamp(text, self._calendar)
            if stamp is not None:
                entry = msgspec.structs.replace(entry, stamp=stamp)
            elif not entry.level and _is_noise(text):
                return (*self.end(), Unparsed(number, line))
        ended = self.end()
        self._last = entry
        return ended

    def end(self) -> tuple[Record, ...]:
        last, more = self._last, self._more
        if last is None:
            return ()
        self._last = None
        if more:
            self._more = []
            return (joined(last, more),)
        return (last,)

    def _joins(self, last: Entry, text: str) -> bool:
        """Whether the line goes on with the entry before it."""
        if text[:1] in (" ", "\t") and not OWN_INDENT.match(text):
            joins = True
        elif self._traceback and RAISED.match(text):
            joins, self._traceback = True, False
        elif text.startswith(CHAINED):
            joins = True
        else:
            joins = text.startswith(TRACEBACK) and (self._traceback or bool(self._more) or _explains(last))
            self._traceback = text.startswith(TRACEBACK)
        if joins and text.startswith((TRACEBACK, *CHAINED)):
            self._traceback = True
        return joins


class _Order:
    """Puts the records of interleaved writers back into file order: one's traceback may end after others' lines."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int, Record]] = []
        self._count = self._fed = 0

    def put(self, records: Iterable[Record], number: int, lanes: dict[tuple[str, str], _Lane]) -> Iterator[Record]:
        """Takes what is finished, and gives what stands before everything that is still open."""
        for record in records:
            self._push(record)
        self._fed += 1
        if not self._fed % LOOK_EVERY:
            for lane in lanes.values():
                at = lane.open_at
                if at is not None and at < number - REACH:
                    for record in lane.end():
                        self._push(record)
            first = min((at for lane in lanes.values() if (at := lane.open_at) is not None), default=number)
            while self._held and self._held[0][0] < first:
                yield heapq.heappop(self._held)[2]

    def end(self, lanes: dict[tuple[str, str], _Lane]) -> Iterator[Record]:
        """Ends every entry and gives all that is left."""
        for lane in lanes.values():
            for record in lane.end():
                self._push(record)
        lanes.clear()
        while self._held:
            yield heapq.heappop(self._held)[2]

    def _push(self, record: Record) -> None:
        self._count += 1
        line = record.line if isinstance(record, Entry | Unparsed) else 0
        heapq.heappush(self._held, (line, self._count, record))


def _explains(entry: Entry) -> bool:
    """A traceback that follows belongs to it: an error line, not an access line that happened to come before."""
    return entry.level in ("error", "critical") and (entry.request is None or not entry.request.ended)


def _is_noise(text: str) -> bool:
    sample = text[:200]
    return sum(character in STRANGE for character in sample) * 4 > len(sample)
