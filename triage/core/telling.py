"""Several lines of one request: the tester's own words before or after it, and a second library's line on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from triage.core.events import ClientEvent, key_of

WORDS = 64  # words that a request may have together with the lines around it
LINES = 3  # lines next to a request that may be about it
CLEAR = 2  # times the rarer habit must happen for the other to be a rule
# A line that says so is about what came back, and often about several requests.
JUDGING = frozenset(
    {
        "expected",
        "match",
        "matches",
        "assertion",
        "exception",
        "traceback",
        "mismatch",
        "doesnt",
        "comparing",
        "asserted",
    }
)


def tie_lines(events: Sequence[ClientEvent]) -> dict[int, int]:
    """Step of a line that only speaks of a request: the step of that request, whose words grow by the line's.

    Whether a team's words come before or after the request is a habit, learnt from where blocks begin and end.
    """
    talk = [event for event in events if not event.plumbing]
    spokesman = _twins(talk)
    frame = [event for event in talk if event.step not in spokesman]
    leads, trails = _habits(frame)
    if leads > CLEAR * trails:
        spokesman |= _attach(frame)
    elif trails > CLEAR * leads:
        spokesman |= _attach(frame[::-1])
    return spokesman


def _twins(talk: Sequence[ClientEvent]) -> dict[int, int]:
    """Two loggers in a row that name the very same request with the same answer speak of one request."""
    twins: dict[int, int] = {}
    for one, other in pairwise(talk):
        if one.step in twins or not _together(one, other) or one.logger == other.logger:
            continue
        if one.request is None or other.request is None or key_of(one.request) != key_of(other.request):
            continue
        if key_of(one.request) is None or one.request.query != other.request.query:
            continue
        if None in (one.request.status, other.request.status) or one.request.status == other.request.status:
            quick, slow = (one, other) if one.quick or not other.quick else (other, one)
            if one.quick != other.quick:
                twins[slow.step] = quick.step
                _learn(quick, slow)
    return twins


def _habits(talk: Sequence[ClientEvent]) -> tuple[int, int]:
    """How often a block of lines begins with words before its first request, and ends with words after its last."""
    leads = 0
    begun: set[tuple[str, str]] = set()
    last: dict[tuple[str, str], ClientEvent] = {}
    for event in talk:
        block = event.test, event.phase
        if block not in begun:
            begun.add(block)
            leads += _words_only(event)
        last[block] = event
    counts = Counter(_words_only(event) for event in last.values())
    return leads, counts[True]


def _attach(talk: Sequence[ClientEvent]) -> dict[int, int]:
    """Words in front of a request, in the given order, are the request's."""
    spokesman: dict[int, int] = {}
    waiting: list[ClientEvent] = []
    for event in talk:
        if waiting and not _together(waiting[-1], event):
            waiting = []
        if _words_only(event):
            waiting.append(event)
        elif event.request is not None:
            for words in waiting[-LINES:] if event.quick else ():
                spokesman[words.step] = event.step
                _learn(event, words)
            waiting = []
    return spokesman


def _words_only(event: ClientEvent) -> bool:
    return event.request is None and not JUDGING & set(event.words)


def _together(one: ClientEvent, other: ClientEvent) -> bool:
    return one.chain == other.chain and one.test == other.test and one.phase == other.phase


def _learn(event: ClientEvent, words: ClientEvent) -> None:
    event.words = tuple(dict.fromkeys((*event.words, *words.words)))[:WORDS]
    event.says |= words.says
