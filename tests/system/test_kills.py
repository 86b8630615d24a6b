"""Web, worker, broker and Postgres are killed while runs are uploaded and read: no run is lost, none is there twice."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psutil
import requests

from bench.logs import START, client_log, events, short, with_run
from bench.running import Running

RUNS = 50
KINDS = 5  # different contents; each is also loaded once in peace, to compare with
KILLING_S = 45
SETTLING_S = 120
SEED = 20240523
TARGETS = (
    ("config.wsgi",),  # a gunicorn master or worker
    ("celery", "worker"),  # a Celery worker or one of its pool
    ("celery", "beat"),
    ("valkey",),
    ("postgres",),  # the server or one of its backends
)
FINGERPRINT = """
    SELECT count(*), md5(string_agg(concat_ws('|', e.line, e.stamp_us, e.host, e.pid, e.message, e.raw,
                                              e.request::text), E'\\n' ORDER BY p.position, e.line))
    FROM triage_part p JOIN triage_run r ON r.id = p.run_id
    JOIN triage_entry e ON e.part_id = p.id AND e.received_on = r.received_on WHERE r.run_key = %s
"""


def test_no_run_that_got_its_answer_is_lost_or_doubled_whatever_is_killed():
    contents = [content(kind) for kind in range(KINDS)]
    with Running() as lineup:
        accepted = disturbed_load(lineup, contents)
        lineup.wait_ready(60)
        assert len(accepted) == RUNS, "every upload gets its answer in the end, by trying again"
        states = settled(lineup)
        assert states == {"ready": RUNS}, (states, lineup.rows("SELECT run_key, status, stage, error FROM triage_run"))
        assert lineup.rows("SELECT count(*), count(DISTINCT run_key) FROM triage_run") == [(RUNS, RUNS)]
        assert lineup.rows("SELECT count(*) FROM triage_part") == [(2 * RUNS,)]
        assert {key: str(run) for key, run in lineup.rows("SELECT run_key, id FROM triage_run")} == accepted
        in_peace = []
        for kind, (tests, server) in enumerate(contents):
            answer = lineup.upload(f"calm/{kind}", tests=("test.log", tests), server=("journal.log", server))
            assert lineup.wait_done(answer.json()["id"])["status"] == "ready"
            in_peace.append((lineup.rows(FINGERPRINT, f"calm/{kind}"), meaning(lineup, f"calm/{kind}")))
            assert in_peace[-1][0][0][0] > 0
        for number in range(RUNS):
            key = f"kill/{number}"
            assert (lineup.rows(FINGERPRINT, key), meaning(lineup, key)) == in_peace[number % KINDS], key


def content(kind: int) -> tuple[bytes, bytes]:
    """A test log and a journal: mostly short ones, every fifth as long as a busy minute's."""
    at = START + timedelta(minutes=3)
    lines = 12_000 if kind == 0 else 600 * kind
    background = events(lines, START, per_second=lines / 360, seed=kind)
    name = f"figo{kind}"
    return client_log(at, name).encode(), "".join(short(with_run(background, at))).encode()


def disturbed_load(lineup: Running, contents: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Uploads all runs while things are killed; (run key, id) of those that got their 202 or 200."""
    over = threading.Event()
    killer = threading.Thread(target=kill_now_and_then, args=(lineup, over), daemon=True)
    begun = time.monotonic()
    killer.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda n: persistent_upload(lineup, n, *contents[n % KINDS]), range(RUNS)))
        # The last uploads are still being read: the killing goes on for as long as was promised.
        over.wait(max(0.0, KILLING_S - (time.monotonic() - begun)))
    finally:
        over.set()
        killer.join(10)
    return {key: run_id for key, run_id in answers if run_id}


def persistent_upload(lineup: Running, number: int, tests: bytes, server: bytes) -> tuple[str, str]:
    """As a CI job does it: the same run_key again after an error, until there is an answer."""
    key = f"kill/{number}"
    time.sleep(random.Random(number).uniform(0.2, 4.0))
    until = time.monotonic() + 100
    while time.monotonic() < until:
        try:
            answer = lineup.upload(key, timeout=20, tests=("test.log", tests), server=("journal.log", server))
            if answer.status_code in (200, 202):
                return key, answer.json()["id"]
            assert answer.status_code >= 500, answer.text
        except requests.RequestException:
            pass
        time.sleep(0.5)
    return key, ""


def kill_now_and_then(lineup: Running, over: threading.Event) -> None:
    chance = random.Random(SEED)
    while not over.wait(chance.uniform(0.8, 2.5)):
        victims = lineup.called(*chance.choice(TARGETS))
        if victims:
            try:
                chance.choice(victims).kill()
            except psutil.Error:
                continue


def settled(lineup: Running) -> dict[str, int]:
    until = time.monotonic() + SETTLING_S
    while True:
        states = dict(lineup.rows("SELECT status, count(*) FROM triage_run GROUP BY status"))
        if not {"queued", "processing"} & states.keys() or time.monotonic() > until:
            return states
        time.sleep(0.5)


def meaning(lineup: Running, key: str) -> list[tuple]:
    return lineup.rows(
        "SELECT t.nodeid, t.outcome, v.kind, v.summary FROM triage_run r JOIN triage_test t ON t.run_id = r.id "
        "LEFT JOIN triage_verdict v ON v.test_id = t.id WHERE r.run_key = %s ORDER BY t.position",
        key,
    )
