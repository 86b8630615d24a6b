"""The runs of a list: each with what it came to, in one sentence."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import msgspec
from django.urls import reverse

from dashboard.pages import words
from dashboard.pages.words import Piece, age, counted, pieces
from dashboard.timeline.text import visible
from triage.core.findings import End
from triage.models import Run, Verdict


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    href: str
    name: str
    branch: str
    commit: str
    age: str
    at: datetime
    state: str  # a verdict's kind, or passed, queued, processing, failed, empty
    state_words: str
    sentence: tuple[Piece, ...]  # () where the state says all
    counts: str
    more: str  # how many other failures


def run_lines(runs: list[Run], now: datetime) -> tuple[RunLine, ...]:
    keys = [run.pk for run in runs]
    heads = {row.run_id: row for row in Verdict.objects.headlines(keys)} if keys else {}
    return tuple(_run_line(run, heads.get(run.pk), now) for run in runs)


def write_cursor(run: Run) -> str:
    return f"{run.received_at.astimezone(UTC):%Y%m%dT%H%M%S.%f}_{run.pk.hex}"


def read_cursor(text: str) -> tuple[datetime, uuid.UUID] | None:
    """None where there is no cursor, or one that this page never wrote: then the list starts at the newest."""
    at, _, key = text.partition("_")
    try:
        return datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), uuid.UUID(key)
    except ValueError:
        return None


def _run_line(run: Run, head: Verdict | None, now: datetime) -> RunLine:
    failed = run.tests_failed + run.tests_error
    state, label, sentence = _state(run, head)
    return RunLine(
        key=run.pk.hex,
        href=reverse("run", args=[run.pk]),
        name=visible(run.name or run.run_key),
        branch=visible(run.branch),
        commit=visible(run.commit[:8]),
        age=age(run.received_at, now),
        at=run.received_at,
        state=state,
        state_words=label,
        sentence=sentence,
        counts=_counts(run, failed),
        more=f"and {counted(failed - 1, 'other failure')}" if head is not None and failed > 1 else "",
    )


def _counts(run: Run, failed: int) -> str:
    if not run.tests_total:
        return "no tests" if run.analysed_revision else "not read yet"
    return f"{failed:,} of {run.tests_total:,} failed" if failed else f"{run.tests_passed:,} passed"


def _state(run: Run, head: Verdict | None) -> tuple[str, str, tuple[Piece, ...]]:
    if run.status == Run.Status.FAILED:
        return "failed", "Not analysed", (Piece(visible(run.error) or "This run could not be analysed."),)
    if run.status in (Run.Status.QUEUED, Run.Status.PROCESSING):
        words_ = "Waiting for a worker." if run.status == Run.Status.QUEUED else "Being read and lined up."
        return "processing", "In work", (Piece(words_),)
    if head is not None:
        return head.kind, words.KINDS.get(head.kind, head.kind), _sentence(head)
    if run.tests_total:
        return "passed", "Passed", ()
    return "empty", "No tests", (Piece("The files of this run name no test."),)


def _sentence(row: Verdict) -> tuple[Piece, ...]:
    """The summary; where state was split, with the names of the processes that it turns on."""
    if row.kind != "split_state":
        return pieces(row.summary, [])
    ends = [msgspec.convert(end, End) for end in (row.write, row.read) if end is not None]
    return pieces(row.summary, words.names_of(ends))
