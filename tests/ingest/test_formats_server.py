"""What the server formats make of real output, sample by sample."""

from __future__ import annotations

import pytest

from ingest.formats.detect import detect
from ingest.formats.registry import SERVER_FORMATS
from tests.ingest.server_parts import entries, facts, lives, part, records, requests, sample
from triage.core.records import SECOND, Entry, PidTrust, Side, Unparsed, instant

MODES = {
    "short": ("journal-short", SECOND, False),
    "short-precise": ("journal-short-precise", 1, False),
    "short-iso": ("journal-short-iso", SECOND, True),
    "short-iso-precise": ("journal-short-iso-precise", 1, True),
    "short-full": ("journal-short-full", SECOND, True),
    "short-full-ist": ("journal-short-full", SECOND, False),
    "short-unix": ("journal-short-unix", 1, True),
    "with-unit": ("journal-short-full", SECOND, True),
    "json": ("journal-json", 1, True),
    "json-all": ("journal-json", 1, True),
    "json-pretty": ("journal-json", 1, True),
    "json-seq": ("journal-json", 1, True),
    "json-sse": ("journal-json", 1, True),
    "export": ("journal-export", 1, True),
}
FIELDS = ("export", "json", "json-all", "json-pretty", "json-seq", "json-sse")


@pytest.mark.parametrize("mode", MODES)
def test_every_journal_mode_is_recognised_and_tells_the_same_story(mode):
    name, tick_us, zoned = MODES[mode]
    source = sample(f"journal/{mode}.txt")
    detection = detect(source)
    assert detection.format is not None, detection.problem
    assert name == detection.format.NAME
    found = entries(source)
    assert len(found) == 15
    assert requests(found) == [
        (15866, "POST", "/cars/add", 200),
        (15865, "GET", "/cars", None),
        (15865, "GET", "/cars", 200),
    ]
    assert lives(found) == [
        ("boot", 15865, ""),
        ("boot", 15866, ""),
        ("timeout", 15866, "worker timeout"),
        ("kill", 15866, "SIGKILL"),
        ("kill", 15866, "SIGKILL (out of memory)"),
    ]
    assert {e.host for e in found} == {"vm"}
    assert all(e.pid_trust is PidTrust.PROVEN for e in found if e.pid in (15860, 15865, 15866))
    stamp = found[3].stamp
    assert (stamp.tick_us, stamp.zoned) == (tick_us, zoned)
    shift = 5.5 * 3600 if mode == "short-full-ist" else 0
    assert stamp.us == 1_795_397_400_053_850 // tick_us * tick_us + shift * SECOND
    assert not [r for r in records(source) if isinstance(r, Unparsed)]


@pytest.mark.parametrize("mode", FIELDS)
def test_journal_fields_give_boot_and_unit_and_are_not_taken_in_by_a_forged_identifier(mode):
    last = entries(sample(f"journal/{mode}.txt"))[-1]
    assert last.boot == "cbf9a1c0a4b24a9d8d64e4c2f0f5e0aa"
    assert last.unit == "carsapi.service"
    assert (last.pid, last.pid_trust, last.message) == (28586, PidTrust.PROVEN, "a")


def test_a_pid_behind_an_identifier_with_a_blank_in_it_is_not_trusted():
    assert entries(sample("journal/short.txt"))[-1].pid_trust is PidTrust.UNKNOWN


def test_export_and_json_keep_every_byte_of_a_message_that_is_no_text():
    for mode in ("export", "json", "json-all"):
        messages = [e.message for e in entries(sample(f"journal/{mode}.txt"))]
        assert "bell \x07 and esc \x1b[31m here" in messages
        assert "two lines\nsecond line" in messages
    assert len(entries(sample("journal/export.txt"))[10].message) == 4100


def test_messages_that_json_leaves_out_are_counted():
    assert ("messages_left_out", "1") in facts(sample("journal/json.txt"))
    assert facts(sample("journal/json-all.txt")) == []


def test_indented_lines_of_a_journal_belong_to_the_entry_before_them():
    entry = entries(sample("journal/short.txt"))[7]
    assert (entry.line, entry.message) == (8, "two lines\nsecond line")


def test_a_zone_that_is_only_a_name_is_told_and_not_believed():
    assert facts(sample("journal/short-full-ist.txt")) == [("zone_abbreviation", "IST")]


def test_a_parents_pid_on_everything_is_noticed_and_not_trusted():
    source = sample("journal/parents-pid.txt")
    served = [e for e in entries(source) if e.request]
    assert [(e.pid, e.pid_trust) for e in served] == [(700, PidTrust.UNKNOWN)] * 2
    assert lives(entries(source)) == [("boot", 703, ""), ("boot", 704, "")]
    assert facts(source) == [("pid_is_parents", "700")]


def test_a_log_from_its_middle_whose_workers_were_only_named_tells_at_its_end_that_pids_are_the_parents():
    lines = [
        "Nov 23 01:29:00 old granian[70]: [INFO] Spawning worker-1 with PID: 71",
        "Nov 23 01:29:00 old granian[70]: [INFO] Spawning worker-2 with PID: 72",
        'Nov 23 01:29:05 old granian[70]: [2026-11-23 01:29:05 +0000] 127.0.0.1 - "GET /cars HTTP/1.1" 200 1.500',
    ]
    assert facts(part("\n".join(lines))) == [("pid_is_parents", "70")]


def test_a_pid_in_free_text_may_be_anothers_and_does_not_shake_the_journals():
    lines = [
        "Nov 23 01:30:00 vm gunicorn[15866]: started job pid=900 for GET /cars",
        "Nov 23 01:30:01 vm gunicorn[15866]: started job pid=901 for GET /cars",
    ]
    assert [(e.pid, e.pid_trust) for e in entries(part("\n".join(lines)))] == [(15866, PidTrust.PROVEN)] * 2
    assert facts(part("\n".join(lines))) == []


def test_new_year_and_a_reboot_fall_where_they_belong():
    source = sample("journal/across-the-years.txt")
    new_year = 1_767_225_600_000_000  # 2026-01-01
    for reference in (new_year, new_year + 40 * 86_400 * SECOND):
        before, after = entries(source, reference)
        assert (instant(before.stamp.us).year, instant(after.stamp.us).year) == (2025, 2026)
        assert after.stamp.us - before.stamp.us == 2 * SECOND
        assert (before.boot[:5], after.boot[:5]) == ("cbf9a", "aaaaa")


def test_a_message_with_its_own_date_tells_the_year_of_the_journal():
    line = "May 23 12:11:07 ip-172-31-10-107 gunicorn[51463]: [2024-05-23 12:34:06,721] INFO in cars_app: added figo"
    (entry,) = entries(part(line))
    assert instant(entry.stamp.us).year == 2024
    assert (entry.inner.us - entry.stamp.us, entry.inner.zoned, entry.inner.tick_us) == (1_379_721_000, False, 1000)


def test_an_older_journalctls_first_line_tells_the_year():
    first = "-- Logs begin at Mon 2019-11-04 10:00:00 UTC, end at Tue 2019-12-31 23:59:59 UTC. --\n"
    (entry,) = entries(part(first + "Dec 31 23:59:59 vm gunicorn[15865]: GET /cars"))
    assert instant(entry.stamp.us).year == 2019


@pytest.mark.parametrize("fmt", SERVER_FORMATS, ids=lambda fmt: fmt.NAME)
def test_the_samples_in_a_formats_own_file_are_recognised_as_it_and_understood(fmt):
    for text in fmt.SAMPLES:
        source = part(text, "sample")
        detection = detect(source, Side.SERVER)
        assert detection.format is fmt, (text, detection)
        assert detection.reason
        made = records(source, fmt)
        assert not [r for r in made if isinstance(r, Unparsed)]
        assert any(isinstance(r, Entry) for r in made)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("gunicorn/sync.log", "gunicorn-error"),
        ("gunicorn/access-with-pid.log", "gunicorn-error"),
        ("gunicorn/uvicorn-worker.log", "gunicorn-error"),
        ("uvicorn/workers.log", "uvicorn"),
        ("uvicorn/single.log", "uvicorn"),
        ("hypercorn/workers.log", "hypercorn"),
        ("granian/workers.log", "granian"),
        ("uwsgi/master.log", "uwsgi"),
        ("flask/development-server.log", "werkzeug"),
        ("django/runserver.log", "django"),
        ("json_app/structlog-and-python-json-logger.log", "json-app"),
    ],
)
def test_a_bare_file_is_named_after_the_server_that_wrote_it(path, name):
    detection = detect(sample(path))
    assert detection.format is not None
    assert (detection.format.NAME, detection.side) == (name, Side.SERVER)
    assert not [r for r in records(sample(path)) if isinstance(r, Unparsed)]


def test_gunicorns_own_log_tells_the_whole_life_of_its_workers():
    assert lives(entries(sample("gunicorn/sync.log"))) == [
        ("boot", 30447, ""),
        ("boot", 30450, ""),
        ("timeout", 30447, "worker timeout"),
        ("exit", 30447, ""),
        ("boot", 30558, ""),
        ("reload", None, "SIGHUP"),
        ("boot", 30591, ""),
        ("boot", 30593, ""),
        ("exit", 30450, ""),
        ("exit", 30558, ""),
        ("kill", 30591, "SIGKILL"),
        ("boot", 30629, ""),
        ("exit", 30629, ""),
        ("exit", 30593, ""),
    ]


def test_every_version_of_gunicorn_is_understood_on_the_end_of_a_worker():
    assert lives(entries(sample("gunicorn/error-of-all-versions.log"))) == [
        ("boot", 17895, ""),
        ("boot", 17896, ""),
        ("kill", 17896, "SIGKILL"),
        ("exit", 17895, "SIGTERM"),
        ("kill", 17896, "SIGKILL"),
        ("kill", 17897, "code 139"),
        ("exit", 17898, "SIGTERM"),
        ("crash", 17905, "exit code 3"),
        ("crash", 17906, "exit code 3"),
        ("exit", 17907, "exit code 0"),
        ("timeout", 18117, "worker timeout"),
        ("recycle", 17899, "max_requests"),
        ("exit", 17899, ""),
        ("reload", None, "SIGHUP"),
    ]


def test_an_access_format_with_the_pid_proves_who_served_and_how_long():
    served = [e for e in entries(sample("gunicorn/access-with-pid.log")) if e.request and e.request.ended]
    assert [(e.pid, e.request.path, e.request.duration_us) for e in served[:2]] == [
        (30769, "/cars/add", 2423),
        (30769, "/cars", 564),
    ]
    assert {e.pid_trust for e in served} == {PidTrust.PROVEN}
    assert served[1].request.query == "q=1"


def test_an_access_line_without_a_pid_in_a_bare_file_is_nobodys():
    served = [e for e in entries(sample("gunicorn/sync.log")) if e.request and e.request.ended]
    assert len(served) == 7
    assert {(e.pid, e.pid_trust) for e in served} == {(None, PidTrust.UNKNOWN)}


def test_a_traceback_belongs_to_the_error_line_before_it():
    failed = next(e for e in entries(sample("gunicorn/sync.log")) if "Exception on /boom" in e.message)
    assert (failed.level, failed.request.method, failed.request.path) == ("error", "GET", "/boom")
    assert failed.raw.endswith("KeyError: 'figo'")


def test_uvicorns_lines_carry_the_clients_port_and_its_processes_lives():
    found = entries(sample("uvicorn/workers.log"))
    assert [dict(e.keys)["client_port"] for e in found if e.request][:2] == ["39372", "39384"]
    assert lives(found) == [
        ("boot", 30957, ""),
        ("boot", 30958, ""),
        ("crash", 30958, "died"),
        ("boot", 30982, ""),
        ("exit", 30957, "terminated by its parent"),
        ("exit", 30982, "terminated by its parent"),
        ("exit", 30982, ""),
        ("exit", 30957, ""),
    ]


def test_a_uvicorn_worker_under_gunicorn_is_born_once():
    boots = [life for life in lives(entries(sample("gunicorn/uvicorn-worker.log"))) if life[0] == "boot"]
    assert boots == [("boot", 30879, ""), ("boot", 30880, "")]


def test_hypercorn_names_the_process_on_every_line():
    found = entries(sample("hypercorn/workers.log"))
    assert lives(found) == [("boot", 31199, ""), ("boot", 31200, "")]
    assert requests(found)[:4] == [
        (31200, "POST", "/cars/add", 200),
        (31199, "GET", "/cars", 200),
        (31199, "POST", "/cars/add", 200),
        (31200, "GET", "/cars", 200),
    ]


def test_granians_access_lines_have_a_duration_and_no_process():
    found = entries(sample("granian/workers.log"))
    assert lives(found) == [("boot", 31260, ""), ("boot", 31262, "")]
    first = next(e for e in found if e.request)
    assert (first.pid, first.request.duration_us, first.request.status) == (None, 40_768, 200)


def test_uwsgi_tells_process_size_and_duration_of_each_request():
    found = entries(sample("uwsgi/master.log"))
    served = [e for e in found if e.request and e.request.ended]
    assert [(e.pid, e.request.size, e.request.duration_us) for e in served[:2]] == [(3226, 9, 9000), (3227, 8, 5000)]
    assert ("kill", 3227, "SIGKILL") in lives(found)
    assert ("boot", 3364, "") in lives(found)


def test_colours_do_not_hide_a_request():
    served = [e for e in entries(sample("flask/development-server.log")) if e.request and e.request.ended]
    assert requests(served)[0] == (None, "POST", "/cars/add", 201)
    assert served[0].stamp.zoned is False


def test_json_lines_give_pid_level_request_and_request_id():
    first, _, third, fourth = entries(sample("json_app/structlog-and-python-json-logger.log"))
    assert (first.pid, first.level, first.request.path, first.request.ended) == (3536, "info", "/cars/add", True)
    assert first.keys == (("request_id", "7f3c1a22"),)
    assert (third.request.method, third.stamp.zoned, third.stamp.tick_us) == ("POST", False, 1000)
    assert fourth.level == "error"
