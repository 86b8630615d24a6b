"""Runs one scenario once: a real server, a real journald, a real pytest; keeps what CI would upload, and the truth."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from lab.clocks import Clocks
from lab.disturb import disturbed
from lab.journald import Journald, journald
from lab.scenario import Client, Scenario, Server
from lab.serving import free_port, proxied, serve, stop
from lab.testing import run_suite
from lab.truth import Record, declared_zones, truth_of_run

LAB = Path(__file__).resolve().parent
BOOT_S = 0.4  # the port listens before the last worker has booted


def run_scenario(scenario: Scenario, number: int, folder: Path) -> Record:
    """Writes `folder`/{tests,server,meta.json,truth.json} and returns the truth. Raises NeedsJournald, TimeoutError."""
    work = Path(tempfile.mkdtemp(prefix="lineup-lab-"))
    try:
        return _run(scenario, number, folder, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run(scenario: Scenario, number: int, folder: Path, work: Path) -> Record:
    data, suite = work / "data", work / "suite"
    data.mkdir()
    shutil.copytree(LAB / "suites" / scenario.client.suite, suite, ignore=shutil.ignore_patterns("__pycache__"))
    server, served, notes = scenario.server, data / "served.jsonl", work / "client.jsonl"
    with ExitStack() as stack:
        clocks = Clocks(scenario.client, server, data)
        journals = {
            host: stack.enter_context(
                journald(host, LAB / "apps", Path(sys.prefix), data, clocks.of_host(host, "/srv/data"))
            )
            for host in (server.host, *server.more_hosts)
        }
        started = clocks.client_now()  # CI writes it down by its own clock
        with ExitStack() as serving:
            running = [
                serving.enter_context(serve(server, host, journal, free_port(), data, clocks.of_app(host, "/srv/data")))
                for host, journal in journals.items()
            ]
            time.sleep(BOOT_S)
            port = running[0].port
            if len(running) > 1:
                port = serving.enter_context(proxied([each.port for each in running], work))
            if scenario.disturbance.stop_server:
                for each in running:
                    stop(each.master)
            base_url = f"http://127.0.0.1:{port}"
            masters = [each.master.pid for each in running]
            with clocks.running(notes), disturbed(scenario.disturbance, masters, base_url, served):
                terminal = run_suite(scenario.client, suite, work, base_url, clocks.of_client())
            finished = clocks.client_now()
            for side in ("tests", "server"):
                shutil.rmtree(folder / side, ignore_errors=True)
                (folder / side).mkdir(parents=True)
            if server.hosted:
                _keep_server(server, journals, data, folder / "server")
        if not server.hosted:
            _keep_server(server, journals, data, folder / "server")
    _keep_tests(scenario.client, terminal, suite, folder / "tests")
    meta = _meta(scenario, number, started, finished)
    (folder / "meta.json").write_text(json.dumps(meta, indent=2) + "\n")
    truth = truth_of_run(scenario, number, notes, served, clocks.told())
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n")
    return truth


def _keep_server(server: Server, journals: dict[str, Journald], data: Path, folder: Path) -> None:
    for host, journal in journals.items():
        journal.sync()
        prefix = f"{host}." if server.more_hosts else ""
        for mode in server.modes:
            content = journal.read("-o", mode, "-t", server.ident, timezone=server.reader_timezone)
            suffix = mode if mode in ("json", "export") else "txt"
            (folder / f"{prefix}journal-{mode}.{suffix}").write_bytes(_neutral(content))
        log = data / f"{host}.log"
        if log.exists():
            (folder / f"{prefix}server.log").write_bytes(_neutral(log.read_bytes()))


def _keep_tests(client: Client, terminal: bytes, suite: Path, folder: Path) -> None:
    if client.terminal:
        (folder / "pytest.txt").write_bytes(_neutral(terminal))
    for name in client.uploads:
        for path in sorted(suite.glob(name)):
            (folder / path.name).write_bytes(_neutral(path.read_bytes()))


def _meta(scenario: Scenario, number: int, started: datetime, finished: datetime) -> dict[str, object]:
    meta: dict[str, object] = {
        "run_key": f"lab/{scenario.slug}/{started:%Y%m%d%H%M%S}/{number}",
        "name": scenario.slug,
        "branch": "main",
        "started_at": started.isoformat(),
        "finished_at": finished.isoformat(),
    }
    if "workers" in scenario.declares:
        meta["environment"] = {"server_workers": scenario.server.workers}
    return meta | declared_zones(scenario)


def _neutral(content: bytes) -> bytes:
    """Where the interpreter lies on this machine is nobody's business."""
    return content.replace(sys.base_prefix.encode(), b"/usr/local")
