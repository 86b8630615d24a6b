"""The entries of all server parts of a run, whole where they are few, sifted where they are many."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from triage.core.records import Entry
from triage.core.sift import Sieve, Sifted
from triage.core.wanted import Wanted

LIMITS = 75_000, 300_000, 60_000_000  # entries up to which all are kept; entries, and characters, kept of more
_BATCH = 4_096


class Sieves:
    """The entries of all server parts of a run, which begin to be sifted as soon as they are many."""

    def __init__(self, wanted: Wanted, enough: int, most: int, text: int) -> None:
        """`enough`: entries up to which all are kept; `most` and `text`: entries and characters that may be kept."""
        self._wanted = wanted
        self._enough, self._most, self._text = enough, most, text
        self._held: dict[int, list[Entry]] = {}
        self._sieves: dict[int, Sieve] = {}
        self._count = self._length = 0
        self._refused: dict[int, int] = {}

    def take(self, part: int, entries: Iterator[Entry]) -> None:
        """All entries of one part, in file order."""
        held: list[Entry] = self._held.setdefault(part, [])
        if not self._sieves:
            for entry in entries:
                held.append(entry)
                self._count += 1
                self._length += len(entry.raw) + len(entry.message)
                if self._count > self._enough or self._length > self._text:
                    self._begin()
                    break
            else:
                return
        sieve = self._sieves.get(part)
        if sieve is None:
            sieve = self._sieves[part] = Sieve(self._wanted)
        others = [each for number, each in self._sieves.items() if number != part]
        count, text = sum(each.count for each in others), sum(each.text for each in others)
        see = sieve.see
        while count + sieve.count < self._most and text + sieve.text < self._text:
            batch = list(islice(entries, _BATCH))
            if not batch:
                return
            for entry in batch:
                see(entry)
        refused = sum(1 for _ in entries)
        if refused:
            self._refused[part] = refused

    def _begin(self) -> None:
        for part, held in self._held.items():
            sieve = self._sieves[part] = Sieve(self._wanted)
            for entry in held:
                sieve.see(entry)
            held.clear()

    def parts(self) -> dict[int, Sifted]:
        """What is left of each part."""
        if self._sieves:
            return {part: sieve.end(self._refused.get(part, 0)) for part, sieve in self._sieves.items()}
        return {part: Sifted(tuple(held), ()) for part, held in self._held.items()}
