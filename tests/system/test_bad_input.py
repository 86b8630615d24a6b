"""Bad input through the whole running system: the run exists, says what is wrong, uses the rest, and nothing breaks."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from bench.big_part import LIMIT_MB, watched
from bench.running import ROOT, Multipart, Running
from tests.system import bad_parts
from tests.system.bad_parts import CASES, GOOD_SERVER, GOOD_TESTS, SPLIT, Case

PASSWORD = "correct horse battery"
EXPLAINED = ("empty", "random bytes", "truncated gzip", "nested gzip bomb", "billion laughs", "odd numbers", "nasty")


class Signed:
    """A Lineup of this module's own, with a person signed in."""

    def __init__(self, lineup: Running) -> None:
        self.lineup = lineup
        self.person = requests.Session()
        self.person.trust_env = False
        make = f"from django.contrib.auth.models import User; User.objects.create_superuser('root', '', '{PASSWORD}')"
        command = [sys.executable, "manage.py", "shell", "-c", make]
        subprocess.run(command, cwd=ROOT, env=lineup.environment, check=True, capture_output=True)
        form = self.person.get(f"{lineup.url}/sign-in").text
        secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)', form)
        assert secret
        sent = {"username": "root", "password": PASSWORD, "csrfmiddlewaretoken": secret[1]}
        assert "Sign out" in self.person.post(f"{lineup.url}/sign-in", data=sent).text

    def send(self, key: str, files: list[bad_parts.File], meta: dict[str, Any]) -> requests.Response:
        parts: list[tuple[str, str, Any]] = [("meta", "", json.dumps({"run_key": key, **meta}).encode())]
        parts += [(slot, re.sub(r'["\r\n]', "'", name), content) for slot, name, content in files]
        body = Multipart(parts)
        headers = {"Authorization": f"Bearer {self.lineup.token}", "Content-Type": body.content_type}
        return self.lineup.session.post(f"{self.lineup.url}/api/v1/runs", headers=headers, data=body, timeout=60)

    def pages(self, run: dict[str, Any]) -> Iterator[requests.Response]:
        """Every page of a run that a person would open, and a few that nobody would."""
        page = f"/runs/{run['id']}"
        tests = [f"?test={quote(failure['test'])}" for failure in (run["failures"][:2] + run["failures"][-1:])]
        queries = ["", "?span=run", "?span=run&times=raw", "?view=table", "?span=run&view=table", "/progress", *tests]
        around = [f"/lines?{what}={number}" for what in ("step", "served") for number in (0, 1, 2, 5)]
        for path in (*(page + rest for rest in (*queries, *around)), "/p/bench/"):
            yield self.person.get(self.lineup.url + path, timeout=30)

    def documents(self, run: dict[str, Any]) -> Iterator[requests.Response]:
        headers = {"Authorization": f"Bearer {self.lineup.token}"}
        here = f"{self.lineup.url}/api/v1/runs"
        yield self.lineup.session.get(here, headers=headers, timeout=30)
        for failure in run["failures"][:2]:
            asked = {"test": failure["test"]}
            yield self.lineup.session.get(f"{here}/{run['id']}/steps", params=asked, headers=headers, timeout=30)


@pytest.fixture(scope="module")
def signed() -> Iterator[Signed]:
    with Running(LINEUP_SWEEP_SECONDS="1", LINEUP_WEB_PROCESSES="2") as lineup:
        yield Signed(lineup)
        said = (lineup.home / "up.log").read_text(errors="replace")
        assert "Traceback" not in said, said[said.index("Traceback") - 500 :][:4000]
        assert lineup.token not in said
        assert PASSWORD not in said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_run_says_what_is_wrong_and_uses_the_rest(case: Case, signed: Signed):
    bad = case.files()
    good = [("tests", "good.log", GOOD_TESTS), ("server", "good.txt", GOOD_SERVER)] if case.good_pair else []
    peaks: dict[str, float] = {}
    with watched(signed.lineup, peaks):
        answer = signed.send(case.name, [*bad, *good], case.meta)
        assert answer.status_code == 202, answer.text
        began = time.monotonic()
        run = signed.lineup.wait_done(answer.json()["id"], patience=case.seconds)
        took = time.monotonic() - began
        pages = list(signed.pages(run))
        documents = list(signed.documents(run))
    assert run["status"] == case.status, run["error"]
    assert case.says in (run["parts"][0]["problem"] or ""), run["parts"][0]
    if case.good_pair:
        [known] = [f for f in run["failures"] if f["test"] == "tests/test_api_example.py::test_api_example"]
        assert known["verdict"]["kind"] == case.verdict or not case.verdict
        assert [part["problem"] for part in run["parts"][-2:]] == [None, None]
    else:
        assert case.says in run["error"]
    assert {answer.status_code for answer in documents} == {200}
    for answer in pages:
        assert answer.status_code == 200 or (answer.status_code == 404 and "/lines" in answer.url), answer.url[:200]
        harmless(answer)
    name, peak = max(peaks.items(), key=lambda item: item[1])
    assert peak < LIMIT_MB, (name, peak, took)


def harmless(answer: requests.Response) -> None:
    """Nothing that was sent is markup, and nothing that slipped through would run."""
    for executed in ("<script>alert", "<img src=x", "<svg/onload", 'href="javascript:'):
        assert executed not in answer.text, answer.url[:200]
    for unseen in "\0\x1b\x07\u202e":
        assert unseen not in answer.text, (hex(ord(unseen)), answer.url[:200])
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy


def test_a_log_that_unfolds_to_much_more_leaves_the_people_waiting_free(signed: Signed):
    bomb = bad_parts.gzip_of(GOOD_SERVER * 2600, 64)  # 52 MB in half a megabyte
    large = signed.send("large", [("server", "a.gz", bomb), ("tests", "t.log", GOOD_TESTS)], bad_parts.META).json()
    seen = []
    until = time.monotonic() + 30
    while seen[-1:] != ["waiting"] and time.monotonic() < until:
        progress = signed.lineup.run(large["id"])["progress"]
        if progress and progress["stage"] not in seen[-1:] and (progress["stage"] == "parsing" or seen):
            seen.append(progress["stage"])
        time.sleep(0.01)
    small = signed.send("small", [("tests", "t.log", GOOD_TESTS), ("server", "s.txt", GOOD_SERVER)], bad_parts.META)
    assert signed.lineup.wait_done(small.json()["id"], patience=10)["status"] == "ready"
    assert seen[:2] == ["parsing", "waiting"], "it was begun where people wait, and handed over"


def test_96_parts_at_once_are_each_named(signed: Signed):
    files = [("server" if n % 2 else "tests", f"part {n}.log", b"nothing %d" % n) for n in range(96)]
    answer = signed.send(
        "many parts", [*files, ("tests", "t", GOOD_TESTS), ("server", "s", GOOD_SERVER)], bad_parts.META
    )
    run = signed.lineup.wait_done(answer.json()["id"], patience=30)
    assert [part["name"] for part in run["parts"][:96]] == [name for _, name, _ in files]
    assert all("No known format" in part["problem"] for part in run["parts"][:96])
    assert run["failures"][0]["verdict"]["kind"] == SPLIT


def test_a_dozen_test_logs_share_the_memory_of_one(signed: Signed):
    line = "2024-05-23 12:11:{0:02} | INFO | Base_Logging | log_result | PASS: step {1} " + "y" * 300 + "\n"
    logs = [
        bad_parts.gzip_of("".join(line.format(n % 60, f"{k}.{n}") for n in range(6_000)).encode(), 5) for k in range(12)
    ]
    peaks: dict[str, float] = {}
    with watched(signed.lineup, peaks):
        files = [("tests", f"{k}.log.gz", log) for k, log in enumerate(logs)]
        answer = signed.send("chatty", [*files, ("server", "good.txt", GOOD_SERVER)], bad_parts.META)
        run = signed.lineup.wait_done(answer.json()["id"], patience=90)
    assert run["status"] == "ready"
    assert "left out" in run["parts"][0]["problem"]
    assert max(peaks.values()) < LIMIT_MB, peaks


@pytest.mark.parametrize("name", EXPLAINED)
def test_explain_says_the_same_on_files(name: str, tmp_path):
    case = next(case for case in CASES if case.name == name)
    files = [*case.files(), ("tests", "good.log", GOOD_TESTS), ("server", "good.txt", GOOD_SERVER)]
    paths = []
    for number, (_, _, content) in enumerate(files):
        path = tmp_path / f"{number}.\x1b[31mlog"
        path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        paths.append(str(path))
    for option in ([], ["--json"]):
        command = [sys.executable, "manage.py", "explain", *option, *paths]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        assert case.says.encode() in done.stderr
        assert b"Traceback" not in done.stderr
        assert not {0, 7, 27} & set(done.stdout + done.stderr)
