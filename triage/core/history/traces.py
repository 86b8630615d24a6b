"""What history keeps of a run: which processes served each test, passed or failed, in the order of its requests."""

from __future__ import annotations

from triage.core.case import Exchange, Exchanges
from triage.core.court import Court
from triage.core.findings import Holder, Process, TestCase, Trace, Visit
from triage.core.lineup import Scene
from triage.core.paths import template
from triage.core.records import Outcome
from triage.core.siblings import KNOWN
from triage.core.words import is_id, kind_of_line

VISITS = 60  # exchanges kept of one test
HOLDERS = 64  # processes kept of one run
FIRST = 20  # of a test with too many exchanges its first ones are kept, and its last ones
LEFT_OUT = Visit(kind="", process=None, at_us=0)  # stands where exchanges were left out
_RAN = frozenset({Outcome.PASSED, Outcome.XPASSED, Outcome.FAILED, Outcome.ERROR})
_LONG = 160  # characters of a kind


def traces(scene: Scene, court: Court | None = None) -> tuple[Trace, ...]:
    """One trace a test that ran, in the order of the tests; bounded. `court` saves the exchanges it already built."""
    exchanges = court.exchanges if court is not None else Exchanges(scene)
    kept = _kept(scene.lineup.processes)
    place = {process.index: number for number, process in enumerate(kept)}
    holders = tuple(_holder(process) for process in kept)
    return tuple(
        Trace(test=test.test, outcome=test.outcome, visits=_visits(test, exchanges, place), holders=holders)
        for test in scene.lineup.tests
        if test.outcome in _RAN
    )


def request_kind(method: str | None, path: str | None, text: str = "") -> str:
    """`GET /cars/{}`: what a request has in common with the same request in another run; "" where nothing is told.

    A step in prose without a path is known by the words that stay.
    """
    if path is None:
        said = " ".join(word for word in kind_of_line(text).lower().split() if not is_id(word))
        path = f"“{said}”" if said else ""
    elif path:
        path = template(path)
    return f"{method or ''} {path}".strip()[:_LONG]


def _kept(processes: tuple[Process, ...]) -> list[Process]:
    """The processes that served most, in the order of their first appearance."""
    serving = [process for process in processes if process.pid is not None and process.requests]
    if len(serving) > HOLDERS:
        serving = sorted(serving, key=lambda process: (-process.requests, process.index))[:HOLDERS]
    return sorted(serving, key=lambda process: process.index)


def _holder(process: Process) -> Holder:
    return Holder(
        name=f"{process.host}[{process.pid}]",
        requests=process.requests,
        born_us=process.born_us,
        died_us=process.died_us,
    )


def _visits(test: TestCase, exchanges: Exchanges, place: dict[int, int]) -> tuple[Visit, ...]:
    # What a test cleans up after itself is nothing that it could have failed on.
    found = [each for each in exchanges.of(test) if each.phase != "teardown"]
    if len(found) <= VISITS:
        return tuple(_visit(each, place) for each in found)
    last = found[FIRST + 1 - VISITS :]
    return (*(_visit(each, place) for each in found[:FIRST]), LEFT_OUT, *(_visit(each, place) for each in last))


def _visit(exchange: Exchange, place: dict[int, int]) -> Visit:
    sure = exchange.process is not None and exchange.confidence >= KNOWN
    return Visit(
        kind=request_kind(exchange.method, exchange.path, exchange.said or exchange.text),
        process=place.get(exchange.process) if sure and exchange.process is not None else None,
        at_us=exchange.at,
        status=exchange.status,
    )
