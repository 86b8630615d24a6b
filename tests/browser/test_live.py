"""An open page learns what is new by itself, and moves nothing that a person reads."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import factory
from tests.dashboard.build import original
from tests.ingest.uploads import JOURNAL, TESTS, a_token, bearer
from triage.core.records import Side
from triage.models import Project, Run
from triage.store import reports

BEAT_MS = 8000


@pytest.fixture(autouse=True)
def _home(settings, tmp_path) -> None:
    settings.LINEUP_HOME = tmp_path


def test_a_run_posted_by_the_api_appears_without_a_reload(opened: Opened, cars: Project, live_server, playwright_post):
    first = factory.analysed(cars, original())
    page = opened("/p/cars-api/")
    page.evaluate("window.untouched = true")
    row = page.locator(f'[data-entry="{first.pk.hex}"] a')
    row.focus()
    playwright_post(live_server.url, a_token(project="cars-api"), "ci/77")
    pill = page.get_by_role("button", name="1 new run")
    expect(pill).to_be_visible(timeout=BEAT_MS)
    assert violations(page) == []
    expect(row).to_be_focused()
    expect(page.locator("a.row.run")).to_have_count(1)  # nothing moved
    pill.click()
    expect(page.locator("a.row.run")).to_have_count(2)
    expect(page.locator("a.row.run").first).to_be_focused()
    expect(page.locator("a.row.run").first).to_contain_text("Waiting for a worker.")
    assert page.evaluate("window.untouched")


def test_a_row_in_work_gets_its_verdict_in_place_and_keeps_the_focus(opened: Opened, cars: Project):
    factory.empty_run(cars)
    run = factory.empty_run(cars)
    for side, name in ((Side.TESTS, "pytest.log"), (Side.SERVER, "journal.txt")):
        factory.part(run, side, name)
    page = opened("/p/cars-api/")
    row = page.locator(f'[data-entry="{run.pk.hex}"] a')
    expect(row).to_contain_text("Waiting for a worker.")
    row.focus()
    assert reports.save(run, original().report())
    expect(row).to_contain_text("Split state", timeout=BEAT_MS)
    expect(row).to_be_focused()
    expect(page.locator("[data-pill] button")).to_have_count(0)
    expect(page.locator("#live-chart svg path.k-split_state")).to_have_count(1)


def test_the_first_run_of_a_project_replaces_the_empty_page(opened: Opened, cars: Project):
    page = opened("/p/cars-api/")
    expect(page.get_by_role("heading", level=1)).to_have_text("No run has come yet")
    factory.empty_run(cars)
    expect(page.locator("a.row.run")).to_have_count(1, timeout=BEAT_MS)


def test_files_that_wait_to_be_sent_are_not_lost_to_the_first_run(opened: Opened, cars: Project, tmp_path):
    page = opened("/p/cars-api/")
    (tmp_path / "t.log").write_bytes(TESTS)
    page.locator("#drop-files").set_input_files([tmp_path / "t.log"])
    factory.empty_run(cars)
    page.wait_for_timeout(4500)
    expect(page.locator("[data-picked] li")).to_have_count(1)


def test_several_new_runs_are_shown_by_key(opened: Opened, cars: Project):
    factory.empty_run(cars)
    page = opened("/p/cars-api/")
    for _ in range(3):
        factory.empty_run(cars)
    expect(page.get_by_role("button", name="3 new runs")).to_be_visible(timeout=BEAT_MS)
    page.keyboard.press("n")
    expect(page.locator("a.row.run")).to_have_count(4)


def test_a_hidden_tab_asks_for_nothing_and_trouble_slows_the_beat(opened: Opened, cars: Project):
    factory.empty_run(cars)
    page = opened("/p/cars-api/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/fresh" in request.url else None)
    page.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    page.wait_for_timeout(4000)
    assert asked == []
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(500)
    assert len(asked) == 1


def test_without_javascript_the_page_says_all_it_knew(opened: Opened, cars: Project):
    factory.analysed(cars, original())
    page = opened("/p/cars-api/?status=failing", javascript=False)
    expect(page.locator("a.row.run")).to_have_count(1)
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("link", name="Show all", exact=True).click()
    assert page.url.endswith("/p/cars-api/")


@pytest.fixture
def playwright_post(browser):
    """Posts a run as a CI job would, by another client than the page."""
    context = browser.new_context()

    def post(url: str, token: str, key: str) -> None:
        answer = context.request.post(
            f"{url}/api/v1/runs",
            headers=bearer(token),
            multipart={
                "meta": json.dumps({"run_key": key}),
                "tests": {"name": "t.log", "mimeType": "text/plain", "buffer": TESTS},
                "server": {"name": "j.txt", "mimeType": "text/plain", "buffer": JOURNAL},
            },
        )
        assert answer.status == 202, answer.text()
        assert Run.objects.get(run_key=key).token is not None

    yield post
    context.close()
