"""How often Lineup was right: what people said of its verdicts, counted, with small numbers called small."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from dashboard.pages import words
from dashboard.pages.addresses import address
from dashboard.pages.history import interval
from dashboard.pages.judging import named
from dashboard.pages.words import age, counted, percent, short_test
from dashboard.timeline.text import visible, visible_lines
from triage.core.findings import Level, VerdictKind
from triage.models import Judgement, Project, Run

FEW = 5  # below this many, a share says nothing
MONTHS = 24


class Share(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    right: str
    wrong: str
    share: int | None  # percent; None where there are too few to say
    said: str


class Table(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    note: str
    heading: str
    rows: tuple[Share, ...]
    last: str = "share right (at 95 %)"


class Overruled(msgspec.Struct, frozen=True, kw_only=True):
    was: str
    said: str
    who: str
    at: datetime
    reason: str
    test: str
    href: str


class AccuracyPage(msgspec.Struct, frozen=True, kw_only=True):
    evidence_age: str
    empty: bool
    summary: str
    basis: str
    tables: tuple[Table, ...]
    overruled: tuple[Overruled, ...]
    overruled_count: str


def accuracy_page(project: Project, now: datetime) -> AccuracyPage:
    rows = Judgement.objects.accuracy(project)
    right, wrong = sum(row["right"] for row in rows), sum(row["wrong"] for row in rows)
    newest = Run.objects.newest_evidence(project)
    return AccuracyPage(
        evidence_age=age(newest, now) if newest else "",
        empty=not rows,
        summary=_summary(right, right + wrong),
        basis=_basis(right, right + wrong),
        tables=_tables(project, rows) if rows else (),
        overruled=tuple(_overruled(row) for row in Judgement.objects.overruled(project)) if wrong else (),
        overruled_count=f"{wrong:,}" if wrong else "none",
    )


def _summary(right: int, total: int) -> str:
    if total < FEW:
        were = "was" if right == 1 else "were"
        return f"{right} of {counted(total, 'judged verdict')} {were} right: too few to say how often."
    return f"{right:,} of {total:,} judged verdicts were right: {100 * right / total:.0f} %."


def _basis(right: int, total: int) -> str:
    counts = "Counted is the newest judgement of each verdict, as triagers gave it."
    chosen = "People judge the verdicts that they look at, which is no fair sample of all."
    if total < FEW:
        return f"{counts} {chosen}"
    low, high = interval(right, total)
    return (
        f"{counts} From this many, the true share is between {100 * low:.0f} and {100 * high:.0f} % (at 95 %). {chosen}"
    )


def _tables(project: Project, rows: list[dict[str, Any]]) -> tuple[Table, ...]:
    by_kind = _summed(rows, "was_kind")
    by_level = _summed([row for row in rows if row["was_kind"] != VerdictKind.UNEXPLAINED], "was_level")
    kinds = [(label, by_kind[kind]) for kind, label in words.KINDS.items() if kind in by_kind]
    levels = [(level.value, by_level[level.value]) for level in reversed(Level) if level.value in by_level]
    months = [(f"{row['month']:%B %Y}", row) for row in Judgement.objects.accuracy_by_month(project)[-MONTHS:]]
    said = [(percent(row["confidence"]), row) for row in Judgement.objects.calibration(project)]
    return (
        Table(title="By verdict", note="", heading="Lineup said", rows=_shares(kinds)),
        Table(title="By level", note="unexplained ones have none", heading="level", rows=_shares(levels)),
        Table(
            title="Calibration", note="of what it called 90 % sure, nine in ten should be right",
            heading="it said, on average", rows=_calibrated(said), last="it came true",
        ),
        Table(title="By month", note="when they were judged", heading="month", rows=_shares(reversed(months))),
    )  # fmt: skip


def _summed(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(row[name], {"right": 0, "wrong": 0})
        counts["right"] += row["right"]
        counts["wrong"] += row["wrong"]
    return found


def _shares(named_rows: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Share, ...]:
    return tuple(_share(label, row["right"], row["wrong"]) for label, row in named_rows)


def _share(label: str, right: int, wrong: int) -> Share:
    total = right + wrong
    low, high = interval(right, total)
    share = round(100 * right / total) if total >= FEW else None
    said = f"{share} % ({100 * low:.0f} to {100 * high:.0f})" if share is not None else "too few to say"
    return Share(label=label, right=f"{right:,}", wrong=f"{wrong:,}", share=share, said=said)


def _calibrated(named_rows: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Share, ...]:
    """What was said beside what came true: within the figures' own bounds it holds."""
    return tuple(
        msgspec.structs.replace(_share(label, row["right"], row["wrong"]), said=_held(row)) for label, row in named_rows
    )


def _held(row: Mapping[str, Any]) -> str:
    total = row["right"] + row["wrong"]
    told = f"right in {row['right']:,} of {total:,}"
    if total < FEW:
        return f"{told}: too few to say"
    low, high = interval(row["right"], total)
    if row["confidence"] < low:
        return f"{told}: right more often than it said"
    return f"{told}: right less often than it said" if row["confidence"] > high else f"{told}: that fits"


def _overruled(row: Any) -> Overruled:
    href = address("run", row.run_id, row.test) + "#judgement" if row.run_id else ""
    sure = "" if row.was_kind == VerdictKind.UNEXPLAINED else f" ({row.was_level} · {percent(row.was_confidence)})"
    return Overruled(
        was=named(row.was_kind, row.was_mechanism) + sure,
        said=named(row.kind, row.mechanism),
        who=visible(row.who),
        at=row.at,
        reason=visible_lines(row.reason),
        test=short_test(row.test),
        href=href,
    )
