"""Which served request each step was, and how surely: candidates, then the best joint assignment in each chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from triage.core.candidates import Candidate, Shelf
from triage.core.clock_scale import to_client
from triage.core.crowd import Crowd
from triage.core.doubt import UNSURE, left_open
from triage.core.events import ClientEvent, ServerEvent
from triage.core.findings import Clock, Match, Served
from triage.core.kinds import Row
from triage.core.likeness import Habit, Likeness, Scale, size_price
from triage.core.settle import settle

ADOPTED = 0.5
KEPT = 3  # alternatives shown
LEAST = 0.3  # what the best candidate must have to be shown at all
FAINT = 0.05
SUREST = 0.999
NOTHING = 0.0  # score of “no entry”; a step that names its request and finds it has 4 and more
UNTOLD = -1.5  # of a step that names its request, where the server's lines are many enough for all of them


class Alignment(msgspec.Struct, frozen=True):
    matches: dict[int, tuple[Match, ...]]  # step index: best first, one a process
    sure: tuple[tuple[ClientEvent, ServerEvent], ...]  # pairs good enough to set the clock by
    others: tuple[Crowd, Crowd]  # what the run taught of its strangers, for steps that name a request and for prose


def align(
    client: Sequence[ClientEvent],
    server: Sequence[ServerEvent],
    served: Sequence[Served],
    clocks: Sequence[Clock],
    spokesman: dict[int, int],
    habits: dict[str, Habit] | None = None,
    before: Alignment | None = None,
) -> Alignment:
    """Match steps to served requests. Near-linear: each step looks at a bounded number of candidates.

    `spokesman`: steps that only speak of another step's request, and that step; they are served as it is.
    `before`: an alignment of the same run, or of a part of it, whose lessons are kept.
    """
    shared = spokesman
    everything, client = client, [event for event in client if event.step not in shared]
    by_host = {clock.host: clock for clock in clocks}
    scale = Scale(by_host, server, habits, size_price(client, server))
    _rank(server, by_host)
    shelf = Shelf(server, scale, max((event.step for event in client), default=0) + 1)
    # Where the server's lines name requests, they are the frame; prose on either side is fitted in between.
    asking = [event for event in client if event.request is not None and shelf.names(event)]
    framed = {event.step for event in asking}
    saying = [
        event
        for event in client
        if event.step not in framed and not event.plumbing and (event.request is not None or event.words)
    ]
    # Where each step that names its request has left a line, hardly any has left none.
    told = sum(event.request is not None for event in client)
    nothing = NOTHING if asking or len(server) < told else UNTOLD
    framing = settle(
        asking, shelf.of_request, scale, NOTHING, before.others[0] if before is not None else None, named=True
    )
    found = framing.rows
    bounds = _neighbours(client, found)
    taken = {step: row[0][0].event.served for step, row in found.items() if row}
    telling = settle(
        saying,
        lambda step: _between(shelf.of_any(step), *bounds[step.step]),
        scale,
        nothing,
        before.others[1] if before is not None else None,
        named=False,
    )
    said = telling.rows
    rows = _adopt(client, found | said, said)
    doubtful = left_open(client, rows, served, scale)
    decided = {clock.host: clock.decided for clock in clocks}
    matches: dict[int, tuple[Match, ...]] = {}
    sure: list[tuple[ClientEvent, ServerEvent]] = []
    events = {event.step: event for event in client}
    for step, row in rows.items():
        grouped = _by_process(row, served, UNSURE if step in doubtful else SUREST)
        if not grouped or grouped[0].confidence < LEAST:
            continue
        matches[step] = tuple(match for match in grouped[:KEPT] if match.confidence >= FAINT)
        best, probability = max(row, key=lambda each: each[1])
        if probability > 0.9 and best.event.timed and (decided.get(best.event.host) or step in taken):
            sure.append((events[step], best.event))
    for event in everything:
        if event.step in shared and shared[event.step] in matches:
            matches[event.step] = matches[shared[event.step]]
    return Alignment(matches, tuple(sure), (framing.others, telling.others))


def _rank(server: Sequence[ServerEvent], clocks: dict[str, Clock]) -> None:
    """Give the requests of all hosts one order, as the client would have seen their answers."""
    timed = sorted(
        (event for event in server if event.timed), key=lambda event: (_answered(event, clocks), event.order)
    )
    places = sorted(event.order for event in timed)
    for place, event in zip(places, timed, strict=True):
        event.order = place


def _answered(event: ServerEvent, clocks: dict[str, Clock]) -> int:
    """A request ends with its access line; where there is none, its first line tells best when it was handled."""
    at = event.high if event.ended else event.low
    clock = clocks.get(event.host)
    return to_client(clock, at) if clock is not None else at


def _adopt(client: Sequence[ClientEvent], found: dict[int, Row], said: dict[int, Row]) -> dict[int, Row]:
    """A request whose own line found nobody, followed by the tester's words on it that did: they are the same."""
    adopted = dict(found)
    for event, following in pairwise(event for event in client if not event.plumbing):
        row, words = found.get(event.step), said.get(following.step)
        if row is None or not words or following.request is not None or following.test != event.test:
            continue
        best, chance = words[0]
        own = row[0][1] if row and row[0][0].event.request is not None else 0.0
        if chance < max(ADOPTED, own + 0.15) or event.request is None or (row and row[0][1] >= chance):
            continue
        told = best.event.request
        if told is None or told.method in (None, event.request.method):
            left = [(other, 0.05 * each) for other, each in row[:2] if other.event.served != best.event.served]
            adopted[event.step] = [(Candidate(best.event, Likeness(0.0, ("words",))), 0.95 * chance), *left]
    return adopted


def _neighbours(client: Sequence[ClientEvent], found: dict[int, Row]) -> dict[int, tuple[int | None, int | None]]:
    """For each step the log order of the surely matched requests before and after it in its chain."""
    result: dict[int, tuple[int | None, int | None]] = {}
    last: dict[str, int] = {}
    for event in client:
        row = found.get(event.step)
        if row and row[0][1] > 0.8:
            last[event.chain] = row[0][0].event.order
        result[event.step] = last.get(event.chain), None
    following: dict[str, int] = {}
    for event in reversed(client):
        row = found.get(event.step)
        result[event.step] = result[event.step][0], following.get(event.chain)
        if row and row[0][1] > 0.8:
            following[event.chain] = row[0][0].event.order
    return result


def _between(row: list[Candidate], after: int | None, before: int | None) -> list[Candidate]:
    """A step in prose tells of the request just named, or of one up to the next that is named."""
    return [
        candidate
        for candidate in row
        if (after is None or candidate.event.order >= after) and (before is None or candidate.event.order <= before)
    ]


def _by_process(row: Row, served: Sequence[Served], most: float) -> list[Match]:
    """One match a process: two requests of the same process do not make the process less sure."""
    best: dict[int, tuple[Candidate, float]] = {}
    total: dict[int, float] = defaultdict(float)
    for candidate, chance in row:
        process = served[candidate.event.served].process
        total[process] += chance
        if process not in best or chance > best[process][1]:
            best[process] = candidate, chance
    matches = [
        Match(
            served=candidate.event.served,
            confidence=round(min(total[process], most), 4),
            basis=candidate.likeness.basis,
        )
        for process, (candidate, _) in best.items()
    ]
    return sorted(matches, key=lambda match: -match.confidence)
