"""`journalctl -o short`, its default, and the traditional files of syslog: no year, no zone, whole seconds."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats import prefixed, stamps
from ingest.formats.base import Context, Head, Recognition, Source
from triage.core.records import Record, Side, Stamp

NAME = "journal-short"
TITLE = "journalctl -o short, or a traditional syslog file"
SIDE = Side.SERVER
SAMPLES = (
    "May 23 12:11:07 ip-172-31-10-107 gunicorn[51463]: [2024-05-23 12:34:06,721] INFO in cars_app: successfully added",
    'Nov 23 01:30:00 vm gunicorn[15866]: 127.0.0.1 - - [23/Nov/2026:01:30:00 +0000] "GET /cars HTTP/1.1" 200 359',
    "Nov  3 01:38:18 vm gunicorn[20843]: [2026-11-03 01:38:18 +0000] [20843] [INFO] Booting worker with pid: 20843",
    "Nov 23 01:33:57 vm kernel: Out of memory: Killed process 17896 (gunicorn) total-vm:1kB",
)

WIDTH = len("Nov 23 01:30:00")


def reader(calendar: stamps.Calendar) -> prefixed.ReadStamp:
    known = ""
    answer: tuple[Stamp, int] | None = None

    def read(line: str) -> tuple[Stamp, int] | None:
        nonlocal known, answer
        if line[:WIDTH] == known and line[WIDTH : WIDTH + 1] == " ":
            return answer
        found = calendar.syslog(line) if line[:1].isalpha() else None
        if found is None or line[found[1] : found[1] + 1] != " " or found[0].tick_us != stamps.SECOND:
            return None
        if found[1] == WIDTH:
            known, answer = line[:WIDTH], found
        return found

    return read


def recognises(head: Head) -> Recognition | None:
    return prefixed.recognise(head, reader(stamps.Calendar(0)), "a syslog-like stamp")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return prefixed.parse(source, context, reader)
