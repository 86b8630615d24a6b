"""The server answered properly, and nothing suggests that another process would have answered otherwise.

Catches: refusals by a rule (400, 422 on the write itself), wrong expectations without any write before them.
Evidence needed: a proper answer to the failing request.
Looks the same but is not: an answer that lacks an earlier write (split_state or lost_state).
Example: POST /items answered 422 on its own, with nothing written before.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind

_KIND = VerdictKind.CONSISTENT_FAILURE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read = case.read
    if read is None or case.failure.no_answer:
        return
    if read.status in (400, 405, 406, 413, 415, 422) and case.relation != "form":
        yield Finding(
            of=_KIND,
            kind="refused_by_rule",
            text=f"{read.name} was refused with {read.status}, as a rule refuses its content.",
            lines=court.lines(read),
        )
    before = case.exchanges[: case.exchanges.index(read)] if read in case.exchanges else ()
    if (
        case.write is None
        and read.status is not None
        and read.status < 500
        and not any(each.writes or (each.status or 0) >= 500 for each in before)
        and (read.ok or not before)  # a GET may hand out what a later request is refused for want of
    ):
        yield Finding(
            of=_KIND,
            kind="no_write_before",
            text=f"No earlier write of this test explains the answer to {read.name}.",
            lines=court.lines(read),
        )
