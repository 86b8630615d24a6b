"""One process lacks what the others have: the same request goes well on some and breaks on it, for want of state.

Catches: an sqlite `:memory:` database, a table, a key or a registry that was set up in one process only.
Evidence needed: a 5xx whose error names something missing, and the same kind of request answered by another process.
Looks the same but is not: a host or process that is broken in another way; an error that every process raises.
Example: POST /readings answers 201 on gunicorn[812] and 500 on gunicorn[813], “no such table: reading”.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import Mechanism, VerdictKind
from triage.core.quoting import clipped
from triage.core.raised import raised
from triage.core.words import shares_any

_KIND = VerdictKind.SPLIT_STATE
_WANTING = ("no such table", "undefinedtable", "relation does not exist", "not initialized", "not initialised")


def detect(case: Case, court: Court) -> Iterator[Finding]:
    broken = next((each for each in case.exchanges if (each.status or 0) >= 500 and each.process is not None), None)
    if broken is None or case.failure.no_answer:
        return
    error = clipped(raised(broken.served, court.scene), 90).rstrip(". ")
    if not shares_any(error, _WANTING):
        return
    fine = sorted(court.well.get(broken.kind, frozenset()))
    others = [court.lineup.processes[index] for index in fine if index != broken.process]
    if not others or broken.process in fine:
        return
    yield Finding(
        of=_KIND,
        kind="lacks_what_others_have",
        text=(
            f"{broken.name} breaks on {court.name(court.process(broken))} and goes well on {court.name(others[0])}: "
            f"{error}."
        ),
        lines=court.lines(broken),
        mechanism=Mechanism.IN_MEMORY_DATABASE,
        contrast=True,
    )
