"""Which served requests a step could have been: a bounded number, by key, by words and by time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from triage.core.events import ClientEvent, Key, ServerEvent, key_of
from triage.core.likeness import EXACT, Likeness, Scale, exact, of_request, of_words
from triage.core.records import SECOND

TIMED = 14  # candidates of a step whose time is known
FEW = 6  # candidates with another answer, beside those with the same
UNTIMED = 1_500  # candidates of a step without time: all of its kind, as order decides
HELD = 40_000  # candidates of all steps: of ten thousand steps without time each has few, those near its place
ORDERLY = 300  # requests told by the application alone, up to which order may tie a step that nothing else ties
WORDS = 12
REACH = 8 * SECOND  # how far from its place a partner is looked for
_COMMON_WORD = 200  # a word in more requests than this finds nobody by itself


class Candidate(msgspec.Struct, frozen=True, gc=False):
    event: ServerEvent
    likeness: Likeness


class Shelf:
    """Served requests sorted by what they can be found by."""

    def __init__(self, server: Sequence[ServerEvent], scale: Scale, steps: int = 1) -> None:
        """`steps`: how many there are on the client's side, that is, above their highest number."""
        self._scale = scale
        self._steps = max(1, steps)
        self._untimed = max(TIMED, min(UNTIMED, HELD // self._steps))
        self._by_key: dict[Key, list[ServerEvent]] = defaultdict(list)
        self._by_answer: dict[tuple[Key, int, int | None], list[ServerEvent]] = defaultdict(list)
        self._by_last: dict[tuple[str, str], list[ServerEvent]] = defaultdict(list)
        self._by_word: dict[str, list[ServerEvent]] = defaultdict(list)
        self._by_exact: dict[tuple[str, str], list[ServerEvent]] = defaultdict(list)
        self._all: list[ServerEvent] = sorted(server, key=self._at)
        for event in self._all:
            key = event.key
            if key is not None:
                self._by_key[key].append(event)
                told = event.request
                if told is not None and told.status is not None:
                    self._by_answer[key, told.status, told.size].append(event)
                self._by_last[key[0], key[1].rsplit("/", 1)[-1]].append(event)
            for word in event.words:
                self._by_word[word].append(event)
            for pair in event.keys.items():
                self._by_exact[pair].append(event)
        self._nameless = [event for event in self._all if event.key is None]
        self._places: dict[int, list[int]] = {}  # of the lists that were asked for

    def _at(self, event: ServerEvent) -> int:
        """Client time of a served request's end, best guess; its order where nothing tells the time."""
        place = self._scale.place(event)
        if place is None:
            return event.low if event.timed else event.order
        return place

    def of_request(self, step: ClientEvent) -> list[Candidate]:
        """Candidates of a step that tells method and path."""
        sure = self._exact(step)
        if sure:
            return sure
        key = key_of(step.request)
        found: list[ServerEvent] = []
        if key is not None:
            found = self._answered(key, step)
            if not found:  # a proxy may have stripped the front of the path
                tail = self._by_last.get((key[0], key[1].rsplit("/", 1)[-1]), [])
                found = [
                    event
                    for event in self._near(tail, step, TIMED)
                    if (other := event.key) is not None and _suffix(key[1], other[1])
                ]
        else:
            found = [event for event in self._near(self._all, step, 4 * TIMED) if _half(step, event)]
        nameless = [event for event in self._by_words(step) if event.key is None]
        if not found and step.low is not None:
            nameless += [event for event in self._near(self._nameless, step, TIMED) if event.timed]
        elif not found and len(self._nameless) <= ORDERLY:
            nameless += self._nameless
        unique = {event.served: event for event in (*found, *nameless)}
        return [Candidate(event, of_request(step, event, self._scale)) for event in unique.values()]

    def _answered(self, key: Key, step: ClientEvent) -> list[ServerEvent]:
        """Requests of a kind near the step's time: those with its very answer first, so that a crowd hides none."""
        asked = step.request
        everyone = self._by_key.get(key, [])
        if asked is None or asked.status is None or len(everyone) <= TIMED:
            return self._near(everyone, step, TIMED)
        alike = self._near(self._by_answer.get((key, asked.status, asked.size), []), step, TIMED)
        others = self._near(everyone, step, FEW if alike else TIMED)
        return list({event.served: event for event in (*alike, *others)}.values())

    def names(self, step: ClientEvent) -> bool:
        """Whether the server's side tells requests of this kind by method and path."""
        key = key_of(step.request)
        return key is None or key in self._by_key or (key[0], key[1].rsplit("/", 1)[-1]) in self._by_last

    def of_any(self, step: ClientEvent) -> list[Candidate]:
        """Candidates of a step of either sort."""
        return self.of_request(step) if step.request is not None else self.of_words(step)

    def of_words(self, step: ClientEvent) -> list[Candidate]:
        """Candidates of a step in prose."""
        sure = self._exact(step)
        if sure:
            return sure
        unique = {event.served: event for event in self._by_words(step)}
        if step.low is not None and step.high is not None and step.high - step.low < 3 * SECOND:
            unique |= {event.served: event for event in self._near(self._all, step, WORDS // 2)}
        return [Candidate(event, of_words(step, event, self._scale)) for event in unique.values()]

    def _exact(self, step: ClientEvent) -> list[Candidate]:
        found = [event for pair in step.keys for event in self._by_exact.get(pair, [])[:TIMED] if exact(step, event)]
        return [Candidate(event, Likeness(EXACT, ("exact key",))) for event in found]

    def _by_words(self, step: ClientEvent) -> list[ServerEvent]:
        counts: dict[int, tuple[float, ServerEvent]] = {}
        for word in step.words:
            events = self._by_word.get(word, [])
            if not events:
                continue
            near = events if len(events) <= WORDS else self._near(events, step, WORDS)
            if len(events) > _COMMON_WORD and step.low is None:
                continue
            for event in near:
                score, _ = counts.get(event.served, (0.0, event))
                counts[event.served] = score + self._scale.rarity.get(word, 0.0), event
        best = sorted(counts.values(), key=lambda each: -each[0])[:WORDS]
        return [event for _, event in best]

    def _near(self, events: list[ServerEvent], step: ClientEvent, limit: int) -> list[ServerEvent]:
        if not events:
            return []
        timed = step.low is not None and step.high is not None and self._scale.interval(events[0]) is not None
        if not timed or step.low is None or step.high is None:
            if len(events) <= self._untimed:
                return events
            # Both logs go forward, so a step's partner lies about as far in its log as the step in its own.
            start = len(events) * step.step // self._steps - self._untimed // 2
            start = max(0, min(start, len(events) - self._untimed))
            return events[start : start + self._untimed]
        places = self._places.get(id(events))
        if places is None:
            places = self._places[id(events)] = [self._at(event) for event in events]
        first = bisect_left(places, (step.sent if step.sent is not None else step.low) - REACH)
        last = bisect_left(places, step.high + REACH)
        if last - first <= limit:
            return events[first:last]
        middle = bisect_left(places, (step.low + step.high) // 2, first, last)
        return events[max(first, middle - limit * 2 // 3) : min(last, middle + limit - limit * 2 // 3)]


def _suffix(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


def _half(step: ClientEvent, event: ServerEvent) -> bool:
    """A step that tells only one of method and path."""
    asked, told = step.request, event.request
    if asked is None or told is None:
        return False
    if asked.path is not None:
        return told.path is not None and asked.path.rstrip("/") == told.path.rstrip("/")
    return asked.method is not None and asked.method == told.method
