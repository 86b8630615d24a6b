"""Uploads a recorded run as a CI job would, waits for the verdict and prints it beside the truth."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

WAIT_S = 60.0


def upload(folder: Path, url: str, token: str) -> dict[str, Any]:
    """POST /api/v1/runs with every file of tests/ and server/. Raises requests.HTTPError with the answer's text."""
    with ExitStack() as stack:
        files: list[tuple[str, Any]] = [("meta", (None, (folder / "meta.json").read_bytes(), "application/json"))]
        for side in ("tests", "server"):
            for path in sorted((folder / side).iterdir()):
                files.append((side, (path.name, stack.enter_context(path.open("rb")), "application/octet-stream")))
        response = requests.post(
            url.rstrip("/") + "/api/v1/runs", files=files, headers={"Authorization": f"Bearer {token}"}, timeout=60
        )
    if response.status_code not in (200, 202):
        raise requests.HTTPError(f"{response.status_code}: {response.text[:500]}", response=response)
    answer: dict[str, Any] = response.json()
    return answer


def wait_for_verdict(run_id: str, url: str, token: str) -> tuple[dict[str, Any], float]:
    """The run document once it is ready or failed, and how many seconds that took. Raises TimeoutError."""
    started = time.monotonic()
    while time.monotonic() - started < WAIT_S:
        response = requests.get(
            f"{url.rstrip('/')}/api/v1/runs/{run_id}", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        if document["status"] in ("ready", "failed"):
            return document, time.monotonic() - started
        time.sleep(0.1)
    raise TimeoutError(f"run {run_id} was not ready after {WAIT_S:.0f} s")


def upload_and_wait(folder: Path, url: str, token: str, truth: dict[str, Any]) -> int:
    """Exit status 0 where every failing test got the verdict that it deserves."""
    try:
        accepted = upload(folder, url, token)
    except requests.RequestException as problem:
        print(f"the upload to {url} failed: {problem}")
        return 2
    document, seconds = wait_for_verdict(accepted["id"], url, token)
    print(f"{document['status']} after {seconds:.2f} s: {document.get('url') or accepted['url']}")
    verdicts = {failure["test"]: failure["verdict"] for failure in document["failures"]}
    right = True
    for expected in truth["failures"]:
        verdict = verdicts.get(expected["test"]) or {}
        write, read = (verdict.get(end) or {} for end in ("write", "read"))
        said = (verdict.get("kind"), write.get("pid"), read.get("pid"))
        right &= said[0] == expected["kind"] and said[1] == expected.get("write_pid")
        right &= said[2] in expected.get("read_pids", [said[2]])
        print(f"\n{expected['test']}")
        print(f"  verdict  {said[0]}, {verdict.get('level')}, confidence {verdict.get('confidence')}")
        print(f"           {verdict.get('summary')}")
        print(
            f"  truth    {expected['kind']}: written by {expected.get('write_pid')}, read by {expected.get('read_pid')}"
        )
    print(f"\n{'The verdict is right.' if right else 'The verdict is NOT what happened.'}")
    return 0 if right else 1
