"""Messages one by one: what each says, and what looks like it and says nothing."""

from __future__ import annotations

import pytest

from ingest.formats import hosts, stamps
from ingest.formats.messages import access, granian, mention
from ingest.formats.messages.registry import GRAMMARS
from ingest.formats.messages.understand import understand
from tests.ingest.server_parts import entries, part
from triage.core.records import SECOND, Life


@pytest.mark.parametrize("grammar", GRAMMARS, ids=lambda grammar: grammar.NAME)
def test_the_samples_of_a_grammar_are_understood_by_it(grammar):
    for text in grammar.SAMPLES:
        said = understand(text)
        assert said is not None
        assert said.kind == grammar.NAME


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [
        ("Processing /GET request against /cars", "GET", "/cars"),
        ("POST /cars/add from 127.0.0.1", "POST", "/cars/add"),
        ("handling GET request to /cars/7?full=1.", "GET", "/cars/7"),
        ("Exception on /cars [DELETE]", "DELETE", "/cars"),
        ("car listed method=get path=/cars status=200", "GET", "/cars"),
        ("done: PUT '/cars/7'", "PUT", "/cars/7"),
        ("Error handling request GET /slow", "GET", "/slow"),
    ],
)
def test_a_request_in_free_text_is_read_where_method_and_path_are_both_there(text, method, path):
    request = understand(text).request
    assert (request.method, request.path, request.ended) == (method, path, False)


@pytest.mark.parametrize(
    "text",
    [
        "successfully added {'name': 'figo'}",
        "GET your car at /cars",
        "Error handling request /slow",
        "GET /cars was retried after POST /cars/add",
        "FORGET /cars",
        "reading config from /etc/app.conf",
        'Starting new HTTP connection (1): 127.0.0.1:5000 then http://127.0.0.1:5000 "GET /cars HTTP/1.1" 200 359',
        "HTTP Request: GET http://127.0.0.1:5000/cars",
    ],
)
def test_text_that_tells_no_single_served_request_gives_none(text):
    said = understand(text)
    assert said is None or said.request is None


@pytest.mark.parametrize(
    ("text", "pid", "client", "status", "keys"),
    [
        ('[<28003>] [23/Nov/2026:01:54:01 +0000] "GET /c HTTP/1.1" 200 3202 rid=7f3c', 28003, "", 200,
         (("request_id", "7f3c"),)),
        (' pid-seven - - [23/Nov/2026:01:54:01 +0000] "GET /c HTTP/1.1" 404 -', None, "", 404, ()),
        ('::1 - - [23/Nov/2026:01:54:01 +0000] "GET /c HTTP/1.1" 200 5', None, "::1", 200, ()),
        ('10.0.0.7 "GET /c HTTP/1.1" 500 0 0.004512 pid=51463', 51463, "10.0.0.7", 500, ()),
        ('status=201 client=10.0.0.7 "POST /c HTTP/1.1" pid:77', 77, "10.0.0.7", 201, ()),
        ('127.0.0.1:42536 - - [23/Nov/2026:01:35:58] "POST /c?q=1" 200 7', None, "127.0.0.1:42536", 200,
         (("client_port", "42536"),)),
        ('127.0.0.1 - - [23/Nov/2026:01:38:15 +0000] "GET /c?i=1 HTTP/1.1" 400 164 "-" "evil\\x1B[31m\\x22agent"', None,
         "127.0.0.1", 400, ()),
        ('1.2.3.4 - - [23/Nov/2026:01:38:15 +0000] "GET /c HTTP/1.1" 200 1 tp=00-4bf92f3577b34da6a3ce929d0e0e4736-'
         "00f067aa0ba902b7-01", None, "1.2.3.4", 200, (("trace", "4bf92f3577b34da6a3ce929d0e0e4736"),)),
    ],
)  # fmt: skip
def test_access_lines_of_many_shapes(text, pid, client, status, keys):
    said = understand(text)
    assert said.request.path == "/c"
    assert (said.pid, said.request.client, said.request.status, said.keys) == (pid, client, status, keys)
    assert said.request.ended


def test_an_encoded_path_is_kept_as_it_is_and_an_absolute_one_loses_its_host():
    said = understand('1.2.3.4 - - [23/Nov/2026:01:38:15 +0000] "GET /caf%C3%A9/a%20b?x=%2F#f HTTP/1.1" 200 1')
    assert (said.request.path, said.request.query) == ("/caf%C3%A9/a%20b", "x=%2F#f")
    assert (
        understand('1.2.3.4 - - [23/Nov/2026:01:38:15 +0000] "GET http://h/cars HTTP/1.1" 200 1').request.path
        == "/cars"
    )


@pytest.mark.parametrize(
    ("text", "pid", "level"),
    [
        ("2026-11-23 01:35:55,507 [51463] INFO cars: added", 51463, "info"),
        ("2026-11-23 01:35:55,507 INFO [51463] cars: added", 51463, "info"),
        ("2026-11-23 01:35:55,507 - 51463 - cars - WARNING - added", 51463, "warning"),
        ("2026-11-23 01:35:55,507 pid=51463 ERROR added", 51463, "error"),
        ("2026-11-23T01:35:55.507Z INFO cars: added 51463 cars", None, "info"),
        ("[2026-11-23 01:35:55,507: INFO/ForkPoolWorker-2] cel.add[eade]: adding 1 2", None, "info"),
        ("INFO:cars:added", None, "info"),
        ("pid=51463 added figo", 51463, ""),
        ("2026-11-23 01:35:55,507 INFO added (51463) cars", None, "info"),
        ("2026-11-23 01:35:55,507 added 51463 cars", None, ""),
        ("INFO 2026-11-23 01:35:55,507 views 51463 139912345678 added", 51463, "info"),
        ("2026-11-23 01:35:55,507 INFO [cars] [51463] added", 51463, "info"),
        ("2026/11/23 01:38:16 [error] 20789#20789: *9 connect() failed", 20789, "error"),
    ],
)
def test_loggers_in_the_formats_that_people_write(text, pid, level):
    said = understand(text)
    assert (said.pid, said.level) == (pid, level)


@pytest.mark.parametrize(
    ("text", "what", "subject"),
    [
        ("HARAKIRI ON WORKER 1 (pid: 19632, try: 1)", Life.TIMEOUT, 19632),
        ("*** HARAKIRI ON WORKER 1 (pid: 19632, try: 1) ***", None, None),
        ("...The work of process 19632 is done. Seeya!", Life.RECYCLE, 19632),
        ("carsapi.service: Scheduled restart job, restart counter is at 1.", Life.RELOAD, None),
        ("/srv/cars/app.py changed, reloading.", Life.RELOAD, None),
        ("WARNING:  StatReload detected changes in 'app.py'. Reloading...", Life.RELOAD, None),
        ("2026-11-23 01:33:55,100 INFO gunicorn.error: Booting worker with pid: 17", Life.BOOT, 17),
        ("2026-11-23 01:33:55,100 [18868] INFO uvicorn.error: Started server process [18868]", Life.BOOT, 18868),
        ('{"level": "info", "message": "Booting worker with pid: 17", "process": 17}', Life.BOOT, 17),
        ("      INFO   Started server process [18868]", Life.BOOT, 18868),
        ("WARNING:  Maximum request limit of 5 exceeded. Terminating process.", Life.RECYCLE, None),
    ],
)
def test_lives_told_in_other_words(text, what, subject):
    said = understand(text)
    if what is None:
        return
    assert (said.life.what, said.life.subject) == (what, subject)


@pytest.mark.parametrize(
    ("text", "us", "tick", "zoned"),
    [
        ("2026-11-23T01:30:00Z", 0, SECOND, True),
        ("2026-11-23T07:00:00.053850+0530", 53_850, 1, True),
        ("2026-11-23 01:30:00,053", 53_000, 1000, False),
        ("2026-11-23 01:30:00.053850123+00:00", 53_850, 1, True),
        ("2026-11-23 01:30:00 UTC", 0, SECOND, True),
        ("2026-11-23 01:30:00 IST", 0, SECOND, False),
        ("2026-11-22T13:30:00-12", 0, SECOND, True),
    ],
)
def test_iso_stamps_are_exact_to_their_last_digit(text, us, tick, zoned):
    stamp, _ = stamps.iso(text)
    assert (stamp.us - 1_795_397_400_000_000, stamp.tick_us, stamp.zoned) == (us, tick, zoned)


@pytest.mark.parametrize(
    "text", ["2026-13-01 00:00:00", "2026-02-29 00:00:00", "2026-01-01 24:00:00", "0000-01-01 00:00:00"]
)
def test_days_that_never_were_are_no_stamps(text):
    assert stamps.iso(text) is None


def test_the_year_is_the_nearest_one_that_has_the_day():
    calendar = stamps.Calendar(1_767_225_600_000_000)  # 2026-01-01
    assert [calendar.year(12, 31), calendar.year(1, 1), calendar.year(2, 29), calendar.year(2, 30)] == [
        2025, 2026, 2024, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "us", "tick"),
    [
        ("1795397400", 0, SECOND),
        ("1795397400.25", 250_000, 10_000),
        ("1795397400053", 53_000, 1000),
        ("1795397400053850", 53_850, 1),
        ("1795397400053850123", 53_850, 1),
    ],
)
def test_numbers_since_1970_are_told_apart_by_their_size(text, us, tick):
    stamp = stamps.number(text)
    assert (stamp.us - 1_795_397_400_000_000, stamp.tick_us) == (us, tick)


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("web1.journal", "web1"),
        ("ip-172-31-10-107.log.gz", "ip-172-31-10-107"),
        ("server2.log", "server2"),
        ("figo.journal", "figo"),
        ("server.log", ""),
        ("journal.txt", ""),
        ("gunicorn-1.log", ""),
        ("access.log", ""),
        ("app-2026-11-23.log", ""),
        ("../../etc/passwd", ""),
    ],
)
def test_a_file_name_hints_at_a_host_only_where_it_names_one(name, host):
    assert hosts.host_of(name) == host


def test_a_docker_log_line_is_read_through_its_json():
    said = understand(
        '{"log":"127.0.0.1 - - [10/Sep/2025:09:45:33 +0000] \\"GET / HTTP/1.1\\" 200 612\\n","stream":"stdout",'
        '"time":"2025-09-10T09:45:33.995202795Z"}'
    )
    assert (said.request.path, said.request.status, said.stamp.tick_us) == ("/", 200, 1)


def test_a_log_of_fastapis_own_runner_has_an_entry_a_line():
    line = '      INFO   127.0.0.1:52768 - "POST /cars/add HTTP/1.1" 200\n'
    assert [e.request.path for e in entries(part(line * 2))] == ["/cars/add"] * 2


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("POST /patients -> 201 in 2ms", 201),
        ("GET /cars: 200", 200),
        ("PUT /cars/7 returned 204", 204),
        ("GET /cars/404", None),
        ("Processing /GET request against /cars", None),
    ],
)
def test_a_request_in_prose_has_a_status_only_where_the_line_tells_the_answer(text, status):
    said = mention.understand(text)
    assert said is not None
    assert said.request is not None
    assert (said.request.status, said.request.ended) == (status, status is not None)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("[018640b1-8bf3-4351-87e6-e007823bc5d3] PUT /cars/7",
         (("request_id", "018640b1-8bf3-4351-87e6-e007823bc5d3"),)),
        ("[4bf92f3577b34da6a3ce929d0e0e4736] car 7 stored", (("request_id", "4bf92f3577b34da6a3ce929d0e0e4736"),)),
        ("[51463] PUT /cars/7", ()),
        ("order [018640b1-8bf3-4351-87e6-e007823bc5d3] PUT /cars/7", ()),
    ],
)  # fmt: skip
def test_an_id_in_brackets_before_the_text_is_its_requests(text, keys):
    said = mention.understand(text)
    assert (said.keys if said is not None else ()) == keys


def test_granians_line_on_a_websocket_is_its_beginning():
    said = granian.understand(granian.SAMPLES[2])
    assert said is not None
    assert said.request is not None
    assert (said.request.method, said.request.path, said.request.status) == ("GET", "/ws/rooms/kitchen", 101)
    assert not said.request.ended


def test_a_duration_behind_the_status_is_no_size():
    said = access.understand('127.0.0.1 "GET /motto HTTP/1.1" 200 3ms pid=4')
    assert said is not None
    assert said.request is not None
    assert (said.request.status, said.request.size) == (200, None)
