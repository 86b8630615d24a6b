"""What an earlier start left behind when it was killed together with its chance to clean up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from config.embedded.programs import CannotStart

MARK = "LINEUP_STARTED_BY_UP"  # in the environment of everything that `make up` starts; its value is the home


def marked(home: Path) -> list[psutil.Process]:
    """Every living process that a `make up` on this home started, but this one."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(home) and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found


def end_marked(home: Path) -> int:
    """End them, at first politely; how many there were."""
    found = marked(home)
    _end(found, signal.SIGTERM, 5)
    return len(found)


def end_postgres(data: Path) -> bool:
    """End a Postgres that still works on this data folder; whether there was one. Raises CannotStart."""
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        process = psutil.Process(pid)
        if Path(process.cwd()).resolve() != data.resolve():  # a reused number: Postgres works in its data folder
            return False
    except (OSError, ValueError, psutil.Error):
        return False
    _end([process], signal.SIGINT, 30)
    if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        raise CannotStart(f"A Postgres of an earlier start (process {pid}) does not end.")
    return True


def _end(processes: Iterable[psutil.Process], first: int, patience: float) -> None:
    alive = list(processes)
    for sent, wait in ((first, patience), (signal.SIGKILL, 5)):
        for process in alive:
            try:
                process.send_signal(sent)
            except psutil.Error:
                continue
        _, alive = psutil.wait_procs(alive, timeout=wait)
