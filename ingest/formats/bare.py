"""A file that a program wrote by itself: no envelope, so PID and time are what the messages tell.

Every grammar is tried on every line, whichever of them gave the file its name: one file usually holds a server's error
log, its access log and what the application printed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import msgspec

from ingest.formats import ansi, stamps
from ingest.formats.assemble import Assembler, joined
from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.hosts import host_of
from ingest.formats.messages.said import Grammar
from ingest.formats.messages.understand import understand
from triage.core.records import Entry, PidTrust, Record, Side, Stamp, Unparsed

HEAD_SAMPLE = 400
JOINED_LIMIT = 2_000
GENERAL = ("python-logging", "json-app")  # kinds that a test's own log may have as well
GENERAL_WEIGHT = 0.7
FEW = 3  # lines understood that make a file worth reading, however many others it has
SHARE = 0.1  # or this share of them
STRANGE = frozenset("\ufffd\u2400" + "".join(map(chr, range(1, 9))))

TRACEBACK = "Traceback (most recent call last)"
# werkzeug's ` * Running on …` and fastapi's `      INFO   127.0.0.1:52768 - …` are lines of their own
OWN_INDENT = re.compile(r" {1,10}(?:\* |(?:INFO|WARNING|ERROR|DEBUG|CRITICAL) {2,})")
CHAINED = ("During handling of the above exception", "The above exception was the direct cause")
RAISED = re.compile(r"[A-Za-z_][\w.]{0,200}(?:: |:?$)")  # KeyError: 'figo' · sqlalchemy.exc.OperationalError: (…


class Bare:
    """The format of a bare file that is mostly of one grammar's lines."""

    SIDE = Side.SERVER

    def __init__(self, grammar: Grammar) -> None:
        self.NAME = grammar.NAME
        self.TITLE = grammar.TITLE
        self.SAMPLES = grammar.SAMPLES

    def recognises(self, head: Head) -> Recognition | None:
        kinds, tried = kinds_of(head)
        if not kinds:
            return None
        kind, of_kind = kinds.most_common(1)[0]
        fits = kinds.total()
        if kind != self.NAME or (fits < FEW and fits < SHARE * tried):
            return None
        weight = GENERAL_WEIGHT if kind in GENERAL else 1
        return Recognition(
            weight * fits / tried, f"{fits} of {tried} lines are a server's, {of_kind} of them {self.TITLE}."
        )

    def parse(self, source: Source, context: Context) -> Iterator[Record]:
        return parse(source, context)


def kinds_of(head: Head) -> tuple[Counter[str], int]:
    """(lines understood by kind, lines tried); continuation lines and blank ones are not tried."""
    kinds: Counter[str] = Counter()
    tried = 0
    traceback = False
    for line in head.lines:
        if not line.strip() or (line[0] in " \t" and not OWN_INDENT.match(line)):
            continue
        if traceback and RAISED.match(line):
            traceback = False
            continue
        traceback = line.startswith(TRACEBACK)
        if traceback or line.startswith(CHAINED):
            traceback = True
            continue
        tried += 1
        said = understand(line)
        if said is not None and said.kind != "mention":
            kinds[said.kind] += 1
        if tried >= HEAD_SAMPLE:
            break
    return kinds, tried


def leading_stamp(text: str, calendar: stamps.Calendar) -> Stamp | None:
    """A time in any known form at the beginning of a line, perhaps in a bracket."""
    start = 1 if text[:1] in ("[", "(") else 0
    if not text[start : start + 1].isalnum():
        return None
    read = (
        stamps.iso(text, start)
        or stamps.slashed(text, start)
        or stamps.clf(text, start)
        or stamps.asctime(text, start)
        or stamps.clock(text, start)
        or stamps.epoch(text, start)
        or calendar.syslog(text, start)
    )
    return read[0] if read else None


def parse(source: Source, context: Context) -> Iterator[Record]:
    """Entries in file order, tracebacks and indented lines with the entry before them."""
    assembler, host = Assembler(), host_of(context.host_hint)
    calendar = stamps.Calendar(context.reference_us)
    last: Entry | None = None
    more: list[str] = []
    traceback = False
    for number, line in source.lines():
        if not line or line.isspace():
            continue
        text = ansi.strip(line) if "\x1b" in line else line
        first = text[:1]
        if last is not None:
            if first in (" ", "\t") and not OWN_INDENT.match(text):
                joins = True
            elif traceback and RAISED.match(text):
                joins, traceback = True, False
            elif text.startswith(CHAINED):
                joins = True
            else:
                joins = text.startswith(TRACEBACK) and (traceback or bool(more) or _explains(last))
                traceback = text.startswith(TRACEBACK)
            if joins:
                if text.startswith((TRACEBACK, *CHAINED)):
                    traceback = True
                if len(more) < JOINED_LIMIT:
                    more.append(line)
                continue
        else:
            traceback = text.startswith(TRACEBACK)
        entry = assembler.entry(number, line, None, text, host, "", None, PidTrust.UNKNOWN)
        if entry.stamp is None and entry.request is None and entry.life is None:
            stamp = leading_stamp(text, calendar)
            if stamp is not None:
                entry = msgspec.structs.replace(entry, stamp=stamp)
            elif not entry.level and _is_noise(text):
                if last is not None:
                    yield joined(last, more) if more else last
                    last, more = None, []
                yield Unparsed(number, line)
                continue
        if last is not None:
            yield joined(last, more) if more else last
            if more:
                more = []
        last = entry
    if last is not None:
        yield joined(last, more) if more else last
    yield from assembler.facts()


def _explains(entry: Entry) -> bool:
    """A traceback that follows belongs to it: an error line, not an access line that happened to come before."""
    return entry.level in ("error", "critical") and (entry.request is None or not entry.request.ended)


def _is_noise(text: str) -> bool:
    sample = text[:200]
    return sum(character in STRANGE for character in sample) * 4 > len(sample)
