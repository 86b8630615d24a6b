"""The documents of the HTTP API, built from findings and plain facts.

The read API (from rows) and `manage.py explain --json` (from a report) both come here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from triage.core.findings import Clock, End, Gap, Lineup, Verdict
from triage.core.fix_cards import FixCard
from triage.core.records import SECOND, instant
from triage.core.totals import counts, totals_of

Document = dict[str, Any]


class ShownPart(msgspec.Struct, frozen=True, kw_only=True):
    """One uploaded file, as its reader left it."""

    name: str
    side: str
    format: str = ""  # "" while unread, or where no format fits
    entries: int = 0
    skipped_lines: int = 0
    problem: str = ""  # a sentence; "" where all is well
    piece_of: str = ""  # the file that it was found in, where that holds several logs
    redacted: dict[str, int] = {}  # secrets taken out, by kind


class ShownProgress(msgspec.Struct, frozen=True):
    stage: str
    done: int
    total: int


class ShownServer(msgspec.Struct, frozen=True, kw_only=True):
    """Who served a step, with how sure that is."""

    host: str
    unit: str
    pid: int | None
    at_us: int | None  # server time
    confidence: float


class ShownStep(msgspec.Struct, frozen=True, kw_only=True):
    n: int
    at_us: int | None  # client time
    text: str
    method: str | None = None
    path: str | None = None
    status: int | None = None
    server: tuple[ShownServer, ...] = ()  # best first


def moment(us: int | None) -> str | None:
    """RFC 3339 with offset; None where the time is unknown or lies outside the years that a date can name."""
    if us is None:
        return None
    try:
        return instant(us).isoformat()
    except OverflowError:
        return None


def seconds(us: int) -> float:
    return us / SECOND


def test_counts(lineup: Lineup) -> dict[str, int]:
    """total, passed, failed, error and skipped; the last four always add up to the first."""
    return counts(totals_of(lineup))


test_counts.__test__ = False  # type: ignore[attr-defined]  # not a test, whatever its name


def clock_document(clocks: Sequence[Clock]) -> Document | None:
    """The clock of the busiest host, which comes first; None where no server log was compared."""
    if not clocks:
        return None
    clock = clocks[0]
    reach = max(clock.high_us - clock.offset_us, clock.offset_us - clock.low_us, 0)
    return {
        "offset_s": seconds(clock.offset_us),
        "uncertainty_s": seconds(reach),  # the true offset lies within this of offset_s
        "skew_ppm": clock.skew_ppm,
        "at": moment(clock.at_us),
        "jumps": [{"at": moment(jump.at_us), "by_s": seconds(jump.by_us)} for jump in clock.jumps],
        "basis": clock.basis,
        "host": clock.host,
        "decided": clock.decided,
    }


def end_document(end: End | None) -> Document | None:
    if end is None:
        return None
    return {
        "method": end.method,
        "path": end.path,
        "host": end.host,
        "unit": end.unit,
        "pid": end.pid,
        "at": moment(end.at_us),
    }


def failure_document(verdict: Verdict) -> Document:
    """One failing test and why it failed."""
    return {
        "test": verdict.test,
        "outcome": verdict.outcome.value,
        "message": verdict.message,
        "verdict": {
            "kind": verdict.kind.value,
            "side": verdict.side.value if verdict.side else None,
            "mechanism": verdict.mechanism.value if verdict.mechanism else None,
            "level": verdict.level.value,
            "confidence": verdict.confidence,
            "summary": verdict.summary,
            "write": end_document(verdict.write),
            "read": end_document(verdict.read),
            "evidence": [{"kind": e.kind, "text": e.text, "weight": e.weight} for e in verdict.evidence],
            "advice": verdict.advice,
            "confirm": verdict.confirm,
            "missing": verdict.missing,
        },
    }


def gap_document(gap: Gap, names: Sequence[str]) -> Document:
    """What the logs lack, with the line that adds it. `names`: of the parts that its lines refer to."""
    return {
        "kind": gap.kind,
        "text": gap.text,
        "fix": gap.fix or None,
        "where": gap.where or None,
        "hurts": gap.hurts,
        "lines": [{"part": names[ref.part], "line": ref.line} for ref in gap.lines if ref.part < len(names)],
    }


def card_document(card: FixCard) -> Document:
    """What to change and where to look, for one cause."""
    return {
        "title": card.title,
        "change": card.change or None,
        "instead_of": card.instead_of or None,
        "look": list(card.look),
        "grep": card.grep or None,
        "snippets": [
            {"framework": each.framework or None, "before": each.before, "after": each.after} for each in card.snippets
        ],
        "threads": list(card.threads),
    }


def part_document(part: ShownPart) -> Document:
    return {
        "name": part.name,
        "side": part.side,
        "format": part.format or None,
        "entries": part.entries,
        "skipped_lines": part.skipped_lines,
        "problem": part.problem or None,
        "piece_of": part.piece_of or None,
        "redacted": part.redacted,
    }


def progress_document(progress: ShownProgress | None) -> Document | None:
    if progress is None:
        return None
    return {"stage": progress.stage, "done": progress.done, "total": progress.total}


def run_document(
    *,
    id: str | None,
    run_key: str | None,
    url: str | None,
    status: str,
    error: str | None,
    progress: ShownProgress | None,
    parts: Iterable[ShownPart],
    clock: Document | None,
    tests: dict[str, int],
    failures: Iterable[Document],
) -> Document:
    """The run document. `id`, `run_key` and `url` are null for files that were never uploaded."""
    return {
        "id": id,
        "run_key": run_key,
        "url": url,
        "status": status,
        "error": error or None,
        "progress": progress_document(progress),
        "parts": [part_document(part) for part in parts],
        "clock": clock,
        "tests": tests,
        "failures": list(failures),
    }


def step_document(step: ShownStep) -> Document:
    return {
        "n": step.n,
        "at": moment(step.at_us),
        "text": step.text,
        "method": step.method,
        "path": step.path,
        "status": step.status,
        "server": [
            {
                "host": server.host,
                "unit": server.unit,
                "pid": server.pid,
                "at": moment(server.at_us),
                "confidence": server.confidence,
            }
            for server in step.server
        ],
    }


def steps_document(test: str, steps: Iterable[ShownStep]) -> Document:
    return {"test": test, "steps": [step_document(step) for step in steps]}


def shown_steps(lineup: Lineup, test: str) -> tuple[ShownStep, ...]:
    """The steps of one test of a lineup, in order; empty where the lineup knows no such test."""
    cases = [case for case in lineup.tests if case.test == test]
    return tuple(_shown_step(lineup, index) for case in cases[:1] for index in case.steps)


def _shown_step(lineup: Lineup, index: int) -> ShownStep:
    step = lineup.steps[index]
    servers = []
    for match in step.matches:
        served = lineup.served[match.served]
        process = lineup.processes[served.process]
        servers.append(
            ShownServer(
                host=process.host,
                unit=process.unit,
                pid=process.pid,
                at_us=served.low_us,
                confidence=match.confidence,
            )
        )
    request = step.request
    return ShownStep(
        n=step.n,
        at_us=step.at_us,
        text=step.text,
        method=request.method if request else None,
        path=request.path if request else None,
        status=request.status if request else None,
        server=tuple(servers),
    )
