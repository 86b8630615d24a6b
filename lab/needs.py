"""What a scenario needs beyond this machine's Python: said in a sentence that begins with "needs "."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from lab import journald
from lab.scenario import Scenario

# Runner or app -> the package that brings it; the others come with Lineup's own tests.
PACKAGES = {
    "gunicorn-uvicorn": "uvicorn_worker",
    "hypercorn": "hypercorn",
    "granian": "granian",
    "uwsgi": "uwsgidecorators",
    "items_asgi": "fastapi",
}


def needs(scenario: Scenario) -> str:
    """Empty where the scenario can run here."""
    problem = journald.missing()
    if problem:
        return problem
    server = scenario.server
    wanted = [PACKAGES[name] for name in (server.runner, server.app) if name in PACKAGES]
    if scenario.client.ahead_s:
        wanted.append("libfaketime")
    lacking = [package for package in wanted if find_spec(package) is None]
    if server.more_hosts and shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        lacking.append("nginx")
    return f"needs {', '.join(lacking)}: see requirements/lab.in" if lacking else ""
