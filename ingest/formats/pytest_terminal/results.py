"""What a terminal log says of each test, gathered over progress, blocks and summary into one result an attempt."""

from __future__ import annotations

import msgspec

from ingest.formats.pytest_terminal.grammar import WORDS
from ingest.formats.pytest_terminal.progress import Progress
from triage.core.records import Outcome, TestResult

KEPT = 200_000  # attempts of one session
DETAILS = 64 * 1024 * 1024  # characters of tracebacks held of one session; what is over keeps its end only
SHORT = 2_000
WORKERS = 64  # attempts of one test among which a worker's is looked for
FAILING = (Outcome.FAILED, Outcome.ERROR)


class Attempt(msgspec.Struct):
    test: str
    line: int
    outcome: Outcome | None = None  # None: begun, and nothing heard of it
    closed: bool = False  # its own outcome was told; a teardown error may still follow
    worded: bool = False  # and told by a word of the progress, not only by a block
    message: str = ""
    cut_message: str = ""  # from the summary, which a terminal's width may have cut
    detail: str = ""
    phase: str = ""
    worker: str = ""
    duration_us: int | None = None
    lossy: bool = False


class Results:
    """The attempts of one session, in the order in which they were first told."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._attempts: dict[str, list[Attempt]] = {}
        self._last: Attempt | None = None
        self._count = self._held = 0

    def progress(self, told: Progress, line: int) -> None:
        """A progress line that names its test."""
        if told.word:
            self.word(told.node, told.word, line, told.worker, told.reason)

    def word(self, test: str, word: str, line: int, worker: str = "", reason: str = "") -> None:
        """An outcome of a test, in the order of the run."""
        outcome = WORDS[word]
        attempt = self._latest(test, worker=worker)
        sub = word.startswith("SUB")
        foreign = attempt is not None and worker and attempt.worker not in ("", worker)
        if attempt is None or foreign or (attempt.worded and word != "ERROR"):
            attempt = self._new(test, line)
        if sub:
            if outcome is Outcome.FAILED:
                attempt.outcome = outcome
        elif word == "ERROR" and attempt.worded:
            if attempt.outcome is not Outcome.FAILED:
                attempt.outcome, attempt.phase = Outcome.ERROR, "teardown"
        else:
            if attempt.outcome not in FAILING or outcome is Outcome.RERUN:
                attempt.outcome = outcome
            attempt.closed = attempt.worded = True
        attempt.worker = attempt.worker or worker
        attempt.cut_message = attempt.cut_message or reason

    def timeout(self, test: str, message: str, line: int) -> None:
        """The test was given up: its outcome follows, unless the whole process was ended."""
        attempt = self._latest(test)
        if attempt is None or attempt.worded:
            attempt = self._new(test, line)
        attempt.outcome, attempt.cut_message = Outcome.FAILED, attempt.cut_message or message

    def block(
        self, test: str, area: str, phase: str, message: str, detail: str, line: int, worker: str, lossy: bool
    ) -> None:
        """A block of a failure, an error, or of a passed test's output."""
        outcome = {"errors": Outcome.ERROR, "failures": Outcome.FAILED}.get(area)
        attempt = self._latest(test, FAILING if outcome else None, worker)
        if attempt is None:
            attempt = self._new(test, line)
            attempt.lossy = lossy
        if outcome is None:
            expected = {"passes": Outcome.PASSED, "xpasses": Outcome.XPASSED, "xfailures": Outcome.XFAILED}[area]
            attempt.outcome = attempt.outcome or expected
        elif outcome is Outcome.FAILED or attempt.outcome is None:
            attempt.outcome = outcome
        attempt.closed = True
        first = not attempt.detail or (outcome is Outcome.FAILED and attempt.phase not in ("call", ""))
        detail = detail if self._held < DETAILS else detail[-SHORT:]
        self._held += len(detail)
        if outcome is not None or area == "xfailures":
            if first:
                attempt.message, attempt.phase = message or attempt.message, phase
                attempt.detail = f"{detail}\n\n{attempt.detail}".strip("\n") if attempt.detail else detail
            else:
                attempt.detail = f"{attempt.detail}\n\n{detail}"
            attempt.detail = attempt.detail[:65_536]
        attempt.worker = attempt.worker or worker

    def summary(self, test: str, word: str, message: str, line: int) -> None:
        """A line of the short summary."""
        outcome = WORDS[word]
        attempt = self._latest(test)
        if attempt is None:
            attempt = self._new(test, line)
            attempt.outcome, attempt.closed = outcome, True
            attempt.cut_message = message
        elif word.startswith("SUB"):
            if outcome is Outcome.FAILED and attempt.outcome is not Outcome.FAILED:
                attempt.outcome, attempt.cut_message = outcome, message  # unittest calls such a test passed
        elif outcome is Outcome.FAILED and attempt.outcome is Outcome.ERROR and not attempt.message:
            attempt.outcome, attempt.cut_message = outcome, message
        elif outcome is Outcome.ERROR and attempt.outcome not in FAILING and attempt.closed:
            attempt.outcome, attempt.phase, attempt.cut_message = outcome, "teardown", message
        elif attempt.outcome is outcome and not attempt.cut_message:
            attempt.cut_message = message
        self._last = attempt

    def more(self, text: str) -> None:
        """A line that goes on with the message of the last summary line."""
        last = self._last
        if last is not None and len(last.cut_message) < 16_384:
            last.cut_message += "\n" + text

    def duration(self, test: str, phase: str, took_us: int) -> None:
        """A line of the slowest durations."""
        attempt = self._latest(test)
        if attempt is not None and phase == "call":
            attempt.duration_us = took_us

    def finish(self) -> list[TestResult]:
        """The results, and a clean sheet."""
        results = [
            _result(attempt, attempt.outcome, number)
            for attempts in self._attempts.values()
            for number, attempt in enumerate(attempts, start=1)
            if attempt.outcome is not None
        ]
        self._clear()
        return results

    def _latest(self, test: str, outcomes: tuple[Outcome, ...] | None = None, worker: str = "") -> Attempt | None:
        attempts = self._attempts.get(test)
        if not attempts:
            return None
        if worker and len(attempts) > 1:  # with --dist each, every worker runs every test
            attempts = [each for each in attempts[-WORKERS:] if each.worker == worker] or attempts
        if outcomes is not None:
            return next((each for each in reversed(attempts[-WORKERS:]) if each.outcome in outcomes), attempts[-1])
        return attempts[-1]

    def _new(self, test: str, line: int) -> Attempt:
        attempt = Attempt(test, line)
        if self._count < KEPT:
            self._count += 1
            self._attempts.setdefault(test, []).append(attempt)
        return attempt


def _result(attempt: Attempt, outcome: Outcome, number: int) -> TestResult:
    first, _, more = attempt.cut_message.partition("\n")
    return TestResult(
        test=attempt.test,
        outcome=outcome,
        message=attempt.message or first,
        detail=attempt.detail or (attempt.cut_message if more else ""),
        phase=attempt.phase or ("call" if outcome is Outcome.FAILED else ""),
        duration_us=attempt.duration_us,
        worker=attempt.worker,
        attempt=number,
        line=attempt.line,
        lossy=attempt.lossy,
    )
