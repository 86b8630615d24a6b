"""Other tests with the same kind of write and read: which of them crossed processes, and which failed?

Catches: contrast inside one run. Passing tests that crossed processes acquit; failing ones that did not, too.
Evidence needed: the processes of the other tests' requests, from their own steps or from the times they ran.
Looks the same but is not: a sibling that passed because it looked at other data.
Example: three other tests wrote on one process, read on another and passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.siblings import Sibling

_KIND = VerdictKind.SPLIT_STATE
# a quoted text, a number, an id: what differs between two failures of one sort
_VALUES = re.compile(
    r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|\b[0-9a-fA-F]{6,}\b|\b\d[\d.,:]{0,30}|[\[{][^\[\]{}\n]{0,200}[\]}]|None|True|False"
)


def detect(case: Case, court: Court) -> Iterator[Finding]:
    if case.read is None or case.write is None or case.read.process is None or case.write.process is None:
        return
    found = court.siblings.of(case)
    crossed_passed = [s for s in found if s.crossed and not s.failed and s.read.ok]
    same_failed = [s for s in found if not s.crossed and s.failed and _alike(case, s.read.status)]
    same_passed = [s for s in found if not s.crossed and not s.failed and s.read.ok]
    crossed_failed = [s for s in found if s.crossed and s.failed and _alike(case, s.read.status)]
    if crossed_passed:
        n = len(crossed_passed)
        yield Finding(
            of=_KIND,
            kind="sibling_crossed_and_passed",
            text=f"{_tests(n)} with the same kind of write and read crossed processes as well and passed.",
            times=min(n, 3),
            lines=court.lines(crossed_passed[0].write, crossed_passed[0].read),
            contrast=True,
        )
    if same_failed:
        yield Finding(
            of=_KIND,
            kind="sibling_same_process_failed",
            times=1.0 if any(_same_way(case, sibling) for sibling in same_failed) else 0.4,
            text=f"{_tests(len(same_failed))} failed in the same way although one process served both write and read.",
            lines=court.lines(same_failed[0].write, same_failed[0].read),
            contrast=True,
        )
    if same_passed:
        yield Finding(
            of=_KIND,
            kind="sibling_same_process_passed",
            text=(
                f"{_tests(len(same_passed))} of the same kind stayed on one "
                f"{'host' if court.between_hosts(case) else 'process'} and passed."
            ),
            times=min(len(same_passed), 3),
            lines=court.lines(same_passed[0].write, same_passed[0].read),
            contrast=len(same_passed) > 1 and not crossed_passed and not same_failed,
        )
    if crossed_failed and (same_passed or not same_failed):
        yield Finding(
            of=_KIND,
            kind="sibling_crossed_and_failed",
            text=f"{_tests(len(crossed_failed))} crossed processes and failed in the same way.",
            times=min(len(crossed_failed), 3),
            lines=court.lines(crossed_failed[0].write, crossed_failed[0].read),
        )


def _alike(case: Case, status: int | None) -> bool:
    return case.read is not None and (case.read.status is None or status is None or case.read.status == status)


def _same_way(case: Case, sibling: Sibling) -> bool:
    """Whether two messages are equal but for values: a list that is empty is not an id that comes twice."""
    return _shape(case.test.message) == _shape(sibling.test.message)


def _shape(message: str) -> str:
    return _VALUES.sub("#", next(iter(message[:2_000].strip().splitlines()), ""))[:80]


def _tests(n: int) -> str:
    return "One other test" if n == 1 else f"{n} other tests"
