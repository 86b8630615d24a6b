"""The tests side's stamps as instants on one clock: declared zone, found zone, and the day of a time without date."""

from __future__ import annotations

from collections import Counter

from triage.core.records import RunEvidence, Side, Stamp
from triage.core.zones import DAY, Zone, on_day_near, quarters

SAMPLE = 2_000  # stamps looked at to find a zone


class ClientTime:
    """Places stamps of the tests side on the client's clock, in microseconds."""

    def __init__(self, evidence: RunEvidence) -> None:
        self.zone = Zone(evidence.client_timezone)
        self.remarks: tuple[str, ...] = (self.zone.problem,) if self.zone.problem else ()
        self._shift = 0  # of unzoned stamps where no zone was declared but the log has zoned ones beside them
        self._reference = _reference(evidence)
        stamps = _client_stamps(evidence)
        self.zoned = bool(self.zone) or any(stamp.zoned and stamp.dated for stamp in stamps)
        if not self.zone:
            self._find_shift(evidence)

    def place(self, stamp: Stamp, near: int | None = None) -> tuple[int, int]:
        """The interval [low, high) in which the stamped thing was written; `near` says which day a bare time is of."""
        at = stamp.us
        if not stamp.dated:
            anchor = near if near is not None else self._reference
            if anchor is not None:
                local = self.zone.wall(anchor) if self.zone else anchor + self._shift
                at = on_day_near(at, local if not stamp.zoned else anchor)
        if not stamp.zoned:
            at = self.zone.utc(at) if self.zone else at - self._shift
        return at, at + max(stamp.tick_us, 1)

    def _find_shift(self, evidence: RunEvidence) -> None:
        """Zone of the unzoned steps from zoned times of the same tests."""
        started: dict[str, int] = {}
        for part in evidence.parts:
            if part.side is Side.TESTS:
                for result in part.results:
                    if result.started is not None and result.started.zoned and result.started.dated:
                        started.setdefault(result.test, result.started.us)
        zoned = [
            step.stamp.us
            for part in evidence.parts
            if part.side is Side.TESTS
            for step in part.steps[:SAMPLE]
            if step.stamp is not None and step.stamp.zoned and step.stamp.dated
        ]
        first = min([*started.values(), *zoned], default=None)
        if first is None:
            return
        votes: Counter[int] = Counter()
        for part in evidence.parts:
            if part.side is not Side.TESTS:
                continue
            for step in part.steps[:SAMPLE]:
                if step.stamp is None or step.stamp.zoned:
                    continue
                known = started.get(step.test or "", first)
                difference = step.stamp.us - known
                if not step.stamp.dated:
                    difference = (difference + DAY // 2) % DAY - DAY // 2
                votes[quarters(difference)] += 2 if (step.test or "") in started else 1
        if votes:
            shift, count = votes.most_common(1)[0]
            if count * 2 > sum(votes.values()) and abs(shift) <= DAY:
                self._shift = shift
                self.zoned = True


def _client_stamps(evidence: RunEvidence) -> list[Stamp]:
    stamps: list[Stamp] = []
    for part in evidence.parts:
        if part.side is Side.TESTS:
            stamps += [step.stamp for step in part.steps[:SAMPLE] if step.stamp is not None]
            stamps += [result.started for result in part.results[:SAMPLE] if result.started is not None]
    return stamps


def _reference(evidence: RunEvidence) -> int | None:
    """An instant near the run, to tell the day of times without date."""
    if evidence.started_us is not None:
        return evidence.started_us
    dated = [stamp.us for stamp in _client_stamps(evidence) if stamp.dated]
    if dated:
        return min(dated)
    if evidence.finished_us is not None:
        return evidence.finished_us
    for part in evidence.parts:
        for entry in part.entries:
            if entry.stamp is not None and entry.stamp.dated:
                return entry.stamp.us
    return None
