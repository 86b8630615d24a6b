"""What an open page asks for: nothing while nothing changes, and what did as soon as it has."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.dashboard import cared, factory
from tests.dashboard.build import original
from triage.models import Project, Run
from triage.store import items as store
from triage.store.meetings.begin import begin

PAGES = ("/p/cars-api/fresh", "/p/cars-api/sources/fresh")


@pytest.fixture(autouse=True)
def _noon(monkeypatch) -> None:
    """The mark changes every minute, so that ages do; the tests must not meet that moment."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_new_is_304_and_costs_few_queries(
    path: str, signed_in: Client, cars: Project, django_assert_max_num_queries
):
    for n in range(60):
        factory.empty_run(cars, ago=timedelta(minutes=n))
    mark = signed_in.get(path).headers["ETag"]
    with django_assert_max_num_queries(6):  # the session, the person, the project, and three reads
        answer = signed_in.get(path, headers={"If-None-Match": mark})
    assert answer.status_code == 304
    assert answer.content == b""


@pytest.mark.parametrize("path", PAGES)
def test_a_new_run_and_a_change_of_one_are_answered(path: str, signed_in: Client, cars: Project):
    run = factory.empty_run(cars)
    marks = [signed_in.get(path).headers["ETag"]]
    factory.empty_run(cars)
    marks.append(signed_in.get(path, headers={"If-None-Match": marks[-1]}).headers["ETag"])
    Run.objects.filter(pk=run.pk).update(status="ready", analysed_revision=1)
    answer = signed_in.get(path, headers={"If-None-Match": marks[-1]})
    assert answer.status_code == 200
    assert len({*marks, answer.headers["ETag"]}) == 3


def test_the_page_carries_the_mark_and_the_address_it_asks_at(signed_in: Client, cars: Project):
    factory.analysed(cars, original(), branch="dev")
    html = signed_in.get("/p/cars-api/?branch=dev").content.decode()
    assert 'data-live="/p/cars-api/fresh?branch=dev"' in html
    fresh = signed_in.get("/p/cars-api/fresh?branch=dev")
    assert unescape(re.findall(r'data-mark="([^"]+)"', html)[0]) == fresh.headers["ETag"]
    text = fresh.content.decode()
    assert "<html" not in text
    assert text.count("data-entry") >= 1
    assert "live-runs" in text and "live-chart" in text


def test_the_filters_hold_for_what_is_new_too(signed_in: Client, cars: Project):
    factory.empty_run(cars, branch="dev")
    factory.empty_run(cars, branch="main")
    assert signed_in.get("/p/cars-api/fresh?branch=dev").content.decode().count('class="row run"') == 1


def test_an_empty_project_has_no_parts_until_its_first_run(signed_in: Client, cars: Project):
    assert "data-region" not in signed_in.get("/p/cars-api/fresh").content.decode()
    factory.empty_run(cars)
    assert "data-region" in signed_in.get("/p/cars-api/fresh").content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_strangers_learn_nothing(path: str, client: Client, cars: Project):
    assert client.get(path).status_code == 302
    answer = client.get(path, headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    client.force_login(factory.person("eve"))
    assert client.get(path, headers={"If-None-Match": "x"}).status_code == 404
    assert client.post(path).status_code in (404, 405)


def test_no_cache_between_may_answer_for_another_person(signed_in: Client, cars: Project):
    control = signed_in.get("/p/cars-api/fresh").headers["Cache-Control"]
    assert "private" in control and "no-cache" in control


def test_an_open_page_of_a_failure_learns_what_was_decided_beside_it(
    signed_in: Client, cars: Project, ada: User, django_assert_max_num_queries
):
    item = cared.a_failure(cars, "count")
    path = f"/groups/{item.group_id}"
    mark = unescape(re.findall(r'data-mark="([^"]*)"', signed_in.get(path).content.decode())[0])
    with django_assert_max_num_queries(5):
        assert signed_in.get(f"{path}/fresh", headers={"If-None-Match": mark}).status_code == 304
    store.set_status([item], store.Actor.of(ada), "investigating", meeting=begin(cars, ada, timezone.now()))
    answer = signed_in.get(f"{path}/fresh", headers={"If-None-Match": mark})
    assert "<b>ada</b> set the status to investigating." in answer.content.decode()
    assert signed_in.get(f"{path}/fresh", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
