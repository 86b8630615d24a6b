"""axe finds nothing to complain about, light and dark, on any page that there is and in the states that pages have."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlsafe_base64_encode
from playwright.sync_api import Page

from tests.browser.conftest import Opened
from tests.dashboard import factory, meetings
from tests.dashboard.states import STATES
from triage.core.records import Side
from triage.models import Project

ALL_RULES = {"resultTypes": ["violations"]}
COLOUR_RULES = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OTHER = {"light": "dark", "dark": "light"}
REFUSALS = ("400", "403", "403_csrf", "404", "413", "500")


def violations(page: Page) -> list[str]:
    """By all rules as the page is, and by those about colours in the other scheme too: a page is loaded once."""
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    page.emulate_media(reduced_motion="reduce")  # no colour on its way to another
    found = _found(page, scheme, ALL_RULES)
    page.emulate_media(color_scheme=OTHER[scheme])
    found += _found(page, OTHER[scheme], COLOUR_RULES)
    page.emulate_media(color_scheme=scheme)
    return found


def _found(page: Page, scheme: str, options: dict[str, Any]) -> list[str]:
    # axe brings its own script; the pages themselves would refuse it, so it is run, not added.
    return [
        f"{scheme}, {v['id']}: {n['html'][:200]} {n['failureSummary'][:300]}"
        for v in Axe().run(page, options=options).response["violations"]
        for n in v["nodes"]
    ]


def test_no_page_has_violations(opened: Opened, every_page: dict[str, str]):
    assert len(every_page) >= 28, "a page is told by its <html>"
    page = opened("/formats")
    base = page.url.removesuffix("/formats")
    wrong = {}
    for name, path in every_page.items():
        page.goto(base + path)
        wrong[name] = violations(page)
    assert {name: seen for name, seen in wrong.items() if seen} == {}


def test_the_list_of_keys_has_no_violations_on_any_page(opened: Opened, every_page: dict[str, str]):
    """The pages differ in the keys that they list, not in how: the dialog alone is looked at."""
    page = opened("/formats")
    base = page.url.removesuffix("/formats")
    for path in every_page.values():
        page.goto(base + path)
        if page.locator("[data-keys-help]").count():
            page.locator("[data-keys-help]").click()
            page.locator("#keys[open]").wait_for()
            seen = Axe().run(page, context="#keys", options=ALL_RULES).response["violations"]
            assert seen == [], path


def test_pages_that_refuse_have_no_violations(opened: Opened):
    page = opened("/sign-in", who=False)
    base = page.url.removesuffix("/sign-in")
    answers = {f"{base}/{name}": render_to_string(f"{name}.html") for name in REFUSALS}
    page.route("**/4*", lambda route: route.fulfill(body=answers[route.request.url], content_type="text/html"))
    page.route("**/5*", lambda route: route.fulfill(body=answers[route.request.url], content_type="text/html"))
    for address in answers:
        page.goto(address)
        assert page.locator("h1").count() == 1
        assert violations(page) == [], address


def test_sign_in_has_no_violations(opened: Opened):
    page = opened("/sign-in", who=False)
    assert violations(page) == []
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    assert violations(page) == []


def test_pages_of_a_forgotten_password_have_no_violations_and_fit(opened: Opened, ada: User, settings: Any):
    settings.MAIL = True
    page = opened("/sign-in/forgotten", who=False, width=390)
    base = page.url.removesuffix("/sign-in/forgotten")
    assert violations(page) == []
    uid, token = urlsafe_base64_encode(str(ada.pk).encode()), default_token_generator.make_token(ada)
    for path in (reverse("new-password", args=[uid, token]), reverse("new-password", args=[uid, "no-token"])):
        page.goto(base + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_overview_has_no_violations(opened: Opened, cars: Project):
    for name in ("original", "lost_state", "server_error", "passed", "unexplained", "many_failures"):
        factory.analysed(cars, STATES[name]())
    factory.empty_run(cars)
    assert violations(opened("/p/cars-api/")) == []


def test_a_project_with_nothing_in_it_yet_has_no_violations(opened: Opened, cars: Project):
    page = opened("/p/cars-api/")
    base = page.url.removesuffix("/")
    for path in ("/", "/groups", "/meetings", "/search", "/search?q=nothing", "/sources", "/accuracy"):
        page.goto(base + path)
        assert violations(page) == [], path
    page.goto(base + "/settings/tokens")
    page.get_by_role("button", name="Make a token").click()
    assert violations(page) == []


@pytest.mark.parametrize("name", ["original", "many_failures", "forty_processes", "lost_state", "no_server"])
def test_the_run_page_has_no_violations(name: str, opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES[name]())
    page = opened(f"/runs/{run.pk}")
    address = page.url
    page.locator("a.step").first.focus()
    page.locator("#peek").wait_for()
    page.locator("a.step").first.click()
    page.locator("#lines table").first.wait_for()
    assert violations(page) == []
    for query in ("?view=table", "?span=run"):
        page.goto(address + query)
        assert violations(page) == []


def test_runs_in_work_and_failed_runs_have_no_violations(opened: Opened, cars: Project):
    run = factory.empty_run(cars, status="processing", stage="parsing", done=4, total=10)
    assert violations(opened(f"/runs/{run.pk}")) == []
    run = factory.empty_run(cars, status="failed", error="No part could be read.")
    factory.part(run, Side.TESTS, "pytest.log", state="unreadable", problem="This file is empty.")
    assert violations(opened(f"/runs/{run.pk}")) == []


def test_meetings_and_minutes_have_no_violations(opened: Opened, cars: Project):
    meetings.full(cars)
    page = opened("/p/cars-api/meetings")
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
    page.goto(page.url.split("/meetings/")[0] + "/p/cars-api/meetings")
    assert violations(page) == []


def test_the_search_has_no_violations(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["original"]())
    page = opened("/p/cars-api/search?q=gunicorn cars since:x")
    page.locator("a[data-line]").first.click()
    page.locator(".hits .around").wait_for()
    assert violations(page) == []
    assert violations(opened(f"/runs/{run.pk}/parts/1/lines/1")) == []
