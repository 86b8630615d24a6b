"""Steps that no test log names, derived from the server's: each test's slice of the requests of the run."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from triage.core.clock_scale import bounds
from triage.core.clues import Clues, Piece, boundaries, objects, unreached
from triage.core.findings import Clock, LineRef, Lineup, Match, PlacedStep, Served, TestCase
from triage.core.order import in_order
from triage.core.paths import template
from triage.core.records import Outcome, Request, RunEvidence, Side
from triage.core.serve import Requests
from triage.core.server_time import NEVER, Line
from triage.core.slices import SKIPPED, cut
from triage.core.words import ids, kind_of_line, names, stem

LEAST = 0.5  # what a derived step must have
BY_ORDER = 0.85  # order and clues alone are never sure
BY_TIME = 0.97
KNOWN = 0.5  # confidence from which a request is a known step's
STRANGE = 0.25  # share of strangers among the requests of known tests from which order tells nothing
NONE_SEEN = 0.06  # factor of a test without any request, where the server's log names each one
BETWEEN = 0.05  # factor of a request outside every test
UNLISTED = 0.6  # the same, where the report does not list the tests that passed
MOST = 600  # requests of one test; a slice that holds more is the traffic of others
TALK = 3  # lines of a library about its connections that may stand before a request
TEXT = 200


def derive(evidence: RunEvidence, lineup: Lineup, requests: Requests) -> Lineup:
    """The lineup with steps for the tests whose requests only the server's log tells."""
    tests = lineup.tests
    owner = _owners(lineup)
    telling = {step.test for step in lineup.steps if step.request is not None and step.request.path is not None}
    silent = {test.test for test in tests if test.test not in telling and test.outcome is not Outcome.SKIPPED}
    if (
        not silent
        or not 0 < len(requests.served) <= MOST * len(tests)
        or _several_at_once(evidence, tests)
        or _strangers(owner, len(requests.served))
    ):
        return lineup
    tests, unlisted = in_order(evidence, tests)
    clocks = {clock.host: clock for clock in lineup.clocks}
    place = {test.test: t for t, test in enumerate(tests)}
    pieces = [
        _piece(served, requests.lines[served.index], clocks, place.get(owner.get(served.index, "")))
        for served in requests.served
    ]
    named = sum(piece.path is not None for piece in pieces) * 2 > len(pieces)
    none = NONE_SEEN if named and len(pieces) >= len(tests) else SKIPPED
    skip = [1.0 if _asked_nothing(test) else none for test in tests]
    rows = cut(
        Clues(tests, pieces, closed=frozenset(place[name] for name in telling if name in place)).score,
        len(pieces),
        skip,
        boundaries(pieces, tests, unlisted),
        UNLISTED if unlisted else BETWEEN,
    )
    homeless = _homeless(lineup)
    found: dict[str, list[PlacedStep]] = {}
    for served, piece, row in zip(requests.served, pieces, rows, strict=True):
        if not row or piece.test is not None:
            continue
        t, chance = max(row.items(), key=lambda each: each[1])
        if tests[t].test in silent and chance >= LEAST:
            own = homeless.get(served.index) or [_step(served, requests.lines[served.index], piece, tests[t], chance)]
            found.setdefault(tests[t].test, []).extend(_at_home(step, tests[t].test, chance) for step in own)
    return _with(lineup, {test: steps for test, steps in found.items() if len(steps) <= MOST})


def _homeless(lineup: Lineup) -> dict[int, list[PlacedStep]]:
    """Of each served request the tests' own lines on it that name no test, with a library's talk before them."""
    found: dict[int, list[PlacedStep]] = {}
    waiting: list[PlacedStep] = []
    for step in lineup.steps:
        if step.test:
            waiting = []
        elif not step.matches:
            waiting.append(step)
        elif step.matches[0].confidence >= KNOWN:
            found.setdefault(step.matches[0].served, []).extend((*waiting[-TALK:], step))
            waiting = []
    return found


def _at_home(step: PlacedStep, test: str, chance: float) -> PlacedStep:
    """A step with the test that it is most likely of; one that is made up says how likely in its match."""
    return step if step.index < 0 else msgspec.structs.replace(step, test=test, belongs=round(chance, 4))


def _owners(lineup: Lineup) -> dict[int, str]:
    """The test of each served request that a step is known to be."""
    return {
        step.matches[0].served: step.test
        for step in lineup.steps
        if step.matches and step.matches[0].confidence >= KNOWN
    }


def _several_at_once(evidence: RunEvidence, tests: Sequence[TestCase]) -> bool:
    """Whether tests ran side by side, so that their requests are mixed."""
    facts = (fact for part in evidence.parts if part.side is Side.TESTS for fact in part.facts)
    workers = any(fact.name == "xdist_workers" and fact.value.isdigit() and int(fact.value) > 1 for fact in facts)
    return workers or len({test.worker for test in tests if test.worker}) > 1


def _strangers(owner: dict[int, str], total: int) -> bool:
    """Whether others use the server as well: requests of nobody between those of one test."""
    spans: dict[str, tuple[int, int]] = {}
    for served, test in owner.items():
        low, high = spans.get(test, (served, served))
        spans[test] = min(low, served), max(high, served)
    inside = {place for low, high in spans.values() for place in range(low, min(high + 1, total))}
    return len(inside - owner.keys()) > STRANGE * len(inside)


def _asked_nothing(test: TestCase) -> bool:
    """Skipped, broken before it began, or turned away."""
    return test.outcome is Outcome.SKIPPED or bool(test.test and "::" not in test.test) or unreached(test)


def _piece(served: Served, lines: Sequence[Line], clocks: dict[str, Clock], test: int | None) -> Piece:
    said = [line.entry.message for line in lines if line.entry.request is None or not line.entry.request.ended]
    request = served.request
    path = request.path if request is not None else None
    query = request.query if request is not None else ""
    clock = clocks.get(lines[0].host)
    timed = clock is not None and clock.decided and served.low_us != NEVER
    low, high = bounds(clock, served.low_us, served.high_us) if clock is not None and timed else (None, None)
    return Piece(
        kind=f"{request.method} {template(path)}"
        if request is not None and path
        else kind_of_line(lines[0].entry.message),
        method=request.method if request is not None else None,
        path=path,
        status=request.status if request is not None else None,
        ids=frozenset(word for text in (*said[:8], path or "", query) for word in ids(text)) | objects(path or ""),
        words=frozenset(stem(word) for text in (*said[:3], query) for word in names(text[:300])),
        low=low,
        high=high,
        test=test,
    )


def _step(served: Served, lines: Sequence[Line], piece: Piece, test: TestCase, chance: float) -> PlacedStep:
    in_time = piece.low is not None and test.started_us is not None and test.stopped_us is not None
    request = served.request
    line = next((line for line in lines if line.entry.request is not None), lines[0])
    text = f"{request.method or ''} {request.path}".strip() if request is not None and request.path else ""
    return PlacedStep(
        index=-1,
        test=test.test,
        n=0,
        ref=LineRef(line.part, line.entry.line),
        text=text or line.entry.message.split("\n", 1)[0][:TEXT],
        at_us=piece.low,
        until_us=piece.high,
        request=Request(method=request.method, path=request.path, query=request.query, status=request.status)
        if request is not None
        else None,
        worker=test.worker,
        matches=(
            Match(
                served=served.index,
                confidence=round(min(chance, BY_TIME if in_time else BY_ORDER), 4),
                basis=("derived", "time") if in_time else ("derived", "order"),
            ),
        ),
    )


def _with(lineup: Lineup, found: dict[str, list[PlacedStep]]) -> Lineup:
    if not found:
        return lineup
    steps, tests = list(lineup.steps), []
    for test in lineup.tests:
        own = list(test.steps)
        for step in found.get(test.test, ()):
            index = step.index if step.index >= 0 else len(steps)
            placed = msgspec.structs.replace(step, index=index, n=len(own) + 1)
            steps[index : index + 1] = [placed]
            own.append(index)
        tests.append(msgspec.structs.replace(test, steps=tuple(own)))
    return msgspec.structs.replace(lineup, steps=tuple(steps), tests=tuple(tests))
