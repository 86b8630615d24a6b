"""The overview of a project."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.pages.filters import read_filters
from dashboard.pages.quiet import overdue
from dashboard.timeline.chart import GAP, HEIGHT, chart
from tests.dashboard import factory
from tests.dashboard.build import original
from tests.dashboard.states import STATES
from tests.dashboard.test_run_page import plain
from triage.models import Project


def test_an_empty_project_says_what_to_do_next(signed_in: Client, cars: Project):
    text = plain(signed_in.get("/p/cars-api/").content.decode())
    assert "No run has come yet" in text
    assert "http://testserver/api/v1/runs" in text
    assert "Drop what pytest printed" in text


def test_a_viewer_of_an_empty_project_is_offered_no_drop_zone(client: Client, db: None):
    bob = factory.person("bob")
    factory.project("cars-api", bob, role="viewer")
    client.force_login(bob)
    html = client.get("/p/cars-api/").content.decode()
    assert "No run has come yet" in html
    assert "data-drop" not in html


def test_runs_are_listed_with_their_sentences(signed_in: Client, cars: Project, django_assert_max_num_queries):
    for n, name in enumerate(STATES):
        if name != "busy":
            factory.analysed(cars, STATES[name](), ago=timedelta(hours=n))
    with django_assert_max_num_queries(26):
        html = signed_in.get("/p/cars-api/").content.decode()
    text = plain(html)
    assert "GET /export raised ZeroDivisionError" in text
    assert "<em>gunicorn[51463]</em>" in html
    assert "1 of 1 failed" in text
    assert "and 14 other failures" in text
    assert 'href="/drop"' in html  # else nobody with one project finds the page that answers without a set-up
    assert len(html) < 200_000


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
        ("?since=2000-01-01&until=2999-12-31", 4),
        ("?since=2999-01-01", 0),
        ("?until=2000-01-01", 0),
        ("?until=9999-12-31&since=0001-01-01", 4),
        ("?since=yesterday&until=%00&days=7", 4),
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


def test_filters_that_match_nothing_say_so_and_offer_to_clear_them(signed_in: Client, cars: Project):
    factory.empty_run(cars)
    html = signed_in.get("/p/cars-api/?branch=gone&status=failing").content.decode()
    assert "No run fits these filters." in html
    assert 'href="/p/cars-api/">Show all runs</a>' in html
    assert '<option value="gone" selected>gone</option>' in html


def test_failing_only_keeps_the_other_filters(signed_in: Client, cars: Project):
    factory.analysed(cars, original())
    html = signed_in.get("/p/cars-api/?branch=main&days=30").content.decode()
    assert 'href="/p/cars-api/?branch=main&amp;status=failing&amp;days=30#runs">Failing only</a>' in html
    assert "Failing only" not in signed_in.get("/p/cars-api/?status=failing").content.decode()


def test_pages_of_runs_follow_each_other_without_gap_or_repeat(signed_in: Client, cars: Project):
    runs = [factory.empty_run(cars, ago=timedelta(minutes=n // 2)) for n in range(60)]
    seen: list[str] = []
    url = "/p/cars-api/?status=queued"
    for _ in range(3):
        html = signed_in.get(url).content.decode()
        seen += re.findall(r'class="row run" href="/runs/([0-9a-f-]{36})"', html)
        older = re.search(r'href="([^"]*)#runs" rel="next"', html)
        if older is None:
            break
        url = older.group(1).replace("&amp;", "&")
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
    assert "Ask one of its admins" in client.get("/").content.decode()


def test_many_runs_cost_no_more_queries_than_few(signed_in: Client, cars: Project, django_assert_max_num_queries):
    for n in range(120):
        factory.empty_run(cars, ago=timedelta(hours=n), branch=f"b{n % 70}")
    for query in ("", "?branch=b3", "?status=queued&since=2020-01-01", "?verdict=split_state", "?days=90"):
        with django_assert_max_num_queries(26):
            html = signed_in.get(f"/p/cars-api/{query}").content.decode()
    assert html.count("<option") < 100


def test_a_pause_far_longer_than_any_before_is_said(signed_in: Client, cars: Project):
    for n in range(12):
        factory.empty_run(cars, ago=timedelta(days=8, hours=12 * n))
    text = plain(signed_in.get("/p/cars-api/").content.decode())
    assert "Nothing has come for 8 days; in the weeks before, the longest pause was 12 hours." in text
    factory.empty_run(cars)
    assert "Nothing has come" not in plain(signed_in.get("/p/cars-api/").content.decode())


def test_a_weekend_is_no_warning_where_there_was_one_before():
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
    daily = [now - timedelta(days=n) for n in range(28) if (now - timedelta(days=n)).weekday() < 5]
    assert overdue(daily[1:], daily[1], now) == ""
    assert overdue(daily[4:], daily[4], now) != ""
    assert overdue([], None, now) == ""
    assert overdue([now - timedelta(hours=n) for n in range(20, 30)], now - timedelta(hours=20), now) == ""


def test_what_an_address_holds_narrows_or_is_let_be():
    assert read_filters({}).wanted["since"] is None
    assert read_filters({"since": "2026-11-23", "until": "2026-11-23"}).wanted == {
        "branch": "", "verdict": "", "status": "",
        "since": datetime(2026, 11, 23, tzinfo=UTC), "until": datetime(2026, 11, 24, tzinfo=UTC),
    }  # fmt: skip
    assert not read_filters({"since": "2026-13-01", "until": "20261123", "days": "5000"}).narrow
    assert len(read_filters({"branch": "x" * 9999}).branch) == 300


def test_bars_stand_on_the_floor_and_on_each_other():
    days = [date(2026, 11, n) for n in range(1, 15)]
    counts = {(days[3], "split_state"): 4, (days[3], "unexplained"): 3, (days[9], "split_state"): 1}
    drawn = chart(days, counts, ["split_state", "unexplained"], {})
    assert [part.kind for part in drawn.parts] == ["split_state", "unexplained"]
    (first, third), (second,) = (blocks(part.path) for part in drawn.parts)
    assert first.y + first.height == pytest.approx(HEIGHT - GAP, abs=0.02)
    assert second.y + second.height == pytest.approx(first.y - GAP, abs=0.02)
    assert third.x > first.x
    assert min(block.y for block in (first, second, third)) >= 0
    assert max(block.x + block.width for block in (first, second, third)) <= drawn.width


class Block(NamedTuple):
    x: float
    y: float
    width: float
    height: float


def blocks(path: str) -> list[Block]:
    """What path data draws, block by block."""
    return [Block(*map(float, found)) for found in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-\3z", path)]


@pytest.mark.parametrize("count", [1, 2, 14, 30, 90])
def test_few_days_are_named_and_the_table_tells_them_all(count: int):
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(count)]
    drawn = chart(days, {(days[-1], "split_state"): 2, (days[0], "split_state"): 1}, ["a", "split_state"], {})
    assert 1 <= sum(day.named for day in drawn.days) <= 5
    assert [kind for kind, _ in drawn.kinds] == ["split_state"]
    assert drawn.total == sum(day.total for day in drawn.days)
    assert len(drawn.days) == count


def test_a_chart_of_nothing_is_empty():
    drawn = chart([date(2026, 11, 1)], {}, ["split_state"], {})
    assert (drawn.parts, drawn.total) == ((), 0)
