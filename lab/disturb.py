"""What happens to a server while it is tested: pauses, other clients, a killed worker."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from lab.scenario import Disturbance, Route


def matches(route: Route, method: str, path: str) -> bool:
    return re.fullmatch(route[0], method) is not None and re.fullmatch(route[1], path) is not None


def workers_of(masters: Sequence[int]) -> list[int]:
    """PIDs of the processes that serve: the leaves below those that were started."""
    found = []
    for master in masters:
        with contextlib.suppress(psutil.Error):
            below = psutil.Process(master).children(recursive=True)
            named = [child for child in below if "resource_tracker" not in " ".join(child.cmdline())]
            found += [child.pid for child in named if not child.children()] or [master]
    return found


@contextmanager
def disturbed(plan: Disturbance, masters: Sequence[int], base_url: str, served: Path) -> Iterator[None]:
    """Runs the plan in threads for as long as the block lasts; nothing stays stopped or running afterwards."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    if plan.pauses:
        threads.append(threading.Thread(target=_pause, args=(masters, over)))
    if plan.background:
        clients = range(plan.background_clients)
        threads += [threading.Thread(target=_background, args=(plan, base_url, over)) for _ in clients]
    if plan.kill_writer:
        threads.append(threading.Thread(target=_kill_writer, args=(plan, served, over)))
    if plan.reload_after:
        threads.append(threading.Thread(target=_reload, args=(plan, masters, served, over)))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(10)
        for pid in workers_of(masters):
            _signal(pid, signal.SIGCONT)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _pause(masters: Sequence[int], over: threading.Event) -> None:
    """Stops all workers but a random one for some milliseconds, over and over: the next request goes to that one."""
    while not over.is_set():
        workers = workers_of(masters)
        if len(workers) < 2:
            over.wait(0.05)
            continue
        chosen = random.choice(workers)
        stopped = [pid for pid in workers if pid != chosen]
        for pid in stopped:
            _signal(pid, signal.SIGSTOP)
        over.wait(random.uniform(0.004, 0.025))
        for pid in stopped:
            _signal(pid, signal.SIGCONT)
        over.wait(random.uniform(0.001, 0.006))


def _background(plan: Disturbance, base_url: str, over: threading.Event) -> None:
    low, high = plan.background_gap_ms
    while not over.is_set():
        method, path = random.choice(plan.background)
        with contextlib.suppress(requests.RequestException):
            requests.request(method, base_url + path, timeout=2, headers={"User-Agent": "monitor/1.0"})
        over.wait(random.uniform(low, high) / 1000)


def _kill_writer(plan: Disturbance, served: Path, over: threading.Event) -> None:
    """Kills, as the kernel's out-of-memory killer would, whoever took the write."""
    for pid in _served(plan.kill_writer, served, over):
        over.wait(plan.kill_delay_s)
        _signal(pid, signal.SIGKILL)


def _reload(plan: Disturbance, masters: Sequence[int], served: Path, over: threading.Event) -> None:
    """One reload of the service, as a deployment does it."""
    for _ in _served(plan.reload_after, served, over):
        over.wait(plan.kill_delay_s)
        for master in masters:
            _signal(master, signal.SIGHUP)
        return


def _served(route: Route | None, served: Path, over: threading.Event) -> Iterator[int]:
    """Follows the server-side record: the PID of every process that has answered on the route, until it is over."""
    seen = 0
    while route and not over.is_set():
        lines = served.read_bytes().splitlines() if served.exists() else []
        for line in lines[seen:]:
            record = json.loads(line)
            if record["what"] == "end" and matches(route, record["method"], record["path"]):
                yield int(record["pid"])
        seen = len(lines)
        time.sleep(0.02)
