"""A whole Lineup, started the way `make up` starts it, on a home and a port of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError

import psutil

from config.embedded.programs import free_port
from config.home import BASE_DIR
from config.up import leftovers

WORDS = {  # what each process has in its command line
    "postgres": "/bin/postgres",
    "valkey": "valkey-server",
    "web": "gunicorn",
    "beat": " beat ",
    "interactive": "--queues interactive",
    "bulk": "--queues bulk",
}


def wait_until(done: Callable[[], bool], patience: float = 40, why: str = "") -> None:
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"waited {patience} s in vain: {why}"
        time.sleep(0.1)


def environment(home: Path, port: int, **more: str) -> dict[str, str]:
    unset = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "BASE_URL", "LINEUP_PRODUCTION", leftovers.MARK)
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    small = {"LINEUP_WEB_PROCESSES": "2", "LINEUP_INTERACTIVE_WORKERS": "1", "LINEUP_SWEEP_SECONDS": "1"}
    return {**kept, **small, "LINEUP_HOME": str(home), "PORT": str(port), "PYTHONUNBUFFERED": "1", **more}


class Running:
    def __init__(self, home: Path, port: int | None = None, demonstration: bool = False) -> None:
        self.home = home
        self.port = port or free_port()
        if not demonstration:
            home.mkdir(parents=True, exist_ok=True)
            (home / "demonstration-done").touch()
        self.env = environment(home, self.port)
        self.said = home.with_suffix(".out")
        with self.said.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=BASE_DIR, env=self.env, stdout=out, stderr=out
            )

    def output(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")

    def until_ready(self) -> Running:
        wait_until(lambda: "ready after" in self.output() or self.process.poll() is not None, patience=90)
        assert self.process.poll() is None, self.output()
        return self

    def readyz(self) -> tuple[int, dict[str, dict[str, object]]]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status, json.load(answer)["checks"]
        except HTTPError as error:
            return error.code, json.load(error)["checks"]
        except (OSError, ValueError):
            return 0, {}

    def child(self, name: str) -> psutil.Process | None:
        """The supervisor's own child of that name."""
        for process in psutil.Process(self.process.pid).children():
            try:
                if WORDS[name] in " ".join(process.cmdline()):
                    return process
            except psutil.Error:
                continue
        return None

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def manage(self, *arguments: str, patience: float = 60) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=BASE_DIR, env=self.env, capture_output=True, text=True, timeout=patience)

    def stop(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


def are_gone(processes: list[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
