"""A database for a management command where none is set and none runs: the embedded Postgres, for its duration."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from config import environment, home
from config.embedded import CannotStart, running_postgres

# Commands that need no database, or that start their own.
_WITHOUT = {
    "up",
    "help",
    "version",
    "check",
    "collectstatic",
    "findstatic",
    "makemigrations",
    "diffsettings",
    "compilemessages",
}
_PATIENCE = 60.0  # seconds


@contextmanager
def database_for(argv: Sequence[str]) -> Iterator[bool]:
    """Sets DATABASE_URL where that takes a server of our own; whether it did. Raises CannotStart."""
    command = next((word for word in argv[1:] if not word.startswith("-")), "help")
    wants_help = any(word in ("-h", "--help", "--version") for word in argv[1:])
    if environment.text("DATABASE_URL") or command in _WITHOUT or wants_help:
        yield False
        return
    folder = home.folder()
    lock = home.Lock(folder)
    deadline = time.monotonic() + _PATIENCE
    while not lock.take(f"command {os.getpid()}"):
        if lock.held_by().startswith("up ") and home.noted_server(folder, "database"):
            yield False  # `make up` runs, and the settings find its Postgres
            return
        if time.monotonic() > deadline:
            raise CannotStart(f"Another command has been using the database in {folder} for a minute: try again later.")
        time.sleep(0.1)
    try:
        home.forget_servers(folder)
        with running_postgres(folder / "postgres") as url:
            os.environ["DATABASE_URL"] = url
            yield True
    finally:
        lock.release()
