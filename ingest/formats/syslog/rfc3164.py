"""Syslog of RFC 3164 with its `<PRI>`, as it is on the wire, and BusyBox's files, which name facility and level.

Files without either are what `journalctl -o short` prints too, and are read as that.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.syslog import lines as syslog_lines
from ingest.formats.syslog.message import FACILITY, PRIORITY
from triage.core.records import Record, Side

NAME = "syslog-3164"
TITLE = "syslog (RFC 3164) with priorities, or BusyBox's"
SIDE = Side.SERVER
SAMPLES = (
    "<34>Oct 11 22:14:15 mymachine su[230]: 'su root' failed for lonvick on /dev/pts/8",
    "Nov 23 06:39:37 web1 daemon.info cars-sync[100]: worker 0 synced page 1: GET /cars?page=1 -> 200",
    "<14>gunicorn.carsapi.error: [34] Booting worker with pid: 34",
    "41 <13>Nov 23 06:37:29 web1 appname: counted",
)

STAMP = len("Nov 23 06:39:37 ")


def recognises(head: Head) -> Recognition | None:
    fits = tried = 0
    for text, told in syslog_lines.told_in_head(head):
        tried += 1
        if told is not None and (PRIORITY.match(text) or FACILITY.match(text, STAMP)):
            fits += 1
    if not fits:
        return None
    framed = ", each behind its length" if syslog_lines.is_counted(head) else ""
    return Recognition(fits / tried, f"{fits} of {tried} messages are syslog's, with their priority{framed}.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return syslog_lines.parse(source, context)
