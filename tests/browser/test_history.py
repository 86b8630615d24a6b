"""History, experiments and judgements in a browser: with keys, without JavaScript, on a phone, light and dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import past
from triage.models import FailureGroup, Project, Run


@pytest.fixture
def group(cars: Project) -> FailureGroup:
    return past.a_group(cars)


@pytest.fixture
def run(cars: Project, group: FailureGroup) -> Run:
    past.a_past(cars, group)
    run = past.a_failing_run(cars, group)
    past.a_change(run, group)
    run.gaps = [
        {"kind": "no_pid", "text": "The access lines name no process.", "fix": "--access-logformat '%(p)s'", "hurts": 2}
    ]
    run.save()
    return run


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_pages_of_history_have_no_violations(opened: Opened, cars: Project, run: Run, group: FailureGroup):
    page = opened(f"/runs/{run.pk}")
    page.get_by_text("Overrule…").click()
    page.get_by_text("This run was a control run…").click()
    page.get_by_text("History changed this verdict").click()
    assert violations(page) == []
    page.get_by_role("button", name="Accept verdict").click()
    for path in (f"/groups/{group.pk}", "/p/cars-api/groups", "/p/cars-api/accuracy"):
        assert violations(opened(path)) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_pages_of_history_fit_their_screen(width: int, opened: Opened, cars: Project, run: Run, group: FailureGroup):
    for path in (f"/runs/{run.pk}", f"/groups/{group.pk}", "/p/cars-api/groups", "/p/cars-api/accuracy"):
        assert fits(opened(path, width=width)), path


def test_a_verdict_is_accepted_by_key_and_overruled_by_hand(opened: Opened, run: Run):
    page = opened(f"/runs/{run.pk}")
    page.keyboard.press("a")
    expect(page.get_by_text("Accepted: Split state, session key drawn per worker")).to_be_visible()
    page.locator("summary", has_text="Overrule…").focus()
    page.keyboard.press("Enter")
    page.get_by_label("What it is instead").select_option("consistent_failure")
    page.get_by_role("button", name="Overrule the verdict").click()
    expect(page.get_by_label("How you know")).to_be_focused()  # the browser asks for the reason
    page.get_by_label("How you know").fill("It fails with one worker as well: a")
    page.get_by_role("button", name="Overrule the verdict").click()
    expect(page.get_by_text("Overruled: Consistent failure").first).to_be_visible()
    expect(page.get_by_text("All 2 judgements")).to_be_visible()


def test_everything_works_without_javascript(opened: Opened, cars: Project, run: Run, group: FailureGroup):
    page = opened(f"/runs/{run.pk}", javascript=False)
    page.get_by_role("button", name="Accept verdict").click()
    expect(page.get_by_text("Accepted: Split state")).to_be_visible()
    page.get_by_text("This run was a control run…").click()
    page.get_by_label("What was changed for it").select_option("one_process")
    page.get_by_role("button", name="Mark this run as control").click()
    expect(page.get_by_text("This run is a control run", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("This run is an ordinary one again.")).to_be_visible()
    expect(page.locator("[data-copy]").first).to_be_hidden()
    page.get_by_role("link", name="failure group").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(past.MESSAGE)
    page.get_by_role("link", name="groups", exact=True).click()
    page.get_by_role("searchbox").fill("no such test")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No group fits these filters.")).to_be_visible()


def test_keys_walk_through_groups_and_occurrences(opened: Opened, cars: Project, run: Run, group: FailureGroup):
    page = opened("/p/cars-api/groups")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Occurrences")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".occurrence").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/runs/"))


def test_a_block_is_copied_by_its_button(opened: Opened, run: Run):
    page = opened(f"/runs/{run.pk}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#gaps ~ ol [data-copy]").click()
    expect(page.locator("#gaps ~ ol [data-copy]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "--access-logformat '%(p)s'"
