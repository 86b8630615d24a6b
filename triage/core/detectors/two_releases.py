"""Two releases of the application answered one test.

Catches: rolling and blue-green deployments, a replica that was left behind: a field or an asset of the other release.
Evidence needed: what the processes say of their release as they start, and requests of one test on two releases.
Looks the same but is not: a restart in which the new release follows the old one (lost_state); one bad replica of the
same release; a fault of the new release, which fails without the old one, too.
Example: GET / on gunicorn[521], release 1, names app.6b86b273.js; gunicorn[526], release 2, answers 404 to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import Mechanism, VerdictKind


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or case.failure.no_answer or read.process is None or write.process is None:
        return
    asked, told = court.releases.get(read.process), court.releases.get(write.process)
    if asked is None or told is None or asked.name == told.name:
        return
    yield Finding(
        of=VerdictKind.SPLIT_STATE,
        kind="two_releases_answered",
        text=(
            f"{write.name} was answered by {court.name(court.process(write))}, {told.name}, and {read.name} by "
            f"{court.name(court.process(read))}, {asked.name}."
        ),
        lines=(told.line, asked.line, *court.lines(write, read)),
        mechanism=Mechanism.REPLICA,
        contrast=True,
    )
