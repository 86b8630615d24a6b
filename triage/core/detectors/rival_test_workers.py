"""Another test process (pytest-xdist) changed what this test had just set up.

Catches: set-up or clean-up of one xdist worker that wipes or takes what another worker's test relies on.
Evidence needed: several test processes; between this test's write and read a wipe, delete or same write by others.
Looks the same but is not: split state on the server, which needs two server processes; here one is enough.
Example: gw1's DELETE /items falls between gw0's POST /items and its GET /items/9319493c, which answers 404.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from triage.core.case import WRITING, Case, Exchange
from triage.core.court import Court, Finding
from triage.core.findings import Mechanism, PlacedStep, Served, VerdictKind, VerdictSide
from triage.core.paths import identifiers, resource
from triage.core.words import shares_any

_KIND = VerdictKind.SPLIT_STATE
_WIPES = ("reset", "clear", "wipe", "purge", "truncate", "flush", "seed", "setup", "init")


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read = case.read
    if read is None or len(court.workers) < 2 or case.failure.no_answer:
        return
    mine = {exchange.served for exchange in case.exchanges}
    if read.status == 409 or (case.failure.got == 409):
        taken = _taken(read, mine, court)
        if taken is not None:
            yield Finding(
                of=_KIND,
                kind="other_test_worker_took_it",
                text=f"Another test process had made the same thing before: {read.name} answered 409.",
                lines=(*court.served_lines(taken.index), *court.lines(read)),
                mechanism=Mechanism.XDIST,
                side=VerdictSide.TEST,
                contrast=True,
            )
        return
    wipe = _wiped(case, mine, court)
    foreign = None if wipe is not None else _foreign(case, court)
    other = wipe or foreign
    if other is not None and other.request is not None:
        yield Finding(
            of=_KIND,
            kind="other_test_worker_wiped",
            text=(
                f"Between this test's own requests another test process sent {other.request.method} "
                f"{other.request.path},"
                " which changes what this test relied on."
            ),
            times=1.0 if wipe is not None else 0.8,
            lines=(*court.lines(case.write), *court.served_lines(other.index), *court.lines(read)),
            mechanism=Mechanism.XDIST,
            side=VerdictSide.TEST,
            contrast=True,
        )
    elif other is None and (step := _beside(case, court)) is not None and step.request is not None:
        yield Finding(
            of=_KIND,
            kind="other_test_worker_wiped",
            text=(
                f"By the tests' own clock, {step.worker} sent {step.request.method} {step.request.path} between this "
                "test's requests, which changes what this test relied on."
            ),
            times=0.8,
            lines=(*court.lines(case.write), step.ref, *court.lines(read)),
            mechanism=Mechanism.XDIST,
            side=VerdictSide.TEST,
            contrast=True,
        )


def _beside(case: Case, court: Court) -> PlacedStep | None:
    """What another test process wrote or wiped meanwhile, by the client's clock, where the answer has too much or lacks
    what was written."""
    read = case.read
    if read is None or read.step is None or read.path is None or not case.test.worker:
        return None
    writes = [each for each in case.exchanges if each.writes and each.ok and each.step is not None]
    times = [court.lineup.steps[each.step].at_us for each in writes if each.step is not None]
    begun = min((at for at in times if at is not None), default=None)
    ended = court.lineup.steps[read.step].at_us
    if begun is None or ended is None:
        return None
    about = set(resource(read.path))
    for step in court.exchanges.writes_between(begun, ended):
        request = step.request
        if step.worker in ("", case.test.worker) or request is None or request.path is None:
            continue
        if not about & set(resource(request.path)) or identifiers(request.path):
            continue
        counted = not identifiers(read.path) and case.failure.asserts and read.ok
        if (request.method == "DELETE" and read.status in (404, 410)) or counted:
            return step
    return None


def _foreign(case: Case, court: Court) -> Served | None:
    """A write to a list that this test counts, one more than the test's own; whose is whose need not be known."""
    read = case.read
    if read is None or read.path is None or identifiers(read.path) or not case.failure.asserts:
        return None
    writes = [each for each in case.exchanges if each.writes and each.ok]
    about = set(resource(read.path))
    begun = min((_begun(each, court) for each in writes), default=None)
    if begun is None or read.served is None or not about:
        return None
    own = Counter(each.method for each in writes)
    for served in _between(begun, read, court):
        request = served.request
        if request is None or request.path is None or request.method not in WRITING or (request.status or 200) >= 400:
            continue
        if about & set(resource(request.path)):
            own[request.method] -= 1
            if own[request.method] < 0:
                return served
    return None


def _wiped(case: Case, mine: set[int | None], court: Court) -> Served | None:
    """A wipe or delete by somebody else between the first write and the read."""
    read = case.read
    writes = [exchange for exchange in case.exchanges if exchange.writes and exchange.ok]
    if read is None or read.path is None or not writes:
        return None
    first = next((each for each in writes if each.method not in ("DELETE",)), writes[0])
    for served in _between(first.when, read, court):
        request = served.request
        if served.index in mine or request is None or request.path is None or (request.status or 200) >= 400:
            continue
        about = set(resource(request.path)) & set(resource(read.path))
        whole = not identifiers(request.path)
        named = identifiers(request.path) & identifiers(read.path)
        wiping = shares_any(request.path, _WIPES) and request.method != "GET"
        if wiping or (request.method == "DELETE" and about and (whole or named)):
            return served
    return None


def _taken(read: Exchange, mine: set[int | None], court: Court) -> Served | None:
    for served in reversed(court.exchanges.before(read.when)):
        request = served.request
        if served.index in mine or request is None:
            continue
        if request.method == read.method and request.path == read.path and (request.status or 500) < 400:
            return served
    return None


def _begun(exchange: Exchange, court: Court) -> int:
    """Server time of an exchange, its best candidate's where none is sure."""
    if exchange.served is None and exchange.step is not None:
        matches = court.lineup.steps[exchange.step].matches
        if matches:
            return court.exchanges.time.of(court.lineup.served[matches[0].served])
    return exchange.when


def _between(begun: int, last: Exchange, court: Court) -> list[Served]:
    served = court.exchanges.before(last.when + 1)
    return served[bisect_left(served, begun - 1, key=court.exchanges.time.of) :]
