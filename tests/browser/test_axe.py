"""axe finds nothing to complain about, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Opened
from tests.dashboard import factory, meetings
from tests.dashboard.states import STATES
from triage.core.records import Side
from triage.models import Project

SCHEMES = ["light", "dark"]


def violations(page) -> list[str]:
    # axe brings its own script; the pages themselves would refuse it, so it is run, not added.
    found = Axe().run(page)
    return [
        f"{v['id']}: {n['html'][:200]} {n['failureSummary'][:300]}"
        for v in found.response["violations"]
        for n in v["nodes"]
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_sign_in_has_no_violations(scheme: str, opened: Opened):
    page = opened("/sign-in", scheme=scheme, who=False)
    assert violations(page) == []
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_overview_has_no_violations(scheme: str, opened: Opened, cars: Project):
    for name in ("original", "lost_state", "server_error", "passed", "unexplained", "many_failures"):
        factory.analysed(cars, STATES[name]())
    factory.empty_run(cars)
    assert violations(opened("/p/cars-api/", scheme=scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_project_without_runs_and_its_way_in_have_no_violations(scheme: str, opened: Opened, cars: Project):
    assert violations(opened("/p/cars-api/", scheme=scheme)) == []
    assert violations(opened("/p/cars-api/sources", scheme=scheme)) == []
    page = opened("/p/cars-api/settings/tokens", scheme=scheme)
    page.get_by_role("button", name="Make a token").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["original", "many_failures", "forty_processes", "lost_state", "no_server"])
def test_the_run_page_has_no_violations(name: str, scheme: str, opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES[name]())
    page = opened(f"/runs/{run.pk}", scheme=scheme)
    page.locator("a.step").first.click()
    page.locator("#lines table").first.wait_for()
    assert violations(page) == []
    for query in ("?view=table", "?span=run"):
        assert violations(opened(f"/runs/{run.pk}{query}", scheme=scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_runs_in_work_and_failed_runs_have_no_violations(scheme: str, opened: Opened, cars: Project):
    run = factory.empty_run(cars, status="processing", stage="parsing", done=4, total=10)
    assert violations(opened(f"/runs/{run.pk}", scheme=scheme)) == []
    run = factory.empty_run(cars, status="failed", error="No part could be read.")
    factory.part(run, Side.TESTS, "pytest.log", state="unreadable", problem="This file is empty.")
    assert violations(opened(f"/runs/{run.pk}", scheme=scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_meetings_and_minutes_have_no_violations(scheme: str, opened: Opened, cars: Project):
    meetings.full(cars)
    page = opened("/p/cars-api/meetings", scheme=scheme)
    assert violations(page) == []
    page.get_by_role("button", name="Meet now").click()
    page.locator("#accept").click()
    page.locator("#minutes li").first.wait_for()
    assert violations(page) == []
    for act in ("owner", "watch", "not", "status", "note"):
        page.locator(f"#act-{act}").click()
        assert violations(page) == []
    page.locator("#agenda a").nth(1).click()
    page.locator(".note.away").wait_for()
    assert violations(page) == []
    page.locator("#end summary").click()
    page.get_by_role("button", name="End the meeting").click()
    page.wait_for_url("**/minutes")
    assert violations(page) == []
    assert violations(opened("/p/cars-api/meetings", scheme=scheme)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_search_has_no_violations(scheme: str, opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["original"]())
    assert violations(opened("/p/cars-api/search", scheme=scheme)) == []
    page = opened("/p/cars-api/search?q=gunicorn cars since:x", scheme=scheme)
    page.locator("a[data-line]").first.click()
    page.locator(".hits .around").wait_for()
    assert violations(page) == []
    assert violations(opened(f"/runs/{run.pk}/parts/1/lines/1", scheme=scheme)) == []
