"""The walk through a project's log lines: from the newest day back, in windows that grow, until a page is full.

Time bounds it, not luck: where it ends early, the page says how far it came, and its link goes on from there.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from triage.core.search.match import asked_words, holds, telling
from triage.core.search.query import Query
from triage.models import Entry
from triage.querysets.search import BLOCKS, FoundLine, Place, TookTooLong, at_most

PAGE = 40  # lines
OF_A_LOG = 5  # lines of one log, where no run was asked for: one noisy log must not hide the others
CLOSE = 6  # times as many lines are looked at closely as are shown of a log: most hold what the look-up promised
LEAST, LOOKS = 4, 30  # queries for one page, however long they take, and however little each finds
SOFT_S, HARD_MS = 0.015, 1_500  # no new query begins after the one; none takes longer than the other
FIRST_DAYS, GROWS = 1, 3
LAST_LINE = 2**62


class Walked(msgspec.Struct, frozen=True, kw_only=True):
    lines: tuple[FoundLine, ...] = ()
    cut: frozenset[int] = frozenset()  # logs that hold more than is shown of them
    after: Place | None = None  # where to go on; None where everything was seen, or nothing can be
    early: bool = False  # the time was over before the page was full


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`run`: the key of the one run asked for, or None. `query` names a word; the days may hold lines."""

    project: Any
    query: Query
    run: Any
    oldest: date
    newest: date


def walked(asked: Asked, after: Place | None) -> Walked:
    walk = _Walk(asked, after)
    try:
        with at_most(HARD_MS):
            walk.go()
    except TookTooLong:
        return walk.result(early=True)
    return walk.result()


class _Walk:
    def __init__(self, asked: Asked, after: Place | None) -> None:
        self._asked, self._words = asked, asked_words(asked.query)
        self._began, self._looks = time.monotonic(), 0
        self._first = self._at = after  # everything up to here was seen
        self._limit = PAGE if asked.run else OF_A_LOG
        self._lines: list[FoundLine] = []
        self._counts: Counter[int] = Counter()
        self._cut: set[int] = set()
        self._over = False  # nothing is left to see

    def go(self) -> None:
        asked, days = self._asked, FIRST_DAYS
        oldest = max(asked.oldest, asked.query.since.date()) if asked.query.since else asked.oldest
        high = min(asked.newest, self._at.day) if self._at else asked.newest
        self._over = high < oldest
        while not self._over and not self._done():
            low = high - timedelta(days=min(days - 1, (high - oldest).days))
            while self._look(low, high):
                if self._done():
                    return
            self._at, self._over = Place(low, 0, 0), low <= oldest
            high, days = low - timedelta(days=1), days * GROWS

    def result(self, *, early: bool = False) -> Walked:
        lines = tuple(self._lines[:PAGE])
        after: Place | None = None if self._over else self._at
        if len(lines) == PAGE:
            last = lines[-1]
            held = sum(line.part_id == last.part_id for line in lines)
            after = Place(
                last.day, last.part_id, LAST_LINE if held >= self._limit and not self._asked.run else last.line
            )
        short = early or (after is not None and len(lines) < PAGE)
        return Walked(lines=lines, cut=frozenset(self._cut), after=None if after == self._first else after, early=short)

    def _done(self) -> bool:
        spent = time.monotonic() - self._began > SOFT_S or self._looks >= LOOKS
        return len(self._lines) >= PAGE or (spent and self._looks >= LEAST)

    def _look(self, low: date, high: date) -> bool:
        """Looks at the next blocks of a window; whether it may hold more of them."""
        asked = self._asked
        self._looks += 1
        blocks = Entry.objects.blocks_with(
            asked.project, self._words, low, high, self._at, run=asked.run, branch=asked.query.branch,
            since=asked.query.since,
        )  # fmt: skip
        if not blocks:
            return False
        if self._take(blocks):
            return True
        self._at = blocks[-1]
        return len(blocks) == BLOCKS

    def _take(self, blocks: list[Place]) -> bool:
        """Takes the lines that hold what is asked for; whether it stopped at a log of which more must be looked at."""
        query, wanted = self._asked.query, self._limit * CLOSE
        self._looks += 1
        rows = Entry.objects.lines_of(
            blocks, self._at, (telling(term) for term in query.terms), wanted, pid=query.pid, host=query.host,
            path=query.path, status=query.status, level=query.level,
        )  # fmt: skip
        for part_id, group in groupby(rows, key=attrgetter("part_id")):
            held = list(group)
            good = [row for row in held if holds(said(row), query.terms)]
            room = self._limit - self._counts[part_id]
            self._lines += good[:room]
            self._counts[part_id] += len(good[:room])
            if len(good) > room:
                self._cut.add(part_id)
            elif len(held) >= wanted and self._counts[part_id] < self._limit:
                self._at = held[-1].place
                return True
        last = blocks[-1]
        if not self._asked.run and self._counts[last.part] >= self._limit:
            self._cut.add(last.part)
            self._at = Place(last.day, last.part, LAST_LINE)
            return True
        return False


def said(row: FoundLine) -> Iterator[str]:
    """What of a row is searched: as triage.core.search.words.Block has it of an entry."""
    yield row.message if row.raw.startswith("{") else row.raw
    yield row.host
    yield row.unit
    if row.pid is not None:
        yield str(row.pid)


def write_place(place: Place) -> str:
    return f"{place.day:%Y%m%d}_{place.part}_{place.line}"


def read_place(text: str) -> Place | None:
    """None where there is none, or none that a page wrote."""
    day, part, line = [*text.split("_"), "", "", ""][:3]
    if not all(each.isascii() and each.isdigit() and len(each) <= 19 for each in (day, part, line)):
        return None
    try:
        at = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007  a day
    except ValueError:
        return None
    return Place(at, min(int(part), LAST_LINE), min(int(line), LAST_LINE))
