"""Output of attempts at one test: pytest shows that of the attempts before at the beginning of the next one's.

Only where all of it comes again it is left out: two attempts may well begin with the same line.
"""

from __future__ import annotations

from collections.abc import Iterator

LINES = 20_000  # of one section that are remembered
TESTS = 5_000

Numbered = tuple[int, str]


class Again:
    """Feed it the lines of a section of a test that is told several times; it gives those that are new."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], list[str]] = {}
        self._key = ("", "")
        self._before: list[str] = []
        self._seen: list[str] = []
        self._waiting: list[Numbered] = []  # lines that so far repeat the attempt before

    def begin(self, test: str, section: str) -> None:
        """A section begins."""
        self._key = (test, section)
        self._before = self._told.get(self._key, [])
        self._seen, self._waiting = [], []

    def feed(self, line: int, raw: str) -> Iterator[Numbered]:
        if len(self._seen) < LINES:
            self._seen.append(raw)
        if not self._before:
            yield line, raw
            return
        at = len(self._waiting)
        self._waiting.append((line, raw))
        if self._before[at] != raw:
            yield from self._give_up()
        elif at + 1 == len(self._before):
            self._waiting, self._before = [], []

    def end(self) -> Iterator[Numbered]:
        """The section is over: what did not come to the end of what was before is its own."""
        yield from self._give_up()
        if self._seen and (self._key in self._told or len(self._told) < TESTS):
            while self._seen and not self._seen[-1].strip():
                self._seen.pop()
            self._told[self._key] = self._seen
        self._seen = []

    def _give_up(self) -> Iterator[Numbered]:
        waiting, self._waiting, self._before = self._waiting, [], []
        yield from waiting
