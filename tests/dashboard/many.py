"""A test with more steps than a page can show, on four processes."""

from __future__ import annotations

from tests.dashboard.build import GET, NOON, POST, Build
from triage.core.findings import Mechanism, VerdictKind, VerdictSide
from triage.core.records import SECOND, Outcome

EVERY_S = 0.05


def many_steps(count: int = 900, *, timed: bool = True) -> Build:
    """The write is the step in the middle, the read comes three steps later on another process."""
    b = Build()
    processes = [b.process(3000 + i) for i in range(4)]
    middle = count // 2
    for i in range(count):
        request = POST if i == middle else GET
        served = b.serve(processes[i % 4], i * EVERY_S, request)
        b.step(f"request {i}", i * EVERY_S if timed else None, served=served, request=request)
        if i % 3 == 0:
            b.serve(processes[i % 4], i * EVERY_S + 0.01, GET)
    b.test(Outcome.FAILED, "assert 4 == 5", stopped_us=NOON + int(count * EVERY_S * SECOND))
    write, read = (b.steps[i].matches[0].served for i in (middle, middle + 3))
    b.verdict(
        VerdictKind.SPLIT_STATE, "POST /cars/add was served by gunicorn[3002], GET /cars by gunicorn[3001].",
        side=VerdictSide.SERVER, mechanism=Mechanism.IN_MEMORY,
        write=b.end(served=write, step=middle), read=b.end(served=read, step=middle + 3),
    )  # fmt: skip
    return b
