"""First guesses of a clock: possible pairs vote for offsets, and each guess is judged by the steps that it serves."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log

import msgspec

from triage.core.causal import LATE, Pair, constraint
from triage.core.events import ClientEvent, ServerEvent, key_of
from triage.core.marzullo import intersect
from triage.core.records import SECOND
from triage.core.skew import Constraint
from triage.core.words import is_id
from triage.core.zones import QUARTER, quarters

PAIRS = 600_000  # pairs that may vote, and twice as many where there are many things to be found by
EACH = 1_000  # of them for each thing
EVENTS = 500  # client events that judge a guess
NEAR = SECOND  # how far from its place a partner may be
CLOSE = 100_000  # and where the place is known
RIVAL = 2_500_000  # a guess further away than this is another guess
FEWEST = 4  # steps that each offset of several has to serve
PARTNERS = 40  # more possible partners of one step than this tell nothing
TURN = 9.0  # what it costs that a clock was set in mid-run
CLEARLY = 6.0  # by so much several offsets have to serve better than one
FARTHEST = 27 * 3600 * SECOND  # zones reach from twelve hours behind to fourteen ahead
_BINS = 40  # seconds that one pair may vote for
_GUESSES = 16
_FOREVER = 2**62

Token = tuple[str, ...]


class Tokens(msgspec.Struct, frozen=True):
    """What both sides can be found by: method and path, or a word; with everything that carries it."""

    client: dict[Token, list[ClientEvent]]
    server: dict[Token, list[ServerEvent]]
    shared: list[Token]


class Guess(msgspec.Struct, frozen=True):
    """An offset, or several that follow each other, and how many steps find a partner so."""

    turns: tuple[tuple[int, int], ...]  # (place in the order of the steps, offset from there on)
    order: Mapping[int, int] | None  # place of each step in its log; None: their order is that of their stamps
    score: float
    hits: int

    @property
    def offset(self) -> int:
        return self.turns[0][1]

    def at(self, event: ClientEvent) -> int:
        """The offset at a step."""
        place = bisect_right(self.turns, (_place(event, self.order), _FOREVER))
        return self.turns[max(place - 1, 0)][1]

    def far_from(self, other: Guess) -> bool:
        return all(abs(mine - theirs) > RIVAL for _, mine in self.turns for _, theirs in other.turns)


def tokens_of(client: Sequence[ClientEvent], server: Sequence[ServerEvent]) -> Tokens:
    theirs = _server_tokens(server)
    mine = _client_tokens(client, theirs)
    return Tokens(mine, theirs, [token for token in mine if token in theirs])


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


def _server_tokens(events: Sequence[ServerEvent]) -> dict[Token, list[ServerEvent]]:
    found: dict[Token, list[ServerEvent]] = defaultdict(list)
    for event in events:
        if event.key is not None:
            found[event.key].append(event)
        for word in event.words:
            found[(word,)].append(event)
    return found


def guesses(tokens: Tokens, absolute: bool, order: Mapping[int, int]) -> list[Guess]:
    """Possible offsets, best first: voted for by pairs, judged by how many steps find a partner beyond chance.

    `order`: place of each step in its log.
    """
    if not tokens.shared:
        return []
    judge = _Judge(tokens)
    judged = [judge(offset, absolute) for offset in {*_voted(tokens, None), 0}]
    judged.sort(key=lambda each: (-each.score, abs(each.offset)))
    missed = {event.step for event, gain in zip(judge.events, judged[0].gains, strict=True) if gain <= 0}
    found = [Guess(((0, each.offset),), None, each.score, each.hits) for each in judged]
    if len(missed) >= FEWEST and len(missed) * 10 >= len(judge.events) and len(judge.events) >= 2 * FEWEST:
        judged += [judge(offset, absolute) for offset in _voted(tokens, missed)]
        several = len({event.chain for event in judge.events}) > 1  # whose logs stand one after the other
        turned = [_turned(judge, judged, way) for way in ((None, order) if several else (order, None))]
        best = max((each for each in turned if each is not None), key=lambda each: each.score, default=None)
        if best is not None and best.score >= found[0].score + CLEARLY:
            found.insert(0, best)
    return found


def _voted(tokens: Tokens, steps: set[int] | None) -> list[int]:
    """Offsets that pairs vote for; of all steps, or only of some."""
    votes: dict[int, float] = defaultdict(float)
    budget = max(PAIRS // len(tokens.shared), EACH)
    left = PAIRS * 2
    # What few say tells most, so should the pairs run out, it is the common that has no vote.
    for token in sorted(tokens.shared, key=lambda token: len(tokens.client[token]) * len(tokens.server[token])):
        mine, theirs = tokens.client[token], tokens.server[token]
        if steps is not None:
            mine = [event for event in mine if event.step in steps]
        if len(theirs) > budget or not mine:
            continue
        step = max(1, -(-len(mine) * len(theirs) // budget))
        left -= -(-len(mine) // step) * len(theirs)
        if left < 0:
            break
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
    return [_centre(votes, place) for place in _spread(places)[:_GUESSES]]


def _centre(votes: dict[int, float], place: int) -> int:
    """Where the votes for a place and its neighbours lie, in microseconds."""
    near = {each: votes.get(each, 0.0) for each in (place - 1, place, place + 1)}
    middle = sum(each * vote for each, vote in near.items()) / sum(near.values())
    return round(middle * SECOND) + SECOND // 2


def _spread(places: list[int]) -> list[int]:
    """Peaks without their own shoulders."""
    kept: list[int] = []
    for place in places:
        if all(abs(place - other) > 1 for other in kept):
            kept.append(place)
    return kept


class _Judged(msgspec.Struct, frozen=True):
    """An offset with what every judging step gains by it, and how many find a partner."""

    offset: int
    prior: float
    gains: list[float]
    hits: int

    @property
    def score(self) -> float:
        return self.prior + sum(self.gains)


class _Judge:
    """Log-likelihood ratio of an offset: partners found against partners that chance would give."""

    def __init__(self, tokens: Tokens) -> None:
        self._lows = {token: sorted(event.low for event in tokens.server[token]) for token in tokens.shared}
        spans = [low for lows in self._lows.values() for low in (lows[0], lows[-1])]
        self._span = max(spans) - min(spans) + 60 * SECOND
        best: dict[int, list[tuple[Token, ClientEvent]]] = defaultdict(list)
        for token in tokens.shared:
            for event in tokens.client[token]:
                best[event.step].append((token, event))
        stride = max(1, len(best) // EVENTS)
        self._sampled = stride > 1  # steps that are not looked at take partners as well
        self._choices = list(best.values())[::stride]
        self.events = [choices[0][1] for choices in self._choices]

    def __call__(self, offset: int, absolute: bool) -> _Judged:
        gains: list[float] = []
        hits = 0
        for choices in self._choices:
            found = [self._gain(token, event, offset) for token, event in choices]
            gains.append(max(gain for gain, _ in found))
            hits += any(hit for _, hit in found)
        return _Judged(offset, _prior(offset, absolute), gains, hits)

    def claim(self, n: int, offset: int, taken: set[tuple[Token, int]]) -> bool:
        """Whether a step finds a partner at an offset that no other has taken; it is then taken."""
        for token, event in self._choices[n]:
            if event.low is None or event.high is None:
                continue
            lows = self._lows[token]
            first = bisect_left(lows, event.low + offset - NEAR - SECOND)
            for place in range(first, min(first + EVENTS, len(lows))):
                if lows[place] > event.high + offset + NEAR:
                    break
                if (token, place) not in taken:
                    taken.add((token, place))
                    return True
                if self._sampled:
                    break
        return False

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
        if hit:
            return log(expected / chance), True
        return max(log((1 - expected) / (1 - chance)), -2.3), False


def _turned(judge: _Judge, judged: Sequence[_Judged], way: Mapping[int, int] | None) -> Guess | None:
    """The best sequence of offsets, where a clock was set in mid-run; None where one offset does for all."""
    states = list({each.offset: each for each in judged}.values())
    order = sorted(range(len(judge.events)), key=lambda n: _place(judge.events[n], way))
    costs = [0.0] * len(states)
    came: list[list[int]] = []
    for n in order:
        best = max(range(len(states)), key=costs.__getitem__)
        moved = costs[best] - TURN
        came.append([k if costs[k] >= moved else best for k in range(len(states))])
        costs = [max(costs[k], moved) + states[k].gains[n] for k in range(len(states))]
    at = max(range(len(states)), key=costs.__getitem__)
    path: list[int] = []
    for row in reversed(came):
        path.append(at)
        at = row[at]
    path.reverse()
    turns: list[tuple[int, int]] = []
    taken: set[tuple[Token, int]] = set()
    claims: list[int] = []  # steps that have a partner of their own, for each turn
    score, hits = 0.0, 0
    for n, state in zip(order, path, strict=True):
        if not turns or turns[-1][1] != states[state].offset:
            turns.append((_place(judge.events[n], way), states[state].offset))
            claims.append(0)
            score -= TURN
        if states[state].gains[n] > 0:
            hits += 1
            claims[-1] += judge.claim(n, states[state].offset, taken)
        score += states[state].gains[n]
    # The same steps told twice, on two clocks, would claim the same requests.
    if len(turns) < 2 or min(claims) < FEWEST or sum(claims) * 10 < hits * 9:
        return None
    return Guess(tuple(turns), way, score + TURN + states[path[0]].prior, hits)


def _place(event: ClientEvent, order: Mapping[int, int] | None) -> int:
    if order is None and event.low is not None:
        return event.low
    return (order or {}).get(event.step, event.step)


def _prior(offset: int, absolute: bool) -> float:
    """What is known of clocks: those that name their zone are seldom wrong, and zones differ by quarters of an hour."""
    rest = abs(offset - quarters(offset))
    if absolute:
        if abs(offset) <= 120 * SECOND:
            return 5.0 if abs(offset) <= 5 * SECOND else 2.0
        return -1.0 if rest <= 5 * SECOND and abs(offset) <= FARTHEST else -3.0
    if rest > 120 * SECOND or abs(offset) > FARTHEST:
        return -3.0
    zone = quarters(offset)
    exact = 1.0 if rest <= 5 * SECOND else 0.0
    return exact + (
        2.5 if zone == 0 else 1.5 if zone % (4 * QUARTER) == 0 else 0.5 if zone % (2 * QUARTER) == 0 else 0.0
    )


def unique_pairs(tokens: Tokens, guess: Guess) -> list[Pair]:
    """Steps with a single possible partner near their place: first within seconds, then as near as those allow."""
    wide = {offset: (offset - NEAR, offset + NEAR) for _, offset in guess.turns}
    pairs = _single(tokens, guess, wide, SECOND)
    narrow = dict(wide)
    sharp: set[int] = set()
    for offset, (least, most) in wide.items():
        bounds = [bound for c, s in pairs if guess.at(c) == offset and (bound := constraint(c, s)) is not None]
        core = intersect([(each.low, each.high) for each in bounds])
        if core is not None and core.count >= FEWEST and least <= core.low <= core.high <= most:
            narrow[offset] = core.low, core.high
        elif (place := _agreed(tokens, guess, offset)) is not None:
            narrow[offset] = place
            sharp.add(offset)
    if narrow == wide:
        return pairs
    # What is single only from afar may stand at another offset, should the clock have been set by a second or two.
    closer = {c.step: (c, s) for c, s in _single(tokens, guess, narrow, CLOSE)}
    for c, s in _single(tokens, guess, narrow, LATE) if sharp else ():
        if guess.at(c) in sharp:
            closer[c.step] = c, s
    return list(({c.step: (c, s) for c, s in pairs} | closer).values())


def _agreed(tokens: Tokens, guess: Guess, offset: int) -> tuple[int, int] | None:
    """Where most steps of a guess find a partner, though hardly any has a single one; None where two places serve.

    Each step allows the offsets of all its possible partners.
    """
    mine = [
        (token, event)
        for token in tokens.shared
        if len(token) == 2
        for event in tokens.client[token]
        if guess.at(event) == offset
    ]
    mine = mine[:: max(1, -(-len(mine) // EVENTS))]
    theirs = {token: sorted(tokens.server[token], key=lambda event: event.low) for token in {each[0] for each in mine}}
    lows = {token: [event.low for event in events] for token, events in theirs.items()}
    allowed: list[tuple[int, int]] = []
    for token, event in mine:
        if event.low is None or event.high is None:
            continue
        first = bisect_left(lows[token], event.low + offset - NEAR - SECOND)
        last = bisect_right(lows[token], event.high + offset + NEAR, first)
        if last - first <= PARTNERS:
            near = theirs[token][first:last]
            allowed += _united([bound for other in near if (bound := constraint(event, other)) is not None])
    core = intersect(allowed)
    if core is None or core.count < FEWEST or core.count * 4 < len(mine) * 3:
        return None
    rivals = intersect([each for each in allowed if each[1] < core.low or core.high < each[0]])
    return (core.low, core.high) if rivals is None or rivals.count * 3 < core.count * 2 else None


def _united(bounds: list[Constraint]) -> list[tuple[int, int]]:
    """The stretches that the bounds cover, each once."""
    stretches: list[tuple[int, int]] = []
    for low, high in sorted((each.low, each.high) for each in bounds):
        if stretches and low <= stretches[-1][1]:
            stretches[-1] = stretches[-1][0], max(high, stretches[-1][1])
        else:
            stretches.append((low, high))
    return stretches


def _single(tokens: Tokens, guess: Guess, places: dict[int, tuple[int, int]], slack: int) -> list[Pair]:
    pairs: dict[int, Pair] = {}
    for token, events in tokens.client.items():
        theirs = tokens.server.get(token, [])
        if not theirs or (len(token) == 1 and len(theirs) > 3):
            continue
        theirs = sorted(theirs, key=lambda event: event.low)
        lows = [event.low for event in theirs]
        for event in events:
            if event.low is None or event.high is None:
                continue
            least, most = places[guess.at(event)]
            sent = event.sent if event.sent is not None and slack < SECOND else event.low
            begin = max(sent, event.low - SECOND) + least - slack
            last = bisect_right(lows, event.high + most + slack)
            near = [other for other in theirs[max(last - 3, 0) : last] if other.high > begin]
            if len(near) == 1 and event.step not in pairs:
                pairs[event.step] = event, near[0]
    return list(pairs.values())
