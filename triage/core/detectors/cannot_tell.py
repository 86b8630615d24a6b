"""The logs lack what would decide: the process of a request, the server's lines, or the requests themselves.

Catches: the honest “cannot tell”, with the reason.
Evidence needed: none; it speaks where evidence is missing.
Looks the same but is not: a proper answer to a request on which nothing had been written before.
Example: the access lines carry no PID, and GET /items/a44909e5 answered 404 right after the POST that made it.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind

_KIND = VerdictKind.UNEXPLAINED
UNSURE = 0.8


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if case.failure.no_answer or case.failure.test_broke:
        return
    if not court.lineup.served:
        yield Finding(of=_KIND, kind="no_server_lines", text="No line of the server tells of a request.")
    elif read is None and not case.failure.code_error:
        yield Finding(of=_KIND, kind="no_request_known", text="Nothing tells which requests this test made.")
    elif (
        read is not None and write is not None and (read.process is None or write.process is None) and case.kin >= 0.35
    ):
        which = write if write.process is None else read
        yield Finding(
            of=_KIND,
            kind="process_unknown",
            text=f"Which process served {which.name} cannot be told from these logs.",
            times=1.0 if case.kin >= 0.6 and (read.status or 404) not in (400, 422) else 0.4,
            lines=court.lines(write, read),
        )
    elif read is not None and write is not None and case.kin >= 0.6:
        sure = min(read.confidence, write.confidence)
        if sure < UNSURE:
            yield Finding(
                of=_KIND,
                kind="process_unknown",
                text=f"Which process served {read.name} is known only with {100 * sure:.0f} % confidence.",
                times=round((UNSURE - sure) / 0.4, 2),
                lines=court.lines(write, read),
            )
