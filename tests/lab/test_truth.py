"""Which write a read asked for, which process answered each, and what each line is about."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def _served(request: dict[str, Any], begin: float, *, end: bool = True, pid: int | None = None) -> list[dict[str, Any]]:
    """What the app's middleware noted of a request."""
    told = {
        "id": request["id"],
        "pid": pid or request["pid"],
        "n": int(begin * 10),
        "host": "web1",
        "port": "4711",
        "method": request["method"],
        "path": request["path"],
    }
    ended = [{"what": "end", "at": begin + 0.1, "status": 200, **told}] if end else []
    return [{"what": "begin", "at": begin, **told}, *ended]


def _line(message: str, at: float, number: str | None, *, ahead: bool = False) -> dict[str, Any]:
    told = {"what": "line", "test": TEST, "logger": "shop", "message": message, "at": at}
    return {**told, "id": number, "next": ahead}


def _truth(folder: Path, *requests: dict[str, Any], served: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    (folder / "served.jsonl").write_text("".join(json.dumps(note) + "\n" for note in served))
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


def test_everything_that_any_process_took_is_listed_in_the_order_in_which_it_began(tmp_path: Path) -> None:
    mine, other = _request(1, "GET", "/items", 101), {**_request(2, "GET", "/health", 102), "id": None}
    truth = _truth(tmp_path, mine, served=[*_served(mine, 1.2), *_served(other, 1.1)])
    assert [(each["path"], each["pid"], each["ours"], each["host"]) for each in truth["served"]] == [
        ("/health", 102, False, "web1"),
        ("/items", 101, True, "web1"),
    ]
    assert truth["requests"][0]["served"] == 1
    assert truth["background_requests"] == 1


def test_a_request_over_which_its_process_died_has_no_end(tmp_path: Path) -> None:
    mine = {**_request(1, "GET", "/report", 101), "pid": None, "status": None, "problem": "ConnectionError"}
    truth = _truth(tmp_path, mine, served=_served(mine, 1.2, end=False, pid=101))
    assert truth["served"][0]["end"] is None
    assert (truth["requests"][0]["pid"], truth["requests"][0]["served"]) == (101, 0)


def test_a_request_that_no_process_took_is_at_no_place_of_the_list(tmp_path: Path) -> None:
    assert _truth(tmp_path, _request(1, "GET", "/items", 101))["requests"][0]["served"] is None


def test_a_line_is_about_the_request_that_it_was_noted_with(tmp_path: Path) -> None:
    first, second = _request(1, "POST", "/items", 101), _request(2, "GET", "/items", 102)
    truth = _truth(
        tmp_path, second, first, _line("hello", 0.5, None), _line("read", 2.8, "1-2"), _line("made", 1.6, "1-1")
    )
    assert [(line["message"], line["request"]) for line in truth["lines"]] == [
        ("hello", None),
        ("made", 0),
        ("read", 1),
    ]


def test_a_line_that_announces_is_about_the_next_request_of_its_test(tmp_path: Path) -> None:
    first, second = _request(1, "POST", "/items", 101), _request(2, "GET", "/items", 102)
    announced = _line("now reading", 1.7, None, ahead=True)
    truth = _truth(tmp_path, first, second, announced, _line("the end", 3.0, None, ahead=True))
    assert [line["request"] for line in truth["lines"]] == [1, None]
