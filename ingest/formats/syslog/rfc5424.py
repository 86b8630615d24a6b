"""Syslog of RFC 5424: priority, version, a stamp with its zone, host, program, PID, and data in brackets."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.formats.base import Context, Head, Recognition, Source
from ingest.formats.syslog import lines as syslog_lines
from ingest.formats.syslog.message import is_structured
from triage.core.records import Record, Side

NAME = "syslog-5424"
TITLE = "syslog (RFC 5424), one message a line or with counted frames"
SIDE = Side.SERVER
SAMPLES = (
    "<13>1 2026-11-23T01:38:18.266945+00:00 vm gunicorn 20843 - -  [2026-11-23 01:38:18 +0000] [20843] [INFO] hello",
    '<165>1 2026-11-23T01:30:00.003Z web1 cars - ID47 [req@32473 request_id="ab12-cd"] \ufeffGET /cars -> 200',
    "59 <34>1 2026-11-23T01:30:00+00:00 web1 cars 20843 - - one\ntwo61 <34>1 2026-11-23T01:30:00+00:00 web1 cars "
    "20843 - - GET /cars",
)


def recognises(head: Head) -> Recognition | None:
    fits = tried = 0
    for text, told in syslog_lines.told_in_head(head):
        tried += 1
        fits += told is not None and is_structured(text)
    if not fits:
        return None
    framed = ", each behind its length" if syslog_lines.is_counted(head) else ""
    return Recognition(fits / tried, f"{fits} of {tried} messages are syslog's of RFC 5424{framed}.")


def parse(source: Source, context: Context) -> Iterator[Record]:
    return syslog_lines.parse(source, context)
