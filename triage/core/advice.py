"""What to change, and how to confirm it: short, concrete, per mechanism, with the commands of the server at hand."""

from __future__ import annotations

from triage.core.court import Court
from triage.core.findings import Mechanism, VerdictKind

_CHANGE = {
    Mechanism.IN_MEMORY: (
        "Keep it where all processes see it: a database or Redis, never a module-level list or dict."
        " Look for a variable that is filled by one request and read by another, and for a secret drawn at import."
    ),
    Mechanism.SESSION_KEY: (
        "Give all workers one secret key, from the environment or a file; look for os.urandom or secrets.token_* at"
        " import time. A key drawn in each worker makes every other worker's sessions void."
    ),
    Mechanism.LOCAL_CACHE: (
        "Use one cache for all processes (Redis, Memcached), or keep the version of the data in the key; look for"
        " lru_cache, cached_property, SimpleCache and LocMemCache around this read."
    ),
    Mechanism.ID_COUNTER: (
        "Let the database or Redis hand out the numbers (a sequence, INCR), not a variable in the process."
    ),
    Mechanism.RATE_LIMIT: (
        "Give the limiter a shared storage, such as Redis; in memory each worker counts its own requests."
    ),
    Mechanism.JOB_REGISTRY: (
        "Keep the jobs in a table, in Redis or in Celery's result backend, not in a dict of the worker."
    ),
    Mechanism.BROADCAST: (
        "Send through a shared channel (Redis pub/sub, LISTEN/NOTIFY, a channel layer) that all workers hear."
    ),
    Mechanism.IN_MEMORY_DATABASE: "Use a database file or server: each process opens its own sqlite `:memory:`.",
    Mechanism.FEATURE_FLAG: (
        "Keep the setting in the database or Redis and read it per request, or tell all workers of a change."
    ),
    Mechanism.REPLICA: (
        "Put what is written on one host where all hosts see it: a shared volume, an object store, a database."
    ),
    Mechanism.WORKER_RECYCLED: (
        "Keep the state outside the worker: it ends by design (max_requests). Raising the limit only makes it rarer."
    ),
    Mechanism.WORKER_KILLED: (
        "Keep the state outside the worker, and look at why it was killed: memory, a time limit, or a person."
    ),
    Mechanism.REDEPLOY: "Keep the state outside the process, and do not deploy or reload while the tests run.",
    Mechanism.XDIST: (
        "Let each test worker have its own data (names with worker_id, a schema each), or guard shared set-up with "
        "a file lock; clean up only what the test made itself."
    ),
}
_GENERAL = {
    VerdictKind.SPLIT_STATE: (
        "Find what one request keeps in the process and another reads, and move it to a shared store."
    ),
    VerdictKind.LOST_STATE: "Keep the state outside the process, so that it outlives the worker.",
    VerdictKind.SERVER_ERROR: "Read the traceback in the server's lines: the request itself broke.",
    VerdictKind.SERVER_UNAVAILABLE: (
        "Look at why the server gave no answer: is it up, is it fast enough, was a worker killed?"
    ),
    VerdictKind.CONSISTENT_FAILURE: "Compare the answer with what the test expects: one of the two has changed.",
    VerdictKind.TEST_ERROR: "Repair the test's own code or set-up; the server is not involved.",
    VerdictKind.UNEXPLAINED: "",
}
_ONE_WORKER = {
    "gunicorn": "gunicorn --workers 1 --threads 1",
    "uvicorn": "uvicorn --workers 1",
    "hypercorn": "hypercorn --workers 1",
    "granian": "granian --workers 1",
    "uwsgi": "uwsgi --processes 1",
}


def advise(kind: VerdictKind, mechanism: Mechanism | None) -> str:
    """What to change."""
    if mechanism is not None and mechanism in _CHANGE:
        return _CHANGE[mechanism]
    return _GENERAL[kind]


def confirm(kind: VerdictKind, mechanism: Mechanism | None, court: Court, test: str) -> str:
    """An experiment that would decide."""
    if mechanism is Mechanism.XDIST:
        return f"Run it alone: `pytest -p no:xdist '{test}'` passes every time if the test workers are the cause."
    if mechanism is Mechanism.REPLICA:
        return "Point the tests at one host only: if they pass every time, the hosts do not share this."
    if kind is VerdictKind.SPLIT_STATE:
        return (
            f"As an experiment, not as a fix, run the server with one process (`{_command(court)}`) and repeat the"
            " test: if it then passes every time, the processes do not share this."
        )
    if kind is VerdictKind.LOST_STATE:
        if mechanism is Mechanism.WORKER_RECYCLED:
            return "Run the server without recycling (gunicorn `--max-requests 0`) and repeat: the loss should stop."
        if mechanism is Mechanism.REDEPLOY:
            return "Repeat the test while nothing is deployed or reloaded: the loss should stop."
        return "Repeat the test while no worker is killed: the loss should stop."
    if kind is VerdictKind.CONSISTENT_FAILURE:
        return f"Run it against one process (`{_command(court)}`): if it fails there as well, processes do not matter."
    if kind is VerdictKind.UNEXPLAINED:
        return f"Run it against one process (`{_command(court)}`): if it passes there every time, processes matter."
    return ""


def _command(court: Court) -> str:
    texts = [process.unit.lower() for process in court.lineup.processes]
    texts += [line.entry.message.lower() for line in court.scene.lines.lines[:50]]
    for server, command in _ONE_WORKER.items():
        if any(server in text for text in texts):
            return command
    return _ONE_WORKER["gunicorn"]
