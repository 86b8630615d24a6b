"""What a detector gets and gives: the court with all evidence, and findings for or against a kind of verdict."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from triage.core.case import Case, Exchange, Exchanges
from triage.core.findings import LineRef, Mechanism, Process, VerdictKind, VerdictSide
from triage.core.lineup import Scene
from triage.core.paths import resource
from triage.core.records import Outcome
from triage.core.results import FAILING
from triage.core.siblings import Siblings
from triage.core.sightings import Sightings
from triage.core.values import Values, compare
from triage.core.weights import WEIGHT


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
        self.sightings = Sightings(scene, frozenset())
        self.values: dict[str, Values] = {}
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
        paths = frozenset(case.read.path for case in cases if case.read is not None and case.read.path is not None)
        self.sightings = Sightings(self.scene, frozenset(resource(path) for path in paths))
        self.values = compare(self.scene, paths)

    def process(self, exchange: Exchange | None) -> Process | None:
        if exchange is None or exchange.process is None:
            return None
        return self.lineup.processes[exchange.process]

    def name(self, process: Process | None) -> str:
        """`gunicorn[51463]`, as the log writes it."""
        if process is None or process.pid is None:
            return "an unknown process"
        name = process.unit.removesuffix(".service") or "process"
        hosts = {each.host for each in self.serving}
        return f"{name}[{process.pid}]" + (f" on {process.host}" if len(hosts) > 1 and process.host else "")

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
        return " ".join(exchange.text for exchange in (case.write, case.read) if exchange is not None)[:6_000]
