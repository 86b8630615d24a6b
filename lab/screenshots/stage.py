"""A Lineup of its own with recorded runs in it, for as long as the pictures take."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import msgspec
import requests

from lab.corpus import unpacked
from lab.history import HISTORIES
from lab.upload import upload, wait_for_verdict

ROOT = Path(__file__).resolve().parents[2]
START_S = 120.0
PROJECT = "shop"
# One of each cause that a team meets; the first is the case that the documentation tells of.
HISTORIES_SHOWN = (
    "original-precise", "session-key", "lost-recycled", "shared-regression", "shared-report-500", "like-pagination",
    "jobs-polled", "uploads-two-hosts",
)  # fmt: skip


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    password: str  # of the user admin
    token: str  # of the project, with every scope
    runs: tuple[str, ...]  # ids, in the order of their uploads


@contextmanager
def staged(home: Path, slugs: Sequence[str] = HISTORIES_SHOWN, each: int = 12) -> Iterator[Stage]:
    """Starts `manage.py up` in `home`, uploads so many runs of each history in turn, and stops it at the end."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "LINEUP_HOME": str(home), "PORT": str(port)}
    up = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_until_ready(url, up)
        made = subprocess.run(
            [sys.executable, "manage.py", "token", PROJECT, "--scope", "upload,read,triage"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        token = made.stdout.split()[-1]
        runs = tuple(_uploaded(url, token, slugs, each))
        yield Stage(url=url, password=(home / "admin-password").read_text().strip(), token=token, runs=runs)
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(timeout=60)


def _uploaded(url: str, token: str, slugs: Sequence[str], each: int) -> Iterator[str]:
    with unpacked(HISTORIES, slugs) as found:
        ordered = sorted(found, key=lambda run: int(run.name))
        by_history = [[run for run in ordered if run.parent.name == slug][:each] for slug in slugs]
        for folder in (run for turn in zip_longest(*by_history) for run in turn if run is not None):
            answer = upload(folder, url, token)
            wait_for_verdict(answer["id"], url, token)
            yield answer["id"]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_ready(url: str, up: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if up.poll() is not None:
            raise RuntimeError(f"Lineup ended with code {up.returncode} before it was ready")
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise TimeoutError(f"Lineup was not ready after {START_S:.0f} s")
