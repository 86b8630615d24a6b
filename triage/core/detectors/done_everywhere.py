"""Every process did by itself what was to be done once.

Catches: schedulers, consumers and periodic jobs that each worker starts: two mails, two rows, two exports.
Evidence needed: the same words from two processes at about the same time, outside of requests, on an object of the
test, or time and again on what the test is about; and a test that finds too much.
Looks the same but is not: what every process says as it starts or stops, or of its own health; lines of requests, which
they write by turns.
Example: gunicorn[812] and gunicorn[813] both say “reminder 9fd07d94 sent to anna” within the same second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.doubled import Doubled
from triage.core.findings import LineRef, VerdictKind
from triage.core.quoting import said
from triage.core.records import SECOND
from triage.core.words import names, shares_any, words

_AFTER = 2 * SECOND  # a job's line may come this long after the test's last request
_TWICE = ("more than once", "twice", "duplicate", "only once", "exactly once", "sent once", "same time")
_MORE = re.compile(r"Left contains (?:one|\d{1,6}) more items?|at most (?:one|1)\b")
# matches `assert 2 == 1`
_COUNTED = re.compile(r"assert (?P<got>\d{1,9}) (?:==|<=) (?P<want>\d{1,9})\b")


def detect(case: Case, court: Court) -> Iterator[Finding]:
    if case.failure.no_answer or not case.exchanges or not _too_much(case):
        return
    best = _best(case, court)
    if best is None:
        return
    one, other = court.lineup.processes[best.first.process], court.lineup.processes[best.other.process]
    yield Finding(
        of=VerdictKind.SPLIT_STATE,
        kind="done_by_every_process",
        text=f"{court.name(one)} and {court.name(other)} both did it, each by itself: {said(best.text, 80)}.",
        lines=(
            LineRef(best.first.part, best.first.entry.line),
            LineRef(best.other.part, best.other.entry.line),
            *court.lines(case.read),
        ),
        contrast=True,
    )


def _too_much(case: Case) -> bool:
    """Whether the test found more than it wanted."""
    told = case.failure.said
    counted = _COUNTED.search(told)
    if counted is not None and int(counted["got"]) > int(counted["want"]):
        return True
    return _MORE.search(told) is not None or shares_any(f"{told} {case.test.test}".replace("_", " "), _TWICE)


def _best(case: Case, court: Court) -> Doubled | None:
    """What was done twice while the test ran: best what names the same objects as the test's own requests."""
    times = [each.when for each in case.exchanges]
    low, high = min(times), max(times) + _AFTER
    mine = {
        word for each in case.exchanges for word in names(f"{each.lines} {each.said}") if any(map(str.isdigit, word))
    }
    paths = " ".join(each.path or "" for each in case.exchanges)
    about = frozenset(words(f"{case.test.test.replace('_', ' ')} {case.failure.said} {paths}"))
    near = [(bool(mine & set(names(each.text))), each) for each in court.doubled if low <= each.at <= high]
    told = [
        (named, -each.at, each)
        for named, each in near
        if named or (each.again and about.intersection(words(each.text)))
    ]
    return max(told, key=lambda pair: pair[:2])[2] if told else None
