"""How far a server's clock is from the client's: votes of possible pairs for a first guess, then causal bounds."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from math import exp, log

import msgspec

from triage.core.events import ClientEvent, ServerEvent, key_of
from triage.core.findings import Clock
from triage.core.marzullo import intersect
from triage.core.records import SECOND
from triage.core.words import is_id
from triage.core.zones import QUARTER, quarters

PAIRS = 600_000  # pairs that may vote
EVENTS = 500  # client events that judge a guess
NEAR = SECOND  # how far from its place a partner may be
LATE = 20_000  # an access line may follow the client's own line by this much
LAG = 5_000  # a journal stamps a line when it reads it, not when it was written
QUICK = 30_000  # an HTTP library logs an answer this soon after the server did
UNDECIDED = 5 * SECOND  # what is assumed of a clock that nothing decides
RIVAL = 2_500_000  # a guess further away than this is another guess
_BINS = 40  # seconds that one pair may vote for


class _Guess(msgspec.Struct, frozen=True):
    offset: int
    score: float
    hits: int


def estimate(
    client: Sequence[ClientEvent], server: Sequence[ServerEvent], client_zoned: bool, zoned: dict[str, bool]
) -> tuple[Clock, ...]:
    """One clock a host, the busiest first."""
    by_host: dict[str, list[ServerEvent]] = defaultdict(list)
    for event in server:
        if event.timed:
            by_host[event.host].append(event)
    clocks = []
    for host in sorted(by_host, key=lambda host: -len(by_host[host])):
        events = by_host[host]
        clocks.append(_clock(host, client, events, client_zoned and zoned.get(host, False)))
    # A host that decides nothing by itself, next to one that does, most likely keeps the same time.
    sure = [clock for clock in clocks if clock.decided]
    if sure:
        lead = sure[0]
        clocks = [
            clock
            if clock.decided or zoned.get(clock.host, False) != zoned.get(lead.host, False)
            else Clock(
                host=clock.host,
                offset_us=lead.offset_us,
                low_us=lead.low_us - SECOND,
                high_us=lead.high_us + SECOND,
                basis=f"assumed to be as on {lead.host or 'the other host'}",
            )
            for clock in clocks
        ]
    return tuple(clocks)


def _clock(host: str, client: Sequence[ClientEvent], server: list[ServerEvent], absolute: bool) -> Clock:
    tokens_s = _server_tokens(server)
    tokens_c = _client_tokens(client, tokens_s)
    guesses = _guesses(tokens_c, tokens_s, absolute)
    best = guesses[0] if guesses else None
    if best is None or best.hits == 0:
        return _assumed(host, absolute)
    rival = next((guess for guess in guesses if abs(guess.offset - best.offset) > RIVAL), None)
    margin = best.score - rival.score if rival is not None else best.score
    if margin < 1.0 or best.score < 1.5:
        return _assumed(host, absolute)
    pairs = _unique_pairs(tokens_c, tokens_s, best.offset)
    return from_pairs(host, pairs, best.offset, best.hits)


def _assumed(host: str, absolute: bool) -> Clock:
    basis = "both sides' stamps carry a zone" if absolute else "nothing to go by: equal clocks are assumed"
    return Clock(host=host, offset_us=0, low_us=-UNDECIDED, high_us=UNDECIDED, basis=basis)


Token = tuple[str, ...]


def _client_tokens(
    events: Sequence[ClientEvent], server: dict[Token, list[ServerEvent]]
) -> dict[Token, list[ClientEvent]]:
    """What steps can be found by: method and path; where the server's lines name none, the objects they speak of."""
    found: dict[Token, list[ClientEvent]] = defaultdict(list)
    objects: dict[str, list[ClientEvent]] = defaultdict(list)
    for event in events:
        key = key_of(event.request)
        if key is not None:
            if event.low is not None and event.high is not None:
                found[key].append(event)
            if key not in server:
                for word in event.words:
                    if is_id(word):
                        objects[word].append(event)
        elif event.request is None and event.low is not None:
            for word in event.words:
                found[(word,)].append(event)
    for word, about in objects.items():
        if all(event.low is not None for event in about):
            found[(word,)].append(_any_of(about))
    return found


def _any_of(events: list[ClientEvent]) -> ClientEvent:
    """A line on an object may be of any of the requests on it: it was written in their time together."""
    lows = [event.sent if event.sent is not None else event.low for event in events]
    highs = [event.high for event in events if event.high is not None]
    low = min(low for low in lows if low is not None)
    return msgspec.structs.replace(events[0], sent=low, low=low, high=max(highs, default=low), quick=False)


def _server_tokens(events: list[ServerEvent]) -> dict[Token, list[ServerEvent]]:
    found: dict[Token, list[ServerEvent]] = defaultdict(list)
    for event in events:
        if event.key is not None:
            found[event.key].append(event)
        for word in event.words:
            found[(word,)].append(event)
    return found


def _guesses(
    client: dict[Token, list[ClientEvent]], server: dict[Token, list[ServerEvent]], absolute: bool
) -> list[_Guess]:
    """Possible offsets, best first: voted for by pairs, judged by how many steps find a partner beyond chance."""
    shared = [token for token in client if token in server]
    if not shared:
        return []
    votes: dict[int, float] = defaultdict(float)
    budget = max(PAIRS // len(shared), 1_000)
    for token in shared:
        mine, theirs = client[token], server[token]
        if len(theirs) > budget:
            continue
        step = max(1, -(-len(mine) * len(theirs) // budget))
        weight = 1 / (len(mine) * len(theirs)) ** 0.5 / len(theirs) ** 0.5
        for c in mine[::step]:
            if c.low is None or c.high is None:
                continue
            for s in theirs:
                first, last = (s.low - c.high) // SECOND, (s.high - c.low) // SECOND
                if last - first < _BINS:
                    share = weight / (last - first + 1)
                    for place in range(first, last + 1):
                        votes[place] += share
    smooth = {place: votes[place] + votes.get(place - 1, 0) + votes.get(place + 1, 0) for place in votes}
    places = sorted(smooth, key=lambda place: -smooth[place])[:60]
    offsets = {place * SECOND + SECOND // 2 for place in _spread(places)[:16]} | {0}
    judge = _Judge(client, server, shared)
    guesses = [judge(offset, absolute) for offset in offsets]
    return sorted(guesses, key=lambda guess: (-guess.score, abs(guess.offset)))


def _spread(places: list[int]) -> list[int]:
    """Peaks without their own shoulders."""
    kept: list[int] = []
    for place in places:
        if all(abs(place - other) > 1 for other in kept):
            kept.append(place)
    return kept


class _Judge:
    """Log-likelihood ratio of an offset: partners found against partners that chance would give."""

    def __init__(
        self, client: dict[Token, list[ClientEvent]], server: dict[Token, list[ServerEvent]], shared: list[Token]
    ) -> None:
        self._lows = {token: sorted(event.low for event in server[token]) for token in shared}
        spans = [low for lows in self._lows.values() for low in (lows[0], lows[-1])]
        self._span = max(spans) - min(spans) + 60 * SECOND
        best: dict[int, list[tuple[Token, ClientEvent]]] = defaultdict(list)
        for token in shared:
            for event in client[token]:
                best[event.step].append((token, event))
        stride = max(1, len(best) // EVENTS)
        self._events = list(best.values())[::stride]

    def __call__(self, offset: int, absolute: bool) -> _Guess:
        score, hits = _prior(offset, absolute), 0
        for choices in self._events:
            gains = [self._gain(token, event, offset) for token, event in choices]
            gain = max(gain for gain, _ in gains)
            hits += any(hit for _, hit in gains)
            score += gain
        return _Guess(offset, score, hits)

    def _gain(self, token: Token, event: ClientEvent, offset: int) -> tuple[float, bool]:
        lows = self._lows[token]
        if event.low is None or event.high is None:
            return 0.0, False
        low, high = event.low + offset - NEAR - SECOND, event.high + offset + NEAR
        place = bisect_left(lows, low)
        hit = place < len(lows) and lows[place] <= high
        chance = 1 - exp(-len(lows) * (high - low) / self._span)
        chance = min(max(chance, 0.002), 0.98)
        expected = 0.9 if len(token) == 2 else 0.6  # words are said without a request as well
        return (log(expected / chance), True) if hit else (max(log((1 - expected) / (1 - chance)), -2.3), False)


def _prior(offset: int, absolute: bool) -> float:
    if absolute:
        return 5.0 if abs(offset) <= 5 * SECOND else 2.0 if abs(offset) <= 120 * SECOND else -3.0
    rest = abs(offset - quarters(offset))
    if rest > 120 * SECOND or abs(offset) > 15 * 3600 * SECOND:
        return -3.0
    zone = quarters(offset)
    exact = 1.0 if rest <= 5 * SECOND else 0.0
    return exact + (
        2.5 if zone == 0 else 1.5 if zone % (4 * QUARTER) == 0 else 0.5 if zone % (2 * QUARTER) == 0 else 0.0
    )


def _unique_pairs(
    client: dict[Token, list[ClientEvent]], server: dict[Token, list[ServerEvent]], offset: int
) -> list[tuple[ClientEvent, ServerEvent]]:
    """Steps with a single possible partner near their place."""
    pairs: dict[int, tuple[ClientEvent, ServerEvent]] = {}
    for token, events in client.items():
        theirs = sorted(server.get(token, ()), key=lambda event: event.low)
        lows = [event.low for event in theirs]
        for event in events:
            if event.low is None or event.high is None or (len(token) == 1 and len(theirs) > 3):
                continue
            first = bisect_left(lows, event.low + offset - NEAR - SECOND)
            near = [other for other in theirs[first : first + 3] if other.low <= event.high + offset + NEAR]
            if len(near) == 1 and event.step not in pairs:
                pairs[event.step] = event, near[0]
    return list(pairs.values())


def from_pairs(
    host: str, pairs: Sequence[tuple[ClientEvent, ServerEvent]], guess: int, hits: int, remarks: tuple[str, ...] = ()
) -> Clock:
    """Bounds from causality (sent ≤ handled ≤ received), and the likeliest offset inside them."""
    causal: list[tuple[int, int]] = []
    likely: list[tuple[int, int]] = []
    for c, s in pairs:
        if c.low is None or c.high is None:
            continue
        lowest = s.low - c.high - (LATE if s.ended else LAG)
        sent = c.sent if c.sent is not None else c.low - 2 * SECOND
        causal.append((lowest, max(s.high - sent, lowest)))
        if c.quick and c.stamped:
            likely.append((lowest, s.high - c.low + QUICK))
    agreed = intersect(causal, spare=len(causal) // 10 + (len(causal) > 3))
    if agreed is None:
        return Clock(
            host=host,
            offset_us=guess,
            low_us=guess - 2 * SECOND,
            high_us=guess + 2 * SECOND,
            basis=f"{hits} steps that find a partner at this offset",
            matched=hits,
            decided=True,
            remarks=remarks,
        )
    low, high = agreed.low, agreed.high
    point = intersect(likely)
    middle = (point.low + point.high) // 2 if point is not None and point.count > 1 else (low + high) // 2
    noun = "request" if any(c.request is not None for c, _ in pairs) else "line"
    return Clock(
        host=host,
        offset_us=min(max(middle, low), high),
        low_us=low,
        high_us=high,
        basis=f"{agreed.count} matched {noun}{'' if agreed.count == 1 else 's'}",
        matched=agreed.count,
        decided=True,
        remarks=remarks,
    )
