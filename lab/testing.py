"""Runs a tester's suite with a real pytest, as a CI runner would, on a host of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.journald import UNSHARED
from lab.scenario import Client

HOOKS = Path(__file__).resolve().parent / "hooks"
APPS = Path(__file__).resolve().parent / "apps"  # for lab_clock, which both sides share
SUITE_SECONDS = 60
# The suite runs where a CI runner would have it; on memory file systems, so that no trace of the lab is in the output.
RUNNER_STAGE = """
set -e
hostname ci-runner-4
mount -t tmpfs tmpfs /srv
if [ -d /dev/shm ]; then mount -t tmpfs tmpfs /dev/shm; fi
mkdir /srv/ci /srv/ci/project /srv/ci/venv
mount --bind "$1" /srv/ci/project
mount --bind "$2" /srv/ci/venv
cd /srv/ci/project
shift 2
exec setpriv --pdeathsig KILL "$@"
"""


def run_suite(client: Client, suite: Path, work: Path, base_url: str, clock: Mapping[str, str]) -> bytes:
    """What pytest printed. `clock` is the part of the environment that sets its clock. Raises TimeoutError."""
    low, high = client.latency_ms
    environment = {
        "PATH": "/srv/ci/venv/bin:/usr/bin:/bin",
        "HOME": "/srv/ci",
        "CI": "true",
        "PYTHONPATH": f"{HOOKS}:{APPS}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAB_CLIENT_TRUTH": str(work / "client.jsonl"),
        "LAB_LATENCY_MS": f"{low},{high}",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # only what a tester of this suite would have installed
        "BASE_URL": base_url,
        "TZ": client.timezone,
        **dict(client.env),
    }
    plugins = ["lab_truth", "no:cacheprovider"]
    plugins += ["lab_leap"] if client.speed != 1.0 else []
    plugins += ["xdist.plugin"] if "-n" in client.args else []
    plugins += ["pytest_reportlog.plugin"] if any(a.startswith("--report-log") for a in client.args) else []
    options = [word for plugin in plugins for word in ("-p", plugin)]
    # The clock is set for the suite alone: a library preloaded into the stage would leave its semaphores behind.
    set_clock = ["env", *(f"{name}={value}" for name, value in clock.items())]
    pytest = [*set_clock, "/srv/ci/venv/bin/python", "-m", "pytest", *options, *client.args]
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
