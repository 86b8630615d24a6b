"""The one door: texts and records go in with secrets, and come out with placeholders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from ingest.redaction import private_keys
from ingest.redaction.engine import Which, either, encoded, first
from ingest.redaction.fields import Cleaned, lines_to_search, names_of, rewritten, said_by, writer_of
from ingest.redaction.found import Found, Placeholders, apart, replaced
from ingest.redaction.own import OwnPattern
from ingest.redaction.own import compiled as compiled_own
from ingest.redaction.registry import FINDERS
from ingest.redaction.views import view_of
from triage.core.records import Record

BATCH = 256  # records that are searched at once
BATCH_TEXT = 100_000  # characters of them: more would leave the processor's cache
NAMES_KEPT = 50_000  # node ids and other names that are remembered

TRIGGERS = tuple(finder.TRIGGER for finder in FINDERS)
_anything = either(TRIGGERS)
_which = Which(TRIGGERS)


class Redactor:
    """Redacts for one project. `key` is the project's own, so that nobody can compare its placeholders with another's.

    Raises BadPattern for a pattern of `own` that cannot be used. `counts` tells how many secrets of each kind were
    replaced, a secret that stands in several fields of one record once. What comes out goes in again unchanged.
    """

    def __init__(self, key: bytes, own: Sequence[OwnPattern] = ()) -> None:
        self.counts: Counter[str] = Counter()
        self._placeholders = Placeholders(key)
        self._own = compiled_own(own)
        self._open: private_keys.OpenKey | None = None
        self._names: dict[str, tuple[str, dict[str, str], Counter[str]]] = {}
        self._good_names: set[str] = set()  # of hosts, units and loggers: a few, each in many records

    def text(self, text: str) -> str:
        """A text of its own, such as a sentence about a file, a file's name or the name of a run."""
        view = view_of(text)
        data = encoded(f"{text}\n{view.text}" if view else text)
        if all(first(pattern, data, 0) is None for pattern in self._patterns()):
            return text
        cleaned, _, counts = self._cleaned(text)
        self.counts += counts
        return cleaned

    def records(self, records: Iterable[Record]) -> Iterator[Record]:
        """The same records in the same order. Runs a batch behind, so that most of them are searched together."""
        batch: list[Record] = []
        texts: list[str] = []
        ends: list[int] = []  # how many texts there are after each record
        size = 0
        for record in records:
            for name in names_of(record):
                if name not in self._good_names and name:
                    self._meet(name, texts)
            batch.append(record)
            size += lines_to_search(record, texts)
            ends.append(len(texts))
            if len(batch) >= BATCH or size >= BATCH_TEXT:
                yield from self._batch(batch, texts, ends)
                batch, texts, ends, size = [], [], [], 0
        yield from self._batch(batch, texts, ends)

    def _meet(self, name: str, texts: list[str]) -> None:
        """A name that was not met before, or that holds a secret: what is searched tells of it as well."""
        if self._name(name)[0] != name:
            texts.append(name)
            return
        if len(self._good_names) >= NAMES_KEPT:
            self._good_names.clear()
        self._good_names.add(name)

    def _patterns(self) -> tuple[object, ...]:
        return (_anything, *(each.pattern for each in self._own))

    def _batch(self, batch: list[Record], texts: list[str], ends: list[int]) -> Iterator[Record]:
        suspects = self._suspects(texts, ends)
        if not suspects and self._open is None:
            yield from batch
            return
        for number, record in enumerate(batch):
            yield self._record(record) if number in suspects or self._open is not None else record

    def _suspects(self, texts: list[str], ends: list[int]) -> set[int]:
        """Positions of the records in which something may be found."""
        data = encoded("\n".join(texts))
        found: set[int] = set()
        stops: list[int] = []  # byte after each record's texts
        for pattern in self._patterns():
            span = first(pattern, data, 0)
            number = 0
            while span is not None:
                stops = stops or _stops(texts, ends)
                while stops[number] <= span[0]:
                    number += 1
                found.add(number)
                span = first(pattern, data, stops[number]) if stops[number] < len(data) else None
        return found

    def _record(self, record: Record) -> Record:
        cleaned = Cleaned(self._cleaned, self._name, self._placeholders)
        if self._open is not None:
            self._go_on(self._open, record, cleaned)
        clean = rewritten(record, cleaned)
        self.counts += cleaned.counts
        if private_keys.opens(said_by(record)):
            self._open = private_keys.OpenKey(writer_of(record))
            self.counts[private_keys.KIND] += not cleaned.counts[private_keys.KIND]
        return clean

    def _go_on(self, key: private_keys.OpenKey, record: Record, cleaned: Cleaned) -> None:
        """A key that began in an earlier record: its lines come one a record."""
        if key.writer != writer_of(record):
            return
        said = said_by(record)
        if private_keys.closes(said) or key.over:
            self._open = None
            return
        line = key.line_of(said)
        if line:
            cleaned.expect(line, private_keys.KIND)

    def _name(self, text: str) -> tuple[str, dict[str, str], Counter[str]]:
        """A node id, or another name: it comes with many records, and must always come out the same."""
        known = self._names.get(text)
        if known is None:
            if len(self._names) >= NAMES_KEPT:
                self._names.clear()
            known = self._names[text] = self._cleaned(text)
        return known

    def _cleaned(self, text: str) -> tuple[str, dict[str, str], Counter[str]]:
        """The text with placeholders, the secrets that stood in it with their kinds, and how many of each."""
        secrets: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for each in self._own:
            text = self._replaced(text, _everywhere(text, each.find), secrets, counts)
        return self._replaced(text, _everywhere(text, _built_in), secrets, counts), secrets, counts

    def _replaced(self, text: str, found: list[Found], secrets: dict[str, str], counts: Counter[str]) -> str:
        if not found:
            return text
        kept = apart(found, text)
        for each in kept:
            secrets.setdefault(text[each.start : each.end], each.kind)
            counts[each.kind] += not each.more
        return replaced(text, kept, self._placeholders)


def _built_in(text: str) -> Iterator[Found]:
    for position in _which.of(text):
        yield from FINDERS[position].find(text)


def _everywhere(text: str, find: Callable[[str], Iterator[Found]]) -> list[Found]:
    """What is found in a text as it is, and as people read it."""
    found = list(find(text))
    view = view_of(text)
    if view is not None:
        for each in find(view.text):
            start, end = view.back(each.start, each.end)
            found.append(Found(start, end, each.kind, each.more))
    return found


def _stops(texts: list[str], ends: list[int]) -> list[int]:
    """Byte after the line end that follows each record's last text."""
    after = [0, *accumulate(len(encoded(text)) + 1 for text in texts)]
    return [after[end] for end in ends]
