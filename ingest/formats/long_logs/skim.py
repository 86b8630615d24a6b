"""The place of a run in a long log, found without reading every line of it.

Where both sides name their zone and the log is in order, its own clock tells the place: it is looked up by bisection.
Else one pass over the bytes notes when every stretch begins, and reads only the lines that a sieve lets through. Where
the log is not in order, or nothing tells the run's lines from the others, it has to be read line by line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from ingest.formats.base import Context, Format
from ingest.formats.long_logs.bisection import Timed
from ingest.formats.long_logs.sieve import Sieve, life_sieve, sieve_of
from ingest.formats.long_logs.sieved import Sieved
from ingest.formats.long_logs.views import WHOLE, Sliced, Stretch
from ingest.formats.source import PartSource
from triage.core.records import SECOND, Entry, Fact, Record
from triage.core.window import MARGIN, Traces, WindowFinder

Watch = Callable[[Iterator[Record]], Iterator[Record]]

LONG = 8 << 20  # bytes: a shorter log is read whole in a second
LONG_PACKED = 1 << 19
NOT_IN_LINES = ("journal-export", "journal-verbose")  # their entries begin anywhere
SAMPLES = 24  # stretches of the log in which the sieve's words are counted
SAMPLE_BYTES = 1 << 16
JITTER = 2 * SECOND  # that lines may stand before their time: several processes write one log
MARKED = 0.9  # of the stretches must have a time
LIVES = 500  # boots and exits before the window that are kept: they tell how many processes there were
LIVES_IN = 64 << 20  # bytes before the window in which they are looked for
PROBED = 64  # stretches at the run's own time that are read to see whether the log goes on there
LONGEST = 256 << 20  # bytes that a window found by bisection may have


class Skimmed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the run is in the log, in time and in bytes, and what came before it."""

    window: tuple[int, int]  # raw microseconds
    lines: int  # of the whole log
    first: Stretch = WHOLE
    end: int | None = None  # byte behind the window's last line; None: the end of the log
    lives: tuple[Entry, ...] = ()
    facts: tuple[Fact, ...] = ()

    def part_of(self, source: PartSource) -> Sliced:
        """The lines that hold the window, for a format to read in full."""
        return Sliced(source, self.first, self.end)


def skim(
    source: PartSource, format: Format, context: Context, traces: Traces, watch: Watch | None = None
) -> Skimmed | None:
    """None where the log has to be read line by line. `watch` is given what is read, to tell how far it is."""
    if traces.span is None or format.NAME in NOT_IN_LINES or not is_long(source):
        return None
    sieve = sieve_for(source, traces)
    if sieve is None:
        return None
    # What the log is full of would vote for any place in it.
    telling = traces.of(sieve.tokens)
    by_clock = _by_its_clock(source, format, context, telling)
    return by_clock or _by_its_words(source, format, context, telling, sieve, watch or _unwatched)


def is_long(source: PartSource) -> bool:
    return source.size >= (LONG if source.plain else LONG_PACKED)


def sieve_for(source: PartSource, traces: Traces) -> Sieve | None:
    """What tells the lines that matter at first from the others; None where nothing does."""
    return sieve_of(traces.tokens(), _samples(source))


def _by_its_clock(source: PartSource, format: Format, context: Context, traces: Traces) -> Skimmed | None:
    """None where the clock is not to be trusted: the log is then asked for the requests themselves."""
    if not traces.absolute or traces.span is None or not source.plain:
        return None
    timed = Timed(source, format, context)
    if not timed.in_order():
        return None
    reach = MARGIN + 3 * JITTER  # a little more than the window that will come of it
    start = timed.line_start(timed.place(traces.span[0] - reach))
    end = timed.line_start(timed.after(traces.span[1] + reach))
    if not 0 < end - start <= LONGEST:
        return None
    line, lines = source.count_lines(start)
    first = Stretch(line + 1, start)
    finder = WindowFinder(traces)
    for record in format.parse(Sliced(source, first, end, timed.head), context):
        if isinstance(record, Entry):
            finder.see(record)
    window = finder.window()
    if window is None or not finder.agrees():
        return None
    lives, facts = _lives_before(source, format, context, timed, first)
    return Skimmed(window=window, lines=lines, first=first, end=end, lives=lives, facts=facts)


def _lives_before(
    source: PartSource, format: Format, context: Context, timed: Timed, first: Stretch
) -> tuple[tuple[Entry, ...], tuple[Fact, ...]]:
    """The boots and exits before the window, and what else the log says there of itself, such as its boot id."""
    start = timed.line_start(max(0, first.offset - LIVES_IN))
    line, _ = source.count_lines(start, first.line)
    sieved = Sieved(source, life_sieve(_samples(source)), Stretch(line + 1, start), first.offset)
    lives: deque[Entry] = deque(maxlen=LIVES)
    facts: list[Fact] = []
    for record in format.parse(sieved, context):
        if isinstance(record, Fact):
            facts.append(record)
        elif isinstance(record, Entry) and record.life is not None and record.stamp is not None:
            lives.append(record)
    return tuple(lives), tuple(facts)


def _by_its_words(
    source: PartSource, format: Format, context: Context, traces: Traces, sieve: Sieve, watch: Watch
) -> Skimmed | None:
    sieved, finder = Sieved(source, sieve), WindowFinder(traces)
    lives: deque[Entry] = deque(maxlen=4 * LIVES)
    facts: list[Fact] = []
    for record in watch(format.parse(sieved, context)):
        if isinstance(record, Entry):
            finder.see(record, votes=bool(sieve(record.message)))
            sieved.told(record)
            if record.life is not None and record.stamp is not None:
                lives.append(record)
        elif isinstance(record, Fact):
            facts.append(record)
    stretches, times = sieved.stretches, _in_order(sieved.times)
    if sieved.odd or source.problem or not times:
        return None
    probe = traces.span and _around(times, traces.span[0] - MARGIN, traces.span[1] + MARGIN)
    if probe and probe[1] - probe[0] <= PROBED:
        part = Sliced(source, stretches[probe[0]], _end(stretches, probe[1]))
        for record in format.parse(part, msgspec.structs.replace(context, worth=_nothing)):
            if isinstance(record, Entry):
                finder.see(record, votes=False)
    window = finder.window()
    place = _around(times, *window) if window is not None else None
    if window is None or place is None:
        return None
    first = stretches[place[0]]
    before = [entry for entry in lives if entry.line < first.line]
    return Skimmed(
        window=window,
        lines=sieved.count,
        first=first,
        end=_end(stretches, place[1]),
        lives=tuple(before[-LIVES:]),
        facts=tuple(facts),
    )


def _unwatched(records: Iterator[Record]) -> Iterator[Record]:
    return records


def _nothing(message: str) -> object:
    return None


def _samples(source: PartSource) -> Iterator[bytes]:
    """Stretches from all over the log; of a compressed one from its beginning, which is all that is near."""
    if source.plain:
        for start in source.places(SAMPLES):
            for block in source.blocks(start):
                yield block[:SAMPLE_BYTES]
                break
        return
    room = SAMPLES * SAMPLE_BYTES
    for block in source.blocks():
        yield block[:room]
        room -= len(block)
        if room <= 0:
            return


def _in_order(told: list[int | None]) -> list[int]:
    """The times of all stretches, those that tell none filled from before; [] where the log is not in their order."""
    known = [time for time in told if time is not None]
    if not known or len(known) < MARKED * len(told):
        return []
    latest, times = known[0], []
    for time in told:
        if time is not None and time < latest - JITTER:
            return []
        latest = latest if time is None else max(latest, time)
        times.append(latest)
    return times


def _around(times: list[int], low: int, high: int) -> tuple[int, int] | None:
    """(first, behind the last) of the stretches that may hold entries from `low` to `high`; None where none may."""
    first = max(0, bisect_right(times, low - JITTER) - 1)
    last = bisect_right(times, high + JITTER)
    return (first, last) if last > first else None


def _end(stretches: list[Stretch], behind: int) -> int | None:
    return stretches[behind].offset if behind < len(stretches) else None
