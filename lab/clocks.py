"""The clocks of a run: which are wrong, by how much, since when; and true time, which no log shows.

A clock that is only ahead or behind is set once. One that drifts, jumps or runs through hours in seconds is a line in a
file that libfaketime reads at every look at the clock, and a thread here rewrites it. Waiting is never faked.
"""

from __future__ import annotations

import mmap
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lab.scenario import Client, Server

TICK_S = 0.005
FINE_S = 50e-6  # a clock is set anew when it is off by more
_TO_ADD = struct.Struct("=d")  # as in lab/apps/lab_clock.py


def library() -> Path:
    """Raises RuntimeError where libfaketime is not installed."""
    found = find_spec("libfaketime")
    if found is None or found.origin is None:
        raise RuntimeError("needs libfaketime: see requirements/lab.in")
    return Path(found.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"


def needs_library(client: Client, server: Server) -> bool:
    """Whether any clock of the run is to be wrong."""
    return bool(client.ahead_s or server.clock_ahead) or _moves(client)


def _moves(client: Client) -> bool:
    return bool(client.drift_ppm or client.clock_jumps) or client.speed != 1.0


class Clocks:
    """The clocks of one run. `folder` is where the processes of both sides find true time and their own."""

    def __init__(self, client: Client, server: Server, folder: Path) -> None:
        self._client, self._folder = client, folder
        self._hosts = (server.host, *server.more_hosts)
        self._host_ahead = dict(server.clock_ahead)
        self._leapt = 0.0  # seconds that every clock has skipped, true time too
        self._leap_from = time.monotonic()
        self._began: float | None = None  # true instant of the suite's first record
        self._jumps: list[tuple[float, float]] = []  # (true instant, seconds), as they came about
        self._written: dict[str, float] = {}
        self._anchored = time.time()
        self._anchor = self._anchored - time.monotonic()
        true_clock = folder / "true-clock"
        true_clock.write_bytes(_TO_ADD.pack(self._anchor))
        with true_clock.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _TO_ADD.size)
        if _moves(client):
            self._set()

    def now(self) -> float:
        """The true instant, in seconds since the epoch."""
        return time.monotonic() + self._anchor + self._leapt

    def client_now(self) -> datetime:
        """What CI's own clock shows."""
        return datetime.fromtimestamp(self.now() + self._client_ahead(), UTC)

    def of_client(self) -> dict[str, str]:
        """The environment of the suite."""
        true = {"LAB_TRUE_CLOCK": str(self._folder / "true-clock")}
        if self._client.speed != 1.0:
            true["LAB_LEAP"] = str(self._folder / "leap")
        if _moves(self._client):
            return {**true, **_following(self._folder / "client-clock")}
        return {**true, **_ahead(self._client.ahead_s)}

    def of_host(self, host: str, seen_as: str) -> dict[str, str]:
        """The environment of everything that runs on the host; `seen_as` is the folder as processes there see it."""
        if self._client.speed != 1.0:
            return _following(Path(seen_as) / f"{host}-clock")
        return _ahead(self._host_ahead.get(host, 0.0))

    def of_app(self, host: str, seen_as: str) -> dict[str, str]:
        """The environment of the host's server, which also notes true time."""
        return {"LAB_TRUE_CLOCK": f"{seen_as}/true-clock", **self.of_host(host, seen_as)}

    @contextmanager
    def running(self, notes: Path) -> Iterator[None]:
        """Moves the clocks for as long as the block lasts; the suite has begun when `notes` has its first record."""
        if not _moves(self._client):
            yield
            return
        over = threading.Event()
        thread = threading.Thread(target=self._run, args=(notes, over))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(10)

    def told(self) -> list[dict[str, Any]]:
        """The truth, one record a host: server minus client. The skew is what is added for every true second."""
        at = self._began if self._began is not None else self._anchored
        return [
            {
                "host": host,
                "offset_s": self._host_ahead.get(host, 0.0) - self._client.ahead_s,  # at "at"
                "at": at,
                "skew_ppm": 0.0 - self._client.drift_ppm,
                "steps": [{"at": when, "by_s": -by} for when, by in self._jumps],
            }
            for host in self._hosts
        ]

    def _run(self, notes: Path, over: threading.Event) -> None:
        ask = self._folder / "leap"
        while not over.wait(TICK_S):
            if self._began is None:
                if not notes.exists():
                    continue
                self._began, self._leap_from = self.now(), time.monotonic()
            asked = ask.exists()
            if asked:
                self._leap()
            self._jump()
            self._set()
            if asked:
                ask.unlink()  # whoever waits for the leap goes on

    def _leap(self) -> None:
        """Between two tests every clock skips the time that the last one would have taken at full length."""
        now = time.monotonic()
        self._leapt += (self._client.speed - 1.0) * (now - self._leap_from)
        self._leap_from = now
        self._shared[:] = _TO_ADD.pack(self._anchor + self._leapt)

    def _jump(self) -> None:
        now = self.now()
        for after, by in self._client.clock_jumps[len(self._jumps) :]:
            if self._began is not None and now >= self._began + after:
                self._jumps.append((now, by))

    def _client_ahead(self) -> float:
        since = self.now() - self._began if self._began is not None else 0.0
        return self._client.ahead_s + self._client.drift_ppm * 1e-6 * since + sum(by for _, by in self._jumps)

    def _set(self) -> None:
        self._write("client", self._leapt + self._client_ahead())
        if self._client.speed != 1.0:
            for host in self._hosts:
                self._write(host, self._leapt + self._host_ahead.get(host, 0.0))

    def _write(self, name: str, ahead: float) -> None:
        if abs(ahead - self._written.get(name, float("inf"))) < FINE_S:
            return
        new = self._folder / f"{name}-clock.new"
        new.write_text(f"{ahead:+.6f}\n")
        new.replace(self._folder / f"{name}-clock")
        self._written[name] = ahead


# File times stay true: gunicorn compares them with a clock that is not faked, and Python with those in its caches.
def _faked() -> dict[str, str]:
    return {"LD_PRELOAD": str(library()), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}


def _ahead(seconds: float) -> dict[str, str]:
    return {**_faked(), "FAKETIME": f"{seconds:+f}"} if seconds else {}


# The library reads the file without a lock: Python's threads take turns, those of a server in Rust would not.
def _following(path: Path) -> dict[str, str]:
    return {**_faked(), "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1"}
