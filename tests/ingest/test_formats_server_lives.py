"""What servers and process managers say of their processes' lives, each with the PID that it is about."""

from __future__ import annotations

import pytest

from ingest.formats.detect import detect
from ingest.formats.messages.understand import understand
from tests.ingest.server_parts import entries, lives, part, sample
from triage.core.records import Life, PidTrust


@pytest.mark.parametrize(
    ("text", "what", "subject", "reason"),
    [
        ("[2026-11-23 06:29:57,329: ERROR/MainProcess] Process 'ForkPoolWorker-5' pid:31477 exited with 'signal 9 "
         "(SIGKILL)'", Life.KILL, 31477, "SIGKILL"),
        ("[2026-11-23 06:29:58,970: ERROR/MainProcess] Process 'ForkPoolWorker-7' pid:31516 exited with 'exitcode 3'",
         Life.CRASH, 31516, "ForkPoolWorker-7, exit code 3"),
        ("[2026-11-23 06:29:48,968: INFO/MainProcess] celery@vm ready.", Life.BOOT, None, "celery@vm"),
        ("[2026-11-23 06:29:56,328: ERROR/MainProcess] Hard time limit (3s) exceeded for tasks.slow"
         "[ce7a4d2b-b851-40e7-b979-4a72982cf8f4]", Life.TIMEOUT, None, "hard time limit of 3 s"),
        ("worker: Cold shutdown (MainProcess)", Life.EXIT, None, "cold shutdown"),
        ("2026/11/23 06:41:08 [notice] 24413#24413: start worker process 24415", Life.BOOT, 24415, ""),
        ("2026/11/23 06:41:19 [alert] 24413#24413: worker process 24603 exited on signal 11 (core dumped)", Life.KILL,
         24603, "SIGSEGV"),
        ("2026/11/23 06:41:18 [notice] 24413#24413: worker process 24415 exited with code 0", Life.EXIT, 24415,
         "exit code 0"),
        ("2026/11/23 06:41:17 [notice] 24413#24413: signal 1 (SIGHUP) received from 24602, reconfiguring", Life.RELOAD,
         None, "SIGHUP"),
        ("[Mon Nov 23 06:46:00.180383 2026] [wsgi:info] [pid 28054:tid 28056] mod_wsgi (pid=28057): Process 'cars' has "
         "died, deregister and restart it.", Life.CRASH, 28057, "died"),
        ("[Mon Nov 23 06:46:00.180383 2026] [wsgi:info] [pid 28056:tid 28056] mod_wsgi (pid=28056): Daemon process "
         "request time limit exceeded, stopping process 'cars'.", Life.TIMEOUT, 28056, "request-timeout"),
        ("[Mon Nov 23 06:46:20.905581 2026] [mpm_event:notice] [pid 28054:tid 28054] AH00491: caught SIGTERM, shutting "
         "down", Life.EXIT, 28054, "SIGTERM"),
        ("[Mon Nov 23 06:46:20 2026] [notice] child pid 28059 exit signal Segmentation fault (11)", Life.KILL, 28059,
         "SIGSEGV"),
        ("[29078] - Worker 0 (PID: 29087) booted in 0.84s, phase: 0", Life.BOOT, 29087, ""),
        ("[29078] ! Terminating timed out worker (worker failed to check in within 6 seconds): 29486", Life.TIMEOUT,
         29486, "worker_timeout"),
        ("E, [2026-11-23T06:44:20.481420 #26131] ERROR -- : reaped #<Process::Status: pid 26133 SIGKILL (signal 9)> "
         "worker=0", Life.KILL, 26133, "SIGKILL"),
        ("E, [2026-11-23T06:44:26.497221 #26131] ERROR -- : worker=0 PID:26185 timeout (4s > 3s), killing",
         Life.TIMEOUT, 26185, "over 3 s"),
        ("[23-Nov-2026 06:44:47] WARNING: [pool www] child 26544 exited on signal 9 (SIGKILL) after 4.2 seconds from "
         "start", Life.KILL, 26544, "SIGKILL"),
        ("[23-Nov-2026 06:44:53] NOTICE: Reloading in progress ...", Life.RELOAD, None, "SIGUSR2"),
        ("2026-11-23T06:45:17: PM2 log: App [srv:0] exited with code [0] via signal [SIGKILL]", Life.KILL, None,
         "srv:0, SIGKILL"),
        ("2026-11-23T06:45:17: PM2 log: App [srv:0] exited with code [1] via signal [SIGINT]", Life.CRASH, None,
         "srv:0, exit code 1"),
        ("2026-11-23T06:45:26: PM2 log: Process with pid 26940 still alive after 1000ms, sending SIGKILL to 1 "
         "remaining pids...", Life.KILL, 26940, "SIGKILL"),
        ("*** HARAKIRI ON WORKER 2 (pid: 2544, try: 1, graceful: yes) ***", Life.TIMEOUT, 2544, "harakiri"),
        ("Mon Nov 23 06:53:16 2026 - Respawned uWSGI worker 2 (new pid: 2701)", Life.BOOT, 2701, ""),
    ],
)  # fmt: skip
def test_a_process_ends_or_begins_with_the_pid_that_the_line_is_about(text, what, subject, reason):
    life = understand(text).life
    assert (life.what, life.subject, life.reason) == (what, subject, reason)


@pytest.mark.parametrize(
    "text",
    [
        "[2026-11-23 06:29:54,324: WARNING/MainProcess] Soft time limit (1s) exceeded for tasks.slow"
        "[ce7a4d2b-b851-40e7-b979-4a72982cf8f4]",
        "2026/11/23 06:41:18 [notice] 24413#24413: signal 17 (SIGCHLD) received from 24415",
        "[23-Nov-2026 06:44:44] WARNING: [pool www] child 26552, script '/srv/index.php' (request: \"GET /x\") "
        "executing too slow (1.06 sec), logging",
        "[29078] - TERM sent to 29088...",
        "worker=0 ready",
        "I am ready.",
        "worker 2543 holds 7 cars",
        "mapped 3 cars",
        "running away",
        "- Worker bees",
    ],
)
def test_what_only_sounds_like_it_tells_of_no_life(text):
    said = understand(text)
    assert said is None or said.life is None


def test_a_place_told_without_its_pid_is_the_last_one_that_was_put_there():
    found = entries(sample("granian/killed-and-respawned.log"))
    assert [life for life in lives(found) if life[0] == "crash"] == [("crash", 30896, "worker-2 exited unexpectedly")]


def test_a_place_nobody_was_put_into_has_no_pid():
    assert lives(entries(part("[ERROR] Unexpected exit from worker-1\n[INFO] Started worker-1\n" * 3)))[0][1] is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("puma/cluster.log", "puma"),
        ("gunicorn/pid-last.log", "gunicorn-error"),
        ("uvicorn/log-config-time.log", "uvicorn"),
        ("daphne/access.log", "daphne"),
        ("nginx/combined.log", "access-log"),
    ],
)
def test_a_file_of_mostly_access_lines_is_named_after_the_server_that_speaks_in_it(path, name):
    detection = detect(sample(path))
    assert detection.format is not None
    assert name == detection.format.NAME


def test_the_pid_of_a_proxy_is_not_the_process_that_served_the_request():
    line = (
        "2026/11/23 01:38:16 [error] 20789#20789: *9 upstream timed out (110), client: 127.0.0.1, server: , request: "
        '"GET /cars?i=1 HTTP/1.1", upstream: "http://127.0.0.1:5006/cars?i=1", host: "127.0.0.1:5005"\n'
    )
    (entry,) = entries(part(line))
    assert (entry.pid, entry.pid_trust, entry.keys) == (20789, PidTrust.UNKNOWN, (("upstream", "127.0.0.1:5006"),))
    assert entry.request is not None
    assert (entry.request.path, entry.request.query) == ("/cars", "i=1")


def test_what_a_php_child_said_is_the_childs_though_its_master_wrote_it():
    said = understand(
        '[23-Nov-2026 06:44:42] WARNING: [pool www] child 26444 said into stderr: "NOTICE: PHP message: hi"'
    )
    assert (said.pid, said.level) == (26444, "")


def test_a_celery_task_has_its_id_as_a_key_and_no_pid_where_only_the_pools_place_is_told():
    said = understand(
        "[2026-11-23 06:29:51,753: INFO/ForkPoolWorker-3] tasks.add[ca398a9e-1676-4090-be9d-e69a15135c2f]: "
        "POST /cars/add"
    )
    assert said.keys == (("task_id", "ca398a9e-1676-4090-be9d-e69a15135c2f"),)
    assert said.pid is None
    assert said.request.path == "/cars/add"


def test_celerys_banner_is_its_own_and_tells_when_it_was_printed():
    said = understand("-- ******* ---- Linux-6.1.0-x86_64-with-glibc2.36 2026-11-23 06:29:47")
    assert said.kind == "celery"
    assert said.stamp is not None
    assert understand("--- a/file.py") is None
