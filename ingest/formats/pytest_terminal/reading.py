"""The second pass over a terminal log: steps as they come, results at the end of each session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingest.formats.client_logs.client_steps import Place, StepReader
from ingest.formats.pytest_terminal.failure import Failure
from ingest.formats.pytest_terminal.names import parts, rebuilt
from ingest.formats.pytest_terminal.outline import Block, Outline
from ingest.formats.pytest_terminal.results import Results
from ingest.formats.pytest_terminal.tokens import Kind, Token
from triage.core.records import Fact, Record, Stamp, Step, Unparsed

SILENT = Place()


class Reading:
    """Feed it the tokens of the second pass, in order."""

    def __init__(self, outline: Outline) -> None:
        self._outline = outline
        self._steps = StepReader(outline.shape)
        self._results = Results()
        self._number = -1  # of the block that is read
        self._block: Block | None = None
        self._section = -1
        self._place = SILENT
        self._muted = False
        self._failure = Failure()
        self._line = 0  # of the block's title

    def feed(self, token: Token, after: Stamp | None) -> Iterator[Record]:
        """One token; `after` is the time at which a CI's own stamp says that the line was printed."""
        kind = token.kind
        if kind in (Kind.PRINT, Kind.LIVE_LINE):
            yield from self._printed(token, after)
        elif kind is Kind.CAPTURED:
            if not self._muted:
                yield from self._steps.feed(token.line, token.text, self._place)
        elif kind is Kind.DETAIL:
            self._failure.add(token.line, token.text)
        elif kind is Kind.SECTION:
            yield from self._open_section(token, after)
        elif kind is Kind.BLOCK:
            yield from self._end_block()
            self._open_block(token)
        elif kind is Kind.NOISE:
            if token.text.strip():
                yield Unparsed(token.line, token.text)
        else:
            if kind is not Kind.WORD:
                yield from self._end_block()
            yield from self._about_results(token)

    def finish(self) -> Iterator[Record]:
        """What is left at the end of the part or of a session."""
        yield from self._end_block()
        yield from self._results.finish()

    def _about_results(self, token: Token) -> Iterator[Record]:
        kind = token.kind
        if kind is Kind.PROGRESS and token.progress is not None:
            yield from self._steps.flush()
            self._results.progress(token.progress, token.line)
        elif kind is Kind.WORD and token.node:
            self._results.word(token.node, token.word, token.line, reason=token.text)
        elif kind is Kind.TIMEOUT:
            self._results.timeout(token.node, token.text, token.line)
        elif kind is Kind.SUMMARY:
            self._results.summary(token.node, token.word, token.text, token.line)
        elif kind is Kind.SUMMARY_MORE:
            self._results.more(token.text)
        elif kind is Kind.DURATION:
            self._results.duration(token.node, token.phase, token.number)
        elif kind is Kind.FACT:
            yield Fact(name=token.name, value=token.text, line=token.line)
        elif kind is Kind.SESSION:
            yield from self.finish()
        elif kind is Kind.FINAL:
            yield from self.finish()
            for name, count in token.counts:
                yield Fact(name=f"tests_{name.replace(' ', '_')}", value=str(count), line=token.line)
            yield Fact(name="session_duration_us", value=str(token.number), line=token.line)

    def _printed(self, token: Token, after: Stamp | None) -> Iterator[Step]:
        key = (token.node, token.phase)
        log = token.kind is Kind.LIVE_LINE
        if log and key in self._outline.muted_live:
            return
        place = self._place
        if (place.test or "") != token.node or place.phase != token.phase or place.log != log:
            place = self._place = Place(test=token.node or None, phase=token.phase, after=after, log=log)
        elif after is not None and not log:
            place = self._place = Place(test=token.node or None, phase=token.phase, after=after)
        yield from self._steps.feed(token.line, token.text, place)

    def _open_block(self, token: Token) -> None:
        self._number += 1
        known = self._number < len(self._outline.blocks)
        self._block = self._outline.blocks[self._number] if known else Block(token.name, token.text)
        if self._block.test is None:
            self._block.lossy = True
            if token.text:
                self._block.test = rebuilt(parts(token.text)[0], tuple(self._block.paths))
            elif self._block.paths:
                self._block.test = self._block.paths[-1]
        self._failure, self._section, self._line = Failure(), -1, token.line

    def _open_section(self, token: Token, after: Stamp | None) -> Iterator[Step]:
        yield from self._steps.flush()
        block = self._block
        if block is None:
            return
        self._section += 1
        known = self._section < len(block.sections)
        self._muted = known and block.sections[self._section].repeats
        log = token.name == "log"
        self._place = Place(
            test=block.test,
            phase=token.phase,
            worker=block.worker,
            after=after,
            log=log,
            told=None if log else block.told,
        )

    def _end_block(self) -> Iterator[Step]:
        yield from self._steps.flush()
        block, self._block, self._muted = self._block, None, False
        if block is None or block.test is None:
            return
        failure = self._failure
        request = failure.unanswered if block.area in ("failures", "errors") else None
        if request is not None:
            yield Step(
                line=failure.line or self._line,
                raw=failure.message,
                text=failure.message,
                test=block.test,
                phase=block.phase if block.phase != "collect" else "",
                worker=block.worker,
                level="error",
                request=request,
                mark="fail",
            )
        self._results.block(
            block.test,
            block.area,
            block.phase if block.phase != "collect" else "",
            failure.message,
            failure.detail.text(),
            self._line,
            block.worker,
            block.lossy,
        )


def read(outline: Outline, tokens: Iterable[tuple[Token, Stamp | None]]) -> Iterator[Record]:
    """Steps in file order, then the results of each session where it ends."""
    reading = Reading(outline)
    for token, after in tokens:
        yield from reading.feed(token, after)
    yield from reading.finish()
