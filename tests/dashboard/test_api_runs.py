"""The read API: what it answers, in which order, to whom, and at what cost."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.dashboard.reported import ERROR, FAILED, PASSED, SPLIT, a_ready_run
from tests.triage.made import NOON, a_part, a_project, a_run
from triage.access import SHOWN, digest_of, new_secret
from triage.models import Run, Verdict
from triage.store.projects import add_token

pytestmark = pytest.mark.django_db
RUNS = "/api/v1/runs"


def a_token(*scopes: str, project: str = "cars") -> dict[str, str]:
    secret = new_secret()
    add_token(a_project(project), digest=digest_of(secret), prefix=secret[:SHOWN], scopes=scopes or ["read"])
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def get(client):
    token = a_token()
    client.get(RUNS, headers=token)  # its use is noted: later requests of the minute cost a query less
    return lambda path, **headers: client.get(path, headers={**token, **headers})


def error_of(answer, status: int, field: str | None = None) -> str:
    assert answer.status_code == status, answer.content
    error = answer.json()["error"]
    assert error["field"] == field
    return error["code"]


def test_a_ready_run_is_answered_in_the_words_of_the_contract(get):
    run = a_ready_run()
    document = get(f"{RUNS}/{run.pk}").json()
    assert document == {
        "id": str(run.pk),
        "run_key": "ci/1",
        "url": f"http://testserver/runs/{run.pk}",
        "status": "ready",
        "error": None,
        "progress": None,
        "parts": [
            {"name": "test.log", "side": "tests", "format": "pytest-terminal", "entries": 4, "skipped_lines": 0,
             "problem": None, "piece_of": None, "redacted": {}},
            {"name": "journal.txt", "side": "server", "format": "journal-short", "entries": 8123, "skipped_lines": 2,
             "problem": None, "piece_of": None, "redacted": {}},
            {"name": "photo.jpg", "side": "server", "format": None, "entries": 0, "skipped_lines": 0,
             "problem": "This is no log: it is a JPEG picture.", "piece_of": None, "redacted": {}},
        ],
        "clock": {"offset_s": -1378.7, "uncertainty_s": 0.4, "skew_ppm": 0.0, "at": None, "jumps": [],
                  "basis": "31 matched requests",
                  "host": "web1", "decided": True},
        "tests": {"total": 3, "passed": 1, "failed": 1, "error": 1, "skipped": 0},
        "failures": document["failures"],
        "revision": 1,
        "failures_left_out": 0,
        "analysed_revision": 1,
        "remarks": ["The journal names no year."],
        "gaps": [],
        "experiment": None,
        "experiment_note": None,
        "core_version": 1,
    }  # fmt: skip
    split, broken = document["failures"]
    assert split == {
        "group": None,
        "history": None,
        "previous": [],
        "judgement": None,
        "test": FAILED,
        "outcome": "failed",
        "message": "assert 3 == 4",
        "verdict": {
            "kind": "split_state",
            "side": "server",
            "mechanism": "in_memory",
            "level": "likely",
            "confidence": 0.93,
            "summary": SPLIT,
            "write": {"method": "POST", "path": "/cars/add", "host": "web1", "unit": "gunicorn", "pid": 51463,
                      "at": "2026-05-23T12:00:00.500000+00:00"},
            "read": {"method": "GET", "path": "/cars", "host": "web1", "unit": "gunicorn", "pid": 51465,
                     "at": "2026-05-23T12:00:01.500000+00:00"},
            "evidence": [{"kind": "pid_switch", "text": "Two processes.", "weight": 2.1}],
            "advice": "Keep the cars in one place.",
            "confirm": "Run with one worker.",
            "missing": "",
        },
    }  # fmt: skip
    assert (broken["test"], broken["outcome"]) == (ERROR, "error")
    assert (broken["verdict"]["side"], broken["verdict"]["mechanism"], broken["verdict"]["read"]) == (None, None, None)


def test_a_run_in_work_shows_how_far_it_is(get):
    run = a_run(status="processing", stage="parsing", done=120_000, total=400_000)
    a_part(run)
    document = get(f"{RUNS}/{run.pk}").json()
    assert (document["status"], document["clock"], document["failures"]) == ("processing", None, [])
    assert document["progress"] == {"stage": "parsing", "done": 120_000, "total": 400_000}
    assert document["tests"] == {"total": 0, "passed": 0, "failed": 0, "error": 0, "skipped": 0}
    assert document["parts"][0]["format"] is None
    queued = get(f"{RUNS}/{a_run('ci/2').pk}").json()
    assert queued["progress"] == {"stage": "waiting", "done": 0, "total": 0}


def test_a_failed_run_says_why(get):
    run = a_run(status="failed", error="No part of this run could be read.")
    document = get(f"{RUNS}/{run.pk}").json()
    assert (document["status"], document["error"]) == ("failed", "No part of this run could be read.")
    assert document["progress"] is None


def test_the_steps_of_a_test_name_who_served_them(get):
    run = a_ready_run()
    answer = get(f"{RUNS}/{run.pk}/steps?test={quote(FAILED)}").json()
    assert answer["test"] == FAILED
    assert [step["n"] for step in answer["steps"]] == [1, 2, 3]
    assert answer["steps"][0] == {
        "n": 1, "at": "2026-05-23T12:00:00+00:00", "text": "added a car", "method": "POST", "path": "/cars/add",
        "status": 200,
        "server": [
            {"host": "web1", "unit": "gunicorn", "pid": 51463, "at": "2026-05-23T12:00:00.500000+00:00",
             "confidence": 0.99},
            {"host": "web1", "unit": "gunicorn", "pid": 51465, "at": "2026-05-23T12:00:01.500000+00:00",
             "confidence": 0.01},
        ],
    }  # fmt: skip
    assert answer["steps"][2] == {
        "n": 3, "at": None, "text": "count differs", "method": None, "path": None, "status": None, "server": [],
    }  # fmt: skip
    assert len(get(f"{RUNS}/{run.pk}/steps?test={quote(PASSED)}").json()["steps"]) == 1
    assert get(f"{RUNS}/{run.pk}/steps?test={quote(ERROR)}").json() == {"test": ERROR, "steps": [], "more": False}


def test_steps_of_no_test_or_an_unknown_one_are_refused(get):
    run = a_ready_run()
    assert error_of(get(f"{RUNS}/{run.pk}/steps"), 400, "test") == "missing_parameter"
    assert error_of(get(f"{RUNS}/{run.pk}/steps?test="), 400, "test") == "missing_parameter"
    assert error_of(get(f"{RUNS}/{run.pk}/steps?test=nothing"), 404, "test") == "unknown_test"
    assert error_of(get(f"{RUNS}/{run.pk}/steps?test=a%00b"), 404, "test") == "unknown_test"


def test_an_unknown_run_is_a_404(get):
    assert error_of(get(f"{RUNS}/00000000-0000-0000-0000-000000000000"), 404) == "unknown_run"


@pytest.mark.parametrize("path", [RUNS, f"{RUNS}/00000000-0000-0000-0000-000000000000", "/api/v1/openapi.json"])
def test_what_is_read_cannot_be_written(client, path):
    for method in ("PUT", "DELETE", "PATCH"):
        answer = client.generic(method, path)
        assert error_of(answer, 405) == "method_not_allowed"
        assert "GET, HEAD" in answer["Allow"]


# Polling -----------------------------------------------------------------------------------------------------------


def test_an_unchanged_run_is_a_304_that_costs_two_queries(get, django_assert_num_queries):
    run = a_ready_run()
    first = get(f"{RUNS}/{run.pk}")
    with django_assert_num_queries(2):
        again = get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"


def test_progress_changes_the_etag(get):
    run = a_run(status="processing", stage="parsing", done=1, total=2)
    first = get(f"{RUNS}/{run.pk}")
    assert get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]}).status_code == 304
    Run.objects.update(done=2)
    assert get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_new_verdict_changes_the_etag(get):
    run = a_run(status="processing")
    first = get(f"{RUNS}/{run.pk}")
    Run.objects.update(status="ready")
    second = get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]})
    assert (second.status_code, second.json()["status"]) == (200, "ready")


def test_head_answers_as_get_without_the_body(client):
    run = a_ready_run()
    token = a_token()
    for path in (RUNS, f"{RUNS}/{run.pk}", f"{RUNS}/{run.pk}/steps?test={quote(FAILED)}"):
        head, full = client.head(path, headers=token), client.get(path, headers=token)
        assert (head.status_code, head.content, head["ETag"]) == (200, b"", full["ETag"])


def test_the_number_of_queries_does_not_grow_with_the_run(get, django_assert_max_num_queries):
    run = a_ready_run()
    with django_assert_max_num_queries(7):  # token, run, parts, verdicts; groups, former verdicts, judgements
        get(f"{RUNS}/{run.pk}")
    with django_assert_max_num_queries(7):
        get(f"{RUNS}/{run.pk}/steps?test={quote(FAILED)}")
    for n in range(5):
        a_ready_run(f"more/{n}")
    with django_assert_max_num_queries(3):
        assert len(get(RUNS).json()["runs"]) == 6


# The list ----------------------------------------------------------------------------------------------------------


def keys(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [run["run_key"] for run in answer.json()["runs"]]


def test_runs_come_newest_first_with_what_a_list_needs(get):
    a_run("old", NOON - timedelta(days=1))
    run = a_ready_run("new", branch="main", commit="abc", ci_url="https://ci.example.org/1")
    document = get(RUNS).json()
    assert [found["run_key"] for found in document["runs"]] == ["new", "old"]
    assert document["next_cursor"] is None
    assert document["runs"][0] == {
        "id": str(run.pk), "run_key": "new", "url": f"http://testserver/runs/{run.pk}", "status": "ready",
        "error": None, "progress": None, "name": None, "branch": "main", "commit": "abc",
        "ci_url": "https://ci.example.org/1", "received_at": "2026-05-23T12:00:00+00:00",
        "tests": {"total": 3, "passed": 1, "failed": 1, "error": 1, "skipped": 0},
        "verdicts": {"split_state": 1, "test_error": 1},
    }  # fmt: skip


def test_no_runs_are_an_empty_page(get):
    assert get(RUNS).json() == {"runs": [], "next_cursor": None}


def test_conditions_are_joined(get):
    a_ready_run("ready-main", branch="main")
    a_ready_run("ready-dev", branch="dev")
    a_run("queued-main", branch="main")
    Verdict.objects.filter(run__run_key="ready-dev").update(kind="unexplained")
    assert set(keys(get(f"{RUNS}?branch=main"))) == {"ready-main", "queued-main"}
    assert keys(get(f"{RUNS}?branch=main&status=ready")) == ["ready-main"]
    assert keys(get(f"{RUNS}?verdict=split_state")) == ["ready-main"]
    assert keys(get(f"{RUNS}?verdict=unexplained&branch=&status=&since=&cursor=")) == ["ready-dev"]
    assert keys(get(f"{RUNS}?branch=none&unknown=ignored")) == []


def test_since_is_an_instant_and_its_own_run_belongs_to_it(get):
    a_run("noon")
    a_run("earlier", NOON - timedelta(microseconds=1))
    for written in ("2026-05-23T12:00:00Z", "2026-05-23T14:00:00%2B02:00", "2026-05-23T14:00:00+02:00"):
        assert keys(get(f"{RUNS}?since={written}")) == ["noon"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=done", "status"),
        ("verdict=split", "verdict"),
        ("since=2026-05-23", "since"),
        ("since=2026-05-23T12:00:00", "since"),
        ("since=0001-01-01T00:00:00%2B05:00", "since"),
        ("branch=a%00b", "branch"),
        ("cursor=1", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=prüf", "cursor"),
        ("cursor=" + "A" * 5000, "cursor"),
        ("cursor=OTk5OTk5OTk5OTk5OTk5OTk5LjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw", "cursor"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(get, query, field):
    assert error_of(get(f"{RUNS}?{query}"), 400, field) in ("bad_parameter", "bad_cursor")


def test_pages_hold_every_run_once_also_where_runs_arrive_meanwhile(get):
    a_project()
    for n in range(205):
        a_run(f"{n:03}", NOON + timedelta(seconds=n // 10))  # ten arrive at the same moment
    seen: list[str] = []
    cursor = ""
    sizes = []
    while cursor is not None:
        answer = get(f"{RUNS}?cursor={cursor}")
        page = keys(answer)
        sizes.append(len(page))
        seen += page
        cursor = answer.json()["next_cursor"]
        a_run(f"late-{len(sizes)}", NOON + timedelta(days=1))
    assert sizes == [100, 100, 5]
    assert sorted(seen) == [f"{n:03}" for n in range(205)]


def test_a_list_holds_the_runs_of_its_own_project_only(client):
    a_ready_run("mine")
    theirs = a_token(project="bikes")
    assert keys(client.get(RUNS, headers=theirs)) == []
    cursorless = client.get(f"{RUNS}?verdict=split_state&branch=", headers=theirs)
    assert keys(cursorless) == []
