"""Searching with a keyboard, and without scripts."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Opened
from tests.dashboard import factory, past
from tests.dashboard.test_search import logged
from triage.models import Project


def test_a_line_is_found_and_seen_in_its_place_by_keyboard_alone(opened: Opened, cars: Project):
    logged(cars)
    past.a_group(cars, message="figo is not there")
    page = opened("/p/cars-api/search")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("figo")
    page.keyboard.press("Enter")
    page.locator(".hit").wait_for()
    for _ in range(2):  # the failure, then the line
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.locator(".around tr.here").wait_for()
    assert "KeyError" in page.locator(".around").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".around").count() == 0
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_without_scripts_a_line_is_a_page(opened: Opened, cars: Project):
    run = logged(cars)
    page = opened("/p/cars-api/search?q=figo", javascript=False)
    page.locator(".hit").click()
    page.wait_for_url(f"**/runs/{run.pk}/parts/0/lines/1?q=figo")
    assert page.locator("tr.here").count() == 1


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_nothing_is_cut_off_at_any_width(width: int, opened: Opened, cars: Project):
    long = "x" * 3_000
    logged(cars, (f"figo {long}", "figo " + "/a" * 900), name=long[:290])
    factory.empty_run(cars, name=f"figo {long[:280]}", branch=long[:290])
    page = opened("/p/cars-api/search?q=figo", width=width)
    page.locator(".hit").first.click()
    page.locator(".around").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
