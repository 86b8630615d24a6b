"""Several lines of one request: the tester's own words before or after it, and a second library's line on it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from triage.core.events import ClientEvent, key_of

WORDS = 64  # words that a request may have together with the lines around it
LINES = 3  # lines next to a request that may be about it
FINE = 10_000  # stamps finer than this tell which lines were written at once
AT_ONCE, APART = 2_000, 10_000  # microseconds
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
    """How often a block of lines begins with words before its first request, and ends with words after its last.

    Inside a block words stand with the request that they follow at once, or that follows them at once.
    """
    leads = trails = 0
    begun: set[tuple[str, str]] = set()
    last: dict[tuple[str, str], ClientEvent] = {}
    for event in talk:
        block = event.test, event.phase
        if block not in begun:
            begun.add(block)
            leads += _words_only(event)
        last[block] = event
    trails += sum(map(_words_only, last.values()))
    for before, event, after in zip(talk, talk[1:], talk[2:], strict=False):
        between = _words_only(event) and before.request is not None and after.request is not None
        if between and _together(before, event) and _together(event, after):
            leads += _beside(event, after, before)
            trails += _beside(before, event, after)
    return leads, trails


def _beside(one: ClientEvent, other: ClientEvent, third: ClientEvent) -> bool:
    """Whether two lines that follow each other were written at once, and a third one next to them clearly apart."""
    if not (one.stamped and other.stamped and third.stamped) or one.low is None or other.low is None:
        return False
    if third.low is None or one.high is None or one.high - one.low > FINE:
        return False
    apart = max(third.low - other.low, one.low - third.low)
    return 0 <= other.low - one.low <= AT_ONCE and apart >= APART


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
