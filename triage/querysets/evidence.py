"""Reads of tests, steps and entries. Entries are always asked for by day and part, so that one partition answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models.functions import Left, Length

from triage.querysets.answers import StepAnswers, TestAnswers
from triage.querysets.pages import StepPages, TestPages
from triage.querysets.picture import StepPicture
from triage.querysets.search import EntrySearch

AROUND_LIMIT = 500  # lines on either side: a page shows dozens, and a URL may ask for anything
SLICE_LIMIT = 5_000  # entries that one picture or one answer can hold


class ReadingQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def of_run(self, run: Any) -> Self:
        return self.filter(part__run=run).order_by("part__position")

    def of_part(self, part_id: int) -> Self:
        return self.filter(part_id=part_id)

    def small(self, part_id: int, limit: int) -> Any:
        """The part's reading where its blob has at most so many bytes; else None, and the blob is not fetched."""
        return self.annotate(size=Length("blob")).filter(part_id=part_id, size__lte=limit).first()


class TestQuerySet(TestAnswers, TestPages):  # type: ignore[type-arg]
    pass


class StepQuerySet(StepAnswers, StepPages, StepPicture):  # type: ignore[type-arg]
    pass


class EntryQuerySet(EntrySearch):  # type: ignore[type-arg]
    """`part` is a Part whose run is at hand (select_related("run")): the run's day names the partition."""

    def of_part(self, part: Any) -> Self:
        return self.filter(received_on=part.run.received_on, part_id=part.pk).order_by("line")

    def of_run(self, run: Any, part_ids: Iterable[int] | None = None) -> Self:
        """All entries of a run's parts in file order; `part_ids` saves the look-up where they are known."""
        ids = list(run.parts.values_list("pk", flat=True)) if part_ids is None else list(part_ids)
        return self.filter(received_on=run.received_on, part_id__in=ids).order_by("part_id", "line")

    def around(self, part: Any, line: int, *, before: int = 10, after: int = 10) -> list[Any]:
        """The entries around a line of a part, that line's own in the middle; at most AROUND_LIMIT on either side.

        Lines here count entries, not text lines: an entry with a traceback is one.
        """
        rows = self.of_part(part)
        above = rows.filter(line__lt=line).order_by("-line")[: _bounded(before)]
        below = rows.filter(line__gte=line)[: _bounded(after) + 1]
        return [*reversed(above), *below]

    def at_lines(self, part: Any, lines: Iterable[int]) -> Self:
        """The entries that begin at these lines; those that were not kept are left out."""
        return self.of_part(part).filter(line__in=list(lines)[:SLICE_LIMIT])

    def of_process(self, run: Any, host: str, pid: int | None, *, first_us: int | None, last_us: int | None) -> Self:
        """What one process wrote, in time order, within its life span on the raw axis; at most SLICE_LIMIT."""
        rows = self.of_run(run).filter(host=host, pid=pid)
        return _in_time(rows, first_us, last_us).order_by("stamp_us", "part_id", "line")[:SLICE_LIMIT]

    def between(self, part: Any, low_us: int, high_us: int) -> Self:
        """A part's entries stamped in [low_us, high_us], on the axis of its own stamps; at most SLICE_LIMIT."""
        return _in_time(self.of_part(part), low_us, high_us)[:SLICE_LIMIT]

    def cut(self, message: int) -> Self:
        """With `message_cut`: the text, at most so many characters long, cut by Postgres."""
        return self.annotate(message_cut=Left("message", message))


def _bounded(count: int) -> int:
    return max(0, min(count, AROUND_LIMIT))


def _in_time(rows: Any, low_us: int | None, high_us: int | None) -> Any:
    if low_us is not None:
        rows = rows.filter(stamp_us__gte=low_us)
    if high_us is not None:
        rows = rows.filter(stamp_us__lte=high_us)
    return rows
