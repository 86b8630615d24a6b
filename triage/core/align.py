"""Which served request each step was, and how surely: candidates, then the best joint assignment in each chain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log

import msgspec

from triage.core.candidates import Candidate, Shelf
from triage.core.chain import posteriors
from triage.core.events import ClientEvent, ServerEvent
from triage.core.findings import Clock, Match, Served
from triage.core.kinds import Lesson, Row, blank, learn
from triage.core.likeness import Habit, Likeness, Scale

LESSONS = 3  # times that the run is gone over to learn which line goes with which kind of request
ROUNDS = 4  # in which steps that want the same request outbid each other
ADOPTED = 0.5
KEPT = 3  # alternatives shown
LEAST = 0.3  # what the best candidate must have to be shown at all
FAINT = 0.05
NOTHING = 0.0  # score of “no entry”; a step that names its request and finds it has 4 and more
AGAIN = -9.0  # two requests cannot be one
UNTOLD = -1.5  # of a step that names its request, where the server's lines are many enough for all of them
SHARED = -1.0  # two steps in prose may well speak of one request
UNSURE = 0.6  # ceiling of confidence where the clock is not decided and more than one chain or kind could fit


class Alignment(msgspec.Struct, frozen=True):
    matches: dict[int, tuple[Match, ...]]  # step index: best first, one a process
    sure: tuple[tuple[ClientEvent, ServerEvent], ...]  # pairs good enough to set the clock by


def align(
    client: Sequence[ClientEvent],
    server: Sequence[ServerEvent],
    served: Sequence[Served],
    clocks: Sequence[Clock],
    habits: dict[str, Habit] | None = None,
    spokesman: dict[int, int] | None = None,
) -> Alignment:
    """Match steps to served requests. Near-linear: each step looks at a bounded number of candidates.

    `spokesman`: steps that only speak of another step's request, and that step; they are served as it is.
    """
    shared = spokesman or {}
    everything, client = client, [event for event in client if event.step not in shared]
    scale = Scale({clock.host: clock for clock in clocks}, server, habits)
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
    found = _assign(asking, shelf.of_request, scale)
    bounds = _neighbours(client, found)
    taken = {step: row[0][0].event.served for step, row in found.items() if row}
    said = _assign(saying, lambda step: _between(shelf.of_any(step), *bounds[step.step]), scale, nothing)
    rows = _adopt(client, found | said, said)
    decided = {clock.host: clock.decided for clock in clocks}
    matches: dict[int, tuple[Match, ...]] = {}
    sure: list[tuple[ClientEvent, ServerEvent]] = []
    events = {event.step: event for event in client}
    for step, row in rows.items():
        grouped = _by_process(row, served)
        if not grouped or grouped[0].confidence < LEAST:
            continue
        matches[step] = tuple(match for match in grouped[:KEPT] if match.confidence >= FAINT)
        best, probability = max(row, key=lambda each: each[1])
        if probability > 0.9 and best.event.timed and (decided.get(best.event.host) or step in taken):
            sure.append((events[step], best.event))
    for event in everything:
        if event.step in shared and shared[event.step] in matches:
            matches[event.step] = matches[shared[event.step]]
    return Alignment(matches, tuple(sure))


def _assign(
    steps: Sequence[ClientEvent],
    candidates: Callable[[ClientEvent], list[Candidate]],
    scale: Scale,
    nothing: float = NOTHING,
) -> dict[int, Row]:
    chains: dict[str, list[ClientEvent]] = defaultdict(list)
    for event in steps:
        chains[event.chain].append(event)
    lattices = {
        name: [sorted(candidates(event), key=lambda each: each.event.order) for event in chain]
        for name, chain in chains.items()
    }
    result = _settle(chains, lattices, scale, nothing, None)
    if any(candidate.event.kind for rows in lattices.values() for row in rows for candidate in row):
        for _ in range(LESSONS):
            lesson = learn(steps, result)
            if lesson is None:
                break
            result = _settle(chains, lattices, scale, nothing, lesson)
    return result


def _settle(
    chains: dict[str, list[ClientEvent]],
    lattices: dict[str, list[list[Candidate]]],
    scale: Scale,
    nothing: float,
    lesson: Lesson | None,
) -> dict[int, Row]:
    """Probabilities of all candidates of all chains, when steps outbid each other for the requests they share."""
    result: dict[int, Row] = {}
    price: dict[int, float] = {}  # of a served request that more steps want than it can have been
    asking = {event.step for chain in chains.values() for event in chain if event.request is not None}
    for _ in range(ROUNDS):
        for name, chain in chains.items():
            lattice = [
                [_valued(each, event, price, lesson) for each in row] if event.step in asking else row
                for event, row in zip(chain, lattices[name], strict=True)
            ]
            timed = [
                event.low is not None and any(scale.interval(candidate.event) for candidate in row[:1])
                for event, row in zip(chain, lattice, strict=True)
            ]
            empty = blank(lesson, chain, [nothing if event.step in asking else NOTHING for event in chain])
            together = [False] + [one.test == other.test for one, other in pairwise(chain)]
            again = [AGAIN] + [AGAIN if {a.step, b.step} <= asking else SHARED for a, b in pairwise(chain)]
            chances = posteriors(lattice, empty, timed, again, together)
            for event, row, chance in zip(chain, lattice, chances, strict=True):
                result[event.step] = sorted(zip(row, chance, strict=True), key=lambda each: -each[1])
        if not _raise_prices([row for step, row in result.items() if step in asking], price):
            break
    return result


def _raise_prices(rows: Sequence[Row], price: dict[int, float]) -> bool:
    """A request is had once: what several steps claim becomes dearer for all of them, as in an auction."""
    wanted: dict[int, float] = defaultdict(float)
    for row in rows:
        for candidate, chance in row:
            wanted[candidate.event.served] += chance
    dearer = {served: total for served, total in wanted.items() if total > 1.02}
    for served, total in dearer.items():
        price[served] = price.get(served, 0.0) + 1.5 * log(total)
    return bool(dearer)


def _valued(candidate: Candidate, event: ClientEvent, price: dict[int, float], lesson: Lesson | None) -> Candidate:
    change = -price.get(candidate.event.served, 0.0)
    if lesson is not None:
        change += lesson.bonus(event, candidate)
    if not change:
        return candidate
    return Candidate(candidate.event, Likeness(candidate.likeness.score + change, candidate.likeness.basis))


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


def _by_process(row: Row, served: Sequence[Served]) -> list[Match]:
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
            confidence=round(min(total[process], 0.999), 4),
            basis=candidate.likeness.basis,
        )
        for process, (candidate, _) in best.items()
    ]
    return sorted(matches, key=lambda match: -match.confidence)
