"""What an auditor gets: the run, its verdicts, the programs that wrote the logs, and whom a gap can hurt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

from triage.core.findings import Level as Sureness
from triage.core.findings import LineRef, PlacedStep, Process, Served, TestCase, Verdict, VerdictKind
from triage.core.lineup import Scene
from triage.core.records import SECOND, Entry, Outcome, PartRecords, PidTrust, Side
from triage.core.results import FAILING
from triage.core.servers import Server, serving

SURE = 0.9  # a step's process that is known less surely than this counts as unsure


class Seen:
    """One run as the auditors see it; what more than one of them asks for is worked out once."""

    def __init__(self, scene: Scene, verdicts: Iterable[Verdict]) -> None:
        self.scene = scene
        self.lineup = scene.lineup
        self.evidence = scene.evidence
        self.verdicts = {verdict.test: verdict for verdict in verdicts}
        self.servers = scene.servers
        self.server = serving(self.servers)

    def has(self, *servers: Server) -> bool:
        return any(server in self.servers for server in servers)

    def parts(self, side: Side) -> tuple[PartRecords, ...]:
        return tuple(part for part in self.evidence.parts if part.side is side)

    @cached_property
    def failing(self) -> tuple[TestCase, ...]:
        return tuple(test for test in self.lineup.tests if test.outcome in FAILING)

    @cached_property
    def passed(self) -> tuple[TestCase, ...]:
        return tuple(test for test in self.lineup.tests if test.outcome is Outcome.PASSED)

    @cached_property
    def weak(self) -> tuple[TestCase, ...]:
        """Failing tests whose verdict could be surer."""
        return tuple(test for test in self.failing if _weak(self.verdicts.get(test.test)))

    @cached_property
    def loose(self) -> tuple[TestCase, ...]:
        """Of these the ones that are tied to the server's lines not at all, or not surely."""
        return tuple(test for test in self.weak if self._loose(test))

    @cached_property
    def _loose_names(self) -> frozenset[str]:
        return frozenset(test.test for test in self.loose)

    def is_loose(self, test: TestCase) -> bool:
        """Whether it is one of `loose`."""
        return test.test in self._loose_names

    def _loose(self, test: TestCase) -> bool:
        tied = self.tied(test)
        return not tied or any(not step.matches or step.matches[0].confidence < SURE for step in tied)

    def tied(self, test: TestCase) -> tuple[PlacedStep, ...]:
        """What ties a test to the server's lines: its requests, or words of its own where it names no request."""
        steps = (self.lineup.steps[index] for index in test.steps)
        return self.asked(test) or tuple(step for step in steps if step.matches and not derived(step))

    def hurt(self, tests: Iterable[TestCase], how: Callable[[TestCase], bool]) -> int:
        return sum(how(test) for test in tests)

    def asked(self, test: TestCase) -> tuple[PlacedStep, ...]:
        """The steps of a test that are requests, those that were derived from the server's log left out."""
        steps = (self.lineup.steps[index] for index in test.steps)
        return tuple(step for step in steps if step.request is not None and step.request.path and not derived(step))

    @cached_property
    def requests(self) -> tuple[PlacedStep, ...]:
        """All requests that the tests' logs name."""
        return tuple(
            step
            for step in self.lineup.steps
            if step.request is not None and step.request.path is not None and not derived(step)
        )

    @cached_property
    def served(self) -> tuple[Served, ...]:
        """The requests that the server's logs name."""
        return tuple(
            each
            for each in self.lineup.served
            if each.request is not None and (each.request.path is not None or each.request.method is not None)
        )

    @cached_property
    def anonymous(self) -> tuple[Served, ...]:
        """Those of which the process is not known."""
        return tuple(each for each in self.served if not self.known(each.process))

    @cached_property
    def answering(self) -> tuple[Process, ...]:
        """Known processes that served a request."""
        busy = {each.process for each in self.served}
        return tuple(each for each in self.lineup.processes if each.index in busy and self.known(each.index))

    def known(self, process: int) -> bool:
        found = self.lineup.processes[process]
        return found.pid is not None and found.trust is not PidTrust.UNKNOWN

    def served_by_unknown(self, test: TestCase) -> bool:
        """Whether a request of the test was served by nobody knows whom."""
        steps = (self.lineup.steps[index] for index in test.steps)
        return any(
            step.matches and not self.known(self.lineup.served[step.matches[0].served].process) for step in steps
        )

    def entries_of(self, served: Served) -> tuple[Entry, ...]:
        return tuple(line.entry for line in self.scene.requests.lines[served.index])

    def span(self) -> tuple[int, int] | None:
        """From the first to the last that the tests' logs tell the time of, on the tests' clock."""
        times = [step.at_us for step in self.lineup.steps if step.at_us is not None and not derived(step)]
        times += [at for test in self.lineup.tests for at in (test.started_us, test.stopped_us) if at is not None]
        return (min(times), max(times)) if times else None

    def step_lines(self, steps: Iterable[PlacedStep], most: int = 1) -> tuple[LineRef, ...]:
        return tuple(step.ref for step, _ in zip(steps, range(most), strict=False))


def derived(step: PlacedStep) -> bool:
    """Whether the step was made up from the server's log."""
    return bool(step.matches) and "derived" in step.matches[0].basis


def whole_seconds(entry: Entry) -> bool:
    """Whether nothing in the line tells a fraction of a second."""
    ticks = [stamp.tick_us for stamp in (entry.stamp, entry.inner) if stamp is not None]
    return bool(ticks) and min(ticks) >= SECOND


def _weak(verdict: Verdict | None) -> bool:
    return verdict is None or verdict.kind is VerdictKind.UNEXPLAINED or verdict.level is Sureness.SUSPECTED
