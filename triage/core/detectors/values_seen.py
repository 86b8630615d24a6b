"""Between two writes, does the same path answer differently from process to process?

Catches: caches and settings that each process keeps for itself, and lists that shrink when another process is asked.
Evidence needed: several reads of one path between two writes, on more than one process, with sizes or statuses.
Looks the same but is not: answers that change with time on the same process too (a lagging replica, a time to live).
Example: GET /settings/theme answers 18 bytes on the process that took the PUT and 15 bytes on the others.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.paths import siblings_in_path
from triage.core.values import Values

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    if case.read is None or case.write is None or case.read.path is None:
        return
    changed = case.relation == "object" and case.write.method in ("PUT", "PATCH")
    if changed and case.read.ok and case.read.process is not None and _first_touch(case, court):
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
    path = case.read.path
    known = court.values_of_hosts if court.between_hosts(case) else court.values
    values = known.get(path) or Values()
    later = _later(case, court, values)
    if later is not None:
        yield Finding(
            of=_KIND,
            kind="reader_saw_it_later",
            text=(
                f"{court.name(court.process(case.read))} itself answered {path} differently a little later, with no "
                "write between: time decides here."
            ),
            lines=court.served_lines(*later),
            contrast=True,
        )
    learned = None if case.relation in ("counter", "repeat") else _learned(path, known)
    if learned is not None:
        knew, told = (court.lineup.served[index] for index in learned)
        path_told = told.request.path if told.request is not None else path
        yield Finding(
            of=_KIND,
            kind="learned_from_others",
            text=(
                f"{court.name(court.lineup.processes[told.process])} changed its answer to {path_told} although every "
                "write had gone to other processes."
            ),
            lines=court.served_lines(knew.index, told.index),
            contrast=True,
        )
    if values.agree and not values.differ and not values.back:
        yield Finding(
            of=_KIND,
            kind="values_agree",
            text=f"After a write, another process gave the new answer to {path}, too.",
            times=min(len(values.agree), 2) * 0.75,
            lines=court.served_lines(*values.agree[0]),
            contrast=True,
        )
    apart = values.back or values.differ
    if apart and not values.drift:
        first, second = apart[0]
        served = court.lineup.served
        one, other = (court.lineup.processes[served[index].process] for index in (first, second))
        yield Finding(
            of=_KIND,
            kind="values_disagree",
            text=f"With no write between, {court.name(one)} and {court.name(other)} answered {path} differently.",
            times=(1.0 if values.back else 0.4) * (0.5 if values.agree else 1.0),
            lines=court.served_lines(first, second),
            contrast=bool(values.back) and not values.agree,
        )


def _learned(path: str, known: dict[str, Values]) -> tuple[int, int] | None:
    """A process that came to know of others' writes to this path, or to one of its family."""
    for other, values in known.items():
        if (other == path or siblings_in_path(other, path)) and values.learned and not values.drift:
            return values.learned[-1]
    return None


def _later(case: Case, court: Court, values: Values) -> tuple[int, int] | None:
    """Two answers of the reader's own process: one as the failing one, then another."""
    read, served = case.read, court.lineup.served
    if read is None or read.served is None:
        return None
    failing = served[read.served].request
    for first, second in values.drift:
        told = served[first].request
        if served[first].process != read.process or told is None or failing is None:
            continue
        if (told.status, told.size) == (failing.status, failing.size):
            return first, second
    return None


def _first_touch(case: Case, court: Court) -> bool:
    """Whether the reader's process served this path for the first time in the log."""
    read = case.read
    if read is None or read.served is None:
        return False
    for served in court.exchanges.before(read.when):
        request = served.request
        if served.process != read.process or served.index == read.served or request is None:
            continue
        if request.path == read.path:
            return False
    return True
