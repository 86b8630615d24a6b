"""From the sorts of lines to stretches: pytest's sessions first, then runs of lines of one sort outside of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ingest.formats.pieces import sorts

GAP = 60  # lines of no sort that a server's own prints may stand between two of its lines
CHALLENGERS = 3  # lines of another sort in a row that end a run
LEAST = 3  # lines that make a run
LEAST_GENERAL = 8  # of lines that any tool writes
DENSE = 0.6  # of a general run's lines
RUNS = 2_000
QUIET = 5_000  # lines that a run without a first line may have
TALES = (sorts.PYTEST_SAYS, sorts.PYTEST_HINTS)


class Stretch(msgspec.Struct):
    """Lines from `first` to `last`, `count` of them of that sort."""

    sort: int
    first: int
    last: int
    count: int = 1
    open: bool = False  # the end of the lines that were looked at is not its own
    complete: bool = False  # of a session: with its own first and last line


def sessions(kinds: Sequence[int]) -> list[Stretch]:
    """pytest's runs: from its first line to its last one. Of a run that was killed, to where a CI's next step begins.

    `kinds[n]` is the sort of line n + 1. Everything between is pytest's, whatever it looks like: captured logs too.
    """
    session = _Sessions()
    for number, kind in enumerate(kinds, 1):
        session.see(number, kind)
    session.end(len(kinds))
    return session.found


class _Sessions:
    """The state of `sessions`: all but `found` are line numbers or counts of the run that is open."""

    def __init__(self) -> None:
        self.found: list[Stretch] = []
        self._marker = 0  # the last line that a shell or a CI wrote
        self._open()

    def _open(self) -> None:
        self._begun = self._tale = self._tales = self._stopped = 0
        self._strong = self._titled = False

    def see(self, number: int, kind: int) -> None:
        if kind == sorts.PYTEST_BEGINS:
            self._close(self._stopped - 1 if self._stopped else number - 1 if self._strong else self._tale)
            self._begun = self._tale = number
            self._tales, self._strong, self._titled = 1, True, True
        elif kind == sorts.PYTEST_ENDS:
            if not self._begun:  # nothing but dots: what stands since the last command
                near = self._marker and number - self._marker <= QUIET
                self._begun = self._marker + 1 if near else number
            self._tales, self._strong = self._tales + 1, True
            self._close(number, ended=True)
            self._marker = 0
        elif kind in TALES:
            if self._stopped:
                self._close(self._stopped - 1)
            self._begun, self._tale = self._begun or number, number
            self._tales += 1
            self._strong = self._strong or kind == sorts.PYTEST_SAYS
        elif kind in (sorts.SECTION, sorts.MARKER):
            self._marker = number
            if kind == sorts.SECTION and self._begun and not self._stopped:
                self._stopped = number

    def end(self, lines: int) -> None:
        self._close(self._stopped - 1 if self._stopped else lines if self._strong else self._tale)

    def _close(self, last: int, *, ended: bool = False) -> None:
        if self._begun and (self._strong or self._tales >= CHALLENGERS):
            complete = self._titled and ended
            self.found.append(Stretch(sorts.PYTEST_BEGINS, self._begun, last, self._tales, complete=complete))
        self._open()


def runs(kinds: Sequence[int], taken: Sequence[Stretch]) -> list[Stretch]:
    """Stretches of lines of one sort between the `taken` ones."""
    found: list[Stretch] = []
    at = 0
    for stretch in [*taken, None]:
        end = stretch.first - 1 if stretch is not None else len(kinds)
        found.extend(_between(kinds, at, end))
        at = stretch.last if stretch is not None else end
        if len(found) >= RUNS:
            break
    return found[:RUNS]


def _between(kinds: Sequence[int], start: int, end: int) -> Iterator[Stretch]:
    """Of the lines `start` + 1 to `end`."""
    run: Stretch | None = None
    rival: Stretch | None = None
    gap = 0
    for number in range(start + 1, end + 1):
        kind = kinds[number - 1]
        if kind in (sorts.BLANK, sorts.GOES_ON):
            if run is not None and not gap and rival is None and kind == sorts.GOES_ON:
                run.last = number
            continue
        if kind in (sorts.MARKER, sorts.SECTION):
            if run is not None and run.sort == sorts.SERVER:
                run.last = number - 1  # up to the next command all is one program's output
            yield from _worth(run)
            run = rival = None
            continue
        if kind in (sorts.OTHER, *TALES):
            gap += 1
            if run is not None and gap > GAP:
                yield from _worth(run)
                run = rival = None
            continue
        if run is None:
            run, rival, gap = Stretch(kind, number, number), None, 0
        elif kind == run.sort or _goes_with(kind, run.sort):
            run.last, run.count, gap, rival = number, run.count + 1, 0, None
        elif _goes_with(run.sort, kind):
            run.sort, run.last, run.count, gap, rival = kind, number, run.count + 1, 0, None
        else:
            if rival is None or rival.sort != kind:
                rival = Stretch(kind, number, number)
            else:
                rival.last, rival.count = number, rival.count + 1
            if rival.count >= CHALLENGERS:
                yield from _worth(run)
                run, rival, gap = rival, None, 0
    if run is not None and gap == 0:
        run.open = run.last >= end - 1
    yield from _worth(run)


def _goes_with(kind: int, sort: int) -> bool:
    """A line that any logger writes goes with a server's lines around it."""
    return kind == sorts.GENERAL_LOG and sort == sorts.SERVER


def _worth(run: Stretch | None) -> Iterator[Stretch]:
    if run is None:
        return
    if run.sort == sorts.GENERAL_LOG:
        if run.count >= LEAST_GENERAL and run.count >= DENSE * (run.last - run.first + 1):
            yield run
    elif run.count >= LEAST:
        yield run
