"""pytest's terminal output as tokens: every line told what it is by where it stands.

One small state machine serves both passes over a part, so that they can never disagree on where a block begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto

import msgspec

from ingest.formats.pytest_terminal import grammar

BLOCK_WIDTH = 40  # a bar of underscores or dashes that is shorter is a program's own line
CR_SIGN = "\u240d"  # what the source shows for a carriage return inside a line

_PLATFORM = re.compile(
    r"^platform (?P<platform>\S{1,40}) -- Python (?P<python>[^\s,]{1,40}),? pytest-(?P<pytest>[^\s,]{1,40})"
)
_HEADER = re.compile(r"^(?P<name>rootdir|configfile|inifile|plugins|testpaths|cachedir): ?(?P<value>.{0,4000})$")
_COLLECTED = re.compile(r"(?:^|collecting \.\.\. )collected (?P<n>\d{1,9}) items?\b")
_ITEMS = re.compile(r"^(?P<n>\d{1,5}) workers? \[(?P<items>\d{1,9}) items?\]")
_LANES = re.compile(r"^(?:gw\d{1,5} (?:\[\d{1,9}\]|[A-Za-z?]{1,4})(?: / )?)+(?: .{0,80})?$")
_CREATED = re.compile(r"^created: (?P<n>\d{1,5})/\d{1,5} workers?")
_DISTRIBUTED = re.compile(
    r"^(?:bringing up nodes\.\.\.|scheduling tests via \w{1,40}|replacing crashed worker gw\d{1,5}|initialized: \d|"
    r"ready: \d|worker gw\d{1,5} crashed|\[gw\d{1,5}\] (?:node down: |\w{1,20} Python |Python |\w{1,20} -- Python ))"
)
_NODE_DOWN = re.compile(r"^\[(?P<worker>gw\d{1,5})\] node down: (?P<why>.{1,400})")
_TITLE = re.compile(r"^[^\s\[(]{1,1000}(?=$|\[| \[| \()")  # test_a   TestCars.test_b[x]   test_c [msg] (i=1)
_SPOKEN_TITLES = ("ERROR at ", "ERROR collecting ", "[doctest] ")


class Kind(Enum):
    NOISE = auto()  # before, between and behind sessions
    FRAME = auto()  # understood, and says nothing that is kept
    FACT = auto()  # name, text: value
    SESSION = auto()
    PROGRESS = auto()  # progress
    WORD = auto()  # an outcome alone on its line: word; text: what was printed before it
    PRINT = auto()  # printed while a test ran; node: that test
    LIVE = auto()  # a live log header; phase
    LIVE_LINE = auto()  # node, phase
    BLOCK = auto()  # text: title, name: area
    DETAIL = auto()  # a line of a block's traceback
    SECTION = auto()  # name: stdout, stderr, log; phase
    CAPTURED = auto()  # a line of a section
    SUMMARY = auto()  # word, node, text: message
    SUMMARY_MORE = auto()
    DURATION = auto()  # node, phase, number: microseconds
    FINAL = auto()  # counts, number: microseconds


class Token(msgspec.Struct, frozen=True, gc=False):
    """One line. Which fields are filled is said at each kind."""

    kind: Kind
    line: int
    text: str = ""
    name: str = ""
    node: str = ""
    phase: str = ""
    word: str = ""
    number: int = 0
    progress: grammar.Progress | None = None
    counts: tuple[tuple[str, int], ...] = ()


def tokens(lines: Iterable[tuple[int, str]]) -> Iterator[Token]:
    """Every line as one token (a header line may give several facts); `lines` come without escapes."""
    machine = _Machine()
    for line, text in lines:
        yield from machine.feed(line, text)


class _Machine:
    def __init__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        self.area = "outside"
        self.distributed = False
        self.current = ""  # the test that runs, or ran last
        self.live = ""  # phase of the live log section that is open
        self.block = ""  # "", "named" or "anonymous" (--tb=line has no titles)
        self.in_section = False
        self.plain = False  # an anonymous block without an error line so far

    def feed(self, line: int, text: str) -> Iterator[Token]:
        opened = grammar.area(text) if text.startswith("=") else None
        if opened is not None:
            yield self._enter(line, opened)
        elif (last := grammar.final(text)) is not None:
            self._leave()
            yield Token(Kind.FINAL, line, counts=tuple(last[0].items()), number=last[1])
        elif self.area in grammar.BLOCK_AREAS:
            yield from self._in_block(line, text)
        elif self.area == "summary":
            yield from self._in_summary(line, text)
        elif self.area == "durations":
            yield self._in_durations(line, text)
        elif self.area in ("warnings", "reruns", "other"):
            yield Token(Kind.FRAME, line)
        elif self.area == "header":
            yield from self._in_header(line, text)
        else:
            yield from self._in_progress(line, text)

    def _enter(self, line: int, area: str) -> Token:
        self.block, self.in_section, self.live, self.current = "", False, "", ""
        if area == "session":
            self.area, self.distributed = "header", False
            return Token(Kind.SESSION, line)
        self.area = area
        return Token(Kind.FRAME, line, name=area)

    def _in_header(self, line: int, text: str) -> Iterator[Token]:
        text = text.rsplit(CR_SIGN, 1)[-1]
        if found := _PLATFORM.match(text):
            for name in ("platform", "python", "pytest"):
                yield Token(Kind.FACT, line, found[name].rstrip(","), name)
        elif found := _HEADER.match(text):
            yield Token(Kind.FACT, line, found["value"], "configfile" if found["name"] == "inifile" else found["name"])
        elif found := _COLLECTED.search(text):
            self.area = "progress"
            yield Token(Kind.FACT, line, found["n"], "collected")
        elif self._is_distributed(text):
            yield from self._distributed(line, text)
        elif grammar.progress(text) or (grammar.is_dots(text) and "%" in text) or grammar.live(text):
            self.area = "progress"
            yield from self._in_progress(line, text)
        else:
            yield Token(Kind.FRAME, line)

    @staticmethod
    def _is_distributed(text: str) -> bool:
        return bool(_ITEMS.match(text) or _CREATED.match(text) or _LANES.match(text) or _DISTRIBUTED.match(text))

    def _distributed(self, line: int, text: str) -> Iterator[Token]:
        self.distributed = True
        if found := _ITEMS.match(text):
            self.area = "progress"
            yield Token(Kind.FACT, line, found["n"], "xdist_workers")
            yield Token(Kind.FACT, line, found["items"], "collected")
        elif found := _CREATED.match(text):
            yield Token(Kind.FACT, line, found["n"], "xdist_workers")
        elif found := _NODE_DOWN.match(text):
            yield Token(Kind.FACT, line, f"{found['worker']}: {found['why']}", "xdist_worker_down")
        else:
            yield Token(Kind.FRAME, line)

    def _in_progress(self, line: int, text: str) -> Iterator[Token]:
        inside = self.area == "progress"
        phase = grammar.live(text) if text.startswith("-") else None
        if phase is not None and len(text) >= BLOCK_WIDTH:
            self.area, self.live = "progress", phase
            yield Token(Kind.LIVE, line, phase=phase)
        elif (told := grammar.progress(text)) is not None:
            yield from self._told(line, text, told)
        elif self._is_distributed(text) and not self.current:
            self.area = "progress"
            yield from self._distributed(line, text)
        elif inside and (word := grammar.outcome(text)):
            yield Token(Kind.WORD, line, node=self.current, word=word)
        elif (inside or "%]" in text) and grammar.is_dots(text):
            self.area = "progress"
            yield Token(Kind.FACT, line, text[:400], "progress")  # it tells the order of the tests
        elif not inside:
            yield Token(Kind.NOISE, line, text)
        elif not text.strip() or text.startswith(("!!!", "INTERNALERROR>")):
            yield Token(Kind.FRAME, line)
        elif self.live:
            yield Token(Kind.LIVE_LINE, line, text, node=self.current, phase=_phase(self.live))
        elif self.current and (printed := grammar.glued(text)):
            yield Token(Kind.PRINT, line, printed[0], node=self.current)
            yield Token(Kind.WORD, line, node=self.current, word=printed[1])
        else:
            yield Token(Kind.PRINT, line, text, node=self.current)

    def _told(self, line: int, text: str, told: grammar.Progress) -> Iterator[Token]:
        self.area, self.live = "progress", ""
        if told.worker:
            self.distributed = True
        if self.distributed:
            yield Token(Kind.PROGRESS, line, progress=told) if told.word else Token(Kind.FRAME, line)
            return
        self.current = told.node
        yield Token(Kind.PROGRESS, line, progress=told)
        if told.rest and not (told.word and text.rstrip().endswith((")", "%]"))):
            yield Token(Kind.PRINT, line, told.rest, node=told.node)

    def _in_block(self, line: int, text: str) -> Iterator[Token]:
        title = grammar.bar(text, "_") if len(text) >= BLOCK_WIDTH and text[0] == "_" else None
        if title is not None and (title.startswith(_SPOKEN_TITLES) or _TITLE.match(title)):
            self.block, self.in_section = "named", False
            yield Token(Kind.BLOCK, line, title, self.area)
            return
        if not self.block:
            if not text.strip() or text.startswith("!!!"):
                yield Token(Kind.FRAME, line)
                return
            self.block, self.in_section, self.plain = "anonymous", False, not text.startswith("E ")
            yield Token(Kind.BLOCK, line, "", self.area)
        if self.block == "anonymous" and (place := grammar.location(text)) and place[1]:
            self.block = ""
            yield Token(Kind.DETAIL, line, text)
            return
        if self.block == "anonymous" and self.plain and text.startswith("E "):
            self.plain = False  # "contains 1 failed subtest" is a whole block
            yield Token(Kind.BLOCK, line, "", self.area)
        section = grammar.section(text) if text.startswith("-") and len(text) >= BLOCK_WIDTH else None
        if section is not None:
            self.in_section = True
            yield Token(Kind.SECTION, line, name=section[0], phase=section[1])
        elif text.startswith("!!!!!!") and text.endswith("!!!!!!"):
            self.area = "other"
            yield Token(Kind.FRAME, line)
        else:
            yield Token(Kind.CAPTURED if self.in_section else Kind.DETAIL, line, text)

    def _in_summary(self, line: int, text: str) -> Iterator[Token]:
        if grammar.is_folded_skip(text) or (text.startswith("!!!") and text.endswith("!")):
            yield Token(Kind.FRAME, line)
        elif (told := grammar.summary(text)) is not None:
            yield Token(Kind.SUMMARY, line, told[3], node=told[2], word=told[0], phase=told[1])
        elif grammar.bar(text, "=") is not None:
            self.area = "other"
            yield Token(Kind.FRAME, line)
        else:
            yield Token(Kind.SUMMARY_MORE, line, text)

    def _in_durations(self, line: int, text: str) -> Token:
        found = grammar.duration(text)
        if found is None:
            return Token(Kind.FRAME, line)
        return Token(Kind.DURATION, line, node=found[2], phase=found[1], number=found[0])


def _phase(live: str) -> str:
    return live if live in ("setup", "call", "teardown") else ""
