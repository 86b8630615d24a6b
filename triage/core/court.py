"""What a detector gets and gives: the court with all evidence, and findings for or against a kind of verdict."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import msgspec

from triage.core.case import Case, Exchange, Exchanges
from triage.core.doubled import Doubled, doubled
from triage.core.failure import Failure, read_failure, with_steps
from triage.core.findings import LineRef, Mechanism, Process, Served, TestCase, VerdictKind, VerdictSide
from triage.core.lineup import Scene
from triage.core.paths import resource, template
from triage.core.raised import quarrels
from triage.core.records import Outcome, PidTrust
from triage.core.releases import Release, releases
from triage.core.results import FAILING
from triage.core.siblings import Siblings
from triage.core.sightings import Sightings
from triage.core.values import Values, compare
from triage.core.weights import WEIGHT

SURE = 0.9  # below this a sentence says that it is a guess


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for (weight above zero) or against a kind of verdict."""

    of: VerdictKind
    kind: str  # snake_case, a name in weights.WEIGHT
    text: str
    times: float = 1.0  # how often, or how strongly, it was found
    lines: tuple[LineRef, ...] = ()
    mechanism: Mechanism | None = None
    side: VerdictSide = VerdictSide.SERVER  # TEST is a verdict of its own
    contrast: bool = False  # sets the verdict apart from its rivals rather than merely fitting it

    @property
    def weight(self) -> float:
        return round(WEIGHT[self.kind] * self.times, 2)


class Court:
    """The evidence of a run, prepared once for all of its failing tests."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.lineup = scene.lineup
        self.exchanges = Exchanges(scene)
        self.sightings = Sightings(scene, frozenset(), self.exchanges.time)
        self.values: dict[str, Values] = {}
        self._paths: frozenset[str] = frozenset()
        self.siblings = Siblings(scene, self.exchanges)
        self.failing = tuple(test for test in scene.lineup.tests if test.outcome in FAILING)
        self.passed = sum(test.outcome is Outcome.PASSED for test in scene.lineup.tests)
        masters = scene.population.masters
        self.serving = tuple(
            process
            for process in scene.lineup.processes
            if process.pid is not None and process.index not in masters and process.requests
        )
        self.workers = frozenset(step.worker for step in scene.lineup.steps if step.worker) | frozenset(
            test.worker for test in scene.lineup.tests if test.worker
        )

    def prepare(self, cases: Iterable[Case]) -> None:
        """Look through the whole run for what the cases' reads are about; once, however many cases there are."""
        cases = tuple(cases)
        paths = frozenset(case.read.path for case in cases if case.read is not None and case.read.path is not None)
        written = frozenset(case.write.path for case in cases if case.write is not None and case.write.path is not None)
        self.sightings = Sightings(
            self.scene, frozenset(resource(path) for path in paths | written), self.exchanges.time
        )
        self.values = compare(self.scene, paths, self.exchanges.time)
        self._paths = paths

    @cached_property
    def values_of_hosts(self) -> dict[str, Values]:
        """The same values where the processes of a host count as one."""
        return compare(self.scene, self._paths, self.exchanges.time, by_host=True)

    def between_hosts(self, case: Case) -> bool:
        """Whether write and read were on two hosts: then processes of one host may well share what they keep."""
        reader, writer = self.process(case.read), self.process(case.write)
        return reader is not None and writer is not None and reader.host != writer.host

    @cached_property
    def releases(self) -> dict[int, Release]:
        """What each process runs, where two releases were asked by turns."""
        return releases(self.scene, self.exchanges.time)

    @cached_property
    def quarrels(self) -> tuple[Served, ...]:
        """Requests on which several processes broke over one connection."""
        return quarrels(self.scene, self.exchanges.time)

    @cached_property
    def doubled(self) -> tuple[Doubled, ...]:
        """What several processes did of their own accord at the same time."""
        return doubled(self.scene, self.exchanges.time)

    def told_apart(self, case: Case) -> Case:
        """The case with an answer of another release to compare with, where nothing else tells what it should show."""
        read = case.read
        asked = self.releases.get(read.process) if read is not None and read.process is not None else None
        if read is None or asked is None or case.kin >= 0.6 or read not in case.exchanges:
            return case
        for earlier in reversed(case.exchanges[: case.exchanges.index(read)]):
            told = self.releases.get(earlier.process) if earlier.process is not None else None
            if told is not None and told.name != asked.name and earlier.ok:
                return msgspec.structs.replace(case, write=earlier, kin=0.6, relation="release")
        return case

    @cached_property
    def silent(self) -> int:
        """How many failing tests have no known request."""
        return sum(not self.exchanges.of(test) for test in self.failing)

    @cached_property
    def unclaimed_errors(self) -> tuple[Served, ...]:
        """Requests that the server failed at and that no test is known to have made."""
        return tuple(self.exchanges.unclaimed_errors())

    @cached_property
    def requests_are_told(self) -> bool:
        """Whether the logs tell the requests of tests at all."""
        return any(self.exchanges.of(test) for test in self.lineup.tests[:200])

    @cached_property
    def processes_are_told(self) -> bool:
        """Whether most requests of the server's log are known to be of a certain process."""
        known = {each.index for each in self.lineup.processes if each.pid is not None and each.trust is PidTrust.PROVEN}
        return sum(served.process in known for served in self.lineup.served) * 2 > len(self.lineup.served)

    @cached_property
    def well(self) -> dict[tuple[str, str], frozenset[int]]:
        """Which processes answered a kind of request well, over the whole run."""
        found: dict[tuple[str, str], set[int]] = {}
        for served in self.lineup.served:
            request = served.request
            if request is not None and request.path is not None and (request.status or 500) < 400:
                found.setdefault((request.method or "", template(request.path)), set()).add(served.process)
        return {kind: frozenset(processes) for kind, processes in found.items()}

    def ever_well_under(self, path: str | None) -> bool:
        """Whether anything under a path was ever answered well; a route that nobody has is not a lost object."""
        return path is None or _literal(template(path)) in self._well_under

    @cached_property
    def _well_under(self) -> frozenset[str]:
        return frozenset(_literal(path) for _, path in self.well)

    def failure(self, test: TestCase) -> Failure:
        """The test's error, with what its last lines say of it."""
        return with_steps(read_failure(test), [self.lineup.steps[index] for index in test.steps[-10:]])

    def process(self, exchange: Exchange | None) -> Process | None:
        if exchange is None or exchange.process is None:
            return None
        return self.lineup.processes[exchange.process]

    def name(self, process: Process | None) -> str:
        """`gunicorn[51463]`, as the log writes it."""
        if process is None or process.pid is None:
            return "an unknown process"
        several = len({each.host for each in self.serving}) > 1
        where = f" on {process.host}" if several and process.host else ""
        name = process.unit.removesuffix(".service")
        if not name:
            return f"process {process.pid}{where}"
        return f"{name}[{process.pid}]" + where

    def served(self, *exchanges: Exchange) -> str:
        """`was served` or `were served`, said as a guess where the logs leave room for doubt."""
        verb = "was" if len(exchanges) == 1 else "were both"
        sure = all(exchange.confidence >= SURE for exchange in exchanges)
        return f"{verb} served" if sure else f"{verb} most likely served"

    def lines(self, *exchanges: Exchange | None) -> tuple[LineRef, ...]:
        """Both sides' lines of exchanges, the step first."""
        found: list[LineRef] = []
        for exchange in exchanges:
            if exchange is None:
                continue
            if exchange.step is not None:
                found.append(self.lineup.steps[exchange.step].ref)
            if exchange.served is not None:
                found.append(self.exchanges.line_of(exchange.served))
        return tuple(found)

    def served_lines(self, *served: int) -> tuple[LineRef, ...]:
        return tuple(self.exchanges.line_of(index) for index in served)

    def texts(self, case: Case) -> str:
        """What the server's lines say of the case's read and write."""
        return "\n".join(exchange.text for exchange in (case.write, case.read) if exchange is not None)[:6_000]


def _literal(path: str) -> str:
    """A template up to its first name of an object: `/api/cars/{}/doors` is under `/api/cars`."""
    return path.partition("/{}")[0]
