"""Whether the read gave what the write itself had answered, by the sizes of the answers.

Catches: a change that is seen although the test is not content with it, and one that is not: the old value again.
Evidence needed: the sizes of the write's answer, of the read's, and of an earlier answer on the same object.
Looks the same but is not: an old and a new value of the same length.
Example: POST /items 46 bytes, PUT /items/ea4cb436 43 bytes, GET /items/ea4cb436 43 bytes: the change is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.core.case import Case, Exchange
from triage.core.court import Court, Finding
from triage.core.findings import VerdictKind
from triage.core.paths import identifiers
from triage.core.words import names

_KIND = VerdictKind.SPLIT_STATE


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if read is None or write is None or case.relation != "object" or write.method not in ("PUT", "PATCH"):
        return
    if read.writes or not read.ok or read.size is None or not write.size or write not in case.exchanges:
        return
    old = _old(case, write, read)
    if old is None or old.size == write.size:
        return
    if read.size == write.size:
        yield Finding(
            of=_KIND,
            kind="change_was_seen",
            text=f"{read.name} gave as many bytes as {write.name} had answered, and not as many as {old.name}.",
            lines=court.lines(write, read),
            contrast=True,
        )
    elif read.size == old.size:
        yield Finding(
            of=_KIND,
            kind="old_value_again",
            text=f"{read.name} gave as many bytes as {old.name} before the change, and not as many as {write.name}.",
            lines=court.lines(old, write, read),
        )


def _old(case: Case, write: Exchange, read: Exchange) -> Exchange | None:
    """The last answer of this test on the object before the change, or the one on its making."""
    named = identifiers(read.path or "")
    for each in reversed(case.exchanges[: case.exchanges.index(write)]):
        if each.ok and each.size and (each.path == read.path or (each.writes and named & set(names(each.text)))):
            return each
    return None
