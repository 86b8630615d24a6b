"""The step got no proper answer: refused, cut off, timed out, or the worker died while serving it.

Catches: a server that is down or too slow, gunicorn's WORKER TIMEOUT, out-of-memory kills, 502 and 504 of a proxy.
Evidence needed: the client's connection or timeout error; the master's line about the worker.
Looks the same but is not: waiting in vain for a message while every request was answered (split_state, broadcast); a
process that was replaced between two answered requests (lost_state).
Example: requests.exceptions.ReadTimeout in the test, and a 200 in the access log a second later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import LineRef, VerdictKind
from triage.core.quoting import clipped, said
from triage.core.records import SECOND, Life

_KIND = VerdictKind.SERVER_UNAVAILABLE
_NEAR = 2 * SECOND
_TOO_LATE = "it came too late"
_REASONS = (
    ("connection refused", re.compile(r"(?i)refused|Errno 111|Errno 61\b|ConnectError: All connection")),
    (
        "the host's name could not be resolved",
        re.compile(r"(?i)Name or service not known|getaddrinfo|resolve|Errno -[235]"),
    ),
    ("no connection within the time allowed", re.compile(r"ConnectTimeout|connect timeout")),
    (_TOO_LATE, re.compile(r"(?i)time.?out|timed out")),
    (
        "the connection was cut off",
        re.compile(
            r"(?i)reset|aborted|disconnected|closed connection|broken ?pipe|incomplete|EOF occurred|BadStatusLine"
        ),
    ),
    ("the host cannot be reached", re.compile(r"(?i)no route|unreachable|Errno 113")),
)
_FIRST = 5_000  # lines of a log without requests that are looked at
_NO_START = re.compile(
    r"(?i)failed to (?:boot|start|bind)|address already in use|startup failed|could not (?:bind|start)|"
    r"exception in worker process|error while attempting to bind|main process exited, code=exited, status=[1-9]"
)
# matches `(read timeout=1.5)`, `timeout=30`
_WAITED = re.compile(r"timeout=(?P<seconds>\d{1,5}(?:\.\d{1,3})?)")
# matches `Max retries exceeded with url: /items (Caused by`
_URL = re.compile(r"with url: (?P<path>/[^\s?#'\")]{0,200})")


def detect(case: Case, court: Court) -> Iterator[Finding]:
    failure, read = case.failure, case.read
    if failure.no_answer:
        yield Finding(
            of=_KIND,
            kind="no_answer",
            text=_unanswered(case),
            lines=court.lines(read) if read is not None and read.served is None else (),
            contrast=True,
        )
    elif not failure.test_broke and not any(served.request is not None for served in court.lineup.served):
        yield from _never_up(court)
    bare = read is None or read.served is None
    if bare and case.failure.got in (502, 503, 504) and not failure.no_answer:
        yield Finding(
            of=_KIND,
            kind="gateway_status",
            text=f"The test got {case.failure.got}, and no process of the server is known to have answered so.",
            contrast=True,
        )
    elif read is not None and read.status in (502, 504):
        yield Finding(
            of=_KIND,
            kind="gateway_status",
            text=f"{read.name} answered {read.status}: the proxy got no answer from the process behind it.",
            lines=court.lines(read),
            contrast=True,
        )
    ended = _ended_while_serving(case, court) or _given_up(case, court)
    if ended is not None:
        kind, text, line = ended
        yield Finding(of=_KIND, kind=kind, text=text, lines=(line, *court.lines(read)), contrast=True)


def _never_up(court: Court) -> Iterator[Finding]:
    """No request was ever served, and the server's own lines say that it could not start."""
    for line in court.scene.lines.lines[:_FIRST]:
        if _NO_START.search(line.entry.message[:2_000]) is not None:
            yield Finding(
                of=_KIND,
                kind="server_never_up",
                text=f"The server did not come up: {said(line.entry.message)}.",
                lines=(LineRef(line.part, line.entry.line),),
                contrast=True,
            )
            return


def _unanswered(case: Case) -> str:
    """What happened to the request in plain words, and to which request, where the error names it."""
    message = case.failure.said[-4_000:]
    reason = next((words for words, told in _REASONS if told.search(message)), "")
    waited = _WAITED.search(message)
    if waited is not None and reason == _TOO_LATE:
        reason = f"nothing came within {waited['seconds']} s"
    url, read = _URL.search(message), case.read
    if url is not None:
        method = read.method if read is not None and read.path == url["path"] and read.method else ""
        to = f"{method} {url['path']}" if method else f"a request to {url['path']}"
    else:
        to = read.name if read is not None and read.served is None and read.path is not None else ""
    return f"The client got no answer{' to ' * bool(to)}{clipped(to, 70)}: {reason or 'the connection failed'}."


def _given_up(case: Case, court: Court) -> tuple[str, str, LineRef] | None:
    """A worker that the master gave up on while a test ran of whose requests nothing is known."""
    test, failure = case.test, case.failure
    if case.exchanges or failure.test_broke or failure.code_error or test.started_us is None or test.stopped_us is None:
        return None
    time = court.exchanges.time
    begun, ended = time.of_client(test.started_us) - _NEAR, time.of_client(test.stopped_us) + _NEAR
    for index, line in court.scene.population.ends.items():
        process = court.lineup.processes[index]
        if process.ended_by is not Life.TIMEOUT or process.died_us is None:
            continue
        if begun <= time.at(process.host, process.died_us) <= ended:
            told = said(line.entry.message)
            text = f"The master gave up on {court.name(process)} while the test ran: {told}."
            return "worker_timeout", text, LineRef(line.part, line.entry.line)
    return None


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
            near = abs(court.exchanges.time.at(process.host, died) - read.when) <= 5 * _NEAR
        if not near or (read.process is not None and not mine):
            continue
        if not case.failure.no_answer and (read.status is None or read.status < 500):
            continue
        ref = LineRef(line.part, line.entry.line)
        told = said(line.entry.message)
        if process.ended_by is Life.TIMEOUT:
            return "worker_timeout", f"The master gave up on {court.name(process)} at that moment: {told}.", ref
        return "process_ended_while_serving", f"{court.name(process)} died at that moment: {told}.", ref
    return None
