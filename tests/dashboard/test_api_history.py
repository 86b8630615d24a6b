"""Failure groups, former verdicts and judgements in the API: what it answers, and to whom."""

from __future__ import annotations

import json

import pytest

from tests.dashboard.test_api_openapi import conforms
from tests.dashboard.test_api_runs import RUNS, a_token, error_of
from tests.triage.histories import MESSAGE, TEST, a_report, ran, runs_that_split
from tests.triage.made import a_part, a_project
from triage.core.findings import Gap, LineRef
from triage.models import FailureGroup, Judgement, Run
from triage.store import decisions, reports
from triage.store.history import mark_experiment

pytestmark = pytest.mark.django_db
GROUPS = "/api/v1/groups"
ONE = f"{GROUPS}/{{id}}"
JUDGE = f"{RUNS}/{{id}}/judgements"


@pytest.fixture
def cars():
    return a_project()


@pytest.fixture
def get(client):
    token = a_token("triage")
    return lambda path, **headers: client.get(path, headers={**token, **headers})


@pytest.fixture
def say(client):
    token = a_token("triage")

    def post(run, **body):
        url = f"{RUNS}/{run.pk}/judgements"
        return client.post(url, json.dumps(body), content_type="application/json", headers=token)

    return post


def test_a_failure_names_its_group_and_what_all_runs_say(get, cars):
    run = ran(cars)
    answer = get(f"{RUNS}/{run.pk}")
    conforms(answer, "GET", f"{RUNS}/{{id}}")
    failure = answer.json()["failures"][0]
    group = FailureGroup.objects.get()
    assert failure["group"] == {"id": group.pk, "url": f"http://testserver/groups/{group.pk}"}
    assert failure["history"]["processes"]["unknown_failed"] + failure["history"]["processes"]["failed_different"] == 1
    assert (failure["previous"], failure["judgement"]) == ([], None)


def test_a_verdict_that_history_changed_says_what_it_was_and_why(get, cars):
    first, *_ = runs_that_split(cars)
    answer = get(f"{RUNS}/{first.pk}")
    conforms(answer, "GET", f"{RUNS}/{{id}}")
    failure = answer.json()["failures"][0]
    assert failure["verdict"]["level"] == "confirmed"
    assert failure["previous"][0]["verdict"]["level"] == "suspected"
    assert failure["previous"][-1]["became"]["level"] == "confirmed"
    assert failure["previous"][0]["reason"]


def test_another_run_of_the_test_changes_the_etag(get, cars):
    run = ran(cars)
    first = get(f"{RUNS}/{run.pk}")
    assert get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]}).status_code == 304
    ran(cars, (TEST, False, False))
    assert get(f"{RUNS}/{run.pk}", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_gaps_and_the_experiment_are_part_of_the_run(get, cars):
    run = ran(cars)
    a_part(run, name="journal.txt")
    report = a_report()
    gap = Gap(
        kind="no_pid", text="No line names its process.", fix="--access-logformat …", lines=(LineRef(0, 7),), hurts=1
    )
    reports.save(run, type(report)(lineup=report.lineup, verdicts=report.verdicts, gaps=(gap,)))
    mark_experiment(run, "one_process", "--workers 1")
    answer = get(f"{RUNS}/{run.pk}")
    conforms(answer, "GET", f"{RUNS}/{{id}}")
    document = answer.json()
    assert document["gaps"] == [
        {"kind": "no_pid", "text": "No line names its process.", "fix": "--access-logformat …", "where": None,
         "lines": [{"part": "journal.txt", "line": 7}], "hurts": 1}
    ]  # fmt: skip
    assert (document["experiment"], document["experiment_note"]) == ("one_process", "--workers 1")


def test_groups_come_the_last_seen_first_and_can_be_narrowed(get, cars):
    ran(cars)
    ran(cars, ("t.py::test_x", True, None), kind="server_error")
    answer = get(GROUPS)
    conforms(answer, "GET", GROUPS)
    assert [group["test"] for group in answer.json()["groups"]] == ["t.py::test_x", TEST]
    assert answer.json()["groups"][1]["message"] == MESSAGE
    assert [g["test"] for g in get(f"{GROUPS}?kind=server_error").json()["groups"]] == ["t.py::test_x"]
    assert [g["test"] for g in get(f"{GROUPS}?test={TEST}&status=open").json()["groups"]] == [TEST]
    assert get(f"{GROUPS}?status=fixed").json()["groups"] == []
    conforms(get(f"{GROUPS}?kind=x"), "GET", GROUPS)
    error_of(get(f"{GROUPS}?kind=x"), 400, "kind")
    error_of(get(f"{GROUPS}?cursor=!"), 400, "cursor")
    error_of(get(f"{GROUPS}?test=%00"), 400, "test")


def test_the_pages_of_groups_miss_none(get, cars):
    for _ in range(2):
        ran(cars, *((f"t.py::test_{n}", True, None) for n in range(101)))
    first = get(GROUPS).json()
    second = get(f"{GROUPS}?cursor={first['next_cursor']}").json()
    assert (len(first["groups"]), len(second["groups"]), second["next_cursor"]) == (100, 1, None)
    assert len({group["id"] for group in first["groups"] + second["groups"]}) == 101


def test_a_group_shows_its_runs_changes_and_judgements(get, say, cars):
    runs = runs_that_split(cars)
    say(runs[0], test=TEST, accepted=True)
    group = FailureGroup.objects.get()
    answer = get(f"{GROUPS}/{group.pk}")
    conforms(answer, "GET", ONE)
    document = answer.json()
    assert (document["occurrences"], len(document["runs"])) == (8, 8)
    assert document["verdict"]["level"] == "confirmed"
    assert document["changes"][0]["run"]
    assert document["judgements"][0]["accepted"] is True
    assert {one["kind"] for one in document["experiments"]} >= {"one_process", "fix"}
    conforms(get(f"{GROUPS}/{group.pk}", **{"If-None-Match": answer["ETag"]}), "GET", ONE)


def test_another_projects_group_and_run_do_not_exist(client, cars):
    run = ran(cars)
    group = FailureGroup.objects.get()
    foreign = a_token("triage", project="trucks")
    answer = client.get(f"{GROUPS}/{group.pk}", headers=foreign)
    conforms(answer, "GET", ONE)
    assert error_of(answer, 404) == "unknown_group"
    assert client.get(GROUPS, headers=foreign).json()["groups"] == []
    judged = client.post(f"{RUNS}/{run.pk}/judgements", "{}", content_type="application/json", headers=foreign)
    assert error_of(judged, 404) == "unknown_run"
    assert error_of(client.get(f"{GROUPS}/{10**30}", headers=foreign), 404) == "unknown_group"


def test_a_judgement_is_kept_with_the_verdict_as_it_was(get, say, cars):
    run = ran(cars)
    before = get(f"{RUNS}/{run.pk}")
    answer = say(run, test=TEST, accepted=False, kind="lost_state", mechanism="redeploy", reason="a deploy ran")
    conforms(answer, "POST", JUDGE)
    said = answer.json()
    assert answer.status_code == 201
    assert (said["kind"], said["mechanism"], said["reason"]) == ("lost_state", "redeploy", "a deploy ran")
    assert said["verdict"]["kind"] == "split_state"
    assert said["who"].startswith("token ")
    after = get(f"{RUNS}/{run.pk}", **{"If-None-Match": before["ETag"]})
    assert after.json()["failures"][0]["judgement"]["id"] == said["id"]
    conforms(after, "GET", f"{RUNS}/{{id}}")
    assert Judgement.objects.get().verdict["summary"].startswith("POST /cars")


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "test"),
        ({"test": TEST}, 400, "accepted"),
        ({"test": TEST, "accepted": "yes"}, 400, "accepted"),
        ({"test": TEST, "accepted": False}, 400, "kind"),
        ({"test": TEST, "accepted": False, "kind": "gremlins"}, 400, "kind"),
        ({"test": TEST, "accepted": False, "kind": "lost_state"}, 400, "reason"),
        ({"test": TEST, "accepted": False, "kind": "lost_state", "reason": " \n"}, 400, "reason"),
        (
            {"test": TEST, "accepted": False, "kind": "split_state", "mechanism": "in_memory", "reason": "I saw it"},
            *(400, "kind"),
        ),
        ({"test": TEST, "accepted": True, "kind": "lost_state"}, 400, "kind"),
        ({"test": TEST, "accepted": True, "mechanism": "xdist"}, 400, "mechanism"),
        ({"test": TEST, "accepted": True, "mechanism": "gremlins"}, 400, "mechanism"),
        ({"test": TEST, "accepted": True, "reason": "x" * 2_001}, 400, "reason"),
        ({"test": TEST, "accepted": True, "reason": 7}, 400, "reason"),
        ({"test": "no::such", "accepted": True}, 404, "test"),
        ({"test": "a\0b", "accepted": True}, 400, "test"),
    ],
)
def test_a_judgement_that_says_too_little_is_refused(say, cars, body, status, field):
    answer = say(ran(cars), **body)
    error_of(answer, status, field)
    conforms(answer, "POST", JUDGE)
    assert not Judgement.objects.exists()


def test_a_mechanism_is_kept_only_where_there_can_be_one(say, cars):
    answer = say(ran(cars), test=TEST, accepted=False, kind="test_error", mechanism="in_memory", reason="a fixture")
    assert answer.json()["mechanism"] is None


def test_a_judgement_takes_the_scope_and_a_small_json_body(client, cars):
    run = ran(cars)
    url = f"{RUNS}/{run.pk}/judgements"
    for token, status in ((a_token("read"), 403), (a_token("upload"), 403), ({}, 401)):
        answer = client.post(url, "{}", content_type="application/json", headers=token)
        conforms(answer, "POST", JUDGE)
        assert answer.status_code == status
    token = a_token("triage")
    for body, status in (("[]", 400), ("{", 400), ("\ud800".encode("utf-8", "replace"), 400), (" " * 70_000, 413)):
        answer = client.post(url, body, content_type="application/json", headers=token)
        conforms(answer, "POST", JUDGE)
        assert answer.status_code == status
    assert client.get(url, headers=token).status_code == 405


def test_an_upload_can_say_what_its_run_is_for(client, settings, tmp_path, monkeypatch, cars):
    settings.LINEUP_HOME = tmp_path
    monkeypatch.setattr("ingest.api.upload.enqueue", lambda run: None)
    token = a_token("upload")

    def upload(**meta):
        return client.post(RUNS, {"meta": json.dumps({"run_key": "ci/control", **meta})}, headers=token)

    assert upload(experiment="one_process", experiment_note="--workers 1").status_code == 202
    run = Run.objects.get()
    assert (run.experiment, run.experiment_note) == ("one_process", "--workers 1")
    assert error_of(upload(experiment="prayer"), 400, "experiment") == "bad_field"
    decisions.keep(run, a_report())
    assert upload(experiment="fix").status_code == 200
    run.refresh_from_db()
    assert (run.experiment, run.status) == ("fix", "ready"), (
        "its groups were weighed; the lineup depends on nothing new"
    )
    told = {one["kind"]: one for one in FailureGroup.objects.get().conclusions}
    assert (told["fix"]["failed"], told["one_process"]["failed"]) == (1, 0)
