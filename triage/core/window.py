"""Which slice of a server log belongs to the run: a first streaming pass in bounded memory, even with zones unknown."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from copy import copy

from triage.core.assemble import assemble
from triage.core.client_time import ClientTime
from triage.core.events import Key, client_events, key_of
from triage.core.records import SECOND, Entry, RunEvidence, Side
from triage.core.sessions import told_apart
from triage.core.words import words
from triage.core.zones import Zone

MARGIN = 120 * SECOND  # kept on each side of the run
LIFE_NEAR = 600 * SECOND  # boots and exits this close to the run are kept as well
LIVES = 500  # boots and exits before the window that are kept all the same: they tell how many processes there were
_BIN = 2 * SECOND
_REACH = 27 * 3600 * SECOND  # zones and a clock that is hours wrong; beyond that the window is not told
_BINS = 2 * _REACH // _BIN
_EVENTS_A_KEY = 8  # client events that vote for each server line of their kind
_WORDS = 400  # rare words of the steps that are looked for
_LIVES = 4_000
_CLEAR = 1.5  # times the best rival that the winning place needs
_LEAST = 1.0  # votes

Window = tuple[int, int]  # low and high microseconds on the axis of a part's own stamps


def near(entries: Iterable[Entry], window: Window) -> Iterator[Entry]:
    """The entries of one part in the window, and the last lives before it, in file order.

    Bounded memory. A line without a date goes with the one before it.
    """
    low, high = window
    lives: deque[Entry] = deque(maxlen=LIVES)
    inside = True
    for entry in entries:
        stamp = entry.stamp
        if stamp is not None and stamp.dated:
            inside = low <= stamp.us <= high
        if inside:
            yield from lives
            lives.clear()
            yield entry
        elif entry.life is not None and stamp is not None and stamp.us < low:
            lives.append(entry)
    yield from lives


class Traces:
    """What the tests side leaves to look for in a server log; gathered once, however many parts are searched for it."""

    def __init__(self, evidence: RunEvidence) -> None:
        tests = RunEvidence(
            parts=tuple(part for part in evidence.parts if part.side is Side.TESTS),
            client_timezone=evidence.client_timezone,
            server_timezone=evidence.server_timezone,
            started_us=evidence.started_us,
            finished_us=evidence.finished_us,
        )
        assembled = assemble(told_apart(tests))
        self.zone = Zone(evidence.server_timezone)
        self.span = _client_span(tests)
        self.absolute = assembled.zoned or evidence.started_us is not None
        self.by_key: dict[Key, list[int]] = {}
        self.by_word: dict[str, list[int]] = {}
        self.weights: dict[Key | str, float] = {}
        keys: dict[Key, list[int]] = {}
        said: dict[str, list[int]] = {}
        for event in client_events(assembled):
            if event.low is None or event.high is None or event.high - event.low > 60 * SECOND:
                continue
            middle = (event.low + event.high) // 2
            key = key_of(event.request)
            if key is not None:
                keys.setdefault(key, []).append(middle)
            for word in event.words:
                said.setdefault(word, []).append(middle)
        for key, times in keys.items():
            self.by_key[key] = times[:: max(1, len(times) // _EVENTS_A_KEY)][:_EVENTS_A_KEY]
            self.weights[key] = 1 / len(times)
        if not keys:
            rare = sorted(said, key=lambda word: (len(said[word]), -len(word)))[:_WORDS]
            for word in rare:
                self.by_word[word] = said[word][:_EVENTS_A_KEY]
                self.weights[word] = 0.5 / len(said[word])

    def tokens(self) -> tuple[str, ...]:
        """What a server line that has to do with one of the traces contains, in any case."""
        return tuple(dict.fromkeys((*(path for _, path in self.by_key if path != "/"), *map(_root, self.by_word))))

    def of(self, tokens: Iterable[str]) -> Traces:
        """Only the traces that are found by one of these tokens."""
        kept = frozenset(tokens)
        some = copy(self)
        some.by_key = {key: times for key, times in self.by_key.items() if key[1] in kept}
        some.by_word = {word: times for word, times in self.by_word.items() if _root(word) in kept}
        return some


def _root(word: str) -> str:
    """Words are kept by their stem: `query` stands for queries as well."""
    return word[:-1] if word.endswith("y") else word


class WindowFinder:
    """Sees every entry of one server part once, then tells the window on the raw axis of that part's stamps."""

    def __init__(self, traces: Traces) -> None:
        self._zone = traces.zone
        self._span = traces.span
        self._absolute = traces.absolute
        self._by_key = traces.by_key
        self._by_word = traces.by_word
        self._weights = traces.weights
        self._votes = array("f", bytes(4 * _BINS))
        self._counts: Counter[Key | str] = Counter()
        self._lives: deque[int] = deque(maxlen=_LIVES)
        self._seen = self._zoned = 0
        self._inside = 0  # entries in the run's own span where both sides carry zones

    def see(self, entry: Entry, *, votes: bool = True) -> None:
        """Note one entry. Constant time and memory. Without `votes` it only tells that the log goes on there."""
        stamp = entry.stamp
        if stamp is None or not stamp.dated:
            return
        self._seen += 1
        self._zoned += stamp.zoned
        if entry.life is not None:
            self._lives.append(stamp.us)
        if self._span is not None:
            self._inside += self._span[0] - MARGIN <= stamp.us <= self._span[1] + MARGIN
        if not votes:
            return
        if self._by_key:
            key = key_of(entry.request)
            if key is not None and key in self._by_key:
                self._vote(stamp.us, key, self._by_key[key])
        elif self._by_word:
            for word in words(entry.message[:400]):
                if word in self._by_word:
                    self._vote(stamp.us, word, self._by_word[word])

    def _vote(self, at: int, token: Key | str, times: list[int]) -> None:
        self._counts[token] += 1
        # A kind of line that the log is full of tells less each time.
        weight = self._weights[token] / (1 + self._counts[token] / 200)
        for time in times:
            place = (at - time + _REACH) // _BIN
            if 0 <= place < _BINS:
                self._votes[place] += weight

    def window(self) -> Window | None:
        """(low, high) in microseconds of the raw stamps; None where the log does not tell, so that all is kept."""
        if self._span is None or not self._seen:
            return None
        offset = self._offset()
        if offset is None:
            return None
        low, high = self._span[0] + offset - MARGIN - _BIN, self._span[1] + offset + MARGIN + _BIN
        lives = sorted(self._lives)
        near = lives[bisect_left(lives, low - LIFE_NEAR) : bisect_left(lives, high + LIFE_NEAR)]
        return min([low, *near]), max([high, *near])

    def agrees(self) -> bool:
        """Whether the run's requests stand in the log at the run's own time, so that nowhere else need be looked.

        For entries of that time alone; where the log does not name its zone there is no such time.
        """
        if not self._absolute or not self._inside or self._zoned * 2 <= self._seen:
            return False
        here = sum(self._votes[_REACH // _BIN - 60 : _REACH // _BIN + 61])
        return here >= _LEAST

    def _offset(self) -> int | None:
        """Raw server stamp minus client time, to a few seconds."""
        smooth = self._votes
        place, top = 0, 0.0
        for index in range(1, _BINS - 1):
            if smooth[index] or smooth[index - 1]:
                value = smooth[index - 1] + smooth[index] + smooth[index + 1]
                if value > top:
                    place, top = index, value
        rival = 0.0
        for index in range(1, _BINS - 1):
            if abs(index - place) > 15 and smooth[index]:
                rival = max(rival, smooth[index - 1] + smooth[index] + smooth[index + 1])
        voted = place * _BIN - _REACH + _BIN // 2
        both = self._absolute and (bool(self._zone) or self._zoned * 2 > self._seen)
        if both:
            plain = 0 if not self._zone or self._zoned * 2 > self._seen else self._wall_offset()
            here = max(smooth[(plain + _REACH) // _BIN + step] for step in range(-60, 61))
            # Clocks that both name their zone are believed unless the requests clearly say otherwise.
            if here * 3 >= top or top < 3 * _LEAST:
                return plain if self._inside or here else None
        if top >= _LEAST and top >= rival * _CLEAR:
            return voted
        return None

    def _wall_offset(self) -> int:
        first = self._span[0] if self._span is not None else 0
        return self._zone.wall(first) - first


def _client_span(evidence: RunEvidence) -> tuple[int, int] | None:
    """First and last instant of the tests side on the client's clock; None where it has no dated time at all."""
    time = ClientTime(evidence)
    found: list[int] = []
    dated = evidence.started_us is not None
    for part in evidence.parts:
        for result in part.results:
            for stamp in (result.started, result.stopped):
                if stamp is not None:
                    dated = dated or stamp.dated
                    found += time.place(stamp)
        for step in part.steps:
            if step.stamp is not None:
                dated = dated or step.stamp.dated
                found += time.place(step.stamp)
        for fact in part.facts:
            if fact.name.endswith(("started_us", "finished_us")) and fact.value.lstrip("-").isdigit():
                found.append(int(fact.value))
                dated = True
    if not dated:
        return None
    if evidence.started_us is not None and evidence.finished_us is not None:
        found += [evidence.started_us, evidence.finished_us]
    elif evidence.started_us is not None and not found:
        return None
    return (min(found), max(found)) if found else None
