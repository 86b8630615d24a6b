"""Log lines that name no test, beside a report that does: which test each is of, by times, order and shared words."""

from __future__ import annotations

from collections.abc import Sequence

from triage.core.clues import Clues, Piece, boundaries, objects
from triage.core.findings import TestCase
from triage.core.paths import template
from triage.core.records import Outcome, Step
from triage.core.slices import SKIPPED, cut
from triage.core.words import ids, kind_of_line, names, stem

LEAST = 0.6  # what a line must have to be a test's
UNLISTED = 0.6  # factor of a line outside the tests that are known, where there were others
BETWEEN = 0.1  # factor of a line outside every test

Timed = tuple[Step, int | None, int | None]  # a line, and when it was written


def tests_of(lines: Sequence[Timed], tests: Sequence[TestCase], unlisted: int = 0) -> list[str]:
    """The test of each line of one log in its order; "" where it cannot be told."""
    pieces = [_piece(*line) for line in lines]
    skip = [1.0 if test.outcome is Outcome.SKIPPED else SKIPPED for test in tests]
    begins = boundaries(pieces, tests, unlisted)
    rows = cut(Clues(tests, pieces).score, len(pieces), skip, begins, UNLISTED if unlisted else BETWEEN)
    best = [max(row.items(), key=lambda each: each[1], default=(0, 0.0)) for row in rows]
    return [tests[t].test if chance >= LEAST else "" for t, chance in best]


def _piece(step: Step, low: int | None, high: int | None) -> Piece:
    request = step.request
    path = request.path if request is not None else None
    return Piece(
        kind=f"{request.method} {template(path)}" if request is not None and path else kind_of_line(step.text),
        method=request.method if request is not None else None,
        path=path,
        status=request.status if request is not None else None,
        ids=frozenset(ids(step.text)) | objects(path or ""),
        words=frozenset(stem(word) for word in names(step.text[:300])) if path is None else frozenset(),
        low=low,
        high=high,
    )
