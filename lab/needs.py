"""What a scenario needs beyond this machine's Python: said in a sentence that begins with "needs "."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from lab import journald
from lab.clocks import needs_library
from lab.scenario import Scenario

# Runner, app or suite -> the package that brings it; the others come with Lineup's own tests.
PACKAGES = {
    "gunicorn-uvicorn": "uvicorn_worker",
    "gunicorn-gevent": "gevent",
    "waitress": "waitress",
    "hypercorn": "hypercorn",
    "granian": "granian",
    "uwsgi": "uwsgidecorators",
    "items_asgi": "fastapi",
    "assistant_asgi": "fastapi",
    "chat_asgi": "fastapi",
    "chat": "websocket",
    "chat_channels_asgi": "channels",
    "portal_asgi": "fastapi",
    "reminders_app": "apscheduler",
    "support_app": "socketio",
    "uploads_asgi": "fastapi",
    "parcels_asgi": "fastapi",
}


def needs(scenario: Scenario) -> str:
    """Empty where the scenario can run here."""
    problem = journald.missing()
    if problem:
        return problem
    server = scenario.server
    wanted = [PACKAGES[name] for name in (server.runner, server.app, scenario.client.suite) if name in PACKAGES]
    if needs_library(scenario.client, server):
        wanted.append("libfaketime")
    lacking = [package for package in wanted if find_spec(package) is None]
    fronted = server.more_hosts or server.runner.endswith("-nginx")
    if fronted and shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        lacking.append("nginx")
    return f"needs {', '.join(lacking)}: see requirements/lab.in" if lacking else ""
