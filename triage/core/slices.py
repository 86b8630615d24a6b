"""A sequence cut into the slices of the tests that ran one after another, where only order and clues tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp

LIMIT = 200_000  # pieces times tests that are gone through
SKIPPED = 0.25  # that a test has no piece at all, against having some
FAINT = 0.01

Rows = list[dict[int, float]]


def cut(
    score: Callable[[int, int], float],
    pieces: int,
    skip: Sequence[float],
    boundary: Sequence[float],
    between: float,
) -> Rows:
    """For each piece the probability of each test, what is missing to 1 being “none of the tests”.

    `score(i, t)` is the log-likelihood of piece i in test t, `boundary[i]` the odds that piece i begins another slice
    than the piece before it, `skip[t]` the factor of test t having no piece, `between` the factor of a piece outside
    every test. Forward and backward over the states before t0, t0, between t0 and t1, t1 …; tests never go back.
    """
    tests = len(skip)
    if not pieces or not tests or pieces * tests > LIMIT:
        return [{} for _ in range(pieces)]
    weights = [
        [between if state % 2 == 0 else exp(score(i, state // 2)) for state in range(2 * tests + 1)]
        for i in range(pieces)
    ]
    forward = [_scaled(_times(_start(skip), weights[0]))]
    for i in range(1, pieces):
        forward.append(_scaled(_times(_ahead(forward[-1], skip, boundary[i]), weights[i])))
    backward = [[0.0]] * pieces
    backward[-1] = _scaled(_start(skip[::-1])[::-1])
    for i in range(pieces - 2, -1, -1):
        after = _times(backward[i + 1], weights[i + 1])
        backward[i] = _scaled(_ahead(after[::-1], skip[::-1], boundary[i + 1])[::-1])
    rows: Rows = []
    for i in range(pieces):
        both = _scaled(_times(forward[i], backward[i]))
        rows.append({t: both[2 * t + 1] for t in range(tests) if both[2 * t + 1] > FAINT})
    return rows


def _start(skip: Sequence[float]) -> list[float]:
    """Where the first piece may be: in the first test, or in a later one, those before it having none."""
    states, passed = [], 1.0
    for factor in skip:
        states += [passed, passed]
        passed *= factor
    return [*states, passed]


def _ahead(before: Sequence[float], skip: Sequence[float], odds: float) -> list[float]:
    """From one piece to the next: on in the same slice, or to a later one past the tests that have no piece."""
    stay, leave = 1 / (1 + odds), odds / (1 + odds)
    states, reached = [], 0.0
    for state, here in enumerate(before):
        states.append(stay * here + leave * reached)
        if state % 2:
            reached = reached * skip[state // 2] + here
        else:
            reached += here
    return states


def _times(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [a * b for a, b in zip(some, others, strict=True)]


def _scaled(states: list[float]) -> list[float]:
    total = sum(states)
    return [state / total for state in states] if total > 0 else [1 / len(states)] * len(states)
