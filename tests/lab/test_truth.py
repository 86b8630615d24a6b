"""Which write a read asked for, and which process answered each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.registry import by_slug
from lab.truth import truth_of_run

TEST = "tests/test_items.py::test_sum"


def _request(number: int, method: str, path: str, pid: int, body: str = "") -> dict[str, Any]:
    return {
        "what": "request",
        "id": f"1-{number}",
        "test": TEST,
        "phase": "call",
        "method": method,
        "path": path,
        "sent": float(number),
        "received": number + 0.5,
        "status": 200,
        "pid": pid,
        "body": body,
    }


def _truth(folder: Path, *requests: dict[str, Any]) -> dict[str, Any]:
    report = {"what": "report", "test": TEST, "when": "call", "outcome": "failed", "start": 0, "stop": 9, "worker": ""}
    path = folder / "client.jsonl"
    path.write_text("".join(json.dumps(note) + "\n" for note in (*requests, report)))
    return truth_of_run(by_slug("memory-items"), 1, path, folder / "served.jsonl")


def test_a_read_belongs_to_the_write_that_made_the_same_thing(tmp_path: Path) -> None:
    truth = _truth(
        tmp_path,
        _request(1, "POST", "/items", 101, '{"id": "aaaa1111"}'),
        _request(2, "POST", "/items", 102, '{"id": "bbbb2222"}'),
        _request(3, "GET", "/items/aaaa1111", 102),
    )
    [failure] = truth["failures"]
    assert (failure["write_pid"], failure["read_pid"]) == (101, 102)


def test_a_pair_on_one_process_is_not_given_as_the_truth(tmp_path: Path) -> None:
    truth = _truth(
        tmp_path,
        _request(1, "GET", "/items/aaaa1111", 102),
        _request(2, "POST", "/items", 101, '{"id": "aaaa1111"}'),
        _request(3, "GET", "/items/aaaa1111", 101),
    )
    [failure] = truth["failures"]
    assert "write_pid" not in failure
    assert failure["read_pids"] == [102]


def test_a_request_that_no_process_took_has_no_pid(tmp_path: Path) -> None:
    refused = {**_request(1, "GET", "/items/aaaa1111", 0), "pid": None, "status": None, "problem": "ConnectionError"}
    truth = _truth(tmp_path, refused)
    assert truth["requests"][0]["pid"] is None
    assert truth["failures"] == [{"test": TEST, "kind": "split_state", "side": "server", "mechanism": "in_memory"}]
