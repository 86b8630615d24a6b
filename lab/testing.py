"""Runs a tester's suite with a real pytest, as a CI runner would, on a host of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from lab.journald import UNSHARED
from lab.scenario import Client

HOOKS = Path(__file__).resolve().parent / "hooks"
SUITE_SECONDS = 60
# The suite runs where a CI runner would have it; on memory file systems, so that no trace of the lab is in the output.
RUNNER_STAGE = """
set -e
hostname ci-runner-4
mount -t tmpfs tmpfs /srv
mkdir /srv/ci /srv/ci/project /srv/ci/venv
mount --bind "$1" /srv/ci/project
mount --bind "$2" /srv/ci/venv
cd /srv/ci/project
shift 2
exec setpriv --pdeathsig KILL "$@"
"""


def run_suite(client: Client, suite: Path, work: Path, base_url: str) -> bytes:
    """What pytest printed. Raises TimeoutError."""
    low, high = client.latency_ms
    environment = {
        "PATH": "/srv/ci/venv/bin:/usr/bin:/bin",
        "HOME": "/srv/ci",
        "CI": "true",
        "PYTHONPATH": str(HOOKS),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAB_CLIENT_TRUTH": str(work / "client.jsonl"),
        "LAB_LATENCY_MS": f"{low},{high}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # only what a tester of this suite would have installed
        "BASE_URL": base_url,
        "TZ": client.timezone,
        **dict(client.env),
        **_clock(client.ahead_s),
    }
    plugins = ["lab_truth", "no:cacheprovider"]
    plugins += ["xdist.plugin"] if "-n" in client.args else []
    plugins += ["pytest_reportlog.plugin"] if any(a.startswith("--report-log") for a in client.args) else []
    options = [word for plugin in plugins for word in ("-p", plugin)]
    pytest = ["/srv/ci/venv/bin/python", "-m", "pytest", *options, *client.args]
    command = [*UNSHARED, "sh", "-c", RUNNER_STAGE, "stage"]
    process = subprocess.Popen(
        [*command, str(suite), sys.prefix, *pytest],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=SUITE_SECONDS)
    except subprocess.TimeoutExpired as problem:
        raise TimeoutError(f"the suite took longer than {SUITE_SECONDS} s") from problem
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
    return output


def _clock(ahead_s: float) -> dict[str, str]:
    """libfaketime sets the suite's clock; what measures waiting stays true."""
    if not ahead_s:
        return {}
    found = find_spec("libfaketime")
    if found is None or found.origin is None:
        raise RuntimeError("needs libfaketime: see requirements/lab.in")
    library = Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    return {"LD_PRELOAD": str(library), "FAKETIME": f"{ahead_s:+f}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
