"""Several processes use one connection that was opened before they were forked, and garble it for each other.

Catches: database, cache and TLS connections made while the application is loaded, with workers forked afterwards.
Evidence needed: an error that says that bytes came garbled, and such errors from two processes close in time.
Looks the same but is not: a database that restarts and cuts off everybody; one process with a broken connection.
Example: “decryption failed or bad record mac” on gunicorn[32429], then “EOF occurred” on gunicorn[32430].
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.quoting import clipped
from triage.core.raised import raised


def detect(case: Case, court: Court) -> Iterator[Finding]:
    mine = {each.served for each in case.exchanges if each.served is not None and not each.ok}
    broken = next((each for each in court.quarrels if each.index in mine), None)
    if broken is None or case.failure.no_answer:
        return
    other = next(each for each in court.quarrels if each.process != broken.process)
    one, rival = (court.lineup.processes[each.process] for each in (broken, other))
    yield Finding(
        of=VerdictKind.SPLIT_STATE,
        kind="connection_shared",
        text=(
            f"{court.name(one)} and {court.name(rival)} broke on one connection, as if both used it: "
            f"{clipped(raised(broken.index, court.scene), 60).rstrip('. ')}."
        ),
        lines=court.served_lines(broken.index, other.index),
        contrast=True,
    )
