"""Other tests of the run that did the same kind of write and read: did they cross processes, and did they pass?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache

import msgspec

from triage.core.case import Case, Exchange, Exchanges
from triage.core.findings import TestCase
from triage.core.lineup import Scene
from triage.core.listeners import UPGRADED, in_common
from triage.core.paths import identifiers
from triage.core.records import Outcome
from triage.core.results import FAILING
from triage.core.words import names

Kind = tuple[str, str]
_ANY_LISTENER = ("", "listener")
KNOWN = 0.75  # a sibling whose processes are guessed proves nothing
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
        self._processes = scene.lineup.processes
        self._by_kind: dict[Kind, list[TestCase]] = defaultdict(list)
        for test in scene.lineup.tests:
            if test.outcome in (Outcome.PASSED, *FAILING):
                kinds = {kind for each in exchanges.of(test) for kind in (each.kind, _family(each))}
                if any(each.status == UPGRADED for each in exchanges.of(test)):
                    kinds.add(_ANY_LISTENER)
                for kind in kinds:
                    self._by_kind[kind].append(test)

    def of(self, case: Case) -> list[Sibling]:
        """Other tests with the same kind of write before the same kind of read, both on known processes."""
        if case.write is None or case.read is None:
            return []
        if case.relation == "broadcast":
            return self._listening(case.test, case.write, case.read)
        found: list[Sibling] = []
        # Settings of different names, written and read under those names, are one kind of thing.
        kind_of = _family if case.relation == "object" else _kind
        apart = self._apart(case.write, case.read)
        for test in self._by_kind.get(kind_of(case.read), [])[:_MANY]:
            if test.test == case.test.test:
                continue
            write, read = _last_pair(self._exchanges.of(test), case.write, case.read, kind_of)
            if write is None or read is None or write.process is None or read.process is None:
                continue
            if min(write.confidence, read.confidence) < KNOWN:
                continue
            crossed, failed = write.process != read.process, test.outcome in FAILING
            if failed and not crossed and self._missed_earlier(test, case, write, read):
                continue  # which of its writes it missed, nobody can tell
            if apart and crossed and not self._apart(write, read):
                if failed:
                    continue  # two processes of one host: whether they share what they keep is not known
                crossed = False
            found.append(Sibling(test, crossed, failed, write, read))
        return found

    def _missed_earlier(self, test: TestCase, case: Case, write: Exchange, read: Exchange) -> bool:
        """Whether another write of the kind than the one that met the reader had gone to another process."""
        if case.relation in ("creator", "object"):
            return False  # the write is known by the name of the thing
        mine = self._exchanges.of(test)
        return any(
            each is not write and each.kind == write.kind and each.ok and each.process != read.process
            for each in mine[: mine.index(read)]
        )

    def _apart(self, write: Exchange, read: Exchange) -> bool:
        """Whether two exchanges were served on two hosts."""
        if write.process is None or read.process is None:
            return False
        return self._processes[write.process].host != self._processes[read.process].host

    def _listening(self, own: TestCase, write: Exchange, read: Exchange) -> list[Sibling]:
        """Other tests that listened, and then wrote what they should have heard, by how much the paths share."""
        shared = in_common(read.path, write.path)
        found: list[Sibling] = []
        for test in self._by_kind.get(_ANY_LISTENER, [])[:_MANY]:
            exchanges = self._exchanges.of(test)
            heard = next((each for each in exchanges if each.status == UPGRADED), None)
            if test.test == own.test or heard is None or shared < 2:
                continue
            later = exchanges[exchanges.index(heard) + 1 :]
            wrote = [e for e in later if e.writes and e.ok and in_common(heard.path, e.path) >= shared]
            if not wrote or None in (heard.process, wrote[-1].process):
                continue
            if min(heard.confidence, wrote[-1].confidence) < KNOWN:
                continue
            crossed = heard.process != wrote[-1].process
            found.append(Sibling(test, crossed, test.outcome in FAILING, wrote[-1], heard))
        return found


def _last_pair(
    exchanges: tuple[Exchange, ...], wanted_write: Exchange, wanted_read: Exchange, kind_of: Callable[[Exchange], Kind]
) -> tuple[Exchange | None, Exchange | None]:
    """The last read of the kind, and the last write of the kind before it that went well."""
    for position in range(len(exchanges) - 1, -1, -1):
        read = exchanges[position]
        if kind_of(read) != kind_of(wanted_read) or read.phase == "teardown":
            continue
        writes = [each for each in exchanges[:position] if kind_of(each) == kind_of(wanted_write) and each.ok]
        if kind_of is _family:
            writes = [each for each in writes if each.path == read.path] or writes
        named = identifiers(read.path or "")
        made = [each for each in writes if named & _words(each.text)] if named else []
        if named and not made and len({each.process for each in writes}) > 1:
            continue  # which of them made the object that was read, nobody can tell
        if writes:
            return (made or writes)[-1], read
    return None, None


@lru_cache(maxsize=8_192)
def _words(text: str) -> frozenset[str]:
    return frozenset(names(text))


def _kind(exchange: Exchange) -> Kind:
    return exchange.kind


def _family(exchange: Exchange) -> Kind:
    """The method, and the path with an open end: `/settings/theme` and `/settings/currency` are of one family."""
    method, path = exchange.kind
    above, _, _ = path.rpartition("/")
    return method, f"{above}/*" if above else path
