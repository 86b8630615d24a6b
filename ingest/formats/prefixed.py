"""Lines that are `STAMP HOST IDENT[PID]: MESSAGE`: every text mode of journalctl, and the files that syslog writes.

The formats differ in the stamp alone. The stamp of many lines is the same second and the part between stamp and message
is one of a few, so both are remembered by their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ingest.formats import stamps
from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.journal import notes as journal_notes
from ingest.formats.syslog import message as syslog_message
from ingest.formats.writers import Who, split
from triage.core.records import Entry, Fact, PidTrust, Record, Stamp, Unparsed

HEAD_SAMPLE = 400  # lines that detection tries
JOINED_LIMIT = 2_000  # continuation lines kept with an entry; those over it are swallowed and marked

ReadStamp = Callable[[str], tuple[Stamp, int] | None]
MakeReader = Callable[[stamps.Calendar], ReadStamp]

SPAN = re.compile(
    r"-- (?:Logs|Journal) begins? at .{1,80}, ends? at (?:[A-Z][a-z]{2} )?(\d{4}-.{1,40})"
)  # older journalctl
ZONE_NAME = re.compile(r"[A-Z][a-z]{2} [\d-]{10} [\d:.]{8,15} ([A-Z]{2,5}) ")  # Mon 2026-11-23 07:00:00 IST


def recognise(head: Head, read_stamp: ReadStamp, what: str) -> Recognition | None:
    """How many of the head's lines have the form; indented lines continue the one before."""
    fits = loose = tried = 0
    excused = False
    for line in head.lines:
        if not line or line[0] in " \t" or journal_notes.is_note(line):
            excused = excused or bool(journal_notes.excuse(line))
            continue
        tried += 1
        read = read_stamp(line)
        if read is not None and line[read[1] : read[1] + 1] == " ":
            whole = split(line, read[1]) is not None
            fits, loose = fits + whole, loose + (not whole)
        if tried >= HEAD_SAMPLE:
            break
    if excused and not tried:
        return Recognition(1.0, "journalctl says that it found no entries.")
    if not fits:
        return None
    fits += loose if loose <= fits else 0  # web1 last message repeated 3 times
    return Recognition(fits / tried, f"{fits} of {tried} lines are {what}, a host and ident[pid].")


def parse(source: Source, context: Context, make_reader: MakeReader) -> Iterator[Record]:
    """Entries in file order; lines that fit nothing as Unparsed; then what only the whole part tells."""
    read_stamp = make_reader(stamps.Calendar(_reference(source, context, make_reader)))
    assembler = Assembler(context.worth)
    hint = host_of(context.host_hint)
    boot, boots = "", 0
    zone_told = False
    host: str | None = None  # of the lines so far; "" where the first of them tells none (--no-hostname)
    width = folded = 0
    last: Entry | None = None
    more: list[str] = []
    for number, line in source.lines():
        read = read_stamp(line)
        if read is not None:
            parts = split(line, read[1])
            if parts is None and line[read[1] : read[1] + 1] == " ":  # last message repeated 3 times
                told = syslog_message.loose(line[read[1] + 1 :], read[0], host or "")
                parts = told.who, told.message
                folded += syslog_message.repeats(told.message)
            if parts is not None:
                if last is not None:
                    yield joined(last, more) if more else last
                    if more:
                        more = []
                stamp = read[0]
                writer, message = parts
                width = len(line) - len(message)
                if writer.host != host and writer.ident != writer.host:
                    if host == "":  # a blank in the identifier, which may forge a PID
                        writer = Who("", f"{writer.host} {writer.ident}", writer.pid, PidTrust.UNKNOWN)
                    else:
                        host = writer.host or host or ""
                if "#01" in message:
                    message = syslog_message.unescaped(message)
                if message[:17] == "message repeated ":
                    folded += syslog_message.repeats(message)
                last = assembler.entry(number, line, stamp, message, writer.host or hint, writer.ident, writer.pid,
                                       writer.trust, "", boot)  # fmt: skip
                if not zone_told and not stamp.zoned:
                    zone_told = True
                    name = ZONE_NAME.match(line)
                    if name:
                        yield Fact(name="zone_abbreviation", value=name[1], line=number)
                continue
        if last is not None and line[:1] in (" ", "\t"):
            if len(more) < JOINED_LIMIT:
                more.append(line[width:] if not line[:width].strip() else line.lstrip())
            continue
        if not line.strip():
            continue
        note = journal_notes.read(line, number, boots)
        if note is not None:
            if note.boot is not None:
                boot, boots = note.boot, boots + 1
            yield note.fact
        else:
            if last is not None:
                yield joined(last, more) if more else last
                last, more = None, []
            yield Unparsed(number, line)
    if last is not None:
        yield joined(last, more) if more else last
    if folded:
        yield syslog_message.folding(folded)
    yield from assembler.facts()


def _reference(source: Source, context: Context, make_reader: MakeReader) -> int:
    """The instant that fills a missing year: a message's own dated stamp of the same day, else the context's."""
    read_stamp = make_reader(stamps.Calendar(context.reference_us))
    for line in source.head().lines[:2000]:
        begins = SPAN.match(line)
        if begins is not None:
            told = stamps.iso(begins[1])
            if told is not None:
                return told[0].us
        read = read_stamp(line)
        if read is None:
            continue
        parts = split(line, read[1])
        inner = stamps.iso(parts[1].lstrip("[")[:LINE_LIMIT]) if parts else None
        if inner is None and parts and "[" in parts[1]:
            inner = stamps.clf(parts[1], parts[1].find("[") + 1)
        if inner is None:
            continue
        there = inner[0].us
        again = make_reader(stamps.Calendar(there))(line)
        if again is not None and abs(again[0].us - there) < 2 * stamps.DAY:
            return there
    return context.reference_us
