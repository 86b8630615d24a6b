"""What a format tells, found by reading lines of it: never by what its author says of it."""

from __future__ import annotations

import io
from collections import Counter

import msgspec

from ingest.formats.base import Context, Format
from ingest.formats.read import read
from ingest.formats.source import PartSource
from ingest.pages.words import counted, precision_words
from triage.core.records import Entry, Fact, PidTrust, Record, Stamp, Step, TestResult, Unparsed

REFERENCE_US = 1_795_397_400_000_000  # 2026-11-23T01:30:00Z
OTHER_REFERENCE_US = 1_479_864_600_000_000  # the same day ten years before: what moves with it was not told
PROCESSES_NAMED = 4


class Telling(msgspec.Struct, frozen=True):
    """In words, each "" where there is nothing of it."""

    times: str
    processes: str
    requests: str
    lives: str
    tests: str
    names: str = ""  # of the containers, pods or services that a wrapper tells


class Tally:
    """Sees every record of a reading once."""

    def __init__(self) -> None:
        self.ticks: Counter[int] = Counter()
        self.stamps: Counter[str] = Counter()
        self.trusts: Counter[PidTrust] = Counter()
        self.pids: Counter[str] = Counter()
        self.lives: Counter[str] = Counter()
        self.requests = self.entries = self.steps = self.unparsed = self.facts = 0
        self.tests: set[str] = set()
        self.results: Counter[str] = Counter()

    def see(self, record: Record) -> None:
        if isinstance(record, Unparsed):
            self.unparsed += 1
        elif isinstance(record, Fact):
            self.facts += 1
        elif isinstance(record, TestResult):
            self.tests.add(record.test)
            self.results[record.outcome.value] += 1
            self.stamp(record.started)
        else:
            self._line(record)

    def _line(self, record: Entry | Step) -> None:
        self.stamp(record.stamp)
        self.requests += record.request is not None and (record.request.path or record.request.method) is not None
        if isinstance(record, Step):
            self.steps += 1
            if record.test:
                self.tests.add(record.test)
            return
        self.entries += 1
        if record.life is not None:
            self.lives[record.life.what.value] += 1
        self.trusts[record.pid_trust] += record.pid is not None
        if record.pid is not None:
            unit = record.unit.removesuffix(".service")
            self.pids[f"{unit}[{record.pid}]" if unit else str(record.pid)] += 1

    def stamp(self, stamp: Stamp | None) -> None:
        if stamp is not None:
            self.ticks[stamp.tick_us] += 1
            self.stamps["undated" if not stamp.dated else "zoned" if stamp.zoned else "local"] += 1

    def told(self, year_told: bool = True) -> Telling:
        """In words."""
        return Telling(
            times=self._times(year_told),
            processes=self._processes(),
            requests=counted(self.requests, "request") if self.requests else "",
            lives=", ".join(sorted(self.lives)),
            tests=counted(len(self.tests), "test") if self.tests else "",
        )

    def _times(self, year_told: bool) -> str:
        if not self.ticks:
            return ""
        kinds = [kind for kind, _ in self.stamps.most_common()]
        said = precision_words(self.ticks.most_common(1)[0][0])
        zone = {"zoned": "with zone", "local": "no zone", "undated": "no day, no zone"}[kinds[0]]
        return f"{said}, {zone}{'' if year_told or kinds[0] == 'undated' else ', no year'}"

    def _processes(self) -> str:
        if not +self.trusts:
            return ""
        trust = min((each for each in PidTrust if self.trusts[each]), key=lambda each: -self.trusts[each])
        return {"proven": "PID proven", "inferred": "PID inferred", "unknown": "PID of whom, cannot tell"}[trust.value]


def of_text(found: Format, text: str) -> Telling:
    """What that format reads in a text."""
    return tally(found, text, REFERENCE_US)[0].told(year_told(found, text))


def year_told(found: Format, text: str) -> bool:
    """False where a time is dated by what was known from outside."""
    return tally(found, text, REFERENCE_US)[1] == tally(found, text, OTHER_REFERENCE_US)[1]


def tally(found: Format, text: str, reference_us: int) -> tuple[Tally, list[int]]:
    """The tally of a text, and the instants in it."""
    seen = Tally()
    instants = []
    source = PartSource("sample", io.BytesIO(text.encode("utf-8", "replace")))
    for record in read(source, found, Context(reference_us=reference_us)):
        seen.see(record)
        if isinstance(record, Entry | Step) and record.stamp is not None:
            instants.append(record.stamp.us)
    return seen, instants
