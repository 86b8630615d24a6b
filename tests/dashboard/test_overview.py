"""The overview of a project."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.timeline.chart import FLOOR, TOP, chart
from tests.dashboard import factory
from tests.dashboard.build import original
from tests.dashboard.states import STATES
from tests.dashboard.test_run_page import plain
from triage.models import Project


def test_an_empty_project_says_what_to_do_next(signed_in: Client, cars: Project):
    text = plain(signed_in.get("/p/cars-api/").content.decode())
    assert "No run has come yet" in text
    assert "http://testserver/api/v1/runs" in text


def test_runs_and_failures_are_listed_with_their_sentences(
    signed_in: Client, cars: Project, django_assert_max_num_queries
):
    for n, name in enumerate(STATES):
        if name != "busy":
            factory.analysed(cars, STATES[name](), ago=timedelta(hours=n))
    with django_assert_max_num_queries(16):
        html = signed_in.get("/p/cars-api/").content.decode()
    text = plain(html)
    assert "What needs triage" in text
    assert "GET /export raised ZeroDivisionError" in text
    assert "<em>gunicorn[51463]</em>" in html
    assert "1 of 1 failed" in text
    assert "and 14 other failures" in text
    assert len(html) < 200_000


def test_the_same_failure_over_runs_is_one_group(signed_in: Client, cars: Project):
    for _ in range(3):
        factory.analysed(cars, original())
    html = signed_in.get("/p/cars-api/").content.decode()
    assert html.count('class="row group') == 1
    assert "3 runs" in html


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 4),
        ("?branch=dev", 1),
        ("?verdict=split_state", 2),
        ("?status=passing", 1),
        ("?status=queued", 1),
        ("?status=failing", 2),
        ("?verdict=lost_state", 0),
        ("?branch=%00&verdict=x", 0),
    ],
)
def test_filters_live_in_the_url(query: str, count: int, signed_in: Client, cars: Project):
    factory.analysed(cars, original())
    factory.analysed(cars, original(), branch="dev")
    factory.analysed(cars, STATES["passed"]())
    factory.empty_run(cars)
    html = signed_in.get(f"/p/cars-api/{query}").content.decode()
    assert html.count('class="row run"') == count


def test_pages_of_runs_follow_each_other_without_gap_or_repeat(signed_in: Client, cars: Project):
    runs = [factory.empty_run(cars, ago=timedelta(minutes=n // 2)) for n in range(60)]
    seen: list[str] = []
    url = "/p/cars-api/?status=queued"
    for _ in range(3):
        html = signed_in.get(url).content.decode()
        seen += re.findall(r'class="row run" href="/runs/([0-9a-f-]{36})"', html)
        older = re.search(r'href="(\?[^"]*)" rel="next"', html)
        if older is None:
            break
        url = "/p/cars-api/" + older.group(1).replace("&amp;", "&")
    assert sorted(seen) == sorted(str(run.pk) for run in runs)


def test_a_cursor_that_nobody_wrote_shows_the_newest(signed_in: Client, cars: Project):
    factory.empty_run(cars)
    assert 'class="row run"' in signed_in.get("/p/cars-api/?cursor=99_x").content.decode()


def test_one_project_is_its_own_way_in(signed_in: Client, cars: Project):
    assert signed_in.get("/").headers["Location"] == "/p/cars-api/"


def test_several_projects_are_listed(signed_in: Client, cars: Project, ada: User):
    factory.project("second", ada)
    factory.project("not-hers")
    html = signed_in.get("/").content.decode()
    assert "second" in html
    assert "not-hers" not in html


def test_a_person_without_a_project_is_told_whom_to_ask(client: Client, db: None):
    client.force_login(factory.person("eve"))
    assert "Ask an admin" in client.get("/").content.decode()


def test_bars_stand_on_the_floor_and_on_each_other():
    days = [date(2026, 11, n) for n in range(1, 15)]
    counts = {(days[3], "split_state"): 4, (days[3], "unexplained"): 3, (days[9], "split_state"): 1}
    drawn = chart(days, counts, ["split_state", "unexplained"], {})
    first, second, third = drawn.bars
    assert first.y + first.height == pytest.approx(FLOOR - 1)
    assert second.y + second.height == pytest.approx(first.y - 1)
    assert third.x > first.x
    assert min(bar.y for bar in drawn.bars) >= TOP
    assert len(drawn.labels) == 7


def test_a_chart_of_nothing_is_empty():
    assert chart([date(2026, 11, 1)], {}, ["split_state"], {}).bars == ()
