"""Files of syslog messages, one a line or one a counted frame, into records: for both RFCs, which one file may mix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats import stamps
from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import LINE_LIMIT, Context, Head, Source
from ingest.formats.counted_bytes import CountedBytes
from ingest.formats.hosts import host_of
from ingest.formats.prefixed import JOINED_LIMIT
from ingest.formats.syslog import message as syslog_message
from triage.core.records import Entry, Record, Unparsed

# 123 <34>1 2026-…: RFC 6587's octet counting, as syslog over TCP and TLS is sent
COUNTED = re.compile(r"[1-9]\d{0,4} <\d{1,3}>")
COUNT_DIGITS = 5
COUNT_LONGEST = COUNT_DIGITS + len(" <191>")
HEAD_SAMPLE = 400


def is_counted(head: Head) -> bool:
    return COUNTED.match(head.data[:COUNT_LONGEST].decode("latin-1")) is not None


def told_in_head(head: Head) -> Iterator[tuple[str, syslog_message.Told | None]]:
    """The head's messages with what reading them comes to; continuation lines are left out."""
    calendar = stamps.Calendar(0)
    data = CountedBytes(iter((head.data,)))
    texts = (text for _, text in _counted(data)) if is_counted(head) else iter(head.lines)
    number = 0
    for text in texts:
        if text and text[0] not in " \t":
            yield text, syslog_message.read(text, calendar)
            number += 1
            if number >= HEAD_SAMPLE:
                return


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Entries in file order, further lines with the entry before them."""
    assembler, hint = Assembler(context.worth), host_of(context.host_hint)
    head = source.head()
    calendar = stamps.Calendar(_reference(head, context.reference_us))
    messages = _counted(CountedBytes(source.blocks())) if is_counted(head) else source.lines()
    last: Entry | None = None
    more: list[str] = []
    host, folded = "", 0
    for number, text in messages:
        if not text or text.isspace():
            continue
        told = syslog_message.read(text, calendar, host)
        if told is None and last is not None and text[0] in " \t":
            if len(more) < JOINED_LIMIT:
                more.append(text)
            continue
        if last is not None:
            yield joined(last, more) if more else last
            last, more = None, []
        if told is None:
            yield Unparsed(number, text)
            continue
        host = told.who.host or host
        folded += syslog_message.repeats(told.message)
        last = assembler.entry(number, text, told.stamp, syslog_message.unescaped(told.message), told.who.host or hint,
                               told.who.ident, told.who.pid, told.who.trust, told.level, "", told.keys)  # fmt: skip
    if last is not None:
        yield joined(last, more) if more else last
    if folded:
        yield syslog_message.folding(folded)
    yield from assembler.facts()


def _reference(head: Head, reference_us: int) -> int:
    """The instant that fills a missing year: a message's own dated stamp of the same day, else the context's."""
    for text, told in told_in_head(head):
        if told is None or told.stamp is None:
            continue
        if told.stamp.zoned:
            return told.stamp.us
        inner = stamps.iso(told.message.lstrip("[")) or stamps.clf(told.message, told.message.find("[", 0, 400) + 1)
        again = syslog_message.read(text, stamps.Calendar(inner[0].us)) if inner is not None else None
        if inner is None or again is None or again.stamp is None:
            continue
        if abs(again.stamp.us - inner[0].us) < 2 * stamps.DAY:
            return inner[0].us
    return reference_us


def _counted(data: CountedBytes) -> Iterator[tuple[int, str]]:
    """(line it begins in, message) of every frame; where no count is, the rest of the line as it stands."""
    while data.peek():
        number = data.line
        digits = data.digits(COUNT_DIGITS)
        if digits and data.peek() == b" ":
            data.take(1)
            text = data.take(int(digits))
        else:
            text = digits + (data.text() or b"")
        yield number, text.decode("utf-8", "replace").replace("\0", "\u2400").rstrip("\r\n")[:LINE_LIMIT]
