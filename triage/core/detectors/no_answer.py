"""The step got no proper answer: refused, cut off, timed out, or the worker died while serving it.

Catches: a server that is down or too slow, gunicorn's WORKER TIMEOUT, out-of-memory kills, 502 and 504 of a proxy.
Evidence needed: the client's connection or timeout error; the master's line about the worker.
Looks the same but is not: waiting in vain for a message while every request was answered (split_state, broadcast); a
process that was replaced between two answered requests (lost_state).
Example: requests.exceptions.ReadTimeout in the test, and a 200 in the access log a second later.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.finding import Court, Finding
from triage.core.findings import LineRef, VerdictKind
from triage.core.records import SECOND, Life

_KIND = VerdictKind.SERVER_UNAVAILABLE
_NEAR = 2 * SECOND


def detect(case: Case, court: Court) -> Iterator[Finding]:
    failure, read = case.failure, case.read
    if failure.no_answer:
        yield Finding(
            of=_KIND,
            kind="no_answer",
            text="The client got no answer: " + _reason(case) + ".",
            lines=court.lines(read) if read is not None and read.served is None else (),
            contrast=True,
        )
    if read is not None and read.status in (502, 504):
        yield Finding(
            of=_KIND,
            kind="gateway_status",
            text=f"{read.name} answered {read.status}: the proxy got no answer from the process behind it.",
            lines=court.lines(read),
            contrast=True,
        )
    ended = _ended_while_serving(case, court)
    if ended is not None:
        kind, text, line = ended
        yield Finding(of=_KIND, kind=kind, text=text, lines=(line, *court.lines(read)), contrast=True)


def _reason(case: Case) -> str:
    last = next((line for line in case.test.message.splitlines() if line.strip()), case.failure.errors[-1:])
    return (last if isinstance(last, str) else " ".join(last))[:200].rstrip(". ")


def _ended_while_serving(case: Case, court: Court) -> tuple[str, str, LineRef] | None:
    """A process that the master gave up on, or that died, while it served the failing request."""
    read = case.read
    if read is None or (read.ok and not case.failure.no_answer):
        return None
    for index, line in court.scene.population.ends.items():
        process = court.lineup.processes[index]
        died = process.died_us
        if died is None or process.ended_by not in (Life.TIMEOUT, Life.KILL, Life.CRASH):
            continue
        mine = read.process == index
        if read.served is not None:
            served = court.lineup.served[read.served]
            near = served.low_us - _NEAR <= died <= served.high_us + _NEAR
        else:
            near = abs(died - read.at) <= 5 * _NEAR
        if not near or (read.process is not None and not mine):
            continue
        if not case.failure.no_answer and (read.status is None or read.status < 500):
            continue
        ref = LineRef(line.part, line.entry.line)
        told = line.entry.message[:120].strip()
        if process.ended_by is Life.TIMEOUT:
            return "worker_timeout", f"The master gave up on {court.name(process)} at that moment: “{told}”.", ref
        return "process_ended_while_serving", f"{court.name(process)} died at that moment: “{told}”.", ref
    return None
