"""What several processes did of their own accord at the same time: the same words in their logs, outside requests."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from triage.core.common_time import CommonTime
from triage.core.lineup import Scene
from triage.core.quoting import unframed
from triage.core.records import SECOND
from triage.core.server_time import Line
from triage.core.words import kind_of_line

_TOGETHER = 2 * SECOND  # a job that is started everywhere starts everywhere at about the same time
_INSIDE = 30_000  # a line this close to a request of its process is taken to be of it
_MOST = 200_000  # lines that are looked at
_LENGTH = 300
_END = 60  # characters by which lines are compared first


class Doubled(msgspec.Struct, frozen=True):
    """One line that two processes wrote at about the same time."""

    at: int  # of the first of them, on the axis that all hosts share
    text: str
    first: Line
    other: Line
    again: bool = False  # both say such things time and again, and not only as they start or stop


def doubled(scene: Scene, time: CommonTime) -> tuple[Doubled, ...]:
    """In order of time, without what requests write; none where requests leave no lines of their own, for then nothing
    tells the two apart."""
    pairs = list(_pairs(scene, time))
    if not pairs:
        return ()
    spans = _spans(scene)
    if 2 * sum(map(len, spans.values())) < len(scene.requests.lines):
        return ()
    found = [
        (kind_of_line(pair.text), pair)
        for pair in pairs
        if not any(_within(spans.get(each.process, []), each.low) for each in (pair.first, pair.other))
    ]
    said = {(kind, line.process, line.entry.line) for kind, each in found for line in (each.first, each.other)}
    often = Counter((kind, process) for kind, process, _ in said)
    return tuple(
        msgspec.structs.replace(each, again=min(often[kind, line.process] for line in (each.first, each.other)) > 1)
        for kind, each in sorted(found, key=lambda pair: pair[1].at)
    )


def _pairs(scene: Scene, time: CommonTime) -> Iterator[Doubled]:
    """Lines in the same words, one after the other, of two processes at about the same time."""
    latest: dict[str, Line] = {}  # by the end of a line: the last such one
    masters = scene.population.masters
    for line in scene.lines.lines[:_MOST]:
        entry = line.entry
        if entry.request is not None or line.pid is None or line.process in masters or entry.life is not None:
            continue
        end = entry.message[:_LENGTH][-_END:]
        known = latest.get(end)
        latest[end] = line
        if known is None or known.process == line.process:
            continue
        before, at = time.at(known.host, known.low), time.at(line.host, line.low)
        text = unframed(entry.message[:_LENGTH])
        if abs(at - before) <= _TOGETHER and text == unframed(known.entry.message[:_LENGTH]):
            yield Doubled(min(at, before), text, known, line)


def _spans(scene: Scene) -> dict[int, list[tuple[int, int]]]:
    """When each process was busy with requests, in order."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for served, lines in zip(scene.lineup.served, scene.requests.lines, strict=True):
        for line in lines:
            request = line.entry.request
            if request is not None:
                spans[served.process].append((line.low - (request.duration_us or 0), line.low))
    return {process: sorted(several) for process, several in spans.items()}


def _within(spans: list[tuple[int, int]], at: int) -> bool:
    place = bisect_left(spans, (at + _INSIDE, 0))
    return any(first - _INSIDE <= at <= last + _INSIDE for first, last in spans[max(place - 3, 0) : place + 1])
