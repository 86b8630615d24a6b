"""How many of the test's own writes the answer had, beside how many of them its process had taken.

Catches: “1 of 2 parcels” where exactly one of the two went to the process that was asked, as split state would have it.
Evidence needed: an assertion on two numbers, the test's own writes of one kind, and the process of each of them.
Looks the same but is not: an answer that always lacks the last one, whoever took it; one that has all that this test
wrote, and lacks what it never wrote.
Example: assert 1 == 2 after POST /parcels on gunicorn[812] and gunicorn[813]; gunicorn[814] was asked, and took none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind

_KIND = VerdictKind.SPLIT_STATE
_FEW = 50
# matches `assert 1 == 2`; must not match `assert 1 == (1 + 1)`, `assert 404 == 200`
_COUNTED = re.compile(r"assert (?P<got>\d{1,3}) == (?P<want>\d{1,3})(?![\d.])")


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    counted = _COUNTED.search(case.failure.said)
    if read is None or write is None or counted is None or case.relation not in ("collection", "baseline"):
        return
    if read.writes or read.process is None or not read.ok or read not in case.exchanges:
        return
    got, want = int(counted["got"]), int(counted["want"])
    before = case.exchanges[: case.exchanges.index(read)]
    mine = [each for each in before if each.kind == write.kind and each.ok and each.path == write.path]
    if got >= want or want > _FEW or not all(each.known for each in (*mine, read)):
        return
    if any(each.kind == read.kind for each in before):
        return  # it counts from what there was before
    taken = sum(each.process == read.process for each in mine)
    name = court.name(court.process(read))
    if want == len(mine) and got == taken:
        yield Finding(
            of=_KIND,
            kind="count_fits",
            text=f"The answer had {got} of {want}, and {name} had taken just as many of these writes.",
            lines=court.lines(read),
        )
    elif want == len(mine) or (got >= len(mine) and got > taken):
        yield Finding(
            of=_KIND,
            kind="count_does_not_fit",
            text=f"The answer had {got} of {want}, but {name} had taken {taken} of the test's {len(mine)} writes.",
            times=1.0 if want == len(mine) else 0.6,
            lines=court.lines(read),
            contrast=True,
        )
