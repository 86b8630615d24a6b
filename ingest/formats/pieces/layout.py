"""Finds the pieces of a part, or that it is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ingest.formats import ansi, pytest_terminal, unittest_text
from ingest.formats.base import LINE_LIMIT, Format, Head, Source
from ingest.formats.detect import SESSION, judged
from ingest.formats.pieces import sorts
from ingest.formats.pieces.cutting import cut
from ingest.formats.pieces.labels import by_label
from ingest.formats.pieces.piece import PIECES, Layout, Piece
from ingest.formats.pieces.sorts import Sorter
from ingest.formats.pieces.stretches import Stretch, runs, sessions
from ingest.formats.registry import FORMATS
from ingest.formats.wrapping.registry import CI_WRAPPERS, CONTAINER_WRAPPERS
from ingest.formats.wrapping.unwrap import unwrapped, wrappers_of
from triage.core.records import Side

SEARCHED = 24 << 20  # characters of a part that are looked through line by line
SEARCHED_FOR_TESTS = 64 << 20  # bytes of a plain log that are searched for pytest's first line
PLAIN_AFTER = 1 << 20  # characters of nothing but one log's lines, after which the rest is taken to be the same
PLAIN = 0.9  # of the lines that are not indented
LITTLE = 0.2  # of the lines: so many strange ones may a plain log have
FEW = 20
CLEAR = 10  # lines of each of several logs in a file that is no console's
SURE = 0.8  # score of a report
FITS = 0.2  # least score of a piece
HELD, HELD_TEXT = 400, 100_000  # lines and characters by which a stretch is judged
WHOLE = Layout()


class _Seen(msgspec.Struct):
    """The sorts of a part's lines, as far as they were looked at."""

    kinds: bytearray
    sorter: Sorter
    whole: bool = True
    plain: bool = False


def pieces_of(source: Source, slot: Side | None = None, formats: Sequence[Format] = FORMATS) -> tuple[Piece, ...]:
    """At most PIECES pieces in file order; (Piece(),) where the part is one."""
    return laid_out(source, slot, formats).pieces


def laid_out(source: Source, slot: Side | None = None, formats: Sequence[Format] = FORMATS) -> Layout:
    """The pieces, and how many lines are outside of them. Linear time, bounded memory; never raises on content."""
    head = source.head()
    if not head.data or b"\0" in head.data[:4096]:
        return WHOLE
    if any(getattr(each, "DOCUMENT", False) and each.recognises(head) for each in formats):
        return WHOLE
    if head.data.lstrip()[:1] in (b"<", b"{", b"[") and _is_document(head, formats):
        return WHOLE
    inner = unwrapped(source)
    if wrappers_of(inner):
        labelled, outside = by_label(inner, Piece(), formats)
        if len(labelled) > 1:
            return Layout(pieces=labelled, outside=outside)
    seen = _looked_at(inner, Sorter(formats), patient=False)
    if seen.plain and _has_tests(source):
        seen = _looked_at(inner, Sorter(formats), patient=True)
    if seen.plain:
        return WHOLE
    tests = sessions(seen.kinds)
    stretches = sorted([*tests, *runs(seen.kinds, tests)], key=lambda each: each.first)
    console = any(each in CI_WRAPPERS for each in wrappers_of(inner)) or sorts.SECTION in seen.kinds
    if not _is_several(stretches, seen, console):
        return WHOLE
    unseen = len(stretches[4 * PIECES :])
    stretches = _holding(inner, stretches[: 4 * PIECES], seen, formats)
    more = len(stretches[PIECES:]) + unseen
    stretches = stretches[:PIECES]
    if not _is_several(stretches, seen, console):
        return WHOLE
    layout = _layout(source, stretches, seen, formats)
    return msgspec.structs.replace(layout, more=layout.more + more)


def _is_document(head: Head, formats: Sequence[Format]) -> bool:
    """A report of a test run, which may hold whatever its tests printed."""
    found = judged(head, None, formats)
    return found.side is Side.TESTS and found.format is not pytest_terminal and found.score >= SURE


def _looked_at(source: Source, sorter: Sorter, *, patient: bool) -> _Seen:
    kinds = bytearray()
    size = 0
    checked = patient
    for number, text in source.lines(LINE_LIMIT):
        if number > len(kinds) + 1:
            kinds.extend(bytes(number - len(kinds) - 1))
        kinds.append(sorter.sort(text))
        size += len(text) + 1
        if size > PLAIN_AFTER and not checked:
            checked = True
            if _is_plain(kinds):
                return _Seen(kinds, sorter, whole=False, plain=True)
        if size > SEARCHED:
            return _Seen(kinds, sorter, whole=False)
    return _Seen(kinds, sorter)


def _is_plain(kinds: bytearray) -> bool:
    """Nearly nothing but the lines of one log."""
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    if counts.get(sorts.PYTEST_BEGINS) or counts.get(sorts.SECTION):
        return False
    counted = {kind: count for kind, count in counts.items() if kind not in (sorts.BLANK, sorts.GOES_ON)}
    if not counted:
        return False
    most = max(counted, key=lambda kind: counted[kind])
    return most != sorts.OTHER and counted[most] >= PLAIN * sum(counted.values())


def _has_tests(source: Source) -> bool:
    passed, tail = 0, b""
    for block in source.blocks():
        if SESSION in block or SESSION in tail + block[: len(SESSION)]:
            return True
        tail = block[-len(SESSION) :]
        passed += len(block)
        if passed > SEARCHED_FOR_TESTS:
            break
    return False


def _is_several(stretches: list[Stretch], seen: _Seen, console: bool) -> bool:
    """Whether it is clear that the part is more than one log with some strange lines."""
    if not stretches:
        return False
    outside = _outside(seen.kinds, [(each.first, each.last) for each in stretches])
    lines = sum(kind != sorts.BLANK for kind in seen.kinds)
    little = outside <= max(FEW, LITTLE * lines) if not console else outside == 0
    kinds = {each.sort for each in stretches}
    if len(kinds) == 1:
        return not little and (console or all(each.complete for each in stretches))
    if console or sorts.PYTEST_BEGINS in kinds:
        return True
    return little and all(each.count >= CLEAR for each in stretches)


def _piece(stretch: Stretch, seen: _Seen) -> Piece:
    goes_on = stretch.open and not seen.whole
    return Piece(first=stretch.first, last=None if goes_on else stretch.last)


def _holding(source: Source, stretches: Sequence[Stretch], seen: _Seen, formats: Sequence[Format]) -> list[Stretch]:
    """Those that a format fits, read by themselves: one pass over the part."""
    return [each for each, lines in _beginnings(source, stretches) if _holds(each, lines, seen, formats)]


def _beginnings(source: Source, stretches: Sequence[Stretch]) -> Iterator[tuple[Stretch, list[str]]]:
    """Each stretch with its first lines, blank ones left out."""
    if not stretches:
        return
    waiting = iter(stretches)
    stretch = next(waiting)
    lines: list[str] = []
    size = 0
    for number, text in source.lines():
        while number > stretch.last:
            yield stretch, lines
            following = next(waiting, None)
            if following is None:
                return
            stretch, lines, size = following, [], 0
        if number >= stretch.first and size < HELD_TEXT and len(lines) < HELD and text and not text.isspace():
            lines.append(text)
            size += len(text)
    yield stretch, lines


def _holds(stretch: Stretch, lines: list[str], seen: _Seen, formats: Sequence[Format]) -> bool:
    if seen.sorter.is_wrapped(stretch.sort):
        return any(each.fits(lines) for each in CONTAINER_WRAPPERS)
    plain = tuple(ansi.strip(line) for line in lines)
    head = Head("", "\n".join(plain).encode("utf-8", "replace"), plain)
    if stretch.sort == sorts.PYTEST_BEGINS:
        return any(each.recognises(head) is not None for each in (pytest_terminal, unittest_text))
    return judged(head, None, formats).score >= FITS


def _layout(source: Source, stretches: list[Stretch], seen: _Seen, formats: Sequence[Format]) -> Layout:
    pieces: list[Piece] = []
    outside = 0
    for stretch in stretches:
        piece = _piece(stretch, seen)
        if seen.sorter.is_wrapped(stretch.sort):
            labelled, more = by_label(unwrapped(cut(source, piece)), piece, formats)
            pieces.extend(labelled)
            outside += more
        else:
            pieces.append(piece)
    spans = [(each.first, each.last if each.last is not None else len(seen.kinds)) for each in pieces[:PIECES]]
    return Layout(
        pieces=tuple(pieces[:PIECES]),
        outside=outside + _outside(seen.kinds, spans),
        more=len(pieces[PIECES:]),
        looked_through=seen.whole,
    )


def _outside(kinds: bytearray, spans: list[tuple[int, int]]) -> int:
    """Lines, not blank, that lie in none of these."""
    outside = at = 0
    end = len(kinds) + 1
    for first, last in [*sorted(set(spans)), (end, end)]:
        between = kinds[at : first - 1]
        outside += len(between) - between.count(sorts.BLANK)
        at = max(at, last)
    return outside
