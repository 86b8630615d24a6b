"""The parts of one run into the evidence of one run, in memory: the path of `manage.py explain` and of the tests.

The tests side is read first, because it dates the server side: a journal stamp has no year, and only the slice of the
log around the run matters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from ingest.formats.base import Context, Format, Source
from ingest.formats.detect import Detection, detect, may_be_either, resolve
from ingest.formats.pieces import cut, laid_out, title
from ingest.formats.read import read
from triage.core.records import Entry, Fact, PartRecords, Record, RunEvidence, Side, Step, TestResult, Unparsed
from triage.core.sieves import LIMITS, Sieves
from triage.core.sift import Sifted
from triage.core.wanted import wanted
from triage.core.window import Traces, Window, WindowFinder, near

KEPT_LINES = 250_000  # steps and results held of one part; what is over is counted and said
KEPT_TEXT = 60_000_000  # characters of the tests side's records: a file of 30 MB may unfold to 15 GB


Redact = Callable[[Iterable[Record]], Iterator[Record]]


class Offered(msgspec.Struct, frozen=True):
    """One part as it was sent in."""

    source: Source
    slot: Side | None = None  # the side it was sent as; None where the sender did not say
    of: str = ""  # the console that it is a stretch of
    name: str = ""  # of a piece, such as "console.log, lines 310\u2013420"; "" where it is the file's own

    @property
    def title(self) -> str:
        return self.name or self.source.name


class PartSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one part."""

    name: str
    side: Side | None
    format: str = ""
    reason: str = ""
    entries: int = 0  # lines or records understood
    skipped_lines: int = 0
    problem: str = ""


class Gathered(msgspec.Struct, frozen=True):
    evidence: RunEvidence
    parts: tuple[PartSummary, ...]  # in the order offered; those that could be read stand in `evidence.parts` too
    remarks: tuple[str, ...] = ()  # sentences on files that hold several logs


def gather(
    offered: Sequence[Offered],
    *,
    now_us: int,
    started_us: int | None = None,
    finished_us: int | None = None,
    client_timezone: str | None = None,
    server_timezone: str | None = None,
    server_workers: int | None = None,
    redact: Redact = iter,
) -> Gathered:
    """Reads every part that a format fits. Never raises on content: what is wrong stands in the summaries.

    What is kept goes through `redact` first.
    """
    offered, remarks = in_pieces(offered)
    found = both_sides([(offer, detect(offer.source, offer.slot)) for offer in offered])
    sided = [resolve(offer.slot, detection) for offer, detection in found]
    declared = RunEvidence(
        client_timezone=client_timezone,
        server_timezone=server_timezone,
        server_workers=server_workers,
        started_us=started_us,
        finished_us=finished_us,
    )
    reference = started_us if started_us is not None else now_us
    summaries: dict[int, PartSummary] = {}
    records: dict[int, PartRecords] = {}

    def take(side: Side, reference_us: int, traces: Traces | None, sieves: Sieves) -> None:
        room = KEPT_TEXT
        for number, (offer, detection) in enumerate(found):
            if sided[number].side is side and detection.format is not None:
                context = Context(reference_us=reference_us, host_hint=offer.source.name)
                kept = _Kept(room)
                part = _Part(number, offer, detection.format, side, context, kept, redact)
                part.read(WindowFinder(traces) if traces is not None else None, sieves)
                summaries[number], records[number] = part.summary(detection.reason), part.records()
                room = kept.room

    sieves = Sieves(wanted(declared), *LIMITS)
    take(Side.TESTS, reference, None, sieves)
    tests = msgspec.structs.replace(declared, parts=tuple(records[n] for n in sorted(records)))
    sieves = Sieves(wanted(tests), *LIMITS)
    take(Side.SERVER, dated(tests.parts) or reference, Traces(tests), sieves)
    for number, sifted in sieves.parts().items():
        summaries[number], records[number] = _sifted(summaries[number], records[number], sifted)
    for number, (offer, detection) in enumerate(found):
        if number not in summaries:
            problem = detection.problem or sided[number].remark
            summaries[number] = PartSummary(name=offer.title, side=sided[number].side, problem=problem)
        elif sided[number].remark:
            both = " ".join(filter(None, (sided[number].remark, summaries[number].problem)))
            summaries[number] = msgspec.structs.replace(summaries[number], problem=both)
    return Gathered(
        evidence=msgspec.structs.replace(tests, parts=tuple(records[n] for n in sorted(records))),
        parts=tuple(summaries[n] for n in sorted(summaries)),
        remarks=remarks,
    )


def in_pieces(offered: Iterable[Offered]) -> tuple[list[Offered], tuple[str, ...]]:
    """Each file that holds several logs as its pieces, and what is to be said of their rest.

    The side that such a file was sent as says nothing of its pieces.
    """
    parts: list[Offered] = []
    remarks: list[str] = []
    for offer in offered:
        layout = laid_out(offer.source, offer.slot)
        if not layout.split:
            parts.append(offer)
            continue
        for piece in layout.pieces:
            parts.append(Offered(cut(offer.source, piece), name=title(offer.title, piece), of=offer.title))
        if layout.remark:
            remarks.append(f"{offer.title}: {layout.remark}")
    return parts, tuple(remarks)


def dated(parts: Iterable[PartRecords]) -> int | None:
    """The first instant that the tests side dates in full: near it lie the stamps that lack a year or a day."""
    for part in parts:
        for result in part.results:
            for stamp in (result.started, result.stopped):
                if stamp is not None and stamp.dated:
                    return stamp.us
        for step in part.steps:
            if step.stamp is not None and step.stamp.dated:
                return step.stamp.us
        for fact in part.facts:
            if fact.name == "session_started_us" and fact.value.lstrip("-").isdigit():
                return int(fact.value)
    return None


def both_sides(found: list[tuple[Offered, Detection]]) -> list[tuple[Offered, Detection]]:
    """Plain log lines may be either side's: where all files seem to be of one, such a file is taken as the other's.

    The one that fits its side best stays.
    """
    readable = [n for n, (_, detection) in enumerate(found) if detection.format is not None]
    sides = {found[n][1].side for n in readable}
    if len(readable) < 2 or len(sides) != 1:
        return found
    (side,) = sides
    other = Side.SERVER if side is Side.TESTS else Side.TESTS
    open_to_both = [n for n in readable if found[n][0].slot is None and may_be_either(found[n][1])]
    if len(open_to_both) == len(readable):
        open_to_both.remove(max(open_to_both, key=lambda n: found[n][1].score))
    turned = {n: detect(found[n][0].source, other) for n in open_to_both}
    return [(offer, turned.get(n, detection)) for n, (offer, detection) in enumerate(found)]


class _Kept:
    """The records of one part of the tests side, up to the bounds; of a server part only what it says as a whole."""

    def __init__(self, room: int) -> None:
        self.room = room  # characters that may still be held
        self.left_out = 0
        self.steps: list[Step] = []
        self.results: list[TestResult] = []
        self.facts: list[Fact] = []

    def add(self, record: Step | TestResult) -> None:
        if isinstance(record, Step):
            self._add(self.steps, record, len(record.raw) + len(record.text))
        else:
            self._add(self.results, record, len(record.test) + len(record.message) + len(record.detail))

    def _add(self, kept: list[Any], record: Any, length: int) -> None:
        if len(kept) >= KEPT_LINES or length > self.room:
            self.left_out += 1
            return
        self.room -= length
        kept.append(record)


class _Part:
    """One part while it is read."""

    def __init__(
        self, number: int, offer: Offered, format: Format, side: Side, context: Context, kept: _Kept, redact: Redact
    ) -> None:
        self._number, self._offer, self._format, self._side = number, offer, format, side
        self._context, self._kept, self._redact = context, kept, redact
        self._understood = self._skipped = 0

    def read(self, finder: WindowFinder | None, sieves: Sieves) -> None:
        source = self._offer.source
        window: Window | None = None
        if finder is not None:
            for record in read(source, self._format, self._context):
                if isinstance(record, Entry):
                    finder.see(record)
            window = finder.window()
        entries = self._entries(self._redact(read(source, self._format, self._context)))
        sieves.take(self._number, entries if window is None else near(entries, window))

    def _entries(self, records: Iterable[Record]) -> Iterator[Entry]:
        """The entries; what else there is, is kept on the way."""
        kept = self._kept
        for record in records:
            if isinstance(record, Entry):
                self._understood += 1
                yield record
            elif isinstance(record, Unparsed):
                self._skipped += 1
            elif isinstance(record, Fact):
                if len(kept.facts) < KEPT_LINES:
                    kept.facts.append(record)
            else:
                self._understood += 1
                kept.add(record)

    def summary(self, reason: str) -> PartSummary:
        return PartSummary(
            name=self._offer.title,
            side=self._side,
            format=self._format.NAME,
            reason=reason,
            entries=self._understood,
            skipped_lines=self._skipped,
            problem=" ".join(_problems(self._offer.source, self._kept)),
        )

    def records(self) -> PartRecords:
        return PartRecords(
            name=self._offer.title,
            side=self._side,
            format=self._format.NAME,
            steps=tuple(self._kept.steps),
            results=tuple(self._kept.results),
            facts=tuple(self._kept.facts),
            of=self._offer.of,
        )


def _sifted(summary: PartSummary, records: PartRecords, sifted: Sifted) -> tuple[PartSummary, PartRecords]:
    """A part with what is left of its entries."""
    if sifted.refused:
        problem = (
            f"{sifted.refused:,} lines of the run's time were left out: of a server's logs {LIMITS[1]:,} lines are "
            f"compared, and {LIMITS[2] // 1_000_000} million characters."
        )
        summary = msgspec.structs.replace(summary, problem=f"{summary.problem} {problem}".strip())
    return summary, msgspec.structs.replace(records, entries=sifted.entries, left_out=sifted.left_out)


def _problems(source: Source, kept: _Kept) -> Iterator[str]:
    if source.problem:
        yield source.problem
    yield from dict.fromkeys(fact.value for fact in kept.facts if fact.name == "problem")
    if kept.left_out:
        yield (
            f"{kept.left_out:,} records were left out: of one file {KEPT_LINES:,} are held, and of one side "
            f"{KEPT_TEXT // 1_000_000} million characters."
        )
