"""The two lines that prove a verdict, short, for the few failures that a message names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from triage.core.notices.plain import line as one_line
from triage.core.notices.records import Line
from triage.core.quoting import clipped, unframed
from triage.models import Entry, Part, Run, Verdict

SAID = 140  # characters of a line
AT_MOST = 40  # failures


def lines_of(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[Line, ...]]:
    """By run and test, what was written and what was read; nothing for what is gone or was never known."""
    by_run: dict[str, list[str]] = {}
    for run_id, test in tuple(wanted)[:AT_MOST]:
        by_run.setdefault(run_id, []).append(test)
    found: dict[tuple[str, str], tuple[Line, ...]] = {}
    for run_id, tests in by_run.items():
        run = Run.objects.by_id(_uuid(run_id)).first() if _uuid(run_id) else None
        if run is not None:
            found |= {(run_id, test): lines for test, lines in _of_run(run, tests).items()}
    return found


def _of_run(run: Run, tests: list[str]) -> dict[str, tuple[Line, ...]]:
    verdicts = [verdict for test in tests if (verdict := Verdict.objects.on(run.pk, test)) is not None]
    ends = [end for verdict in verdicts for end in (verdict.write, verdict.read) if _place(end)]
    parts = {part.position: part for part in Part.objects.of_run_in_order(run.pk)} if ends else {}
    raw: dict[tuple[int, int], str] = {}
    for position in {_place(end)[0] for end in ends} & set(parts):
        parts[position].run = run  # its day names the partition
        numbers = [_place(end)[1] for end in ends if _place(end)[0] == position]
        for entry in Entry.objects.at_lines(parts[position], numbers):
            raw[position, entry.line] = entry.message or entry.raw
    return {
        verdict.test.nodeid: tuple(
            Line(f"{what} by {_who(end)}" if _who(end) else what, said)
            for what, end in (("written", verdict.write), ("read", verdict.read))
            if _place(end) and (said := _short(raw.get(_place(end), "")))
        )
        for verdict in verdicts
    }


def _place(end: Any) -> tuple[int, int]:
    """(part, line) of a verdict's end; empty where it has none."""
    line = end.get("line") if isinstance(end, dict) else None
    return (line["part"], line["line"]) if isinstance(line, dict) else ()  # type: ignore[return-value]


def _who(end: dict[str, Any]) -> str:
    unit, pid = str(end.get("unit") or "").removesuffix(".service"), end.get("pid")
    return one_line(f"{unit}[{pid}]" if pid is not None else unit, 60)


def _short(raw: str) -> str:
    return one_line(clipped(unframed(raw), SAID), SAID + 2)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
