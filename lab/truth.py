"""What really happened in a run, put together from the records that no upload contains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.disturb import matches
from lab.scenario import Route, Scenario, Server

Record = dict[str, Any]
SERVED = ("pid", "host", "method", "path", "status", "begin", "end", "port", "ours")


def truth_of_run(
    scenario: Scenario, number: int, client: Path, served: Path, clocks: list[Record] | None = None
) -> Record:
    """The cause, every request with the process that served it, and the verdict that each failing test deserves."""
    notes = _records(client)
    taken = served_requests(_records(served), {note["id"] for note in notes if note["what"] == "request"})
    places: dict[str, list[int]] = {}
    for index, record in enumerate(taken):
        if record["id"]:
            places.setdefault(record["id"], []).append(index)
    asked = sorted((note for note in notes if note["what"] == "request"), key=_sent)
    requests = [_request(note, places.get(note["id"], []), taken) for note in asked]
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
        "clock_offset_s": clocks[0]["offset_s"] if clocks else -scenario.client.ahead_s,  # of the first host
        "clock": clocks or [],
        "client_timezone": scenario.client.timezone,
        "server_timezone": stamps_timezone(scenario.server),
        "declared": declared_zones(scenario),
        "tests": outcomes,
        "failures": [
            _failure(scenario, test, [r for r in requests if r["test"] == test])
            for test, outcome in outcomes.items()
            if outcome in ("failed", "error")
        ],
        "requests": requests,
        "served": [{name: record[name] for name in SERVED} for record in taken],
        "lines": lines(notes, asked),
        "background_requests": sum(not record["ours"] and record["end"] is not None for record in taken),
    }


def _records(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def _sent(request: Record) -> float:
    return float(request["sent"])


def stamps_timezone(server: Server) -> str:
    """The zone of the stamps that are uploaded: the reader's of a journal, the server's own in a plain file."""
    return server.reader_timezone if server.modes else server.timezone


def declared_zones(scenario: Scenario) -> dict[str, str]:
    """What meta.json says of each side's zone, where it says something; it need not be so."""
    zones = {"client_timezone": scenario.client.timezone, "server_timezone": stamps_timezone(scenario.server)}
    said = (declared.partition("=") for declared in scenario.declares)
    return {name: wrong or zones[name] for name, _, wrong in said if name in zones}


def served_requests(records: list[Record], ours: set[str]) -> list[Record]:
    """Every request that a process took, in order of its beginning; `end` is None where the process died over it."""
    taken: list[Record] = []
    open_: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        key = (record["pid"], record.get("n"), record["id"], record["method"], record["path"])
        if record["what"] == "begin":
            fresh = {
                **{name: record.get(name) for name in ("id", "pid", "host", "method", "path", "port")},
                "status": None,
                "begin": record["at"],
                "end": None,
                "ours": record["id"] in ours,
            }
            taken.append(fresh)
            open_.setdefault(key, []).append(fresh)
        elif open_.get(key):
            open_[key].pop(0).update(status=record["status"], end=record["at"])
    return sorted(taken, key=lambda each: float(each["begin"]))


def _request(note: Record, places: list[int], taken: list[Record]) -> Record:
    """One request of the client, with the server's own times; `pid` is None where no process took it."""
    pids = {taken[place]["pid"] for place in places}
    times = [taken[place][end] for place in places for end in ("begin", "end")]
    return {
        "test": note["test"],
        "phase": note["phase"],
        "worker": note.get("worker", ""),
        "method": note["method"],
        "path": note["path"],
        "status": note.get("status"),
        "problem": note.get("problem"),
        "pid": note.get("pid") or (pids.pop() if len(pids) == 1 else None),
        "body": note.get("body", ""),
        "port": taken[places[0]]["port"] if places else None,
        "sent": note["sent"],
        "received": note["received"],
        "handled": [at for at in times if at is not None],
        "served": next((place for place in places if taken[place]["pid"] == note.get("pid")), next(iter(places), None)),
    }


def lines(notes: list[Record], asked: list[Record]) -> list[Record]:
    """What the test processes logged; a line that speaks of what comes next is of the next request of its test."""
    index = {note["id"]: n for n, note in enumerate(asked)}
    found = []
    for note in sorted((note for note in notes if note["what"] == "line"), key=lambda note: float(note["at"])):
        about = index.get(note["id"])
        if note["next"]:
            later = (n for n, each in enumerate(asked) if each["test"] == note["test"] and each["sent"] >= note["at"])
            about = next(later, None)
        found.append({**{name: note[name] for name in ("test", "logger", "message", "at")}, "request": about})
    return found


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
