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
from triage.core.finding import Court, Finding
from triage.core.findings import Mechanism, VerdictKind
from triage.core.paths import is_identifier
from triage.core.words import names, shares_any

_KIND = VerdictKind.SPLIT_STATE
_LIMIT = ("429", "limit", "throttl", "too many", "lockout")
_NUMBERS = ("duplicate", "unique", "differ", "distinct", "same number", "same id", "sequence", "counter", "twice",
            "repeat", "once", "again", "idempot")  # fmt: skip


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read = case.read
    if read is None or read.process is None or case.failure.no_answer:
        return
    same = [each for each in by_template(case.exchanges).get(read.kind, []) if each.process is not None and each.ok]
    processes = {each.process for each in same}
    if len(same) < 2:
        return
    limit = shares_any(case.failure.said, _LIMIT) and read.status != 429
    numbers = shares_any(case.failure.said, _NUMBERS)
    if not limit and not numbers:
        return
    if len(processes) == 1:
        if any(each.process is None for each in by_template(case.exchanges).get(read.kind, [])):
            return
        yield Finding(
            of=_KIND,
            kind="same_process",
            text=f"All {len(same)} {read.name} were served by {court.name(court.process(read))}.",
            lines=court.lines(same[0], read),
            contrast=True,
        )
        return
    kind = "limit_across_processes" if limit else "duplicate_across_processes"
    mechanism = Mechanism.RATE_LIMIT if limit else None
    what = "each counts its own" if limit else "each numbers its own"
    yield Finding(
        of=_KIND,
        kind=kind,
        text=f"The {len(same)} {read.name} of this test were spread over {len(processes)} processes: {what}.",
        lines=court.lines(*same[:4]),
        mechanism=mechanism,
        contrast=numbers and _same_number_twice(same),
    )


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
