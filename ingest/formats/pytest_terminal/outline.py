"""The first pass over a terminal log: which blocks it has, whose they are, and which sections repeat others.

pytest prints the same captured log up to three times (live, with the failure, with the teardown error). The outline
tells the second pass which copy to keep. It holds a few numbers a section, never the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ingest.formats.client_logs import log_line
from ingest.formats.client_logs.client_steps import Told, library_request
from ingest.formats.client_logs.log_line import Shape
from ingest.formats.pytest_terminal import grammar
from ingest.formats.pytest_terminal.names import Names, parts, rebuilt
from ingest.formats.pytest_terminal.tokens import Kind, Token

KEPT = 200_000  # blocks, sections and names of one part; what is over is read without their help
PATHS = 40  # files of one traceback
LOG_SAMPLE = 500  # log lines from which the shape is learned
REQUESTS = 5_000  # library requests remembered of one block


class Section(msgspec.Struct):
    kind: str
    phase: str
    lines: int = 0  # that are not blank
    digest: int = 0
    repeats: bool = False  # its lines are told elsewhere


class Block(msgspec.Struct):
    area: str
    title: str
    test: str | None = None
    lossy: bool = False
    phase: str = ""
    worker: str = ""
    crashed: str = ""
    paths: list[str] = msgspec.field(default_factory=list)
    sections: list[Section] = msgspec.field(default_factory=list)
    told: Counter[Told] = msgspec.field(default_factory=Counter)


class Outline(msgspec.Struct):
    """What the second pass knows of the whole part."""

    blocks: list[Block] = msgspec.field(default_factory=list)
    muted_live: set[tuple[str, str]] = msgspec.field(default_factory=set)  # test and phase told better in its block
    shape: Shape = log_line.PLAIN


def outline(tokens: Iterable[Token]) -> Outline:
    """One pass over all tokens of a part."""
    pen = _Pen()
    for token in tokens:
        pen.draw(token)
    pen.end_session()
    pen.whole.shape = log_line.learn(pen.sample)
    return pen.whole


class _Pen:
    def __init__(self) -> None:
        self.whole = Outline()
        self.sample: list[str] = []
        self._block: Block | None = None  # the one that is read; None where too many are known already
        self._start = 0  # index of the session's first block
        self._names = Names()
        self._live: Counter[tuple[str, str]] = Counter()
        self._kept = 0
        self._root = "/"  # of the session, for paths in Python's own tracebacks

    def draw(self, token: Token) -> None:
        kind = token.kind
        if kind is Kind.PROGRESS and token.progress is not None:
            self._know(token.progress.node, token.progress.word)
        elif kind is Kind.SUMMARY:
            self._know(token.node, token.word, True)
        elif kind is Kind.WORD and token.node:
            self._know(token.node, token.word)
        elif kind is Kind.LIVE_LINE:
            if token.text.strip() and len(self._live) < KEPT:
                self._live[token.node, token.phase] += 1
            self._learn(token.text)
        elif kind is Kind.BLOCK:
            self._begin(token)
        elif kind is Kind.DETAIL and self._block is not None:
            self._detail(self._block, token.text)
        elif kind is Kind.SECTION and self._block is not None:
            self._kept += 1
            self._block.sections.append(Section(token.name, token.phase))
        elif kind is Kind.CAPTURED and self._block is not None:
            self._captured(self._block, token.text)
        elif kind in (Kind.SESSION, Kind.FINAL):
            self.end_session()
        elif kind is Kind.FACT and token.name == "rootdir":
            self._root = token.text.partition(", ")[0].rstrip("/") + "/"

    def end_session(self) -> None:
        """Give every block of the session its test, then mark what is told twice."""
        seen: set[tuple[str | None, str, str, int]] = set()
        untitled = 0
        blocks = self.whole.blocks[self._start :]
        for block in blocks:
            if not block.title:
                block.test = self._names.anonymous(untitled)
                block.lossy = block.test is None
                untitled += 1
            elif block.crashed:
                block.test = block.crashed
            elif block.phase == "collect":
                block.test = parts(block.title)[0]
            else:
                block.test, block.lossy = self._names.node(parts(block.title)[0], block.paths, block.area)
        _fill_in(blocks)
        for block in blocks:
            for section in block.sections:
                self._repeats(block, section, seen)
        self._start = len(self.whole.blocks)
        self._names, self._live = Names(), Counter()

    def _repeats(self, block: Block, section: Section, seen: set[tuple[str | None, str, str, int]]) -> None:
        key = (block.test, section.kind, section.phase, section.digest)
        if key in seen:
            section.repeats = True
            return
        seen.add(key)
        live = self._live.get((block.test or "", section.phase), 0) if section.kind == "log" else 0
        if live >= section.lines:
            section.repeats = live > 0
        elif live:
            self.whole.muted_live.add((block.test or "", section.phase))

    def _know(self, node: str, word: str, summed: bool = False) -> None:
        if self._kept < KEPT:
            self._kept += 1
            self._names.know(node, word, summed)

    def _begin(self, token: Token) -> None:
        self._block = None
        if self._kept < KEPT:
            self._kept += 1
            phase = parts(token.text)[1] or ("setup" if token.name == "errors" else "call")
            self._block = Block(token.name, token.text, phase=phase)
            self.whole.blocks.append(self._block)

    def _detail(self, block: Block, text: str) -> None:
        if text.startswith("["):
            block.worker = block.worker or grammar.worker_info(text) or ""
        elif text.startswith("worker '") and "' crashed while running '" in text:
            block.crashed = text.partition("' crashed while running '")[2].rstrip("'")[:2000]
            block.worker = text[8:].partition("'")[0][:40]
        elif len(block.paths) < PATHS:
            if text.startswith('  File "'):
                path = grammar.frame(text)
            else:
                place = grammar.location(text)
                path = place[0] if place else None
            if path is not None:
                block.paths.append(path.removeprefix(self._root))

    def _captured(self, block: Block, text: str) -> None:
        if not block.sections:
            return
        section = block.sections[-1]
        if text.strip():
            section.lines += 1
            section.digest = hash((section.digest, text))
        if section.kind == "log":
            self._learn(text)
            if "HTTP" in text and len(block.told) < REQUESTS and (request := library_request(text)):
                block.told[request] += 1

    def _learn(self, text: str) -> None:
        if len(self.sample) < LOG_SAMPLE:
            self.sample.append(text)


def _fill_in(blocks: list[Block]) -> None:
    """A block without any path, such as of a strict xfail, stands between those of the same file."""
    for number, block in enumerate(blocks):
        if not block.lossy or not block.test or "::" in block.test or block.paths:
            continue
        around = {
            other.test.partition("::")[0]
            for other in blocks[max(0, number - 1) : number + 2]
            if other.test and "::" in other.test and other.area == block.area
        }
        if len(around) == 1:
            block.test = rebuilt(block.test, tuple(around))
