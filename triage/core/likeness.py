"""How well a step and a served request fit each other: a log-likelihood against “some other request”."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import log
from typing import TypeVar

import msgspec

from triage.core.clock_scale import bounds, to_client
from triage.core.events import ClientEvent, Key, ServerEvent, key_of
from triage.core.findings import Clock
from triage.core.paths import resource
from triage.core.records import SECOND, Request
from triage.core.telling import JUDGING
from triage.core.verbs import REFUSED, suits
from triage.core.words import is_id, rival

ENOUGH = 8  # sure pairs that make a habit
FINE = 10_000  # stamps finer than this can have one
LONG = 50_000  # a request that took longer has no habit
SHARPEST = 2_000  # no habit is believed to be sharper
OTHER_SIZE, NEVER_OTHER_SIZE = -2.5, -7.0  # of the answer; the latter where both sides count alike
COUNTED = 4  # answers that only one request can have had, to know how both sides count
EXACT = 25.0  # a request id, a trace id
SAME_PORT, OTHER_PORT = 6.0, -2.0  # of the client, as both sides tell it; a proxy in between has its own
SAME_PID, OTHER_PID = 4.0, -9.0  # that the answer itself named
RIVAL = -6.0  # the one speaks of one object, the other of another
CONTEXT = 0.6  # what a word of the test's own parameters or failure is worth, against one of the step's
MOST = 2.0  # for all of them together
WRITING = frozenset({"POST", "PUT"})
_KEY_NAMES = ("request_id", "trace", "span", "connection")

E = TypeVar("E", ClientEvent, ServerEvent)


class Likeness(msgspec.Struct, frozen=True, gc=False):
    score: float
    basis: tuple[str, ...]


class Habit(msgspec.Struct, frozen=True):
    """How long after the server's line a client usually writes its own, learnt from sure pairs of one host."""

    usual: int  # microseconds from the server's line to the client's, each on its own clock
    spread: int


def habit(pairs: Sequence[tuple[ClientEvent, ServerEvent]]) -> Habit | None:
    """The habit of a host; None where pairs are few or stamps too coarse to tell."""
    gaps = sorted(
        c.low - s.high
        for c, s in pairs
        if c.quick and c.stamped and s.ended and c.low is not None and c.high is not None and c.high - c.low <= FINE
        if s.timed
    )
    if len(gaps) < ENOUGH:
        return None
    usual = gaps[len(gaps) // 2]
    off = sorted(abs(gap - usual) for gap in gaps)
    return Habit(usual, max(off[len(off) // 2], SHARPEST))


class Scale:
    """What time is worth: where each host's clock stands, and how rare each word is."""

    def __init__(
        self,
        clocks: dict[str, Clock],
        server: Sequence[ServerEvent],
        habits: dict[str, Habit] | None = None,
        other_size: float = OTHER_SIZE,
    ) -> None:
        """`other_size`: what it tells that both sides name another size of the answer; see `size_price`."""
        self.habits = habits or {}
        self.other_size = other_size
        self.rarity = rarities(server)
        self.pids = frozenset(str(event.pid) for event in server if event.pid is not None)
        self._clocks = clocks
        self._intervals = {event.served: _interval(event, clocks.get(event.host)) for event in server}

    def interval(self, server: ServerEvent) -> tuple[int, int] | None:
        """When the client would say that it was served, with the clock's uncertainty; None where nothing tells."""
        return self._intervals[server.served]

    def place(self, server: ServerEvent) -> int | None:
        """When the client most likely saw it: the middle of its interval, but where a jump leaves two in doubt."""
        interval = self._intervals[server.served]
        if interval is None:
            return None
        clock = self._clocks[server.host]
        if clock.jumps:
            return to_client(clock, (server.low + server.high) // 2)
        return (interval[0] + interval[1]) // 2


def _interval(server: ServerEvent, clock: Clock | None) -> tuple[int, int] | None:
    if clock is None or not clock.decided or not server.timed:
        return None
    return bounds(clock, server.low, server.high)


def size_price(client: Sequence[ClientEvent], server: Sequence[ServerEvent]) -> float:
    """What another size tells: much, where the requests that can only be each other all have the same size."""
    asked, told = _lone(client, lambda event: key_of(event.request)), _lone(server, lambda event: event.key)
    sizes = [
        (asked[key].size, told[key].size) for key in asked if key in told and asked[key].status == told[key].status
    ]
    counted = [one == other for one, other in sizes if one is not None and other is not None]
    return NEVER_OTHER_SIZE if len(counted) >= COUNTED and all(counted) else OTHER_SIZE


def _lone(events: Sequence[E], key: Callable[[E], Key | None]) -> dict[Key, Request]:
    """Requests whose method and path stand only once."""
    counts = Counter(key(event) for event in events)
    return {
        found: event.request
        for event in events
        if (found := key(event)) is not None and counts[found] == 1 and event.request is not None
    }


def rarities(server: Sequence[ServerEvent]) -> dict[str, float]:
    """Of every word that both sides say: how much sharing it tells, at most 3."""
    counts = Counter(word for event in server for word in event.words)
    return {word: min(3.0, 0.3 + log(max(len(server), 2) / count)) for word, count in counts.items()}


def exact(client: ClientEvent, server: ServerEvent) -> bool:
    return any(name in _KEY_NAMES and server.keys.get(name) == value for name, value in client.keys)


def of_request(client: ClientEvent, server: ServerEvent, scale: Scale) -> Likeness:
    """A step that names method and path against a served request that does, too."""
    asked, told = client.request, server.request
    if asked is None:
        return Likeness(-9.0, ())
    score, basis = 0.0, []
    if told is None or (told.method is None and told.path is None):
        shared = _shared(client, server, scale)
        score, basis = min(shared, 4.0) - 0.5, ["words"] if shared else []
        score += _suits(asked.method, asked.status, server.says)
        score += _objects(client, server, scale)
    else:
        if told.method is not None and asked.method is not None:
            score += 1.0
            basis.append("method")
        if told.path is not None and asked.path is not None:
            same = server.key == key_of(asked)
            score += 3.0 if same else 1.5
            basis.append("path")
        if asked.status is not None and told.status is not None:
            agree = asked.status == told.status
            score += 1.0 if agree else -5.0
            if agree:
                basis.append("status")
        if asked.size is not None and told.size is not None:
            agree = asked.size == told.size
            score += 1.5 if agree else scale.other_size
            if agree:
                basis.append("size")
        if asked.query and told.query:
            score += 1.5 if asked.query == told.query else -4.0
        elif asked.query != told.query:
            score -= 0.3
        score += _objects(client, server, scale) / 2
    score += min(CONTEXT * sum(scale.rarity.get(word, 0.0) for word in client.context if word in server.words), MOST)
    if not server.named:
        score -= 1.0
    named, by = _told(client, server, scale)
    score += named
    basis += by
    passed, known = _time(client, server, scale, swift=client.quick)
    if known:
        basis.append("time")
    return Likeness(score + passed, tuple(basis))


def _told(client: ClientEvent, server: ServerEvent, scale: Scale) -> tuple[float, list[str]]:
    """What it tells that the answer named its process, or that both sides name the client's port."""
    score, basis = 0.0, []
    for name, value in client.keys:
        if name == "server_pid" and value in scale.pids:
            same = value == str(server.pid)
            score += SAME_PID if same else OTHER_PID
            basis += ["process"] if same else []
        elif name == "client_port" and "client_port" in server.keys:
            same = value == server.keys["client_port"]
            score += SAME_PORT if same else OTHER_PORT
            basis += ["connection"] if same else []
    return score, basis


def _objects(client: ClientEvent, server: ServerEvent, scale: Scale) -> float:
    """What it tells that both speak of the same object, or of two objects of one kind."""
    named = [word for word in client.words if is_id(word)]
    shared = [word for word in named if word in server.things]
    if shared:
        return max(min(scale.rarity.get(word, 0.0), 3.0) for word in shared)
    return RIVAL if rival(named, server.things) else 0.0


def _suits(method: str | None, status: int | None, said: frozenset[str]) -> float:
    """As `suits`, but that a thing was saved or stored may be said of every writing method."""
    asked = "PUT" if method == "PATCH" else method
    if asked in WRITING and WRITING & said and asked not in said:
        return suits(None, status, said) + 0.5
    return suits(method, status, said)


def of_words(client: ClientEvent, server: ServerEvent, scale: Scale) -> Likeness:
    """A step in prose against a served request: rare words, the verb, and time."""
    shared = _shared(client, server, scale)
    score, basis = -1.0 + min(shared, 9.0), ["words"] if shared else []
    told = server.request
    methods = client.says - {REFUSED}
    if told is not None and told.method is not None:
        if methods:
            fitting = suits(told.method, None, methods)
            score += fitting
            if fitting > 0:
                basis.append("verb")
        if told.path is not None and set(resource(told.path)) & set(client.words):
            score += 1.2
            basis.append("path")
    elif methods and server.says - {REFUSED}:
        score += 1.2 if methods & server.says else -0.8
    if REFUSED in client.says or REFUSED in server.says:
        refused = REFUSED in server.says or (told is not None and (told.status or 0) >= 400)
        score += 1.2 if refused == (REFUSED in client.says) else -1.5
    if JUDGING & set(client.words):
        score -= 4.0
    told_pid, by = _told(client, server, scale)
    score += told_pid
    basis += by
    passed, known = _time(client, server, scale, swift=False)
    if known:
        basis.append("time")
    return Likeness(score + passed, tuple(basis))


def of_anything(client: ClientEvent, server: ServerEvent, scale: Scale) -> float:
    """How well the two fit by all that they say, whatever their times."""
    asks = client.request is not None
    whole = of_request(client, server, scale) if asks else of_words(client, server, scale)
    return whole.score - _time(client, server, scale, swift=asks and client.quick)[0]


def _shared(client: ClientEvent, server: ServerEvent, scale: Scale) -> float:
    return sum(scale.rarity.get(word, 0.0) for word in client.words if word in server.words)


def _streamed(client: ClientEvent) -> bool:
    """urllib3 writes its line as the headers come and tells no size where the body follows piece by piece."""
    request = client.request
    return request is not None and request.size is None and client.quick and client.logger.startswith("urllib3")


def _time(client: ClientEvent, server: ServerEvent, scale: Scale, *, swift: bool) -> tuple[float, bool]:
    """What the distance in time costs, and whether it is known at all."""
    interval = scale.interval(server)
    if interval is None or client.low is None or client.high is None:
        return 0.0, False
    known = scale.habits.get(server.host)
    if known is not None and swift and not _streamed(client) and server.ended and server.high - server.low <= LONG:
        return 0.4 - 0.9 * log(1 + (abs(client.low - server.high - known.usual) / (2 * known.spread)) ** 2), True
    low, high = interval
    if high < client.low:  # served before the line was written: normal, the closer the better
        early = client.low - high
        cost = 0.8 * log(1 + early / 20_000) if swift else 0.35 * log(1 + early / 100_000)
        if client.sent is not None and high < client.sent:
            cost += 2.5 + 0.5 * log(1 + (client.sent - high) / 50_000)
        return -cost, True
    if low > client.high:  # the server's line came after the client's: only an access line, and only just
        late = low - client.high
        if server.ended and _streamed(client):
            return -0.3 * log(1 + late / 100_000), True
        cost = 1.2 * log(1 + late / 10_000) if swift else 0.5 * log(1 + late / 100_000)
        return -cost, True
    wide = (high - low + client.high - client.low) > 4 * SECOND
    return (-0.2 if wide else 0.0), True
