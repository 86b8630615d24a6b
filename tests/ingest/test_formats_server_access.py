"""Access lines in the formats that teams configure: durations, keys, upstreams, PIDs, and what must not be read so."""

from __future__ import annotations

import pytest

from ingest.formats.messages.understand import understand

AT = "[23/Nov/2026:06:41:10 +0000]"
RID = "4acb1fda6bbba02b594adcc2b2f2d539"


@pytest.mark.parametrize(
    ("text", "duration", "keys", "relayed"),
    [
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "-" "curl" 183 0.033 [cars-80] [] 10.0.0.7:80 22 0.032 200 {RID}',
         33_000, (("upstream", "10.0.0.7:80"), ("request_id", RID)), True),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 502 9 "-" "curl" "-" 24416 {RID} "10.0.0.7:80, 10.0.0.8:80" "502, 200" '
         "0.004 0.001, 0.002", 4_000, (("upstream", "10.0.0.7:80, 10.0.0.8:80"), ("request_id", RID)), True),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "-" "curl" rt=0.004 ua="app" us="502"', 4_000,
         (("upstream", "app"),), True),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 0.0043', 4_300, (), False),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "-" "curl" 2364 <77>', 2_364, (), False),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "-" "curl" 1/1002364', 1_002_364, (), False),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "-" "curl" 3/7', None, (), False),
        (f'- {AT} "GET /c HTTP/1.1" 200 22 12ms pid:<77> rid:r1', 12_000, (("request_id", "r1"),), False),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 571 28058 25274 awPh', None, (), False),
        (f'1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 22 "http://10.0.0.7:80/from" "curl"', None, (), False),
    ],
)  # fmt: skip
def test_what_stands_behind_the_status(text, duration, keys, relayed):
    said = understand(text)
    assert said.request.path == "/c"
    assert (said.request.duration_us, said.keys, said.relayed) == (duration, keys, relayed)


@pytest.mark.parametrize(
    ("text", "pid", "path", "query", "status", "duration"),
    [
        ("1795416070.031 127.0.0.1 POST http://h/c 201 22 0.033 127.0.0.1:7181 24416", None, "/c", "", 201, 33_000),
        (f"<28003> {AT} GET /c q=1 200 0.004512 r1", 28003, "/c", "q=1", 200, 4_512),
        (f"<28003> {AT} GET /c  200 0.004512 r1", 28003, "/c", "", 200, 4_512),
        ("GET /c?q=1 200 1.234 ms - 5", None, "/c", "q=1", 200, 1_234),
        ("::ffff:127.0.0.1 - GET /c HTTP/1.1 200 1 - 0.310 ms", None, "/c", "", 200, 310),
        (
            "remote=127.0.0.1 pid=<28003> method=GET path=/c query=q=1 status=200 us=4512",
            28003,
            "/c",
            "q=1",
            200,
            4_512,
        ),
    ],
)
def test_requests_without_quotes(text, pid, path, query, status, duration):
    said = understand(text)
    request = said.request
    assert (said.pid, request.path, request.query, request.status) == (pid, path, query, status)
    assert (request.duration_us, request.ended) == (duration, True)


@pytest.mark.parametrize("text", ["GET /c 200 is what I got", "test: POST /c 201", "sent GET /c and read 200 cars"])
def test_prose_is_no_access_line(text):
    said = understand(text)
    assert said is None or not said.request.ended


def test_a_loggers_prefix_tells_pid_and_level_of_the_access_line_behind_it():
    said = understand(
        f'2026-11-23 06:41:10,500 INFO     [2953] gunicorn.access: 1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 5'
    )
    assert (said.pid, said.level, said.stamp.tick_us) == (2953, "info", 1000)


def test_a_number_between_dashes_may_be_a_source_line_and_is_no_pid():
    said = understand("2026-11-23 06:47:22,600 - uvicorn.error - INFO - 3005 - Started server process [3008]")
    assert (said.pid, said.life.subject) == (3008, 3008)
    assert understand("2026-11-23 06:47:22,600 - cars - INFO - 3005 - added figo").pid is None


def test_a_virtual_hosts_own_port_is_not_the_clients():
    said = understand(f'cars.example:80 1.2.3.4 - - {AT} "GET /c HTTP/1.1" 200 5 "-" "curl/7.88.1"')
    assert (said.request.client, said.keys) == ("1.2.3.4", ())


def test_what_is_no_http_still_has_its_time():
    said = understand(f'1.2.3.4 - - {AT} "\\x16\\x03" 400 157 "-" "-"')
    assert said.stamp is not None
    assert said.request is None


def test_an_instances_number_of_pm2_is_no_pid():
    text = '{"message":"hi","timestamp":"2026-11-23T06:45:16","type":"out","process_id":2,"app_name":"srv"}'
    assert understand(text).pid is None


@pytest.mark.parametrize(
    ("text", "level", "status", "pid"),
    [
        ('{"level":30,"time":1795416338870,"pid":27441,"hostname":"vm","req":{"method":"GET","url":"/c"},'
         '"res":{"statusCode":200},"responseTime":1,"msg":"request completed"}', "info", 200, 27441),
        ('{"level":"info","message":"HTTP GET /c","meta":{"req":{"method":"GET","url":"/c"},"res":{"statusCode":404}}}',
         "info", 404, None),
        ('{"time":"[23/Nov/2026:06:41:10 +0000]","pid":"<28003>","method":"GET","path":"/c","status":"200"}', "", 200,
         28003),
        ('{"request":"GET /c HTTP/1.1","status":"200","msec":"1795416070.031","pid":"5"}', "", 200, 5),
        ('{"levelno":30,"level":30,"message":"GET /c => 200"}', "warning", 200, None),
    ],
)  # fmt: skip
def test_json_lines_of_node_and_of_servers(text, level, status, pid):
    said = understand(text)
    assert (said.level, said.request.path, said.request.status, said.pid) == (level, "/c", status, pid)
