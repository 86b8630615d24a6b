"""Lines that are `STAMP HOST IDENT[PID]: MESSAGE`: every text mode of journalctl, and the files that syslog writes.

The formats differ in the stamp alone. The stamp of many lines is the same second and the part between stamp and message
is one of a few, so both are remembered by their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec

from ingest.formats import stamps
from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import LINE_LIMIT, Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.messages.said import pid_of
from triage.core.records import Entry, Fact, PidTrust, Record, Stamp, Unparsed

HEAD_SAMPLE = 400  # lines that detection tries
JOINED_LIMIT = 2_000  # continuation lines kept with an entry; those over it are swallowed and marked

ReadStamp = Callable[[str], tuple[Stamp, int] | None]
MakeReader = Callable[[stamps.Calendar], ReadStamp]

# gunicorn[51463] · systemd · kernel · we ird[7]; the host may be left out (--no-hostname)
WHO = re.compile(r"(?:(\S{1,255}) )?(.{1,255}?)(?:\[(\d{1,10})\])?$")
BOOT = re.compile(r"-- Boot ([0-9a-f]{32}) --$")
SPAN = re.compile(
    r"-- (?:Logs|Journal) begins? at .{1,80}, ends? at (?:[A-Z][a-z]{2} )?(\d{4}-.{1,40})"
)  # older journalctl
ZONE_NAME = re.compile(r"[A-Z][a-z]{2} [\d-]{10} [\d:.]{8,15} ([A-Z]{2,5}) ")  # Mon 2026-11-23 07:00:00 IST


class Who(msgspec.Struct, frozen=True, gc=False):
    """The part of a line between its stamp and its message."""

    host: str
    ident: str
    pid: int | None
    trust: PidTrust


@lru_cache(maxsize=8192)
def who(text: str) -> Who | None:
    """`vm gunicorn[51463]`. An identifier with a space in it is the client's own choice, and may forge a PID."""
    found = WHO.match(text)
    if found is None or not text.strip():
        return None
    pid = pid_of(found[3])
    trust = PidTrust.UNKNOWN if pid is None or " " in found[2] else PidTrust.PROVEN
    return Who(found[1] or "", found[2], pid, trust)


def split(line: str, start: int) -> tuple[Who, str] | None:
    """(who, message) of what follows the stamp, which ends before the blank at `start`."""
    if line[start : start + 1] != " ":
        return None
    colon = line.find(": ", start, start + 600)
    if colon < 0:
        if not line.endswith(":") or len(line) - start > 600:
            return None
        colon = len(line) - 1
    writer = who(line[start + 1 : colon])
    return None if writer is None else (writer, line[colon + 2 :])


def recognise(head: Head, read_stamp: ReadStamp, what: str) -> Recognition | None:
    """How many of the head's lines have the form; indented lines continue the one before."""
    fits = tried = 0
    for line in head.lines:
        if not line or line[0] in " \t" or line.startswith("-- "):
            continue
        tried += 1
        read = read_stamp(line)
        if read is not None and split(line, read[1]) is not None:
            fits += 1
        if tried >= HEAD_SAMPLE:
            break
    if not fits:
        return None
    return Recognition(fits / tried, f"{fits} of {tried} lines are {what}, a host and ident[pid].")


def parse(source: Source, context: Context, make_reader: MakeReader) -> Iterator[Record]:
    """Entries in file order; lines that fit nothing as Unparsed; then what only the whole part tells."""
    read_stamp = make_reader(stamps.Calendar(_reference(source, context, make_reader)))
    assembler = Assembler()
    hint = host_of(context.host_hint)
    boot = ""
    zone_told = False
    last: Entry | None = None
    more: list[str] = []
    for number, line in source.lines():
        read = read_stamp(line)
        if read is not None:
            parts = split(line, read[1])
            if parts is not None:
                if last is not None:
                    yield joined(last, more) if more else last
                    if more:
                        more = []
                stamp = read[0]
                writer, message = parts
                last = assembler.entry(number, line, stamp, message, writer.host or hint, writer.ident, writer.pid,
                                       writer.trust, "", boot)  # fmt: skip
                if not zone_told and not stamp.zoned:
                    zone_told = True
                    name = ZONE_NAME.match(line)
                    if name:
                        yield Fact(name="zone_abbreviation", value=name[1], line=number)
                continue
        if not line.strip():
            continue
        if line.startswith("-- "):
            found = BOOT.match(line)
            boot = found[1] if found else boot
            yield Fact(name="boot" if found else "journal_note", value=found[1] if found else line[3:203], line=number)
        elif last is not None and line[0] in " \t":
            if len(more) < JOINED_LIMIT:
                more.append(line.lstrip())
        else:
            if last is not None:
                yield joined(last, more) if more else last
                last, more = None, []
            yield Unparsed(number, line)
    if last is not None:
        yield joined(last, more) if more else last
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
