"""The server raised, or answered 5xx, while it served the failing test.

Catches: programming errors on the server, told by a 5xx status, a traceback or an error line of the request at hand.
Evidence needed: the status that the test or the access line shows, best with the traceback.
Looks the same but is not: a 500 because another process never saw the table or session (split_state); 502 and 504 of a
proxy, and requests cut off by the master (server_unavailable).
Example: GET /report answered 500, "ZeroDivisionError: division by zero" in gunicorn[25819].
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.detectors.split_process import SYMPTOMS
from triage.core.findings import VerdictKind
from triage.core.paths import resource
from triage.core.quoting import clipped
from triage.core.raised import raised
from triage.core.records import Request
from triage.core.words import shares_any

_KIND = VerdictKind.SERVER_ERROR


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read = case.read
    broken = [e for e in case.exchanges if e.status is not None and e.status >= 500 and e.status not in (502, 504)]
    failing = read if read is not None and read in broken else None
    if failing is None and case.failure.got is not None and case.failure.got >= 500 and broken:
        failing = broken[-1]
    if failing is not None:
        crossed = (
            case.write is not None
            and case.write.process is not None
            and failing.process is not None
            and case.write.process != failing.process
        )
        error = clipped(raised(failing.served, court.scene), 90).rstrip(". ")
        alone = failing.process not in court.well.get(failing.kind, {failing.process})
        split = (crossed or alone) and shares_any(f"{court.texts(case)} {case.failure.said} {error}", SYMPTOMS)
        split = split or any(each.index == failing.served for each in court.quarrels)
        yield Finding(
            of=_KIND,
            kind="answered_5xx",
            text=f"{failing.name} answered {failing.status}"
            + (f" on {court.name(court.process(failing))}" if failing.process is not None else "")
            + (f": {error}." if error else "."),
            times=0.45 if split else 1.0,
            lines=court.lines(failing),
            contrast=bool(error),
        )
        if error and not split:
            yield Finding(of=_KIND, kind="raised_in_this_test", text=f"The server's log holds the traceback: {error}.")
        return
    if case.failure.no_answer:
        return
    if broken:
        named = f"{broken[-1].status}" in case.failure.said
        yield Finding(
            of=_KIND,
            kind="error_elsewhere_in_test",
            text=f"{broken[-1].name} answered {broken[-1].status} earlier in this test.",
            times=2.2 if named else 1.0,
            lines=court.lines(broken[-1]),
        )
        return
    for exchange in case.exchanges:
        if (
            exchange.served is not None
            and court.lineup.served[exchange.served].error
            and (exchange.status or 500) >= 500
        ):
            yield Finding(
                of=_KIND,
                kind="error_elsewhere_in_test",
                text=f"The server logged an error while it served {exchange.name}.",
                lines=court.lines(exchange),
            )
            return
    if not case.exchanges and not case.failure.test_broke:
        yield from _unclaimed(case, court)
    if case.failure.got is not None and case.failure.got >= 500 and case.failure.got not in (502, 503, 504):
        yield Finding(of=_KIND, kind="answered_5xx", text=f"The test got status {case.failure.got}.", times=0.9)


def _unclaimed(case: Case, court: Court) -> Iterator[Finding]:
    """An error of the server that no known request of another test accounts for, where this test's are not known."""
    errors = court.unclaimed_errors
    if not errors or len(errors) > court.silent:
        return
    text = f"{case.test.message[-2_000:]}\n{case.test.detail[-16_000:]}".lower()
    for served in errors:
        request = served.request
        words = resource(request.path or "") if request is not None else ()
        if words and words[-1] in text:
            break
    else:
        if len(errors) > 1 or not case.failure.symptom:
            return
        served = errors[0]
    error, request = clipped(raised(served.index, court.scene), 90).rstrip(". "), served.request or Request()
    what = f"{request.method or 'a request to'} {request.path}" if request.path else "a request"
    yield Finding(
        of=_KIND,
        kind="error_during_run",
        text=clipped(f"While the tests ran, {what} broke on the server" + (f": {error}." if error else "."), 170),
        times=1.2 if case.failure.symptom else 1.0,
        lines=court.served_lines(served.index),
        contrast=True,
    )
