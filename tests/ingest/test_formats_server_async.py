"""Sanic's and Tornado's lines, access logs of pairs alone, dates with dots, and what a Procfile's manager says."""

from __future__ import annotations

import pytest

from ingest.formats import stamps
from ingest.formats.assemble import Assembler
from ingest.formats.messages import procfile, sanic, tornado
from ingest.formats.messages.understand import understand
from triage.core.records import Entry, Life, PidTrust, Stamp

SRV = "Srv 0 2026-11-23 07:43:02 +0000 INFO: {}"
PAIRS = 'pid=<24043> t=[23/Nov/2026:13:34:42 +0530] req="GET /cars HTTP/1.1" st=200 len=14 dur=31990us ip=127.0.0.1'


def told(*lines: str) -> list[Entry]:
    assembler = Assembler()
    return [
        assembler.entry(number, line, None, line, trust=PidTrust.UNKNOWN) for number, line in enumerate(lines, start=1)
    ]


def test_sanics_access_line_is_of_the_process_in_its_place():
    entry = told(SRV.format("Starting worker [7690]"), sanic.SAMPLES[0])[-1]
    assert (entry.pid, entry.pid_trust) == (7690, PidTrust.PROVEN)
    assert entry.request is not None
    assert (entry.request.path, entry.request.status, entry.request.size) == ("/cars", 200, 1)
    assert (entry.request.duration_us, entry.request.client) == (400, "127.0.0.1:32970")


def test_a_place_in_sanic_is_nobodys_after_its_process_ended():
    entries = told(*map(SRV.format, ("Starting worker [7690]", "Worker complete [7690]", "before the next one")))
    assert entries[1].life is not None and entries[1].life.what is Life.EXIT
    assert entries[2].pid is None


def test_a_place_in_sanic_whose_start_was_not_seen_has_no_pid():
    assert told(sanic.SAMPLES[0])[0].pid is None


def test_an_older_sanics_access_line_is_read():
    said = sanic.understand(sanic.SAMPLES[3])
    assert said is not None and said.request is not None and said.stamp is not None
    assert (said.request.path, said.request.status, said.request.client) == ("/cars", 200, "127.0.0.1:4444")


@pytest.mark.parametrize(
    "before", ["[I 261123 08:42:56 web:2591] ", "INFO:tornado.access:", "2026-11-23 08:42:56 INFO "]
)
def test_tornados_access_line_is_read_behind_any_prefix(before: str):
    said = understand(f"{before}200 GET /cars?i=1 (127.0.0.1) 2.55ms")
    assert said is not None and said.request is not None
    assert (said.request.path, said.request.query, said.request.status) == ("/cars", "i=1", 200)
    assert said.request.duration_us == 2550


def test_tornados_short_date_is_a_whole_one():
    said = tornado.understand(tornado.SAMPLES[0])
    long = stamps.iso("2026-11-23 08:42:56")
    assert said is not None and long is not None and said.stamp == long[0]


def test_an_access_line_of_pairs_alone_is_read_whole():
    said = understand(PAIRS)
    assert said is not None and said.request is not None and said.stamp is not None
    assert (said.pid, said.request.status, said.request.size, said.request.duration_us) == (24043, 200, 14, 31990)
    assert (said.request.client, said.stamp.zoned) == ("127.0.0.1", True)


def test_a_date_with_dots_has_its_day_first():
    assert stamps.dotted("03.11.2026 03:04:21,161") == (Stamp(1793675061161000, False, 1000), 23)
    assert stamps.dotted("11.23.2026 03:04:21") is None
    assert stamps.dotted("10.0.0.7 03:04:21") is None


def test_a_procfiles_manager_tells_of_others_and_never_of_itself():
    started, sending, stopped = told(procfile.SAMPLES[0], procfile.SAMPLES[1], "web.1 stopped (rc=-15)")
    assert {started.pid, sending.pid, stopped.pid} == {None}
    assert started.life is not None and (started.life.what, started.life.subject) == (Life.BOOT, 7803)
    assert stopped.life is not None and (stopped.life.what, stopped.life.subject) == (Life.EXIT, 7803)
