"""What a pull request is told, through a real HTTP server that behaves like GitHub's API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.dashboard import factory
from tests.dashboard.build import SUMMARY, original
from tests.dashboard.states import STATES
from tests.stand_ins.github import SHA, TOKEN, GitHub
from tests.stand_ins.server import AFTER, CLOSED, Answer, running
from tests.triage.noticed import a_rule, sent
from triage.core.findings import VerdictKind
from triage.models import Delivery, Notice, NoticeRule, Project, Run
from triage.store import decisions

HOUR = timedelta(hours=1)


@pytest.fixture
def github(settings) -> Iterator[GitHub]:
    with running(GitHub()) as stand_in:
        settings.LINEUP_GITHUB_API = stand_in.url
        yield stand_in


@pytest.fixture
def cars(db: None) -> Project:
    return factory.project("cars-api")


@pytest.fixture
def comment_rule(cars: Project) -> NoticeRule:
    return a_rule(cars, "github_comment", target="acme/cars", secret=TOKEN, events=["run"])


def a_run(cars: Project, state: str = "original", **more: Any) -> Run:
    """A run whose report is kept the way the worker keeps it."""
    b = STATES[state]()
    run = factory.analysed(cars, b, **{"branch": "figo", "commit": SHA} | more)
    assert decisions.keep(run, b.report())
    return run


def test_a_run_with_failures_gets_one_comment_on_its_pull_request(cars, comment_rule, github):
    run = a_run(cars)
    sent()
    (comment,) = github.comments.values()
    assert comment["issue"] == 12
    assert "1 of 1 test failed" in comment["body"]
    assert f"http://127.0.0.1:8000/runs/{run.pk}" in comment["body"]
    assert SUMMARY.split(",")[0].replace("[", "\\[").replace("]", "\\]") in comment["body"]
    assert "written by gunicorn" in comment["body"] and "successfully added" in comment["body"]
    row = Delivery.objects.get()
    assert row.thread == "acme/cars#12" and row.answer == f"comment {comment['id']}"


def test_the_comment_is_edited_when_the_next_run_comes_in_and_says_when_all_passed(cars, comment_rule, github):
    a_run(cars)
    sent()
    a_run(cars, "passed", ago=timedelta(minutes=1))
    sent()
    (comment,) = github.comments.values()
    assert "failed" not in comment["body"] and "passed" in comment["body"]


def test_an_older_run_never_overwrites_a_newer_ones_words(cars, comment_rule, github):
    a_run(cars, "original", ago=timedelta(minutes=1))
    sent()
    a_run(cars, "passed", ago=timedelta(minutes=30))
    sent()
    (comment,) = github.comments.values()
    assert "1 of 1 test failed" in comment["body"]
    assert "newer run" in Delivery.objects.order_by("-pk").first().answer


def test_a_comment_that_lineup_has_forgotten_is_found_by_its_marker_behind_hundreds_of_others(
    cars, comment_rule, github
):
    a_run(cars)
    sent()
    (mine,) = github.comments.values()
    Delivery.objects.all().delete()
    marked = github.comments.pop(mine["id"])
    for n in range(230):
        github.somebody_comments(f"comment {n}, which quotes:\n> {marked['body']}")
    last = github.somebody_comments(marked["body"])
    a_run(cars, ago=timedelta(minutes=1))
    sent()
    assert len(github.comments) == 231
    assert [asked.path for asked in github.asked if "page=3" in asked.path]
    assert Delivery.objects.order_by("-pk").first().answer == f"comment {last}"


def test_a_comment_that_somebody_deleted_is_written_anew(cars, comment_rule, github):
    a_run(cars)
    sent()
    github.comments.clear()
    a_run(cars, ago=timedelta(minutes=1))
    sent()
    assert len(github.comments) == 1


def test_an_answer_lost_on_its_way_makes_no_second_comment(cars, comment_rule, github):
    github.moods.extend([1e-9, 1e-9, AFTER])  # the pull requests of the commit, the comments, the new comment
    a_run(cars)
    sent()
    assert len(github.comments) == 1
    assert Delivery.objects.get().sent_at is None
    sent(after=HOUR)
    assert len(github.comments) == 1
    assert Delivery.objects.get().sent_at


@pytest.mark.parametrize(
    "told",
    [
        {"environment": {"pull_request": 12}, "commit": "", "branch": ""},
        {"branch": "refs/pull/12/merge", "commit": ""},
        {"branch": "12/merge", "commit": ""},
        {"ci_url": "https://github.com/acme/cars/pull/12/checks", "commit": "", "branch": ""},
        {"commit": SHA[:8], "branch": ""},
        {"commit": "0" * 40, "branch": "figo"},
        {"run_key": "github/acme/cars/123456/1"},
    ],
)
def test_the_pull_request_is_found_by_what_the_run_tells(cars, comment_rule, github, told):
    a_run(cars, **told)
    sent()
    assert [one["issue"] for one in github.comments.values()] == [12]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"run_key": "github/acme/boats/123456/1"}, "another repository"),
        ({"ci_url": "https://github.com/mallory/cars/actions/runs/7"}, "another repository"),
        ({"branch": "", "commit": ""}, "no pull request"),
        ({"branch": "elsewhere", "commit": ""}, "no pull request"),
        ({"branch": "../../orgs", "commit": "../../../user"}, "no pull request"),
    ],
)
def test_where_there_is_no_pull_request_nothing_is_said(cars, comment_rule, github, told, words):
    a_run(cars, **told)
    sent()
    assert github.comments == {}
    assert words in Delivery.objects.get().answer
    assert all(asked.path.startswith("/repos/acme/cars/") for asked in github.asked)


def test_a_number_that_is_an_issues_gets_no_comment(cars, comment_rule, github):
    a_run(cars, environment={"pull_request": 13})
    sent()
    assert github.comments == {}
    assert "no pull request 13" in Delivery.objects.get().problem


def test_a_run_that_passes_makes_no_comment_of_its_own(cars, comment_rule, github):
    a_run(cars, "passed")
    sent()
    assert github.comments == {}


@pytest.mark.parametrize(
    ("mood", "words", "final"),
    [
        (Answer(401, {"message": "Bad credentials"}), "does not take the token", True),
        (Answer(403, {"message": "Resource not accessible by personal access token"}), "may not do this", True),
        (Answer(404, {"message": "Not Found"}), "no pull request 12", True),
        (Answer(301, "", {"Location": "http://elsewhere.example/"}), "has moved", True),
        (Answer(403, {"message": "API rate limit exceeded"}, {"x-ratelimit-remaining": "0"}), "wait", False),
        (Answer(403, {"message": "secondary rate limit"}, {"Retry-After": "60"}), "wait", False),
        (Answer(429, {"message": "slow down"}, {"Retry-After": "7"}), "wait", False),
        (Answer(502, "<html>"), "502", False),
        (Answer(200, "not json"), "", None),
        (CLOSED, "could not be reached", False),
    ],
)
def test_every_answer_ends_in_a_sentence_and_never_with_the_token(
    cars, comment_rule, github, mood, words, final, caplog
):
    github.moods.append(mood)
    a_run(cars, environment={"pull_request": 12})
    sent()
    row = Delivery.objects.get()
    assert words in row.problem
    if final is not None:
        assert (row.given_up_at is not None) is final
    assert TOKEN not in row.problem + row.answer + caplog.text


def test_a_commit_gets_a_status_with_the_first_verdict(cars, github):
    a_rule(cars, "github_check", target="acme/cars", secret=TOKEN, events=["run"])
    run = a_run(cars, commit=SHA[:9])
    sent()
    (status,) = github.statuses[SHA]
    assert status["state"] == "failure" and status["context"] == "Lineup"
    assert status["description"].startswith("1 of 1 test failed: POST /cars/add")
    assert status["target_url"].endswith(f"/runs/{run.pk}")
    a_run(cars, "passed", ago=timedelta(minutes=1))
    sent()
    assert github.statuses[SHA][-1]["state"] == "success"


def test_a_token_that_may_not_write_is_said(cars, comment_rule, github):
    github.permissions["push"] = False
    a_run(cars)
    sent()
    assert "may not do this in acme/cars" in Delivery.objects.get().problem


def test_later_logs_bring_the_comment_up_to_date(cars, comment_rule, github):
    thin = original(kind=VerdictKind.UNEXPLAINED, summary="No server log came with this run.")
    run = factory.analysed(cars, thin, branch="figo", commit=SHA)
    decisions.keep(run, thin.report())
    sent()
    assert "No server log came" in next(iter(github.comments.values()))["body"]
    Run.objects.filter(pk=run.pk).update(revision=2)
    run.refresh_from_db()
    decisions.keep(run, original().report())
    sent()
    (comment,) = github.comments.values()
    assert "No server log came" not in comment["body"] and "Split state" in comment["body"]


def test_control_runs_and_runs_of_long_ago_are_not_told(cars, comment_rule, github):
    a_run(cars, experiment="one_process")
    a_run(cars, ago=timedelta(days=5))
    assert Notice.objects.count() == 0


def test_a_rule_hears_nothing_of_runs_from_before_it(cars, github):
    rule = a_rule(cars, "github_comment", target="acme/cars", secret=TOKEN)
    NoticeRule.objects.filter(pk=rule.pk).update(created_at=datetime.now(UTC))
    a_run(cars)
    assert Notice.objects.count() == 0
