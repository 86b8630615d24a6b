"""A whole Lineup of one's own: `manage.py up` on a folder and a port that nobody else uses, as a person starts it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import requests

ROOT = Path(__file__).resolve().parent.parent
START_S, STOP_S = 90, 60


class Multipart:
    """A form as a stream of known length, so that a big file is never in memory here."""

    def __init__(self, parts: list[tuple[str, str, bytes | Path]]) -> None:
        boundary = "lineup-4f2c9e0d7b61"
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._pieces: list[bytes | Path] = []
        for field, name, content in parts:
            file = f'; filename="{name}"\r\nContent-Type: application/octet-stream' if name else ""
            self._pieces.append(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"{file}\r\n\r\n'.encode()
            )
            self._pieces += [content, b"\r\n"]
        self._pieces.append(f"--{boundary}--\r\n".encode())
        self._length = sum(len(p) if isinstance(p, bytes) else p.stat().st_size for p in self._pieces)
        self._blocks = self._all()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def read(self, size: int = -1) -> bytes:
        return next(self._blocks, b"")

    def _all(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                if piece:  # b"" would be read as the end of the whole body
                    yield piece
                continue
            with piece.open("rb") as file:
                while block := file.read(1 << 18):
                    yield block


class Running:
    """`with Running() as lineup:` — its `url`, a `token`, its processes and its database."""

    def __init__(self, **environment: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="lineup-run-"))
        self.home.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "BROKER_URL"}}
        self.environment = {**inherited, "LINEUP_HOME": str(self.home), "PORT": str(self.port), **environment}
        self.token = ""
        self.session = requests.Session()
        self.session.trust_env = False  # the loopback address, whatever proxy the environment names

    def __enter__(self) -> Running:
        (self.home / "demonstration-done").write_text("not wanted here\n")
        with (self.home / "up.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        try:
            self.wait_ready()
            self.token = self._new_token()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *about: object) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def wait_ready(self, patience: float = START_S) -> None:
        until = time.monotonic() + patience
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise RuntimeError(f"it ended while starting:\n{self.said()}")
            try:
                if self.session.get(f"{self.url}/readyz", timeout=3).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise RuntimeError(f"not ready after {patience} seconds:\n{self.said()}")

    def said(self) -> str:
        return (self.home / "up.log").read_text(errors="replace")[-6000:]

    def stop(self) -> None:
        ours = self.processes()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for process in ours:  # only what this object has started, and only what did not go by itself
            if process.is_running():
                process.kill()

    def processes(self) -> list[psutil.Process]:
        try:
            top = psutil.Process(self.process.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def called(self, *words: str) -> list[psutil.Process]:
        """Processes of this Lineup whose command line holds all the words; masters and their children alike."""
        found = []
        for process in self.processes():
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            if all(word in line for word in words):
                found.append(process)
        return found

    def database(self) -> Any:
        """A connection of its own to the embedded Postgres."""
        noted = json.loads((self.home / "run" / "servers.json").read_text())
        connection = psycopg2.connect(noted["database"], connect_timeout=5)
        connection.autocommit = True
        return connection

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        connection = self.database()
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def upload(self, run_key: str, *, timeout: float = 120, meta: dict[str, Any] | None = None, **files: Any) -> Any:
        """POSTs a run: `tests=` and `server=` are (name, bytes or path). Returns the response."""
        parts = [("meta", "", json.dumps({"run_key": run_key, **(meta or {})}).encode())]
        parts += [(side, name, content) for side, (name, content) in files.items()]
        body = Multipart(parts)
        return self.session.post(
            f"{self.url}/api/v1/runs",
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": body.content_type},
            data=body,
            timeout=timeout,
        )

    def run(self, run_id: str) -> dict[str, Any]:
        answer = self.session.get(
            f"{self.url}/api/v1/runs/{run_id}", headers={"Authorization": f"Bearer {self.token}"}, timeout=10
        )
        answer.raise_for_status()
        return dict(answer.json())

    def wait_done(self, run_id: str, patience: float = 60, every: float = 0.02) -> dict[str, Any]:
        """The run once it is ready or failed."""
        until = time.monotonic() + patience
        while True:
            run = self.run(run_id)
            if run["status"] in ("ready", "failed"):
                return run
            if time.monotonic() > until:
                raise TimeoutError(f"run {run_id} after {patience} s: {run}")
            time.sleep(every)

    def _new_token(self) -> str:
        made = subprocess.run(
            [sys.executable, "manage.py", "token", "bench", "--scope", "upload,read"],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return made.stdout.split()[-1]
