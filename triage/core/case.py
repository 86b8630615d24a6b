"""One failing test as the detectors see it: its exchanges with the server, and the one that disappointed it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict

import msgspec

from triage.core.clock_scale import offset_of, to_server
from triage.core.common_time import CommonTime
from triage.core.failure import Failure
from triage.core.findings import Clock, LineRef, PlacedStep, Served, TestCase
from triage.core.lineup import Scene
from triage.core.listeners import UPGRADED, Listeners
from triage.core.paths import URL_PATH, identifiers, is_identifier, template
from triage.core.quoting import NAME, clipped, step_name
from triage.core.records import SECOND, PidTrust, Request
from triage.core.results import FAILING
from triage.core.verbs import REFUSED, spoken
from triage.core.words import names

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SURE = 0.5  # below this a step's process is not known well enough to reason with
KNOWN = 0.8  # and below this not well enough to be counted, or compared with another
_WINDOW_SLACK = 20_000
_MANY = 400  # requests of one test that are reasoned about


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a test and what is known of who served it."""

    step: int | None  # index in Lineup.steps; None: found on the server side only
    served: int | None
    process: int | None  # None where it cannot be told
    confidence: float
    method: str | None
    path: str | None
    status: int | None
    size: int | None
    at: int  # server time, its host's own; the busiest host's where nothing is known to have served it
    when: int  # the same on the axis that all hosts share
    phase: str
    text: str  # what the step, or the entries, say
    writes: bool
    said: str = ""  # the step alone
    lines: str = ""  # the server's lines alone

    @property
    def ok(self) -> bool:
        return self.status is None or self.status < 400

    @property
    def known(self) -> bool:
        """Whether its process is told surely enough to be counted or compared with another's; else it is a guess."""
        return self.process is not None and self.confidence >= KNOWN

    @property
    def name(self) -> str:
        if self.method is not None or self.path is not None:
            return clipped(f"{self.method or 'a request to'} {self.path or ''}".strip(), NAME)
        return f"“{step_name(self.said or self.text)}”"

    @property
    def kind(self) -> tuple[str, str]:
        return self.method or "", template(self.path or "")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A failing test with everything that was between it and the server."""

    test: TestCase
    failure: Failure
    exchanges: tuple[Exchange, ...]
    read: Exchange | None  # the exchange whose answer made the test fail
    write: Exchange | None  # what that answer should have shown
    kin: float = 0.0  # how much the read depends on the write, 0 to 1
    relation: str = ""  # object, collection, session, form, repeat, setting, only


class Exchanges:
    """All exchanges of all tests, built once a run."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        lineup = scene.lineup
        self.time = CommonTime(lineup)
        self._clocks: dict[str, Clock] = {clock.host: clock for clock in lineup.clocks}
        self._sorted = [served for served in self.time.order if served.request is not None]
        self._whens = [self.time.of(served) for served in self._sorted]
        self._paths = frozenset(
            each.request.path
            for each in self._sorted
            if each.request is not None and each.request.path is not None and identifiers(each.request.path)
        )
        self._taken = {
            step.matches[0].served: step.test for step in lineup.steps if step.matches and step.request is not None
        }
        self._workers = {test.worker for test in lineup.tests}
        self._sifted = any(part.left_out for part in scene.evidence.parts)  # not all that was served is there to see
        self._listeners = Listeners(scene, self.time)
        self._writes: list[tuple[int, PlacedStep]] | None = None
        self._cache: dict[str, tuple[Exchange, ...]] = {}

    def of(self, test: TestCase) -> tuple[Exchange, ...]:
        """The exchanges of one test in order."""
        found = self._cache.get(test.test)
        if found is None:
            found = self._with_listener(test, self._told(test)) or self._seen(test) or self._mentioned(test)
            self._cache[test.test] = found
        return found

    def _told(self, test: TestCase) -> tuple[Exchange, ...]:
        """What the test's own steps tell."""
        lineup = self._scene.lineup
        steps = [lineup.steps[index] for index in test.steps[: 10 * _MANY]]
        if len({step.ref.part for step in steps}) == 1:
            steps.sort(key=lambda step: step.ref.line)  # a clock that is set back does not turn the order of lines
        named = {
            step.matches[0].served for step in steps if step.request is not None and step.request.path and step.matches
        }
        failed = next((step.n for step in steps if step.mark == "fail"), None)
        found: list[Exchange] = []
        for step in steps:
            asked = step.request
            told = asked is not None and (asked.path is not None or (asked.method is not None))
            if not told:
                if not step.matches or step.matches[0].served in named or step.mark == "fail":
                    continue
                if "derived" in step.matches[0].basis:
                    continue  # a line that the server wrote by itself
                if step.matches[0].confidence < SURE or any(e.served == step.matches[0].served for e in found):
                    continue
            if failed is not None and step.n > failed:
                continue
            previous = found[-1] if found else None
            exchange = self._exchange(step)
            if previous is not None and _same_request(previous, exchange):
                continue
            found.append(exchange)
        return tuple(found[-_MANY:])

    def _with_listener(self, test: TestCase, told: tuple[Exchange, ...]) -> tuple[Exchange, ...]:
        """The test's exchanges with the WebSocket that it had opened before its first write, which it does not tell."""
        first = next((n for n, each in enumerate(told) if each.writes and each.served is not None), None)
        if first is None or any(each.status == UPGRADED for each in told):
            return told
        write = self._scene.lineup.served[told[first].served or 0]
        listener = self._listeners.before(write, lambda index: self._taken.get(index, test.test) == test.test)
        if listener is None:
            return told
        return (*told[:first], self._from_server(listener), *told[first:])

    def _exchange(self, step: PlacedStep) -> Exchange:
        lineup = self._scene.lineup
        best = step.matches[0] if step.matches and step.matches[0].confidence >= SURE else None
        served = lineup.served[best.served] if best is not None else None
        request = step.request or (served.request if served is not None else None)
        told = served.request if served is not None and served.request is not None else Request()
        asked = step.request or Request()
        method = asked.method or told.method
        path = asked.path or told.path
        return Exchange(
            step=step.index,
            served=served.index if served is not None else None,
            process=self._process(served),
            confidence=best.confidence * step.belongs if best is not None else 0.0,
            method=method,
            path=path,
            status=asked.status if asked.status is not None else told.status,
            size=told.size if told.size is not None else asked.size,
            at=served.low_us if served is not None else self.time.on_server(step.at_us or 0),
            when=self.time.of(served) if served is not None else self.time.of_client(step.at_us or 0),
            phase=step.phase,
            text=step.text if request is None or request.path is None else f"{step.text} {self.entry_text(served)}",
            writes=method in WRITING
            if method is not None
            else bool(_writing(f"{step.text} {self.entry_text(served)}")),
            said=step.text,
            lines=self.entry_text(served),
        )

    def _process(self, served: Served | None) -> int | None:
        if served is None:
            return None
        process = self._scene.lineup.processes[served.process]
        return process.index if process.pid is not None and process.trust is not PidTrust.UNKNOWN else None

    def entry_text(self, served: Served | None, limit: int = 600) -> str:
        """What the server's lines on a request say."""
        if served is None:
            return ""
        lines = self._scene.requests.lines[served.index]
        return "\n".join(
            line.entry.message[:limit] + line.entry.message[limit:][-limit:] for line in (*lines[:8], *lines[8:][-6:])
        )

    def _seen(self, test: TestCase) -> tuple[Exchange, ...]:
        """What the server served while the test ran, where the test itself tells nothing of its requests."""
        if test.started_us is None or test.stopped_us is None or len(self._workers) > 1 or self._sifted:
            return ()
        found: list[Exchange] = []
        for clock in self._clocks.values():
            if not clock.decided and not self._scene.assembled.zoned:
                continue
            low, high = to_server(clock, test.started_us), to_server(clock, test.stopped_us)
            _, least, most = offset_of(clock, low)
            if clock.decided and (most - least) // 2 > 2 * SECOND:
                continue
            low, high = (self.time.at(clock.host, at) for at in (low - _WINDOW_SLACK, high + _WINDOW_SLACK))
            for served in self._sorted[bisect_left(self._whens, low) : bisect_right(self._whens, high)]:
                process = self._scene.lineup.processes[served.process]
                other = self._taken.get(served.index, test.test)
                if process.host != clock.host or other != test.test or served.request is None:
                    continue
                if served.request.path is None and served.request.method is None:
                    continue
                found.append(self._from_server(served))
                if len(found) > _MANY:
                    return ()
        found.sort(key=lambda exchange: exchange.when)
        return tuple(found)

    def _mentioned(self, test: TestCase) -> tuple[Exchange, ...]:
        """What the error message names: the URL of an object, and with it every request on that object."""
        if test.outcome not in FAILING:
            return ()
        paths = dict.fromkeys(URL_PATH.findall(f"{test.message[-4_000:]}\n{test.detail[-16_000:]}"))
        wanted = {path for path in paths if identifiers(path)}
        said = {word for word in names(test.message[-2_000:]) if is_identifier(word) and len(word) > 5}
        wanted |= {path for path in self._paths if said & _parts(path)}
        ids = {name for path in wanted for name in _parts(path)}
        asked = [served for served in self._sorted if served.request is not None and served.request.path in wanted]
        if not asked or len(asked) > 20:
            return ()
        makers = [
            served
            for served in self.before(self.time.of(asked[0]), limit=100)
            if served.request is not None and served.request.method in WRITING
            if ids & set(names(self.entry_text(served)))
        ]
        return tuple(self._from_server(served) for served in (*makers, *asked))

    def _from_server(self, served: Served) -> Exchange:
        request = served.request or Request()
        return Exchange(
            step=None,
            served=served.index,
            process=self._process(served),
            confidence=0.8,
            method=request.method,
            path=request.path,
            status=request.status,
            size=request.size,
            at=served.low_us,
            when=self.time.of(served),
            phase="",
            text=self.entry_text(served),
            lines=self.entry_text(served),
            writes=request.method in WRITING,
        )

    def before(self, when: int, limit: int = 2_000) -> list[Served]:
        """Requests that tell method or path, in time order, that began before; the last `limit`."""
        place = bisect_left(self._whens, when)
        return self._sorted[max(place - limit, 0) : place]

    def writes_between(self, low: int, high: int) -> list[PlacedStep]:
        """Steps of all tests that wrote and went well, by the client's clock."""
        if self._writes is None:
            found = [
                (step.at_us, step)
                for step in self._scene.lineup.steps
                if step.at_us is not None and step.request is not None and step.request.method in WRITING
                if (step.request.status or 200) < 400
            ]
            self._writes = sorted(found, key=lambda pair: pair[0])
        first = bisect_left(self._writes, low, key=lambda pair: pair[0])
        last = bisect_right(self._writes, high, key=lambda pair: pair[0])
        return [step for _, step in self._writes[first:last]][:_MANY]

    def unclaimed_errors(self) -> list[Served]:
        """Requests that broke on the server and are no known step's, in time order."""
        return [
            served
            for served in self._sorted
            if served.index not in self._taken
            and served.request is not None
            and (served.request.status or (500 if served.error else 0)) >= 500
        ][:_MANY]

    def line_of(self, served: int) -> LineRef:
        """The entry that proves best who served a request: the application's own words, else the access line."""
        lines = self._scene.requests.lines[served]
        best = max(lines, key=lambda line: (line.pid is not None, line.entry.request is None, -line.entry.line))
        return LineRef(best.part, best.entry.line)


def _parts(path: str) -> frozenset[str]:
    """The words of the segments that name one object."""
    return frozenset(word for name in identifiers(path) for word in names(name))


def _writing(text: str) -> frozenset[str]:
    """The writing methods that words suggest, where they suggest nothing else."""
    said = spoken(text)
    return said & WRITING if "GET" not in said and REFUSED not in said else frozenset()


def _same_request(one: Exchange, other: Exchange) -> bool:
    """A library line and the tester's own words on the same request."""
    if one.served is not None and one.served == other.served and one.method in (None, other.method):
        return True
    return (
        other.served is None
        and one.method == other.method
        and one.path is not None
        and one.path == other.path
        and (one.status is None or other.status is None)
    )


def by_template(exchanges: tuple[Exchange, ...]) -> dict[tuple[str, str], list[Exchange]]:
    grouped: dict[tuple[str, str], list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        grouped[exchange.kind].append(exchange)
    return grouped
