# ruff: noqa: E501
"""What servers really wrote, as they come and with the line that the audit names: three requests to two workers each.

Made by starting each server on the loopback address with the command in `RUN`, a plain application that answers 200,
and three requests; lines of stopping are left out. Versions: gunicorn 27.0, uvicorn 0.54, granian 2.8, uWSGI 2.0.31,
waitress 3.0, hypercorn 0.18, nginx 1.22.
"""

from __future__ import annotations

import msgspec

from triage.core.audit import lines
from triage.core.audit.lines import Line


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    line: Line
    kind: str  # of the gap that the line closes
    before: str  # "" where the server tells it anyway
    after: str


RECORDED = {
    "gunicorn": Recorded(
        run="gunicorn -w 2 --access-logfile - --access-logformat … app:app",
        line=lines.GUNICORN_PID,
        kind="no_pid",
        before="""\
[2026-11-23 13:14:23 +0000] [32603] [INFO] Starting gunicorn 27.0.1
[2026-11-23 13:14:23 +0000] [32606] [INFO] Booting worker with pid: 32606
[2026-11-23 13:14:23 +0000] [32627] [INFO] Booting worker with pid: 32627
127.0.0.1 - - [23/Nov/2026:13:14:25 +0000] "GET /items?q=1 HTTP/1.1" 200 3 "-" "curl/7.88.1"
127.0.0.1 - - [23/Nov/2026:13:14:25 +0000] "GET /items?q=2 HTTP/1.1" 200 3 "-" "curl/7.88.1"
127.0.0.1 - - [23/Nov/2026:13:14:25 +0000] "GET /items?q=3 HTTP/1.1" 200 3 "-" "curl/7.88.1"
""",
        after="""\
[2026-11-23 12:55:27 +0000] [6063] [INFO] Starting gunicorn 27.0.1
[2026-11-23 12:55:27 +0000] [6088] [INFO] Booting worker with pid: 6088
[2026-11-23 12:55:27 +0000] [6098] [INFO] Booting worker with pid: 6098
pid=<6098> 127.0.0.1 [23/Nov/2026:12:55:29 +0000] "GET /items?q=1 HTTP/1.1" 200 3 1324 rid=r1-11
pid=<6088> 127.0.0.1 [23/Nov/2026:12:55:29 +0000] "GET /items?q=2 HTTP/1.1" 200 3 269 rid=r1-12
pid=<6098> 127.0.0.1 [23/Nov/2026:12:55:29 +0000] "GET /items?q=3 HTTP/1.1" 200 3 334 rid=r1-13
""",
    ),
    "gunicorn with milliseconds": Recorded(
        run="gunicorn -w 2 -c gunicorn.conf.py --access-logfile - app:app",
        line=lines.GUNICORN_LOGGER,
        kind="no_pid",
        before="",
        after="""\
[2026-11-23 13:01:13 +0000] [14240] [INFO] Starting gunicorn 27.0.1
[2026-11-23 13:01:13 +0000] [14244] [INFO] Booting worker with pid: 14244
[2026-11-23 13:01:13 +0000] [14245] [INFO] Booting worker with pid: 14245
2026-11-23 13:01:15,475 pid=14244 127.0.0.1 "GET /items?q=1 HTTP/1.1" 200 3 492 rid=r1-11
2026-11-23 13:01:15,485 pid=14244 127.0.0.1 "GET /items?q=2 HTTP/1.1" 200 3 261 rid=r1-12
2026-11-23 13:01:15,494 pid=14245 127.0.0.1 "GET /items?q=3 HTTP/1.1" 200 3 293 rid=r1-13
""",
    ),
    "gunicorn with uvicorn's worker": Recorded(
        run="gunicorn -w 2 -k uvicorn_worker.UvicornWorker -c gunicorn.conf.py --access-logfile - app:app",
        line=lines.GUNICORN_LOGGER,
        kind="uvicorn_worker_format",
        before="""\
[2026-11-23 13:14:20 +0000] [32515] [INFO] Using worker: uvicorn_worker.UvicornWorker
[2026-11-23 13:14:20 +0000] [32541] [INFO] Booting worker with pid: 32541
[2026-11-23 13:14:20 +0000] [32541] [INFO] Started server process [32541]
[2026-11-23 13:14:20 +0000] [32542] [INFO] Booting worker with pid: 32542
[2026-11-23 13:14:20 +0000] [32542] [INFO] Started server process [32542]
127.0.0.1:57460 - "GET /items?q=1 HTTP/1.1" 200
127.0.0.1:57470 - "GET /items?q=2 HTTP/1.1" 200
127.0.0.1:57482 - "GET /items?q=3 HTTP/1.1" 200
""",
        after="""\
[2026-11-23 13:01:16 +0000] [14310] [INFO] Using worker: uvicorn_worker.UvicornWorker
[2026-11-23 13:01:16 +0000] [14317] [INFO] Booting worker with pid: 14317
[2026-11-23 13:01:16 +0000] [14318] [INFO] Booting worker with pid: 14318
2026-11-23 13:01:18,061 pid=14317 127.0.0.1:52902 - "GET /items?q=1 HTTP/1.1" 200
2026-11-23 13:01:18,077 pid=14317 127.0.0.1:52916 - "GET /items?q=2 HTTP/1.1" 200
2026-11-23 13:01:18,090 pid=14317 127.0.0.1:52930 - "GET /items?q=3 HTTP/1.1" 200
""",
    ),
    "uvicorn": Recorded(
        run="uvicorn --workers 2 --log-config log.json app:app",
        line=lines.UVICORN_PID,
        kind="no_pid",
        before="""\
INFO:     Uvicorn running on http://127.0.0.1:7391 (Press CTRL+C to quit)
INFO:     Started parent process [32448]
INFO:     Started server process [32454]
INFO:     Started server process [32453]
INFO:     127.0.0.1:60692 - "GET /items?q=1 HTTP/1.1" 200 OK
INFO:     127.0.0.1:60708 - "GET /items?q=2 HTTP/1.1" 200 OK
INFO:     127.0.0.1:60720 - "GET /items?q=3 HTTP/1.1" 200 OK
""",
        after="""\
2026-11-23 12:55:36,700 pid=6298 Started server process [6298]
2026-11-23 12:55:36,701 pid=6299 Started server process [6299]
2026-11-23 12:55:38,222 pid=6298 127.0.0.1:35384 - "GET /items?q=1 HTTP/1.1" 200
2026-11-23 12:55:38,235 pid=6299 127.0.0.1:35388 - "GET /items?q=2 HTTP/1.1" 200
2026-11-23 12:55:38,254 pid=6298 127.0.0.1:35392 - "GET /items?q=3 HTTP/1.1" 200
""",
    ),
    "granian": Recorded(
        run="granian --workers 2 --access-log --log-config log.json --access-log-fmt … app:app",
        line=lines.GRANIAN_PID,
        kind="no_pid",
        before="""\
[INFO] Starting granian (main PID: 5763)
[INFO] Listening at: http://127.0.0.1:7391
[INFO] Spawning worker-1 with PID: 5765
[INFO] Spawning worker-2 with PID: 5767
[2026-11-23 12:54:57 +0000] 127.0.0.1 - "GET /items HTTP/1.1" 200 0.085
[2026-11-23 12:54:57 +0000] 127.0.0.1 - "GET /items HTTP/1.1" 200 0.046
[2026-11-23 12:54:57 +0000] 127.0.0.1 - "GET /items HTTP/1.1" 200 0.187
""",
        after="""\
[INFO] Starting granian (main PID: 14421)
[INFO] Listening at: http://127.0.0.1:7391
[INFO] Spawning worker-1 with PID: 14423
[INFO] Spawning worker-2 with PID: 14425
2026-11-23 13:01:20,815 pid=14423 127.0.0.1 - "GET /items HTTP/1.1" 200 0.088
2026-11-23 13:01:20,831 pid=14423 127.0.0.1 - "GET /items HTTP/1.1" 200 0.094
2026-11-23 13:01:20,849 pid=14423 127.0.0.1 - "GET /items HTTP/1.1" 200 0.038
""",
    ),
    "hypercorn": Recorded(
        run="hypercorn -w 2 --access-logfile - app:app",
        line=lines.HYPERCORN_PID,
        kind="no_access_log",
        before="",
        after="""\
[2026-11-23 12:54:50 +0000] [5733] [INFO] Running on http://127.0.0.1:7391 (CTRL + C to quit)
[2026-11-23 12:54:50 +0000] [5732] [INFO] Running on http://127.0.0.1:7391 (CTRL + C to quit)
[2026-11-23 12:54:52 +0000] [5732] [INFO] 127.0.0.1:50930 - - [23/Nov/2026:12:54:52 +0000] "GET /items 1.1" 200 3 "-" "curl/7.88.1"
[2026-11-23 12:54:52 +0000] [5733] [INFO] 127.0.0.1:50942 - - [23/Nov/2026:12:54:52 +0000] "GET /items 1.1" 200 3 "-" "curl/7.88.1"
[2026-11-23 12:54:52 +0000] [5733] [INFO] 127.0.0.1:50954 - - [23/Nov/2026:12:54:52 +0000] "GET /items 1.1" 200 3 "-" "curl/7.88.1"
""",
    ),
    "uWSGI": Recorded(
        run="uwsgi --http-socket … --master --processes 2 --wsgi-file app.py --log-format …",
        line=lines.UWSGI_PID,
        kind="no_pid",
        before="",
        after="""\
spawned uWSGI master process (pid: 5780)
spawned uWSGI worker 1 (pid: 5782, cores: 1)
spawned uWSGI worker 2 (pid: 5783, cores: 1)
pid=5783 127.0.0.1 [23/Nov/2026:12:55:00 +0000] "GET /items?q=1 HTTP/1.1" 200 67 320
pid=5782 127.0.0.1 [23/Nov/2026:12:55:00 +0000] "GET /items?q=2 HTTP/1.1" 200 67 234
pid=5783 127.0.0.1 [23/Nov/2026:12:55:00 +0000] "GET /items?q=3 HTTP/1.1" 200 67 122
""",
    ),
    "waitress": Recorded(
        run="waitress-serve app:app",
        line=lines.WSGI_LINE,
        kind="no_access_log",
        before="INFO:waitress:Serving on http://127.0.0.1:7391\n",
        after="""\
INFO:waitress:Serving on http://127.0.0.1:7391
2026-11-23T13:01:13.133793+00:00 pid=14178 "GET /items?q=1 HTTP/1.1" 200
2026-11-23T13:01:13.144141+00:00 pid=14178 "GET /items?q=2 HTTP/1.1" 200
2026-11-23T13:01:13.152990+00:00 pid=14178 "GET /items?q=3 HTTP/1.1" 200
""",
    ),
    "an application's own lines": Recorded(
        run="gunicorn -w 2 app:app",
        line=lines.APP_PID,
        kind="no_pid_in_app_lines",
        before="",
        after="""\
[2026-11-23 13:00:15 +0000] [12954] [INFO] Booting worker with pid: 12954
[2026-11-23 13:00:15 +0000] [12957] [INFO] Booting worker with pid: 12957
2026-11-23 13:00:17,773 pid=12954 INFO items GET /items -> 200
2026-11-23 13:00:17,781 pid=12954 INFO items GET /items -> 200
2026-11-23 13:00:17,790 pid=12957 INFO items GET /items -> 200
""",
    ),
}

# nginx 1.22 in front of two gunicorns, with NGINX_UPSTREAM
NGINX = """\
127.0.0.1 [2026-11-23T12:57:52+00:00] "GET /items HTTP/1.1" 200 3 0.001 upstream=127.0.0.1:7391 request_id=1b8d05cbbe1e7a262cc42b0f16be6a42
127.0.0.1 [2026-11-23T12:57:52+00:00] "GET /items HTTP/1.1" 200 3 0.002 upstream=127.0.0.1:7392 request_id=3e282d49bbf9380f97c6fe6143f98cca
"""

# pytest 9.2 -rA with PYTEST_TIMES in pytest.ini and the fixture of REQUEST_ID in conftest.py
PYTEST = """\
============================= test session starts ==============================
collected 2 items

test_x.py .F                                                             [100%]

=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________

    def test_bad():
>       assert requests.get("http://127.0.0.1:7391/items").status_code == 201
E       AssertionError: assert 200 == 201

test_x.py:6: AssertionError
------------------------------ Captured log call -------------------------------
2026-11-23 12:57:51.163000+0000 INFO http GET /items 200 request_id=350b77ac062e42d7b94cd15550a7d626
==================================== PASSES ====================================
___________________________________ test_ok ____________________________________
------------------------------ Captured log call -------------------------------
2026-11-23 12:57:51.157000+0000 INFO http GET /items?q=1 200 request_id=ea8ec4c150504c98a9a4452bfc3de420
2026-11-23 12:57:51.159000+0000 INFO http GET /items?q=2 200 request_id=dd301e4bea384657a86b9b9435c70aa4
=========================== short test summary info ============================
PASSED test_x.py::test_ok
FAILED test_x.py::test_bad - AssertionError: assert 200 == 201
========================= 1 failed, 1 passed in 0.06s ==========================
"""
GUNICORN_OF_PYTEST = """\
[2026-11-23 12:57:49 +0000] [9640] [INFO] Starting gunicorn 27.0.1
[2026-11-23 12:57:49 +0000] [9659] [INFO] Booting worker with pid: 9659
pid=<9659> 127.0.0.1 [23/Nov/2026:12:57:51 +0000] "GET /items?q=1 HTTP/1.1" 200 3 1911 rid=ea8ec4c150504c98a9a4452bfc3de420
pid=<9659> 127.0.0.1 [23/Nov/2026:12:57:51 +0000] "GET /items?q=2 HTTP/1.1" 200 3 2905 rid=dd301e4bea384657a86b9b9435c70aa4
pid=<9659> 127.0.0.1 [23/Nov/2026:12:57:51 +0000] "GET /items HTTP/1.1" 200 3 182 rid=350b77ac062e42d7b94cd15550a7d626
"""
