"""What both sides say of requests, in a form that can be compared: keys, words, and intervals of time."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import msgspec

from triage.core.assemble import Assembled
from triage.core.findings import PlacedStep, TestCase
from triage.core.records import Request, Step
from triage.core.serve import Requests
from triage.core.server_time import FOREVER, NEVER
from triage.core.verbs import spoken
from triage.core.words import ids, is_id, kind_of_line, words

Key = tuple[str, str]  # method, path


class ClientEvent(msgspec.Struct, gc=False):
    """A step as evidence of a request."""

    step: int
    chain: str  # what ran one after another: an xdist worker
    test: str
    sent: int | None  # client time: the request cannot have been sent before
    low: int | None  # client time: the line was written in [low, high)
    high: int | None
    request: Request | None  # only where it tells method or path
    words: tuple[str, ...]
    says: frozenset[str]  # verbs.spoken of its text
    plumbing: bool  # a library's talk of connections, no request of its own
    quick: bool  # the line was written by an HTTP library as the answer came in
    keys: tuple[tuple[str, str], ...]
    stamped: bool
    phase: str = ""
    logger: str = ""
    context: tuple[str, ...] = ()  # words of the test's parameters, and the objects that its failure names


class Owner(msgspec.Struct, frozen=True):
    """Whose lines a request's are."""

    host: str
    unit: str
    pid: int | None


class ServerEvent(msgspec.Struct, gc=False):
    """A served request as evidence."""

    served: int
    host: str
    low: int
    high: int
    request: Request | None
    words: frozenset[str]  # only those that some step says as well
    says: frozenset[str]  # verbs.spoken of the application's own lines
    ended: bool
    named: bool  # its process has a PID
    order: int  # position in its host's log
    keys: dict[str, str]
    things: frozenset[str] = frozenset()  # words that name one object, said by any step or none
    key: Key | None = None  # `key_of` its request
    kind: str = ""  # of a request that only the application told: its first line without what differs each time
    unit: str = ""
    pid: int | None = None

    @property
    def timed(self) -> bool:
        return self.low != NEVER and self.high != FOREVER


def key_of(request: Request | None) -> Key | None:
    """What must agree for two lines to speak of the same request."""
    if request is None or request.method is None or request.path is None:
        return None
    return request.method.upper(), request.path.split("?", 1)[0].rstrip("/") or "/"


def client_events(assembled: Assembled) -> list[ClientEvent]:
    """All steps as events, in the order in which they happened in each chain."""
    events: list[ClientEvent] = []
    starts = {test.test: test.started_us for test in assembled.tests}
    order = {test.test: position for position, test in enumerate(assembled.tests)}
    previous: dict[str, ClientEvent] = {}
    contexts = {test.test: _context(test) for test in assembled.tests}

    def when(step: PlacedStep) -> tuple[int, int, int]:
        begin = starts.get(step.test)
        at = step.at_us if step.at_us is not None else begin
        return (at if at is not None else -1, order.get(step.test, len(order)), step.n)

    timed = all(step.at_us is not None for step in assembled.steps)
    placed = sorted(assembled.steps, key=when) if timed else assembled.steps
    for step in placed:
        source = assembled.sources[step.index]
        event = _client_event(step, source, contexts.get(step.test, ()))
        before = previous.get(event.chain)
        sent = before.low if before is not None and before.test == event.test else starts.get(event.test)
        if event.stamped and sent is not None and event.low is not None and sent <= event.low:
            event.sent = sent
        elif not event.stamped:
            event.sent = event.low
        previous[event.chain] = event
        events.append(event)
    return events


def _context(test: TestCase) -> tuple[str, ...]:
    _, _, parameters = test.test.partition("[")
    return tuple(dict.fromkeys((*words(parameters[:200]), *ids(test.message), *ids(test.detail[-1_900:]))))


def _client_event(step: PlacedStep, source: Step, context: tuple[str, ...]) -> ClientEvent:
    request = source.request
    told = request is not None and (request.method is not None or request.path is not None)
    return ClientEvent(
        step=step.index,
        chain=step.worker,
        test=step.test,
        sent=None,
        low=step.at_us,
        high=step.until_us,
        request=request if told else None,
        words=words(step.text),
        says=spoken(step.text) if not told else frozenset(),
        plumbing=request is not None and not told and request.status is None,
        quick=told and request is not None and request.ended,
        keys=source.keys,
        stamped=source.stamp is not None,
        phase=step.phase,
        logger=source.logger,
        context=context,
    )


def server_events(requests: Requests, owners: dict[int, Owner], vocabulary: frozenset[str]) -> list[ServerEvent]:
    """All served requests as events. `owners`: of each process.

    Many requests say the same, so equal sets are kept once: of a log of 160,000 lines that is half the memory.
    """
    events: list[ServerEvent] = []
    same: dict[frozenset[str], frozenset[str]] = {}
    for served in requests.served:
        owner = owners[served.process]
        found: set[str] = set()
        things: set[str] = set()
        says: frozenset[str] = frozenset()
        for line in requests.lines[served.index]:
            told = line.entry.request
            if told is not None and told.ended:
                said = _words_of_path(told.path or "")
            else:
                said = words(line.entry.message)
                says |= spoken(line.entry.message)
            found.update(vocabulary.intersection(said))
            things.update(filter(is_id, said))
        events.append(
            ServerEvent(
                served=served.index,
                host=owner.host,
                low=served.low_us,
                high=served.high_us,
                request=served.request,
                words=same.setdefault(words_said := frozenset(found), words_said),
                says=same.setdefault(says, says),
                ended=requests.ended[served.index],
                named=owner.pid is not None,
                order=len(events),
                keys=requests.keys[served.index],
                things=same.setdefault(named_things := frozenset(things), named_things),
                key=(key := key_of(served.request)),
                kind="" if key else kind_of_line(requests.lines[served.index][0].entry.message),
                unit=owner.unit,
                pid=owner.pid,
            )
        )
    return events


@lru_cache(maxsize=16_384)
def _words_of_path(path: str) -> tuple[str, ...]:
    """Many lines name the same path."""
    return words(path)


def vocabulary(events: list[ClientEvent]) -> frozenset[str]:
    """The words that steps say, without those that nearly every step says."""
    counts = Counter(word for event in events for word in {*event.words, *event.context})
    return frozenset(counts)
