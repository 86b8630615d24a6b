"""What sort of line each line of a part is, told cheaply and by the line alone: a byte a line.

Only what is clear is told: a journal's line, a server's access or error line, pytest's own bars, a container's label, a
CI's marker. The rest of a console log is OTHER.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.formats import ansi, plain, pytest_terminal, unittest_text
from ingest.formats.bare import CHAINED, GENERAL, OWN_INDENT, RAISED, TRACEBACK, Bare
from ingest.formats.base import Format, Head
from ingest.formats.messages.understand import understand
from ingest.formats.registry import FORMATS
from ingest.formats.unittest_text.lines import verdict
from ingest.formats.wrapping import compose
from ingest.formats.wrapping.registry import CONTAINER_WRAPPERS
from triage.core.records import Side

BLANK, GOES_ON, OTHER, MARKER, SECTION = range(5)  # a SECTION marker is one that only a CI writes
PYTEST_BEGINS, PYTEST_ENDS, PYTEST_SAYS, PYTEST_HINTS = range(5, 9)
SERVER, GENERAL_LOG = 9, 10
FIRST = 16  # of the sorts that are found by a format or a wrapper

LOOKED_AT = 4_096  # characters of a line
TALES = {
    "session starts": PYTEST_BEGINS,
    "last lines": PYTEST_ENDS,
    "title bars": PYTEST_SAYS,
    "summary lines": PYTEST_SAYS,
}  # what `pytest_terminal.telltale` says of a line
SILENT = ("mention", "traceback")
# ##[group]Run pytest · section_start:1795397400:step_script · [Pipeline] sh · ##[section]Starting: Tests
CI_MARKER = re.compile(
    r"##\[(?:group|endgroup|section|error|debug)\]|::(?:end)?group::|section_(?:start|end):\d{1,12}:|\[Pipeline\] |"
    r"##\[command\]|(?:---|\+\+\+|~~~|\^\^\^) :[\w-]{1,40}: "
)
# $ journalctl -u cars · + docker compose logs · ==> server.log <== · --- a buildkite group
SHELL_MARKER = re.compile(r"(?:\$|\+{1,4}|---|~~~) \S|==> .{1,300} <==$|\[command\]/")
# a time or JSON near the beginning, without which no line is an envelope's
LIKE_A_RECORD = re.compile(r"\d\d:\d\d:\d\d|^\d{9,10}\.\d|^\[ *\d{1,9}\.\d|^.?\{\"|^<\d")


class Sorter:
    """Tells the sorts of one part's lines, in order: what fitted the last line is tried first."""

    def __init__(self, formats: Sequence[Format] = FORMATS) -> None:
        teams = [each for each in formats if not any(each is known for known in FORMATS)]
        envelopes = [each for each in formats if _is_envelope(each)]
        self._formats: tuple[Format, ...] = (*teams, *envelopes)
        self._teams = len(teams)  # formats of a team's own, which may look like anything
        self._last = -1
        self._server = False  # the last line was a server's
        self._traceback = False
        self._pytest = False  # inside a session: what its tests print of a run of unittest's is no run of its own
        self._counted = False  # unittest said how many tests it ran; its verdict follows

    def sort(self, raw: str) -> int:
        """One line, with its escapes."""
        if not raw or raw.isspace():
            return BLANK
        text = ansi.strip(raw[:LOOKED_AT])
        first = text[:1]
        if first in " \t" and not OWN_INDENT.match(text):
            return GOES_ON
        if self._traceback and RAISED.match(text):
            self._traceback = False
            return GOES_ON
        if text.startswith((TRACEBACK, *CHAINED)):
            self._traceback = True
            return GOES_ON
        if self._server and _says(text) == SERVER:
            return SERVER
        known = self._known(raw, text)
        self._server = False
        if known >= 0:
            return FIRST + known
        if CI_MARKER.match(text):
            self._pytest = False
            return SECTION
        told = self._of_tests(text) or _told(text)
        self._server = told == SERVER
        return told

    def _of_tests(self, text: str) -> int:
        """The sort of a line of pytest's or unittest's; 0 for another."""
        tale = pytest_terminal.telltale(text)
        if tale is not None:
            self._pytest = tale == "session starts" or (self._pytest and tale != "last lines")
            return TALES.get(tale, PYTEST_HINTS)
        if self._pytest:
            return 0
        tale, counted = unittest_text.telltale(text), self._counted
        self._counted = tale == "counts at the end"
        if tale is not None:
            return PYTEST_HINTS if tale == "test lines" else PYTEST_SAYS
        return PYTEST_ENDS if counted and verdict(text) is not None else 0

    def is_wrapped(self, sort: int) -> bool:
        """Whether the sort is a container's label or time, with anything behind it."""
        return sort >= FIRST + len(self._formats)

    def _known(self, raw: str, text: str) -> int:
        """The number of the format or wrapper that the line is one of; -1 for none."""
        head = Head("", text.encode("utf-8", "replace"), (text,))
        if self._last >= 0 and self._fits(self._last, raw, head):
            return self._last
        tried = range(self._teams)
        if "|" in text[:200] or text[0] in "[{" or LIKE_A_RECORD.search(text[:64]):
            tried = range(len(self._formats) + len(CONTAINER_WRAPPERS))
        for number in tried:
            if number != self._last and self._fits(number, raw, head):
                self._last = number
                return number
        return -1

    def _fits(self, number: int, raw: str, head: Head) -> bool:
        if number < len(self._formats):
            return self._formats[number].recognises(head) is not None
        wrapper = CONTAINER_WRAPPERS[number - len(self._formats)]
        return compose.take(raw) is not None if wrapper is compose else wrapper.fits((raw,))


def _told(text: str) -> int:
    return MARKER if SHELL_MARKER.match(text) else _says(text)


def _says(text: str) -> int:
    said = understand(text)
    if said is None or said.kind in SILENT:
        return OTHER
    return GENERAL_LOG if said.kind in GENERAL else SERVER


def _is_envelope(format: Format) -> bool:
    return format.SIDE is Side.SERVER and not isinstance(format, Bare) and format is not plain
