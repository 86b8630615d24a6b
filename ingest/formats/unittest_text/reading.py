"""The lines of a unittest run made into records: steps as they come, results where the run ends."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from ingest.formats.client_logs.client_steps import Place, StepReader
from ingest.formats.client_logs.log_line import Shape
from ingest.formats.pytest_terminal.failure import Failure
from ingest.formats.pytest_terminal.results import Results
from ingest.formats.unittest_text import lines
from ingest.formats.unittest_text.lines import Named, Outcome
from triage.core.records import Fact, Record, Step, TestResult

AREAS = {"FAIL": "failures", "ERROR": "errors", "UNEXPECTED SUCCESS": "xpasses"}
CAPTURED = ("Stdout:", "Stderr:")  # with --buffer, behind the traceback
SLOWEST = "Slowest test durations"
PHASES = {"setUp": "setup", "asyncSetUp": "setup", "tearDown": "teardown", "asyncTearDown": "teardown"}
_FRAME = re.compile(r'^ {2}File "[^"]{1,1000}", line \d{1,9}, in (?P<function>\w{1,300})$')
FAILING = ("FAILED", "ERROR")
NOWHERE = Place()


class _Block(msgspec.Struct):
    """A failure that is read: its title, its docstring, then its traceback."""

    word: str
    test: str
    line: int
    phase: str
    sub: str
    failure: Failure = msgspec.field(default_factory=Failure)
    inside: bool = False  # behind the bar under the title
    captured: bool = False
    framed: bool = False
    place: Place = NOWHERE


class Reading:
    """Feed it the lines in order, each with the one that follows; `finish` gives what is left."""

    def __init__(self, shape: Shape) -> None:
        self._steps = StepReader(shape)
        self._results = Results()
        self._place = NOWHERE
        self._test = ""  # whose outcome is awaited
        self._line, self._sub = 0, ""  # where that began, and the subtest
        self._bare = False  # its docstring may follow
        self._failed = ""  # the test whose failure was told by the line before: its tearDown may fail as well
        self._block: _Block | None = None
        self._title_next = self._ended = self._slowest = self._migrating = False

    def feed(self, line: int, text: str, following: str) -> Iterator[Record]:
        """One line without escapes."""
        if text == lines.FAILURE_BAR and lines.title(following) is not None:
            yield from self._end_block()
            yield from self._end_test()
            self._title_next = True
        elif self._title_next and (title := lines.title(text)) is not None:
            self._title_next = False
            self._open_block(line, *title)
        elif text == lines.DETAIL_BAR and lines.ran(following) is not None:
            yield from self._end_block()
            yield from self._end_test()
        elif (count := lines.ran(text)) is not None and (self._block is None or not self._block.inside):
            self._ended, self._slowest = True, False
            yield Fact(name="collected", value=str(count[0]), line=line)
            yield Fact(name="session_duration_us", value=str(count[1]), line=line)
        elif self._ended and (facts := lines.verdict(text)) is not None:
            self._ended = False
            for name, value in facts:
                yield Fact(name=name, value=value, line=line)
            yield from self.finish()
        elif text == SLOWEST:
            yield from self._end_block()
            self._slowest = True
        elif self._slowest:
            self._in_durations(text)
        elif self._block is not None:
            yield from self._in_block(self._block, line, text)
        else:
            yield from self._in_run(line, text, following)

    def finish(self) -> Iterator[Record]:
        """What is left at the end of the part or of a run."""
        yield from self._end_block()
        yield from self._end_test()
        yield from self._steps.flush()
        for each in self._results.finish():
            yield _lossy(each)

    def _in_run(self, line: int, text: str, following: str) -> Iterator[Record]:
        if not text.strip():
            return
        if self._migrating and text.startswith("  "):
            return
        self._migrating = False
        failed, self._failed = self._failed, ""
        test = lines.named(text)
        if test is not None and lines.is_start(test):
            yield from self._begin(line, test)
        elif self._test:
            yield from self._in_test(line, text, following)
        elif (again := lines.outcome(text)) is not None:  # of a class without a name, where no test is told
            if failed and again.word in FAILING:
                self._results.word(failed, again.word, line)
        elif lines.is_django(text):
            self._migrating = True
        elif lines.is_dots(text):
            yield Fact(name="progress", value=text[:400], line=line)
        else:
            yield from self._print(line, lines.without_dots(text))

    def _begin(self, line: int, test: Named) -> Iterator[Step]:
        yield from self._end_test()
        yield from self._steps.flush()
        node, _ = lines.test_id(test)
        told = (test.told or "").strip()
        self._test, self._bare = node, test.told is None
        self._line, self._sub = line, test.sub
        self._place = Place(test=node)
        outcome = lines.outcome(told)
        if outcome is not None:
            self._close_test(outcome)
        elif (other := lines.named(told)) is not None and lines.is_start(other):
            yield from self._begin(line, other)  # before Python 3.11 a test with failed subtests has no outcome
        elif told:
            yield from self._print(line, told)

    def _in_test(self, line: int, text: str, following: str) -> Iterator[Step]:
        bare, self._bare = self._bare, False
        if bare and " ..." in text:  # the first line of its docstring
            told = text.rpartition(" ... ")[2] if " ... " in text else ""
            outcome = lines.outcome(told.strip())
            if outcome is not None:
                self._close_test(outcome)
                return
            told = text.partition(" ...")[2].strip()
            if told:
                yield from self._print(line, told)
            return
        outcome = lines.outcome(text.strip())
        if outcome is not None:
            yield from self._steps.flush()
            self._close_test(outcome)
        elif lines.ends(following) and (glued := lines.glued(text)) is not None:
            yield from self._print(line, glued[0])
            yield from self._steps.flush()
            self._close_test(glued[1])
        else:
            yield from self._print(line, text)

    def _print(self, line: int, text: str) -> Iterator[Step]:
        yield from self._steps.feed(line, text, self._place)

    def _close_test(self, outcome: Outcome) -> None:
        self._results.word(self._test, _word(outcome, self._sub), self._line, reason=outcome.reason)
        self._failed = self._test if outcome.word in FAILING else ""
        self._test, self._place = "", NOWHERE

    def _end_test(self) -> Iterator[Step]:
        yield from self._steps.flush()
        self._test, self._place = "", NOWHERE

    def _open_block(self, line: int, word: str, test: Named) -> None:
        node, _ = lines.test_id(test)
        phase = lines.FIXTURES.get(test.name, "call" if test.where != lines.BROKEN_IMPORT else "")
        self._block = _Block(word, node, line, phase, test.sub, place=Place(test=node))

    def _in_block(self, block: _Block, line: int, text: str) -> Iterator[Step]:
        if not block.inside:
            block.inside = text == lines.DETAIL_BAR  # before it stands the docstring
            return
        if text in CAPTURED:
            yield from self._steps.flush()
            block.captured = True
        elif block.captured:
            if text.strip():
                yield from self._steps.feed(line, text, block.place)
        else:
            frame = _FRAME.match(text)
            if frame is not None and not block.framed:
                block.framed = True
                block.phase = PHASES.get(frame["function"], block.phase)
            block.failure.add(line, text)

    def _end_block(self) -> Iterator[Step]:
        yield from self._steps.flush()
        block, self._block = self._block, None
        if block is None:
            return
        detail = block.failure.detail.text()
        if block.sub:
            detail = f"{block.sub}\n{detail}"
        request = block.failure.unanswered
        if request is not None:
            yield Step(
                line=block.failure.line or block.line,
                raw=block.failure.message,
                text=block.failure.message,
                test=block.test,
                phase=block.phase,
                level="error",
                request=request,
                mark="fail",
            )
        area = AREAS[block.word]
        self._results.block(block.test, area, block.phase, block.failure.message, detail, block.line, "", True)

    def _in_durations(self, text: str) -> None:
        if (told := lines.duration(text)) is not None:
            self._results.duration(lines.test_id(told[1])[0], "call", told[0])
        elif text.strip() and text != lines.DETAIL_BAR:
            self._slowest = False


def _word(outcome: Outcome, sub: str) -> str:
    """A subtest's outcome is its test's only where it failed."""
    if sub and outcome.word in ("FAILED", "ERROR", "SKIPPED", "PASSED"):
        return {"PASSED": "SUBPASSED", "SKIPPED": "SUBSKIPPED"}.get(outcome.word, "SUBFAILED")
    return outcome.word


def _lossy(result: TestResult) -> TestResult:
    """unittest names module and class, never the file."""
    return msgspec.structs.replace(result, lossy=True)
