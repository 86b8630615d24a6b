"""pytest's terminal output as tokens: every line told what it is by where it stands.

One small state machine serves both passes over a part, so that they can never disagree on where a block begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto

import msgspec

from ingest.formats.pytest_terminal import grammar, header, pretty, progress, runners, setup_show, sugar
from ingest.formats.pytest_terminal.grammar import LEAST_WIDTH

CR_SIGN = "\u240d"  # what the source shows for a carriage return inside a line
WRAPPED_LINES = 40  # of a skip reason that -vv shows in full

_TITLE = re.compile(r"^[^\s\[(]{1,1000}(?=$|\[| \[| \()")  # test_a   TestCars.test_b[x]   test_c [msg] (i=1)
_SPOKEN_TITLES = ("ERROR at ", "ERROR collecting ", "[doctest] ")
_WARNED = re.compile(r"^\S{1,1000}:\d{1,7}: \w{0,80}Warning: ")  # what plugins warn of before the session begins
_STACK = re.compile(r"^~{3,} (?P<what>Stack of .{1,200}|Captured \w{1,10}) ~{3,}$")  # pytest-timeout's dump


class Kind(Enum):
    NOISE = auto()  # before, between and behind sessions
    FRAME = auto()  # understood, and says nothing that is kept
    FACT = auto()  # name, text: value
    SESSION = auto()
    PROGRESS = auto()  # progress
    WORD = auto()  # an outcome alone on its line, of the test `node`: word, text: its reason
    TIMEOUT = auto()  # pytest-timeout gave the test `node` up; its outcome follows only where the process lives on
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
    progress: progress.Progress | None = None
    counts: tuple[tuple[str, int], ...] = ()


Tokens = tuple[Token, ...]
BLOCK_AREAS = frozenset(grammar.BLOCK_AREAS)
FAILING = ("FAILED", "ERROR", "SUBFAILED", "SUBFAIL", "RERUN")


def tokens(lines: Iterable[tuple[int, str]]) -> Iterator[Token]:
    """Every line as one token (a few as two or three); `lines` come without escapes."""
    machine = _Machine()
    feed = machine.feed
    captured = Kind.CAPTURED
    for line, text in lines:
        # Most lines of a long log stand in captured sections; only a bar or a last line ends one.
        if (
            machine.in_section
            and not (machine.sweet or machine.instant)
            and text[:1] not in "=-_!"
            and text[-1:] not in "s)"
        ):
            yield Token(captured, line, text)
        else:
            yield from feed(line, text)


class _Machine:
    def __init__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        self.area = "outside"
        self.width = 0  # of the terminal; 0: not known
        self.headed = False  # the session has a title, so its last line has bars too
        self.distributed = False
        self.current = ""  # the test that runs, or ran last
        self.live = ""  # phase of the live log section that is open
        self.block = ""  # "", "named" or "anonymous" (--tb=line has no titles)
        self.in_section = False
        self.plain = False  # an anonymous block without an error line so far
        self.wrapped = 0  # lines of a skip reason that may still come
        self.stack = ""  # inside a dump of pytest-timeout: "stack" or "captured"
        self.sweet = False  # pytest-sugar prints
        self.pretty = False  # behind the table that pytest-pretty ends with
        self.failed = False  # the test that was told last: its block may follow at once
        self.instant = False  # inside a block that pytest-instafail prints while tests run
        self.blank = False  # the line before was blank

    def feed(self, line: int, text: str) -> Tokens:
        if (self.sweet or text.startswith("Test session starts (")) and (sweet := self._sweet(line, text)):
            return sweet
        if not self.sweet and (self.pretty or text.startswith(" ")) and (told := self._pretty(line, text)):
            return told
        if text.startswith("="):
            opened = grammar.area(text)
            if opened is not None and (opened == "session" or self._is_wide(text)):
                return (self._enter(line, opened, text),)
        if text[-1:] in "=s)" and (not self.headed or text.startswith("=")):
            last = grammar.final(text)
            if last is not None:
                self._leave()
                self.area = "after"
                return (Token(Kind.FINAL, line, counts=tuple(last[0].items()), number=last[1]),)
        area = self.area
        if self.instant:
            if not self._is_resumed(text):
                self.blank = not text.strip()
                return self._in_block(line, text)
            self.area, self.instant, self.block, self.in_section = "progress", False, "", False
            area = self.area
        if area in BLOCK_AREAS:
            return self._in_block(line, text)
        if area == "summary":
            return self._in_summary(line, text)
        if area == "durations":
            return (self._in_durations(line, text),)
        if area in ("warnings", "reruns", "other"):
            return (Token(Kind.FRAME, line),)
        if CR_SIGN in text:
            return self._pieces(line, text)
        if area == "header":
            return self._in_header(line, text)
        return self._in_progress(line, text)

    def _sweet(self, line: int, text: str) -> Tokens:
        """A line as pytest-sugar writes it; () where it is as any pytest's."""
        if not self.sweet:
            begun = sugar.session(text)
            if begun is None:
                return ()
            self._leave()
            self.sweet, self.area, self.headed = True, "header", True
            facts = (Token(Kind.FACT, line, value, name) for name, value in begun)
            return Token(Kind.SESSION, line), *facts
        if self.area == "results":
            count = sugar.count(text)
            if count is None:
                self._leave()
                return ()
            return (Token(Kind.FACT, line, count[1], f"tests_{count[0]}") if count[0] else Token(Kind.FRAME, line),)
        if text.startswith(sugar.SIGN) and (title := grammar.bar(text, sugar.SIGN)) is not None:
            self.area, self.block, self.in_section = "failures", "named", False
            if title.startswith("ERROR "):
                self.area = "errors"
            return (Token(Kind.BLOCK, line, title, self.area),)
        if (took := sugar.took(text)) is not None:
            self.area, self.in_section = "results", False
            return (Token(Kind.FINAL, line, number=took),)
        told = [each for piece in text.split(CR_SIGN) if (each := sugar.progress(piece)) is not None]
        if told:
            self.area, self.in_section, self.block = "progress", False, ""
            named = tuple(Token(Kind.PROGRESS, line, progress=each) for each in told if each.word)
            return named or (Token(Kind.FRAME, line),)
        return ()

    def _pretty(self, line: int, text: str) -> Tokens:
        """A line of pytest-pretty's table, and of the counts behind it."""
        if not self.pretty:
            if self.area in ("outside", "header") or not pretty.is_table(text):
                return ()
            self.area, self.pretty, self.in_section, self.instant = "other", True, False, False
            return (Token(Kind.FRAME, line),)
        if self.area == "results":
            count = sugar.count(text)
            if count is None:
                self._leave()
                return ()
            return (Token(Kind.FACT, line, count[1], f"tests_{count[0]}") if count[0] else Token(Kind.FRAME, line),)
        if (took := sugar.took(text)) is not None:
            self.area = "results"
            return (Token(Kind.FINAL, line, number=took),)
        return ()

    def _is_wide(self, text: str, least: int = LEAST_WIDTH) -> bool:
        """Whether a bar is as long as pytest makes it; a character of two columns counts as one."""
        wide = 0 if text.isascii() else sum(character > "\u10ff" for character in text)
        return len(text) + wide >= (self.width - 2 if self.width else least)

    def _enter(self, line: int, area: str, text: str) -> Token:
        self.block, self.in_section, self.live, self.current = "", False, "", ""
        self.wrapped, self.stack = 0, ""
        self.failed = self.instant = self.pretty = False
        if area == "session":
            self.area, self.distributed, self.headed = "header", False, True
            self.width = 0 if text.startswith("= ") else len(text)
            return Token(Kind.SESSION, line)
        self.area, self.width = area, self.width or len(text)
        return Token(Kind.FRAME, line, name=area)

    def _pieces(self, line: int, text: str) -> Tokens:
        """A line that was written over: each piece counts, the last of those that only collect."""
        told: list[Token] = []
        for piece in text.split(CR_SIGN):
            if piece.strip() or not told:
                told.extend(self._in_header(line, piece) if self.area == "header" else self._in_progress(line, piece))
        return tuple(told)

    def _in_header(self, line: int, text: str) -> Tokens:
        facts = header.facts(text)
        if facts is not None:
            if header.is_collected(facts):
                self.area = "progress"
            return tuple(Token(Kind.FACT, line, value, name) for name, value in facts) or (Token(Kind.FRAME, line),)
        if header.is_distributed(text):
            return self._distributed(line, text)
        begun = progress.progress(text) or (progress.is_dots(text) and "%" in text) or grammar.live(text)
        if begun or text.startswith(("!!!", "INTERNALERROR>")):
            self.area = "progress"
            return self._in_progress(line, text)
        return (Token(Kind.FRAME, line),)

    def _distributed(self, line: int, text: str) -> Tokens:
        self.distributed = True
        facts = header.lanes(text)
        if header.is_collected(facts):
            self.area = "progress"
        return tuple(Token(Kind.FACT, line, value, name) for name, value in facts) or (Token(Kind.FRAME, line),)

    def _is_resumed(self, text: str) -> bool:
        """Whether the progress goes on behind a block of pytest-instafail's."""
        if "::" in text and (told := progress.progress(text)) is not None:
            return bool(told.word) or not told.printed
        return progress.is_dots(text) and ("%]" in text or (self.blank and text[:2].strip() != "E"))

    def _in_progress(self, line: int, text: str) -> Tokens:
        inside = self.area == "progress"
        if inside and text.startswith("_") and self.failed and (opened := self._in_block_title(line, text)):
            return opened
        if inside and not self.current and text.endswith(".py ") and " " not in text[:-1]:
            return (Token(Kind.FRAME, line),)
        if inside and text.startswith("        ") and (fixtures := self._fixtures(line, text)):
            return fixtures
        if self.wrapped:
            return (self._in_reason(line, text),)
        if self.stack or (inside and text.endswith("+ Timeout " + "+" * 4)) or (inside and "++ Timeout ++" in text):
            return self._in_dump(line, text)
        if text.startswith("-") and self._is_wide(text) and (phase := grammar.live(text)) is not None:
            self.area, self.live = "progress", phase
            return (Token(Kind.LIVE, line, phase=phase),)
        if "::" in text and (told := progress.progress(text)) is not None:
            return self._told(line, told)
        if not self.current and header.is_distributed(text):
            self.area = "progress"
            return self._distributed(line, text)
        if inside and (alone := progress.outcome(text)):
            self.failed = alone[0] in FAILING
            return (Token(Kind.WORD, line, alone[1], node=self.current, word=alone[0]),)
        if (inside or "%]" in text) and progress.is_dots(text):
            self.area, self.failed = "progress", "F" in text or "E" in text
            return (Token(Kind.FACT, line, text[:400], "progress"),)  # it tells the order of the tests
        if (told_at_once := pretty.letters(text)) is not None:
            self.area = "progress"
            return (Token(Kind.FACT, line, told_at_once, "progress") if told_at_once else Token(Kind.FRAME, line),)
        if text.startswith("!!!") and text.endswith("!!!"):
            self.area = "other"  # interrupted: what follows is a traceback
            return (Token(Kind.FRAME, line),)
        if not inside:
            return (self._outside(line, text),)
        return self._output(line, text)

    def _outside(self, line: int, text: str) -> Token:
        if self.area == "after" and text.startswith("ERROR: "):
            return Token(Kind.FACT, line, text[7:2000], "pytest_error")
        if _WARNED.match(text):
            self.area = "warned"
            return Token(Kind.FRAME, line)
        if self.area == "warned":
            return Token(Kind.FRAME, line)
        if progress.is_dots(text) or header.is_collected_file(text):
            return Token(Kind.FRAME, line)  # what -q wrote before it was interrupted; what --collect-only -qq lists
        if text.startswith("-") and grammar.bar(text, "-") and self._is_wide(text, 60):
            return Token(Kind.FRAME, line)  # ------ generated xml file: report.xml ------
        if runners.is_runner(text):
            return Token(Kind.FRAME, line)
        return Token(Kind.NOISE, line, text)

    def _output(self, line: int, text: str) -> Tokens:
        """What is no progress while tests run: a program wrote it."""
        if text.startswith("INTERNALERROR>") or not (self.current or text.strip()):
            return (Token(Kind.FRAME, line),)
        if self.live:
            return (Token(Kind.LIVE_LINE, line, text, node=self.current, phase=_phase(self.live)),)
        if self.current and (printed := progress.glued(text)):
            return (
                Token(Kind.PRINT, line, printed[0], node=self.current),
                Token(Kind.WORD, line, node=self.current, word=printed[1]),
            )
        if not self.current:
            text = progress.without_dots(text)
        return (Token(Kind.PRINT, line, text, node=self.current),)

    def _told(self, line: int, told: progress.Progress) -> Tokens:
        self.area, self.live = "progress", ""
        self.failed = told.word in FAILING
        if told.open:
            self.wrapped = WRAPPED_LINES
        if told.worker:
            self.distributed = True
        if self.distributed:
            return (Token(Kind.PROGRESS, line, progress=told) if told.word else Token(Kind.FRAME, line),)
        self.current = told.node
        first = Token(Kind.PROGRESS, line, progress=told)
        if not told.printed:
            return (first,)
        return first, Token(Kind.PRINT, line, told.printed, node=told.node)

    def _in_reason(self, line: int, text: str) -> Token:
        """`SKIPPED (not on this: host -` goes on with `today)            [ 27%]`."""
        self.wrapped = 0 if progress.trimmed(text).endswith(")") else self.wrapped - 1
        return Token(Kind.FRAME, line)

    def _in_dump(self, line: int, text: str) -> Tokens:
        """What pytest-timeout prints of all threads before it ends the process."""
        if "++ Timeout ++" in text:
            if self.stack:
                self.stack = ""
                return (Token(Kind.FRAME, line),)
            self.stack = "stack"
            told = progress.progress(text)
            if told is not None and told.node:
                self.current = told.node
            if not self.current:
                return (Token(Kind.FRAME, line),)
            return (Token(Kind.TIMEOUT, line, "Timeout: pytest-timeout ended the run", node=self.current),)
        if found := _STACK.match(text):
            self.stack = "captured" if found["what"].startswith("Captured") else "stack"
            return (Token(Kind.FRAME, line),)
        if self.stack == "captured" and text.strip():
            return (Token(Kind.PRINT, line, text, node=self.current),)
        return (Token(Kind.FRAME, line),)

    def _fixtures(self, line: int, text: str) -> Tokens:
        """What --setup-show writes."""
        if setup_show.is_fixture(text):
            current = self.current
            if setup_show.is_end(text):
                self.current = ""
            if current and (printed := progress.glued(text)):
                return (Token(Kind.WORD, line, node=current, word=printed[1]),)
            return (Token(Kind.FRAME, line),)
        told = setup_show.test(text)
        return self._told(line, told) if told is not None else ()

    def _in_block_title(self, line: int, text: str) -> Tokens:
        """A block that pytest-instafail prints as soon as its test has failed; () for another line."""
        title = grammar.bar(text, "_") if self._is_wide(text) else None
        if title is None or not (title.startswith(_SPOKEN_TITLES) or _TITLE.match(title) or "::" in title):
            return ()
        self.area, self.instant, self.live = "errors" if title.startswith("ERROR ") else "failures", True, ""
        return self._in_block(line, text)

    def _in_block(self, line: int, text: str) -> Tokens:
        title = grammar.bar(text, "_") if text.startswith("_") and self._is_wide(text) else None
        if title is not None and (title.startswith(_SPOKEN_TITLES) or _TITLE.match(title) or "::" in title):
            self.block, self.in_section = "named", False
            return (Token(Kind.BLOCK, line, title, self.area),)
        first: Tokens = ()
        if not self.block:
            if not text.strip() or text.startswith("!!!"):
                return (Token(Kind.FRAME, line),)
            self.block, self.in_section, self.plain = "anonymous", False, not text.startswith("E ")
            first = (Token(Kind.BLOCK, line, "", self.area),)
        if self.block == "anonymous":
            if (place := grammar.location(text)) and place[1]:
                self.block, self.in_section = "", False
                return (*first, Token(Kind.DETAIL, line, text))
            if not first and self.plain and text.startswith("E "):
                self.plain = False  # "contains 1 failed subtest" is a whole block
                first = (Token(Kind.BLOCK, line, "", self.area),)
        if text.startswith("-") and self._is_wide(text):
            if (section := grammar.section(text)) is not None:
                self.in_section = self.block == "named"
                return (*first, Token(Kind.SECTION, line, name=section[0], phase=section[1]))
            if grammar.is_closing(text):
                self.area, self.in_section = "other", False
                return (Token(Kind.FRAME, line),)
        if text.startswith("!!!!!!") and text.endswith("!!!!!!"):
            self.area, self.in_section = "other", False
            return (Token(Kind.FRAME, line),)
        return (*first, Token(Kind.CAPTURED if self.in_section else Kind.DETAIL, line, text))

    def _in_summary(self, line: int, text: str) -> Tokens:
        if grammar.is_folded_skip(text) or (text.startswith("!!!") and text.endswith("!")):
            return (Token(Kind.FRAME, line),)
        told = grammar.summary(text)
        if told is not None:
            return (Token(Kind.SUMMARY, line, told.message, node=told.node, word=told.word),)
        if text.startswith("=") and grammar.bar(text, "=") is not None and self._is_wide(text):
            self.area = "other"
            return (Token(Kind.FRAME, line),)
        return (Token(Kind.SUMMARY_MORE, line, text),)

    def _in_durations(self, line: int, text: str) -> Token:
        found = grammar.duration(text)
        if found is None:
            return Token(Kind.FRAME, line)
        return Token(Kind.DURATION, line, node=found[2], phase=found[1], number=found[0])


def _phase(live: str) -> str:
    return live if live in ("setup", "call", "teardown") else ""
