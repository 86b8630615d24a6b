"""Which programs serve and log here, as far as the lines show: advice names the commands and options of these."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from triage.core.records import Entry, RunEvidence, Side

LOOKED_AT = 400  # lines of each part, from its beginning and its end
HEAD = 300  # characters of a line
SEEN_OFTEN = 2  # lines that make a program out of words that another's may have as well


class Server(StrEnum):
    """The most telling first: where several are seen, the first one serves and the others stand in front of it."""

    UVICORN_WORKER = "uvicorn_worker"  # gunicorn with uvicorn's worker class
    GUNICORN = "gunicorn"
    UVICORN = "uvicorn"
    HYPERCORN = "hypercorn"
    GRANIAN = "granian"
    UWSGI = "uwsgi"
    WAITRESS = "waitress"
    DAPHNE = "daphne"
    NGINX = "nginx"
    APACHE = "apache"
    JOURNALD = "journald"
    DOCKER = "docker"


# What only this program writes: `[INFO] Spawning worker-1 with PID: 18935`, `127.0.0.1:40056 - "GET /a HTTP/1.1" 200`
_SIGNS: tuple[tuple[Server, re.Pattern[str]], ...] = (
    (Server.GUNICORN, re.compile(r"Booting worker with pid: |Starting gunicorn |Using worker: |Control socket list")),
    (Server.UVICORN, re.compile(r"(?:Started|Finished) server process \[|Uvicorn running on ")),
    (Server.UVICORN, re.compile(r"[\d.\]]:\d{2,5} - \"[A-Z]{3,8} [^ \"]{1,200} HTTP/[\d.]{1,3}\" \d{3}")),
    (Server.HYPERCORN, re.compile(r"\[INFO\] Running on http|\"[A-Z]{3,8} [^ \"]{1,200} [12](?:\.\d)?\" \d{3} ")),
    (Server.GRANIAN, re.compile(r"Starting granian|Spawning worker-\d{1,4} with PID")),
    (Server.UWSGI, re.compile(r"\[pid: \d{1,7}\|app: |spawned uWSGI |\*\*\* Starting uWSGI")),
    (Server.WAITRESS, re.compile(r"(?:INFO|WARNING|ERROR):waitress|waitress: Serving on")),
    (Server.DAPHNE, re.compile(r"Starting server at tcp:port=|Listening on TCP address ")),
    (Server.NGINX, re.compile(r"\] \d{1,7}#\d{1,7}: |nginx/\d")),
    (Server.APACHE, re.compile(r"\[(?:core|mpm_\w{1,20}|wsgi|proxy\w{0,20}):\w{1,10}\] \[pid |Apache/\d")),
)
_UNITS: tuple[tuple[Server, str], ...] = (
    (Server.GUNICORN, "gunicorn"),
    (Server.UVICORN, "uvicorn"),
    (Server.HYPERCORN, "hypercorn"),
    (Server.GRANIAN, "granian"),
    (Server.UWSGI, "uwsgi"),
    (Server.WAITRESS, "waitress"),
    (Server.DAPHNE, "daphne"),
    (Server.NGINX, "nginx"),
    (Server.APACHE, "apache"),
    (Server.APACHE, "httpd"),
)
_CONTAINER = re.compile(r"[0-9a-f]{12}$")
_SERVING = (
    Server.UVICORN_WORKER,
    Server.GUNICORN,
    Server.UVICORN,
    Server.HYPERCORN,
    Server.GRANIAN,
    Server.UWSGI,
    Server.WAITRESS,
    Server.DAPHNE,
)
_ONE_PROCESS = {
    Server.UVICORN_WORKER: "gunicorn --workers 1",
    Server.GUNICORN: "gunicorn --workers 1 --threads 1",
    Server.UVICORN: "uvicorn --workers 1",
    Server.HYPERCORN: "hypercorn --workers 1",
    Server.GRANIAN: "granian --workers 1",
    Server.UWSGI: "uwsgi --processes 1",
    Server.WAITRESS: "waitress-serve --threads 1",
    Server.DAPHNE: "daphne",
}
_NO_RECYCLING = {
    Server.UVICORN_WORKER: "gunicorn --max-requests 0",
    Server.GUNICORN: "gunicorn --max-requests 0",
    Server.UVICORN: "uvicorn without --limit-max-requests",
    Server.HYPERCORN: "hypercorn --max-requests 0",
    Server.GRANIAN: "granian without --workers-lifetime",
    Server.UWSGI: "uwsgi without max-requests",
}


def servers_seen(evidence: RunEvidence) -> tuple[Server, ...]:
    """All programs that the server's lines are of, in the order of `Server`. Bounded, whatever the log's length."""
    seen: Counter[Server] = Counter()
    for part in evidence.parts:
        if part.side is Side.SERVER:
            if part.format.startswith("journal"):
                seen[Server.JOURNALD] += SEEN_OFTEN
            _count((*part.entries[:LOOKED_AT], *part.entries[LOOKED_AT:][-LOOKED_AT:]), seen)
    if seen[Server.GUNICORN] and seen[Server.UVICORN]:
        seen[Server.UVICORN_WORKER] = SEEN_OFTEN
        del seen[Server.UVICORN]
    if seen[Server.HYPERCORN] and not seen[Server.UWSGI]:
        del seen[Server.UVICORN]  # it says that it runs in other words, and writes a client's port as well
    return tuple(server for server in Server if seen[server])


def serving(seen: Iterable[Server]) -> Server | None:
    """The one that runs the application; None where only proxies and loggers are seen."""
    return next((server for server in seen if server in _SERVING), None)


def one_process(server: Server | None) -> str:
    """The command that runs the application in one process."""
    return _ONE_PROCESS[server or Server.GUNICORN]


def no_recycling(server: Server | None) -> str:
    """The command that keeps workers from being replaced by design."""
    return _NO_RECYCLING.get(server or Server.GUNICORN, _NO_RECYCLING[Server.GUNICORN])


def _count(entries: Iterable[Entry], seen: Counter[Server]) -> None:
    for entry in entries:
        unit = entry.unit.lower()
        seen.update({server for server, name in _UNITS if name in unit})
        if _CONTAINER.match(entry.host):
            seen[Server.DOCKER] += 1
        text = entry.message[:HEAD]
        seen.update({server for server, sign in _SIGNS if sign.search(text)})
