"""`journalctl -o verbose`: a stamp and a cursor, then every field on a line of its own.

The cursor counts microseconds since 1970, so the time is exact even where the stamp's zone is a name nobody can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats import stamps
from ingest.formats.assemble import Assembler
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.journal import notes as journal_notes
from ingest.formats.journal.fields import NAMES, Fields, entry_of
from ingest.formats.journal.halves import Halves, Written
from triage.core.records import Record, Side, Unparsed

NAME = "journal-verbose"
TITLE = "journalctl -o verbose"
SIDE = Side.SERVER
SAMPLES = (
    "Mon 2026-11-23 01:30:00.055778 UTC [s=db9d0c2ba9e84c7ba1d23c4b5a697081;i=1a8;b=cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa;"
    "m=271f4284;t=660e78842cfe2;x=a8d2421a0c448c45]\n    PRIORITY=6\n    _PID=15865\n    _HOSTNAME=vm\n"
    "    SYSLOG_IDENTIFIER=gunicorn\n    MESSAGE=session on get: 5",
)

# Mon 2026-11-23 07:00:00.055778 IST [s=…;i=1a8;b=cbf9…;m=271f4284;t=660e78842cfe2;x=a8d2421a0c448c45]
HEADER = re.compile(
    r"[^\[]{20,60} \[s=[0-9a-f]{1,32};i=[0-9a-f]{1,16};b=([0-9a-f]{1,32});m=[0-9a-f]{1,16};t=([0-9a-f]{1,16});"
    r"x=[0-9a-f]{1,16}\]$"
)
FIELD = re.compile(r" {4}([A-Z_][A-Z0-9_]{0,63})=")  #     MESSAGE=hello      not a further line:             hello
MARK = " [s="
DATE = len("Mon ")
ATTRIBUTES = {name: attribute for attribute, name in NAMES.items()}
HEAD_SAMPLE = 400
KEPT_LIMIT = 4 * LINE_LIMIT  # characters of one entry's values; a field may come any number of times


def recognises(head: Head) -> Recognition | None:
    headers = fits = tried = 0
    for line in head.lines[:HEAD_SAMPLE]:
        if not line or journal_notes.is_note(line):
            continue
        tried += 1
        if MARK in line and HEADER.match(line):
            headers += 1
        elif headers and line.startswith("    "):
            fits += 1
    if not headers:
        return None
    return Recognition((headers + fits) / tried, f"{headers} entries have a stamp with a cursor, and fields below it.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    assembler, hint, halves = Assembler(context.worth), host_of(context.host_hint), Halves()
    entry: _Open | None = None
    boots = 0

    def told(written: Iterator[Written]) -> Iterator[Record]:
        for number, raw, fields in written:
            yield entry_of(assembler, number, raw, fields, hint) or Unparsed(number, raw)

    for number, line in source.lines():
        if entry is not None and line.startswith("    "):
            entry.add(line)
            continue
        header = HEADER.match(line) if MARK in line else None
        if header is None and not line.strip():
            continue
        if entry is not None:
            yield from told(halves.take(entry.written()))
            entry = None
        if header is not None:
            entry = _Open(number, line, header)
            continue
        yield from told(halves.rest())
        note = journal_notes.read(line, number, boots)
        if note is None:
            yield Unparsed(number, line)
            continue
        boots += note.boot is not None
        yield note.fact
    if entry is not None:
        yield from told(halves.take(entry.written()))
    yield from told(halves.rest())
    yield from assembler.facts()


class _Open:
    """An entry whose fields are still coming."""

    def __init__(self, number: int, line: str, header: re.Match[str]) -> None:
        self._number = number
        self._lines, self._size = [line], len(line)
        self._fields = Fields(boot=header[1], realtime=_receipt(line, header))
        self._values: dict[str, list[str]] = {}
        self._value: list[str] | None = None
        self._indent = self._kept = 0

    def add(self, line: str) -> None:
        """A field, or a further line of the one before, which is indented to where its value began."""
        if self._size < LINE_LIMIT:
            self._lines.append(line)
            self._size += len(line)
        found = FIELD.match(line)
        if found is None:
            if self._value is not None and self._size < LINE_LIMIT:
                self._value.append(line[self._indent :] if not line[: self._indent].strip() else line.lstrip())
            return
        attribute = ATTRIBUTES.get(found[1])
        self._value = None if attribute is None else self._values.setdefault(attribute, [])
        if self._value is not None and self._kept < KEPT_LIMIT:
            self._indent = found.end()
            self._value.append(line[found.end() :])
            self._kept += len(line)

    def written(self) -> Written:
        for attribute, value in self._values.items():
            setattr(self._fields, attribute, "\n".join(value)[:LINE_LIMIT])
        return self._number, "\n".join(self._lines)[:LINE_LIMIT], self._fields


def _receipt(line: str, header: re.Match[str]) -> str:
    """Microseconds since 1970: the stamp, which is the sender's where the cursor is the receiver's, if its zone is
    told; else the cursor.
    """
    read = stamps.iso(line, DATE)
    if read is not None and read[0].zoned and read[0].tick_us == 1:
        return str(read[0].us)
    return str(int(header[2], 16))
