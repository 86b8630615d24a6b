"""What a run's server log keeps, learnt from the run itself: how many requests of others, and how few of the tests'."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

import msgspec

SURE = 0.7  # what two matches must have to count as neighbours
MOST = 200.0  # strangers that one gap may teach
GAPS, STRANGERS = 2.0, 1.0  # what is believed before anything is seen: one stranger in two gaps
STEEPEST, FLATTEST = -4.0, -0.002
LOST, FOUND = 0.5, 1.5  # requests that left no line, and that left one, before anything is seen
SILENT = -4.0  # the surest that a log is believed to keep every request


class Crowd(msgspec.Struct, frozen=True):
    """What each stranger between two requests of one test costs, in log-odds; `fade` is never above zero."""

    fade: float
    silence: float = 0.0  # of a request that was answered: how much likelier it is that it left no line, in log-odds
    rare: float = -3.0  # now and then a test does much that its log does not tell
    rare_fade: float = -0.005


def crowd(strangers: Iterable[float], missing: Iterable[float]) -> Crowd:
    """By the strangers seen in each gap, and for each answered request how surely it left no line."""
    gaps, total = GAPS, STRANGERS
    for seen in strangers:
        gaps += 1
        total += min(seen, MOST)
    mean = total / gaps
    lost, kept = LOST, FOUND
    for chance in missing:
        lost += chance
        kept += 1 - chance
    return Crowd(
        fade=min(max(log(mean / (1 + mean)), STEEPEST), FLATTEST),
        silence=min(max(log(lost / kept), SILENT), 0.0),
    )


ANY = crowd((), ())  # what is expected of any run


def strangers_between(places: Sequence[tuple[int, str, float]]) -> list[float]:
    """Requests between neighbours of one test; `places`: order in the server's log, test and certainty of each step."""
    return [
        float(later - earlier - 1)
        for (earlier, test, chance), (later, other, as_sure) in pairwise(places)
        if test == other and chance >= SURE and as_sure >= SURE and later > earlier
    ]
