"""Other tests of the run that did the same kind of write and read: did they cross processes, and did they pass?"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from triage.core.case import Case, Exchange, Exchanges
from triage.core.findings import TestCase
from triage.core.lineup import Scene
from triage.core.paths import identifiers
from triage.core.records import Outcome
from triage.core.results import FAILING
from triage.core.words import names

_MANY = 200  # siblings looked at for one failing test


class Sibling(msgspec.Struct, frozen=True):
    test: TestCase
    crossed: bool
    failed: bool
    write: Exchange
    read: Exchange


class Siblings:
    """Tests by the kinds of requests they made; built once a run."""

    def __init__(self, scene: Scene, exchanges: Exchanges) -> None:
        self._exchanges = exchanges
        self._by_kind: dict[tuple[str, str], list[TestCase]] = defaultdict(list)
        for test in scene.lineup.tests:
            if test.outcome in (Outcome.PASSED, *FAILING):
                for kind in {exchange.kind for exchange in exchanges.of(test)}:
                    self._by_kind[kind].append(test)

    def of(self, case: Case) -> list[Sibling]:
        """Other tests with the same kind of write before the same kind of read, both on known processes."""
        if case.write is None or case.read is None:
            return []
        found: list[Sibling] = []
        for test in self._by_kind.get(case.read.kind, [])[:_MANY]:
            if test.test == case.test.test:
                continue
            write, read = _last_pair(self._exchanges.of(test), case.write.kind, case.read.kind)
            if write is None or read is None or write.process is None or read.process is None:
                continue
            found.append(Sibling(test, write.process != read.process, test.outcome in FAILING, write, read))
        return found


def _last_pair(
    exchanges: tuple[Exchange, ...], write_kind: tuple[str, str], read_kind: tuple[str, str]
) -> tuple[Exchange | None, Exchange | None]:
    """The last read of the kind, and the last write of the kind before it that went well."""
    for position in range(len(exchanges) - 1, -1, -1):
        read = exchanges[position]
        if read.kind != read_kind or read.phase == "teardown":
            continue
        writes = [each for each in exchanges[:position] if each.kind == write_kind and each.ok]
        named = identifiers(read.path or "")
        made = [each for each in writes if named & set(names(each.text))]
        if named and not made and len({each.process for each in writes}) > 1:
            continue  # which of them made the object that was read, nobody can tell
        if writes:
            return (made or writes)[-1], read
    return None, None
