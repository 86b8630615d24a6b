"""Whether this process lives (/healthz), and whether Lineup as a whole can do its work (/readyz).

Each check runs in a thread of its own and is given up after a moment, so that the answer comes in time even where a
server accepts connections and then says nothing.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable

import kombu
from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config import heartbeat

PATIENCE = 1.5  # seconds for all checks together; they run at the same time


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    return "answers"


def _broker() -> str:
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS}
    if options:
        options |= {"socket_connect_timeout": 1.0, "socket_timeout": 1.0}
    with kombu.Connection(settings.CELERY_BROKER_URL, connect_timeout=1.0, transport_options=options) as broker:
        broker.default_channel  # noqa: B018  opening it speaks to the server, with Redis by a PING
    return "answers"


def _workers() -> str:
    if unread := heartbeat.unread_queues():
        raise RuntimeError(f"no worker reads {' and '.join(unread)}")
    return "every queue is read"


def _storage() -> str:
    settings.LINEUP_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=settings.LINEUP_HOME) as file:
        file.write(b"lineup")
        file.flush()
        os.fsync(file.fileno())
    return "can be written"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("database", _database),
    ("broker", _broker),
    ("workers", _workers),
    ("storage", _storage),
)


class _Probe(threading.Thread):
    """One check under way."""

    def __init__(self, name: str, check: Callable[[], str]) -> None:
        super().__init__(name=f"ready-{name}", daemon=True)
        self.check = check
        self.began = time.monotonic()
        self.result: tuple[bool, str] | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = (True, self.check())
        except Exception as error:  # whatever it is, it is the answer
            self.result = (False, _one_line(error))
        finally:
            connections.close_all()


# Threads that hang are this process's own, and so is this note of them: while one hangs, no second is started.
_under_way: dict[str, _Probe] = {}
_starting = threading.Lock()


def check_all() -> dict[str, dict[str, object]]:
    """Each check's name with `ok` and `detail`, within PATIENCE seconds."""
    with _starting:
        probes: dict[str, _Probe] = {}
        for name, check in CHECKS:
            old = _under_way.get(name)
            probes[name] = _under_way[name] = old if old and old.is_alive() else _Probe(name, check)
    deadline = time.monotonic() + PATIENCE
    answers: dict[str, dict[str, object]] = {}
    for name, probe in probes.items():
        probe.join(max(0.0, deadline - time.monotonic()))
        ok, detail = probe.result or (False, f"no answer for {time.monotonic() - probe.began:.1f} seconds")
        answers[name] = {"ok": ok, "detail": detail}
    return answers


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where everything answers, else 503 and what does not."""
    checks = check_all()
    ok = all(check["ok"] for check in checks.values())
    response = JsonResponse({"status": "ok" if ok else "unavailable", "checks": checks}, status=200 if ok else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  Django would log each 503 of a poll as an error
    return response
