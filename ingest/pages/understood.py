"""Pasted lines, each beside what Lineup reads in it: what it does not understand is shown first of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ingest.formats import ansi, stamps
from ingest.formats.line_format import engine
from ingest.formats.line_format.shape import Shape
from ingest.formats.line_format.times import times
from ingest.pages.telling import Tally
from ingest.pages.words import TRUST, counted, life_words, request_words, stamp_words
from triage.core.records import Entry, Record, Stamp, Step, TestResult, Unparsed

ROWS = 400  # lines that a page shows
JOINED_SHOWN = 4  # of the lines that go on with one
LOST_BESIDES = 40  # lines beyond them that were not understood
SHOWN = 1_000  # characters of a line
TIMES_TRIED = 4
_TIME = times("", "The time")
_LOOKS = engine.compiled(_TIME.looks)

Mark = tuple[str, int, int]  # field, first character, end


class Bit(msgspec.Struct, frozen=True):
    """A stretch of a line; `field` names what Lineup reads there."""

    text: str
    field: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line, and what it tells."""

    number: int
    state: str  # read, joined, more (further lines that are joined) or lost
    bits: tuple[Bit, ...]
    cut: int = 0  # characters that are not shown
    at: str = ""
    who: str = ""
    trust: str = ""
    what: str = ""  # request, or how a test went
    life: str = ""
    why: str = ""  # of a line that is lost, or which line it goes with


class Understood(msgspec.Struct, frozen=True, kw_only=True):
    """A text, read."""

    rows: tuple[Row, ...]
    besides: tuple[Row, ...]  # lost lines beyond the rows
    left_out: int  # lines beyond the rows
    lines: int  # that are not blank
    lost: int
    tally: Tally

    @property
    def timed(self) -> bool:
        """Whether any line tells a time, so that one that does not is worth a word."""
        return bool(self.tally.ticks)


def understood(lines: Iterable[tuple[int, str]], records: Iterable[Record], shape: Shape | None = None) -> Understood:
    """Numbered lines, and all that was read from them; `shape` is of the line format that is tried, if one is."""
    tally = Tally()
    by_line: dict[int, list[Record]] = {}
    for record in records:
        tally.see(record)
        by_line.setdefault(record.line, []).append(record)
    rows = _Rows()
    for number, raw in lines:
        if not raw.strip():
            continue
        told = [each for each in by_line.get(number, ()) if isinstance(each, Entry | Step | TestResult | Unparsed)]
        rows.add(number, raw, told, shape)
    return rows.all(tally)


class _Rows:
    """Grows row by row, within its bounds."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._besides: list[Row] = []
        self._count = self._lost = self._left_out = 0
        self._last = 0  # the line that the next may go on with
        self._joined = 0  # lines that go on with it so far

    def add(self, number: int, raw: str, told: Sequence[Record], shape: Shape | None) -> None:
        self._count += 1
        is_lost = any(isinstance(each, Unparsed) for each in told)
        self._lost += is_lost
        self._joined = 0 if told else self._joined + 1
        if len(self._rows) >= ROWS:
            self._left_out += 1
            if is_lost and len(self._besides) < LOST_BESIDES:
                self._besides.append(_row(number, raw, told, "", shape))
        elif self._joined <= JOINED_SHOWN:
            why = f"goes with line {self._last}" if self._last and self._joined == 1 else ""
            self._rows.append(_row(number, raw, told, why, shape))
        else:
            more = self._joined - JOINED_SHOWN
            said = f"{counted(more, 'more line')} like this" + (f" with line {self._last}" if self._last else "")
            if self._rows[-1].state == "more":
                self._rows.pop()
            self._rows.append(Row(number=number, state="more", bits=(), why=said))
        if told:
            self._last = 0 if is_lost else number

    def all(self, tally: Tally) -> Understood:
        return Understood(
            rows=tuple(self._rows), besides=tuple(self._besides), left_out=self._left_out, lines=self._count,
            lost=self._lost, tally=tally,
        )  # fmt: skip


def _row(number: int, raw: str, told: Sequence[Record], why: str, shape: Shape | None) -> Row:
    text = ansi.strip(raw)[:SHOWN]
    cut = max(0, len(raw) - SHOWN)
    if not told:
        return Row(number=number, state="joined", bits=(Bit(text),), cut=cut, why=why)
    first = next((each for each in told if not isinstance(each, Unparsed)), told[0])
    if isinstance(first, Unparsed):
        why = shape.why(text) if shape else "Not understood: it is kept, and counted."
        return Row(number=number, state="lost", bits=_lost_bits(text, shape), cut=cut, why=why)
    marks = (shape.spans(text) if shape else None) or _marks(text, first)
    bits = _bits(text, marks)
    if isinstance(first, TestResult):
        return Row(number=number, state="read", bits=bits, cut=cut, what=f"{first.outcome.value}: {first.test}",
                   at=stamp_words(first.started), who=first.worker)  # fmt: skip
    trust = TRUST[first.pid_trust] if isinstance(first, Entry) and first.pid is not None else ""
    life = life_words(first.life) if isinstance(first, Entry) else ""
    return Row(number=number, state="read", bits=bits, cut=cut, at=stamp_words(first.stamp), who=_who(first),
               trust=trust, what=request_words(first.request), life=life)  # fmt: skip


def _lost_bits(text: str, shape: Shape | None) -> tuple[Bit, ...]:
    stop = shape.stop(text) if shape else None
    if stop is None or not 0 < stop.at < len(text):
        return (Bit(text),)
    return (Bit(text[: stop.at], "fits"), Bit(text[stop.at :]))


def _who(record: Entry | Step) -> str:
    if isinstance(record, Step):
        test = record.test.rsplit("::", 1)[-1] if record.test else ""
        return " ".join(filter(None, (record.worker, test, f"[{record.pid}]" if record.pid is not None else "")))
    unit = record.unit.removesuffix(".service")
    if record.pid is None:
        return " ".join(filter(None, (record.host, unit)))
    return " ".join(filter(None, (record.host, f"{unit}[{record.pid}]" if unit else f"PID {record.pid}")))


def _marks(text: str, record: Entry | Step | TestResult) -> list[Mark]:
    """Where a line holds what was read from it, as far as that can be found again."""
    marks: list[Mark] = []
    if isinstance(record, TestResult):
        _mark(marks, text, "test", record.test)
        return marks
    for stamp in (record.stamp, record.inner if isinstance(record, Entry) else None):
        if stamp is not None:
            _mark_time(marks, text, stamp)
    if isinstance(record, Entry):
        _mark(marks, text, "host", record.host)
        _mark(marks, text, "unit", record.unit)
        if record.life is not None and record.life.subject is not None:
            _mark(marks, text, "life", str(record.life.subject), last=True)
    if record.pid is not None:
        _mark(marks, text, "pid", str(record.pid))
    if record.request is not None:
        _mark(marks, text, "method", record.request.method or "")
        _mark(marks, text, "path", record.request.path or "")
        if record.request.status is not None:
            _mark(marks, text, "status", str(record.request.status), last=True)
    return marks


def _mark_time(marks: list[Mark], text: str, stamp: Stamp) -> None:
    calendar = stamps.Calendar(stamp.us)
    for start, end in engine.found(_LOOKS, text, TIMES_TRIED):
        read = _TIME.read(text[start:end], calendar)
        if read is not None and read.us == stamp.us and _free(marks, start, end):
            marks.append(("time", start, end))
            return


def _mark(marks: list[Mark], text: str, field: str, word: str, *, last: bool = False) -> None:
    """The first (or last) place where the word stands for itself and nothing else is marked."""
    at = text.rfind(word) if last else text.find(word)
    for _ in range(8):
        if at < 0 or not word:
            return
        end = at + len(word)
        alone = not (text[at - 1 : at].isalnum() and word[0].isalnum()) and not (
            text[end : end + 1].isalnum() and word[-1].isalnum()
        )
        if alone and _free(marks, at, end):
            marks.append((field, at, end))
            return
        at = text.rfind(word, 0, at) if last else text.find(word, end)


def _free(marks: list[Mark], start: int, end: int) -> bool:
    return all(end <= first or start >= after for _, first, after in marks)


def _bits(text: str, marks: Iterable[Mark]) -> tuple[Bit, ...]:
    bits = []
    at = 0
    for field, start, end in sorted(marks, key=lambda mark: mark[1:]):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        if start > at:
            bits.append(Bit(text[at:start]))
        bits.append(Bit(text[start:end], field))
        at = end
    if at < len(text):
        bits.append(Bit(text[at:]))
    return tuple(bits)
