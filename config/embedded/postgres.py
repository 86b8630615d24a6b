"""The embedded Postgres: its data folder, how it is started, and where it is reached.

As root the data folder is handed over as an open file descriptor (/proc/self/fd/N/…): so the account that Postgres runs
as needs no way through the folders above it, which may be closed to everyone (a clone below /root) and stay closed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

import psycopg2
from psycopg2 import sql

from config.embedded.programs import CannotStart, Program, free_port, postgres_account, postgres_programs
from config.home import secret

STOP = signal.SIGINT  # Postgres's fast shutdown: ends sessions, writes everything, needs no recovery
DATABASE = "lineup"


class Postgres:
    """One data folder, `folder/server/data`. What is directly in `folder` stays this user's own, as root too."""

    def __init__(self, folder: Path, port: int, durable: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.port = port
        self.durable = durable  # False for tests: no fsync
        self.server = folder / "server"
        self.server.mkdir(exist_ok=True, mode=0o700)
        self.data = self.server / "data"
        self.account = postgres_account(self.data)
        self._programs = postgres_programs(self.account)
        self._reached_by: int | None = None
        if self.account:
            os.chown(self.server, *self.account)
            self._reached_by = os.open(self.server, os.O_RDONLY | os.O_DIRECTORY)
        self.password = secret(folder, "password")

    @property
    def url(self) -> str:
        return f"postgres://lineup:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def program(self) -> Program:
        """The server itself. Makes the data folder if it is missing."""
        self._init()
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "jit": "off",  # the wheel carries no LLVM
            "log_checkpoints": "off",
            "max_connections": 200,
            "fsync": "on" if self.durable else "off",
        }
        argv = [str(self._programs / "postgres"), "-D", self._path("data")]
        for name, value in options.items():
            argv += ["-c", f"{name}={value}"]
        return self._as_program(*argv)

    def is_ready(self) -> bool:
        """Whether the server says so itself, in the last line of its pid file. Opens no connection."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[3].strip() == str(self.port) and lines[7].strip() == "ready"

    def make_database(self) -> None:
        """Create the database in a running server if it is missing."""
        connection = psycopg2.connect(self.url.removesuffix(DATABASE) + "postgres", connect_timeout=10)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        finally:
            connection.close()

    def close(self) -> None:
        if self._reached_by is not None:
            os.close(self._reached_by)
            self._reached_by = None

    def _path(self, name: str) -> str:
        return f"/proc/self/fd/{self._reached_by}/{name}" if self._reached_by is not None else str(self.server / name)

    def _as_program(self, *argv: str) -> Program:
        return Program(
            argv=argv,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC"},
            account=self.account,
            keep_open=() if self._reached_by is None else (self._reached_by,),
        )

    def _init(self) -> None:
        unfinished = self.server / "data.new"
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(unfinished, ignore_errors=True)  # of a start that was killed half way
        with NamedTemporaryFile("w", dir=self.server, prefix=".password.") as password:
            password.write(self.password)
            password.flush()
            if self.account:
                os.chown(password.name, *self.account)
            program = self._as_program(
                str(self._programs / "initdb"), "-D", self._path("data.new"), "-U", "lineup", "--encoding=utf8",
                "--auth=scram-sha-256", f"--pwfile={self._path(Path(password.name).name)}",
                *(() if self.durable else ("--no-sync",)),
            )  # fmt: skip
            done = subprocess.run(program.argv, capture_output=True, text=True, **program.options(signal.SIGKILL))  # type: ignore[call-overload]
        if done.returncode != 0:
            raise CannotStart(f"initdb could not make {self.data}: {done.stderr.strip()[-600:]}")
        unfinished.rename(self.data)


@contextmanager
def running_postgres(folder: Path, durable: bool = True) -> Iterator[str]:
    """A Postgres for the duration of one command or test session; yields its URL. Raises CannotStart."""
    server = Postgres(folder, free_port(), durable)
    program = server.program()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(program.argv, stdout=log, stderr=log, **program.options(STOP))  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + 30
        while not server.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                tail = (folder / "log").read_text(encoding="utf-8", errors="replace")[-600:]
                raise CannotStart(f"Postgres did not start; its log {folder / 'log'} ends:\n{tail}")
            time.sleep(0.02)
        server.make_database()
        yield server.url
    finally:
        process.send_signal(STOP)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        server.close()


@contextmanager
def temporary_postgres(folder: Path) -> Iterator[str]:
    """A throw-away Postgres for tests; yields its URL."""
    with running_postgres(folder, durable=False) as url:
        yield url
