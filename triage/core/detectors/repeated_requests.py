"""The same request several times, counted or numbered by each process for itself.

Catches: rate limits that are not enforced, numbers and ids that come twice, counters that go down.
Evidence needed: the same kind of request on two processes, and a message about limits, numbers or duplicates.
Looks the same but is not: a limit that is simply set higher, or a sequence that is wrong on one process, too.
Example: five POST /codes on two processes all answer 200; the test expected the fifth to be refused with 429.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from triage.core.case import Case, Exchange, by_template
from triage.core.court import Court, Finding
from triage.core.findings import Mechanism, VerdictKind
from triage.core.paths import is_identifier
from triage.core.words import names, shares_any

_KIND = VerdictKind.SPLIT_STATE
_LIMIT = ("limit", "throttl", "too many", "lockout")
_LOCK = ("lock", "attempt", "too many", "throttl")
_NUMBERS = ("duplicate", "unique", "differ", "distinct", "same number", "same id", "sequence", "counter", "twice",
            "repeat", "once", "again", "idempot")  # fmt: skip


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read = case.read
    if read is None or read.process is None or case.failure.no_answer:
        return
    unmet = _unmet(case, read)
    alike = by_template(case.exchanges).get(read.kind, [])
    same = [each for each in alike if each.process is not None and (each.ok or unmet)]
    processes = {each.process for each in same}
    if len(same) < 2:
        return
    limit = unmet or ((429 in case.failure.codes or shares_any(case.failure.said, _LIMIT)) and read.status != 429)
    numbers = shares_any(case.failure.said, _NUMBERS) or case.relation == "repeat"
    if not limit and not numbers:
        return
    if len(processes) == 1:
        if not all(each.known for each in alike):
            return  # of processes that are guessed nobody can say that they are one
        yield Finding(
            of=_KIND,
            kind="same_process",
            text=f"All {len(same)} requests {read.name} were served by {court.name(court.process(read))}.",
            lines=court.lines(same[0], read),
            contrast=True,
        )
        return
    kind = "limit_across_processes" if limit else "duplicate_across_processes"
    mechanism = Mechanism.RATE_LIMIT if limit else None
    yield Finding(
        of=_KIND,
        kind=kind,
        text=(
            f"The {len(same)} requests {read.name} of this test went to {len(processes)} processes,"
            " which may each keep a count of their own."
        ),
        times=1.0
        if limit or (case.relation == "repeat" and case.kin >= 0.9) or shares_any(case.failure.said, _NUMBERS)
        else 0.5,
        lines=court.lines(*same[:4]),
        mechanism=mechanism,
        contrast=numbers and _same_number_twice(same),
    )


def _unmet(case: Case, read: Exchange) -> bool:
    """Whether the same request was to be refused after some times, and was not: a limit that was never reached."""
    if read.status in (423, 429):
        return False
    times = sum(each.kind == read.kind for each in case.exchanges)
    denied = read.writes and times > 2 and (read.status or 0) >= 400
    return case.failure.want in (423, 429) or (denied and shares_any(f"{case.failure.said} {case.test.test}", _LOCK))


def _same_number_twice(same: list[Exchange]) -> bool:
    """Whether two processes gave out the same number, by the server's own lines, and no process gave it twice."""
    by_number: dict[str, list[int]] = defaultdict(list)
    for exchange in same:
        for word in names(exchange.text):
            if is_identifier(word) and exchange.process is not None:
                by_number[word].append(exchange.process)
    twice = [processes for processes in by_number.values() if 1 < len(processes) < len(same)]
    return any(len(set(processes)) > 1 for processes in twice) and all(
        len(set(processes)) == len(processes) for processes in twice
    )
