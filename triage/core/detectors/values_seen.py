"""Between two writes, does the same path answer differently from process to process?

Catches: caches and settings that each process keeps for itself, and lists that shrink when another process is asked.
Evidence needed: several reads of one path between two writes, on more than one process, with sizes or statuses.
Looks the same but is not: answers that change with time on the same process too (a lagging replica, a time to live).
Example: GET /settings/theme answers 18 bytes on the process that took the PUT and 15 bytes on the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.finding import Court, Finding
from triage.core.findings import VerdictKind

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    if case.read is None or case.write is None or case.read.path is None:
        return
    if case.relation == "object" and case.read.ok and case.read.process is not None and _first_touch(case, court):
        yield Finding(
            of=_KIND,
            kind="reader_was_fresh",
            text=(
                f"{court.name(court.process(case.read))} had never been asked for {case.read.path} before, so it "
                "held no old value."
            ),
            lines=court.lines(case.read),
            contrast=True,
        )
    values = court.values.get(case.read.path)
    if values is None:
        return
    path = case.read.path
    if values.drift:
        yield Finding(
            of=_KIND,
            kind="reader_saw_it_later",
            text=f"One process answered {path} differently a little later, with no write between: time decides here.",
            lines=court.served_lines(*values.drift[0]),
            contrast=True,
        )
    if values.agree and not values.differ:
        yield Finding(
            of=_KIND,
            kind="values_agree",
            text=f"After a write, another process gave the new answer to {path}, too.",
            times=min(len(values.agree), 2) * 0.75,
            lines=court.served_lines(*values.agree[0]),
            contrast=True,
        )
    if values.differ and not values.drift:
        first, second = values.differ[0]
        served = court.lineup.served
        one, other = (court.lineup.processes[served[index].process] for index in (first, second))
        yield Finding(
            of=_KIND,
            kind="values_disagree",
            text=f"With no write between, {court.name(one)} and {court.name(other)} answered {path} differently.",
            times=0.5 if values.agree else 1.0,
            lines=court.served_lines(first, second),
            contrast=not values.agree,
        )


def _first_touch(case: Case, court: Court) -> bool:
    """Whether the reader's process served this path for the first time in the log."""
    read = case.read
    if read is None or read.served is None:
        return False
    for served in court.exchanges.before(read.at):
        request = served.request
        if served.process != read.process or served.index == read.served or request is None:
            continue
        if request.path == read.path:
            return False
    return True
