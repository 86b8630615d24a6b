"""`journalctl -o short-monotonic` and `-o short-delta`: seconds since the machine started, and no time of day.

No line can be placed by them: what a message itself tells of the time stands, and the part says what to send instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.journal import notes as journal_notes
from ingest.formats.prefixed import JOINED_LIMIT
from ingest.formats.writers import split
from triage.core.records import Entry, Fact, Record, Side, Unparsed

NAME = "journal-monotonic"
TITLE = "journalctl -o short-monotonic or short-delta"
SIDE = Side.SERVER
SAMPLES = (
    "[  656.358139] vm gunicorn[15865]: [2026-11-23 01:30:00,053] INFO in cars_app: session on get: 5",
    "[  656.358139                ] vm gunicorn[15865]: hello\n"
    "[  656.360068 <    0.001929 >] vm gunicorn[15865]: hello",
)

# [  656.358139] · [  656.358139                ] · [  656.360068 <    0.001929 >] · [  656.360068 <    0.001929*>]
STAMP = re.compile(r"\[ {0,12}\d{1,12}\.\d{6}(?: {1,40}| < {0,20}\d{1,12}\.\d{6}[ *]?>)?\](?= )")
HEAD_SAMPLE = 400
PROBLEM = (
    "Its lines tell only how long the machine had been up (journalctl -o short-monotonic or short-delta), not when: "
    "requests are placed only where a message has a time of its own. Send the output of journalctl -o json or "
    "-o short-iso-precise instead."
)


def recognises(head: Head) -> Recognition | None:
    fits = tried = named = 0
    for line in head.lines:
        if not line or line[0] in " \t" or journal_notes.is_note(line):
            continue
        tried += 1
        found = STAMP.match(line)
        parts = split(line, found.end()) if found else None
        if parts is not None:
            fits += 1
            named += parts[0].pid is not None
        if tried >= HEAD_SAMPLE:
            break
    if not named:  # the kernel's own log has such times too, but no host and no program
        return None
    return Recognition(fits / tried, f"{fits} of {tried} lines are seconds since the start, a host and ident[pid].")


def parse(source: Source, context: Context) -> Iterator[Record]:
    assembler, hint = Assembler(context.worth), host_of(context.host_hint)
    yield Fact(name="problem", value=PROBLEM)
    boot, boots, width = "", 0, 0
    last: Entry | None = None
    more: list[str] = []
    for number, line in source.lines():
        found = STAMP.match(line)
        parts = split(line, found.end()) if found else None
        if parts is None:
            if last is not None and line[:1] in (" ", "\t"):
                if len(more) < JOINED_LIMIT:
                    more.append(line[width:] if not line[:width].strip() else line.lstrip())
                continue
            if not line.strip():
                continue
        if last is not None:
            yield joined(last, more) if more else last
            last, more = None, []
        if parts is not None:
            writer, message = parts
            width = len(line) - len(message)
            last = assembler.entry(number, line, None, message, writer.host or hint, writer.ident, writer.pid,
                                   writer.trust, "", boot)  # fmt: skip
            continue
        note = journal_notes.read(line, number, boots)
        if note is None:
            yield Unparsed(number, line)
            continue
        if note.boot is not None:
            boot, boots = note.boot, boots + 1
        yield note.fact
    if last is not None:
        yield joined(last, more) if more else last
    yield from assembler.facts()
