"""What really happened in a run, put together from the records that no upload contains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.disturb import matches
from lab.scenario import Route, Scenario

Record = dict[str, Any]


def truth_of_run(scenario: Scenario, number: int, client: Path, served: Path) -> Record:
    """The cause, every request with the process that served it, and the verdict that each failing test deserves."""
    notes = _records(client)
    by_id: dict[str, list[Record]] = {}
    background = 0
    for record in _records(served):
        if record["id"]:
            by_id.setdefault(record["id"], []).append(record)
        elif record["what"] == "end":
            background += 1
    requests = sorted((_request(note, by_id) for note in notes if note["what"] == "request"), key=_sent)
    outcomes = _outcomes(notes)
    return {
        "scenario": scenario.slug,
        "run": number,
        "about": scenario.about,
        "cause": {
            "kind": scenario.truth.kind,
            "side": scenario.truth.side,
            "mechanism": scenario.truth.mechanism,
        },
        "server": {"runner": scenario.server.runner, "app": scenario.server.app, "workers": scenario.server.workers},
        "clock_offset_s": -scenario.client.ahead_s,  # server time minus client time, as true instants
        "client_timezone": scenario.client.timezone,
        "server_timezone": scenario.server.reader_timezone,
        "tests": outcomes,
        "failures": [
            _failure(scenario, test, [r for r in requests if r["test"] == test])
            for test, outcome in outcomes.items()
            if outcome in ("failed", "error")
        ],
        "requests": requests,
        "background_requests": background,
    }


def _records(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def _sent(request: Record) -> float:
    return float(request["sent"])


def _request(note: Record, by_id: dict[str, list[Record]]) -> Record:
    """One request of the client, with the server's own times; `pid` is None where no process took it."""
    handled = by_id.get(note["id"], [])
    pids = {record["pid"] for record in handled}
    return {
        "test": note["test"],
        "phase": note["phase"],
        "method": note["method"],
        "path": note["path"],
        "status": note.get("status"),
        "problem": note.get("problem"),
        "pid": note.get("pid") or (pids.pop() if len(pids) == 1 else None),
        "body": note.get("body", ""),
        "port": handled[0]["port"] if handled else None,
        "sent": note["sent"],
        "received": note["received"],
        "handled": [record["at"] for record in handled],
    }


def _outcomes(notes: list[Record]) -> dict[str, str]:
    """failed: the call failed; error: setup or teardown did. The worse of several reports counts."""
    outcomes: dict[str, str] = {}
    for note in notes:
        if note["what"] != "report":
            continue
        if note["outcome"] == "failed":
            outcomes[note["test"]] = "failed" if note["when"] == "call" else outcomes.get(note["test"], "error")
            if outcomes[note["test"]] == "passed":
                outcomes[note["test"]] = "error"
        elif note["outcome"] == "skipped":
            outcomes.setdefault(note["test"], "skipped")
        elif note["when"] == "call":
            outcomes.setdefault(note["test"], "passed")
    return outcomes


def _failure(scenario: Scenario, test: str, requests: list[Record]) -> Record:
    truth = scenario.truth_of(test)
    failure: Record = {"test": test, "kind": truth.kind, "side": truth.side, "mechanism": truth.mechanism}
    if truth.honest:
        failure["honest"] = list(truth.honest)
    read = _last(truth.read, requests)
    if read is None:
        return failure
    write = _write_of(truth.write, requests, read)
    if write is None:
        return failure
    if write["pid"] != requests[read]["pid"]:
        failure["write_pid"], failure["read_pid"] = write["pid"], requests[read]["pid"]
    # Another read of the same kind, answered by another process than the writer, is as good a proof.
    others = {r["pid"] for r in requests if r["pid"] and r["pid"] != write["pid"] and _is(truth.read, r)}
    failure["write_pids"], failure["read_pids"] = [write["pid"]], sorted(others)
    return failure


def _write_of(route: Route | None, requests: list[Record], read: int) -> Record | None:
    """The write that the read at index `read` asks for: the one that names the same thing, else the last before it."""
    writes = [r for r in requests[:read] if _is(route, r)] or [r for r in requests if _is(route, r)]
    thing = str(requests[read]["path"]).rpartition("/")[2]
    named = [r for r in writes if len(thing) >= 6 and thing in f"{r['path']} {r['body']}"]
    chosen = named or writes
    return chosen[-1] if chosen else None


def _last(route: Route | None, requests: list[Record]) -> int | None:
    found = [n for n, request in enumerate(requests) if _is(route, request)]
    return found[-1] if found else None


def _is(route: Route | None, request: Record) -> bool:
    return route is not None and matches(route, request["method"], request["path"])
