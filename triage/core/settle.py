"""The most plausible request of every step, all chains of steps together: each request is had once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log

import msgspec

from triage.core.candidates import Candidate
from triage.core.chain import Stage, posteriors
from triage.core.crowd import ANY, Crowd, crowd, strangers_between
from triage.core.events import ClientEvent
from triage.core.kinds import Lesson, Row, blank, learn
from triage.core.likeness import Likeness, Scale
from triage.core.records import SECOND

LESSONS = 3  # times that the run is gone over to learn which line goes with which kind of request
TELLING = 0.2  # what a line without method and path must have to be worth a lesson
SOME = 50  # and of so many steps one must have such a line
ROUNDS = 4  # in which chains that want the same request outbid each other
WANTED = 1.02  # requests that one request may be, with a little doubt
TWICE = 1.3  # the same within one chain, whose order forbids it but for what overtakes
RAISE = 1.5
AGAIN = -9.0  # two requests cannot be one
SHARED = -1.0  # two steps in prose may well speak of one request
FINE = SECOND // 2
OFTEN, OFTEN_FADE = -1.5, -0.002  # prices of much that a test did between two lines in prose


class Settled(msgspec.Struct, frozen=True):
    """What came out: each step's candidates, the likeliest first, and what the run taught of its strangers."""

    rows: dict[int, Row]
    others: Crowd


class _Chains(msgspec.Struct, frozen=True):
    """Steps by what ran one after another, with their candidates in the order of the log."""

    steps: dict[str, list[ClientEvent]]
    lattices: dict[str, list[list[Candidate]]]
    asking: frozenset[int]  # steps that name a request
    scale: Scale
    nothing: float


def settle(
    steps: Sequence[ClientEvent],
    candidates: Callable[[ClientEvent], list[Candidate]],
    scale: Scale,
    nothing: float,
    others: Crowd | None,
    *,
    named: bool,
) -> Settled:
    """`nothing`: score of a request that left no line; `others`: what is known of strangers, else it is learnt.

    `named`: the server's lines name their requests, so that a log without gaps may be believed to have none.
    """
    by_chain: dict[str, list[ClientEvent]] = defaultdict(list)
    for event in steps:
        by_chain[event.chain].append(event)
    chains = _Chains(
        by_chain,
        {
            name: [sorted(candidates(event), key=lambda each: each.event.order) for event in chain]
            for name, chain in by_chain.items()
        },
        frozenset(event.step for event in steps if event.request is not None),
        scale,
        nothing,
    )
    if others is None:
        others = _crowd(by_chain.values(), _bid(chains, None, ANY if named else _of_prose(ANY)))
        others = others if named else _of_prose(others)
    rows = _bid(chains, None, others)
    told = sum(row[0][1] > TELLING and bool(row[0][0].event.kind) for row in rows.values() if row)
    if told and told * SOME >= len(steps):
        for _ in range(LESSONS):
            lesson = learn(steps, rows)
            if lesson is None:
                break
            rows = _bid(chains, lesson, others)
    return Settled(rows, others)


def _of_prose(others: Crowd) -> Crowd:
    """Who writes prose tells little of what was done in between, and the server's log may keep only some of it."""
    return msgspec.structs.replace(others, silence=0.0, rare=OFTEN, rare_fade=OFTEN_FADE)


def _crowd(chains: Iterable[Sequence[ClientEvent]], rows: Mapping[int, Row]) -> Crowd:
    """What the server's log keeps of others and of the tests themselves, by what is surely matched."""
    seen: list[float] = []
    missing: list[float] = []
    for chain in chains:
        tops = [(event.test, rows[event.step][0]) for event in chain if rows[event.step]]
        seen += strangers_between([(best.event.order, test, chance) for test, (best, chance) in tops])
        missing += [1 - sum(chance for _, chance in rows[event.step]) for event in chain if _answered(event)]
    return crowd(seen, missing)


def _answered(event: ClientEvent) -> bool:
    return event.request is not None and event.request.status is not None


def _bid(chains: _Chains, lesson: Lesson | None, others: Crowd) -> dict[int, Row]:
    """Probabilities of all candidates of all chains, when chains outbid each other for the requests they share."""
    rows: dict[int, Row] = {}
    price: dict[int, float] = {}  # of a served request that more chains want than it can have been
    bidding = set(chains.steps)
    for _ in range(ROUNDS):
        for name in chains.steps:
            if name in bidding:
                rows |= _of_chain(chains, name, price, lesson, others)
        bidding = _raise_prices(chains, rows, price)
        if not bidding:
            break
    return rows


def _of_chain(
    chains: _Chains, name: str, price: Mapping[int, float], lesson: Lesson | None, others: Crowd
) -> dict[int, Row]:
    chain, lattice = chains.steps[name], chains.lattices[name]
    if price or lesson is not None:
        lattice = [
            [_valued(each, event, price, lesson) for each in row] if event.step in chains.asking else row
            for event, row in zip(chain, lattice, strict=True)
        ]
    chances = posteriors(_stages(chain, lattice, chains, lesson, others))
    return {
        event.step: sorted(zip(row, chance, strict=True), key=lambda each: -each[1])
        for event, row, chance in zip(chain, lattice, chances, strict=True)
    }


def _stages(
    chain: Sequence[ClientEvent],
    lattice: Sequence[list[Candidate]],
    chains: _Chains,
    lesson: Lesson | None,
    others: Crowd,
) -> list[Stage]:
    """The steps of a chain with all that decides between their candidates."""
    asking = chains.asking
    silent = [chains.nothing + others.silence * _answered(event) if event.step in asking else 0.0 for event in chain]
    stages: list[Stage] = []
    before: ClientEvent | None = None
    fine_before = False
    for event, row, none in zip(chain, lattice, blank(lesson, chain, silent), strict=True):
        interval = chains.scale.interval(row[0].event) if row else None
        timed = event.low is not None and interval is not None
        fine = timed and _fine(event, interval)
        stranger = before is None or before.test != event.test or (fine and fine_before)
        alone = before is not None and before.step in asking and event.step in asking
        stages.append(Stage(row, none, timed, AGAIN if alone else SHARED, None if stranger else others))
        before, fine_before = event, fine
    return stages


def _fine(event: ClientEvent, interval: tuple[int, int] | None) -> bool:
    """Whether the time of a step says by itself how much else came before it."""
    if interval is None or event.low is None or event.high is None:
        return False
    return event.high - event.low + interval[1] - interval[0] < FINE


def _raise_prices(chains: _Chains, rows: Mapping[int, Row], price: dict[int, float]) -> set[str]:
    """A request is had once: what several chains claim becomes dearer for all of them, as in an auction."""
    wanted: dict[int, float] = defaultdict(float)
    bidders: dict[int, set[str]] = defaultdict(set)
    for name, chain in chains.steps.items():
        for event in chain:
            if event.step in chains.asking:
                for candidate, chance in rows[event.step]:
                    wanted[candidate.event.served] += chance
                    bidders[candidate.event.served].add(name)
    dearer = {
        served: total for served, total in wanted.items() if total > (WANTED if len(bidders[served]) > 1 else TWICE)
    }
    for served, total in dearer.items():
        price[served] = price.get(served, 0.0) + RAISE * log(total)
    return {name for served in dearer for name in bidders[served]}


def _valued(candidate: Candidate, event: ClientEvent, price: Mapping[int, float], lesson: Lesson | None) -> Candidate:
    change = -price.get(candidate.event.served, 0.0)
    if lesson is not None:
        change += lesson.bonus(event, candidate)
    if not change:
        return candidate
    return Candidate(candidate.event, Likeness(candidate.likeness.score + change, candidate.likeness.basis))
