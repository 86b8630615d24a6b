"""Reading a verdict in a browser: with a mouse, with keys alone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.dashboard import factory
from tests.dashboard.build import original
from tests.dashboard.states import STATES
from triage.models import Project, Run

WIDTHS = [390, 1280, 2560]


def test_signing_in_and_reading_a_verdict(opened: Opened, cars: Project):
    factory.analysed(cars, original())
    page = opened("/", who=False)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(factory.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=re.compile("nightly")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("which never saw it")
    expect(page.get_by_text("read here: Processing /GET request")).to_be_visible()
    expect(page.locator(".crossing .dotted")).to_be_attached()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Which process did it?")).to_be_visible()


def test_the_lines_of_both_logs_open_under_the_picture_and_close_again(opened: Opened, cars: Project):
    run = factory.analysed(cars, original())
    page = opened(f"/runs/{run.pk}")
    page.locator("a.step.read").click()
    lines = page.locator("#lines")
    expect(lines.get_by_text("2024-05-23 12:11:08.000 | INFO |")).to_be_visible()
    expect(lines.locator("tr.here")).to_have_count(2)
    assert page.url.endswith(str(run.pk))
    page.keyboard.press("Escape")
    expect(lines).to_be_empty()
    expect(page.locator("a.step.read")).to_be_focused()


def test_everything_can_be_reached_with_the_keys_alone(opened: Opened, cars: Project):
    factory.analysed(cars, STATES["many_failures"]())
    page = opened("/p/cars-api/")
    page.keyboard.press("j")
    expect(page.locator("[data-item]").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("gunicorn[51463]")
    page.wait_for_load_state()  # the keys are there when the page's scripts are
    page.keyboard.press("j")
    expect(page.locator("h1")).to_contain_text("Case 0 failed")
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect(page.locator("h1")).to_contain_text("gunicorn[51463]")
    page.wait_for_load_state()
    page.keyboard.press("t")
    expect(page.get_by_role("columnheader", name="Served by")).to_be_visible()
    page.keyboard.press("t")
    expect(page.locator("svg.picture")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.locator("a.step.write").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#lines tr.here").first).to_be_visible()


def test_from_signing_in_to_the_lines_of_a_verdict_no_pointer_is_needed(opened: Opened, cars: Project):
    """Nothing is clicked, and nothing is focused but by the keys themselves."""
    factory.analysed(cars, original())
    page = opened("/", who=False)
    keys = page.keyboard
    pressed_to(page, "#username", "Tab")
    keys.type("ada")
    keys.press("Tab")
    keys.type(factory.PASSWORD)
    keys.press("Enter")
    page.get_by_role("link", name=re.compile("nightly")).wait_for()
    pressed_to(page, "a[data-item][href^='/runs/']", "Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("which never saw it")
    pressed_to(page, "a.step.write", "Tab")
    pressed_to(page, "a.step.read", "ArrowRight")
    keys.press("Enter")
    expect(page.locator("#lines tr.here")).to_have_count(2)
    keys.press("Escape")
    expect(page.locator("a.step.read")).to_be_focused()
    keys.press("ArrowDown")  # to the request that served it
    keys.press("Enter")
    expect(page.locator("#lines tr.here").first).to_be_visible()


def pressed_to(page: Page, selector: str, key: str, most: int = 60) -> None:
    """Presses the key until what is wanted has the focus."""
    for _ in range(most):
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press(key)
    pytest.fail(f"{selector} is not among the next {most} stops of {key}")


def test_slash_goes_to_the_filters(opened: Opened, cars: Project):
    factory.analysed(cars, original())
    page = opened("/p/cars-api/")
    page.keyboard.press("/")
    expect(page.get_by_label("Branch")).to_be_focused()
    page.keyboard.type("j")  # a letter in a field is a letter
    expect(page.get_by_label("Branch")).to_be_focused()


def test_raw_times_show_while_r_is_held_and_stay_when_it_is_tapped(opened: Opened, cars: Project):
    run = factory.analysed(cars, original(offset_s=-1378.7))
    page = opened(f"/runs/{run.pk}")
    expect(page.locator(".break")).to_have_count(0)
    page.keyboard.down("r")
    expect(page.locator(".break")).to_have_count(1)
    page.wait_for_timeout(300)
    page.keyboard.up("r")
    expect(page.locator(".break")).to_have_count(0)
    assert "times=raw" not in page.url
    page.keyboard.press("r")
    page.wait_for_url(re.compile("times=raw"))
    expect(page.locator(".break")).to_have_count(1)


def test_without_javascript_every_link_leads_to_a_page(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["many_failures"]())
    page = opened(f"/runs/{run.pk}", javascript=False)
    page.get_by_role("link", name="Raw times").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("gunicorn[51465]")
    page.get_by_role("link", name="Table").click()
    expect(page.get_by_role("columnheader", name="Served by")).to_be_visible()
    page.get_by_role("link", name="Lines around step 3").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Around step 3")
    page.go_back()
    page.get_by_role("link", name="Next failure").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Case 0 failed")


def test_progress_moves_until_the_answer_is_there(opened: Opened, cars: Project):
    run = factory.empty_run(cars, status="processing", stage="parsing", done=10, total=100)
    page = opened(f"/runs/{run.pk}")
    expect(page.get_by_text("reading the files, 10 %")).to_be_visible()
    Run.objects.by_id(run.pk).update(done=60)
    expect(page.get_by_text("reading the files, 60 %")).to_be_visible()
    Run.objects.by_id(run.pk).update(status="failed", error="No part could be read.")
    expect(page.get_by_role("heading", level=1)).to_have_text("This run could not be analysed.")


def test_a_wide_picture_opens_at_the_crossing_with_its_names_in_sight(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["busy"]())
    page = opened(f"/runs/{run.pk}")
    expect(page.locator(".crossing .cross")).to_be_in_viewport()
    names = page.locator(".lanenames text").first.bounding_box()
    canvas = page.locator(".canvas").bounding_box()
    assert names is not None
    assert canvas is not None
    assert names["x"] - canvas["x"] < 60


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone_every_line_keeps_its_name_wherever_the_picture_is_scrolled(
    javascript: bool, opened: Opened, cars: Project
):
    run = factory.analysed(cars, STATES["busy"]())
    page = opened(f"/runs/{run.pk}", width=390, javascript=javascript)
    canvas = page.locator(".canvas")
    frame = canvas.bounding_box()
    assert frame is not None
    canvas.hover()
    for _ in range(3):
        names = page.locator(".lanenames .lanes")
        assert names.count() == page.locator("svg.picture .lane").count()
        for name in names.all():
            box = name.bounding_box()
            assert box is not None
            assert frame["x"] <= box["x"] < box["x"] + box["width"] < frame["x"] + frame["width"] / 2
        page.mouse.wheel(400, 0)
        page.wait_for_timeout(200)


def test_a_long_project_name_leaves_the_way_to_every_page_in_words(opened: Opened, cars: Project):
    cars.name = "Customer portal, integration tests of the release branch"
    cars.save()
    page = opened("/p/cars-api/")
    cut = "links => links.slice(1).filter(a => a.scrollWidth > a.clientWidth + 1).map(a => a.textContent)"
    assert page.eval_on_selector_all("header.top nav a", cut) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_text_runs_nothing(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["hostile"]())
    page = opened(f"/runs/{run.pk}")
    page.on("dialog", lambda dialog: pytest.fail(f"a log line opened a dialog: {dialog.message}"))
    page.locator("a.step").first.click()
    expect(page.locator("#lines tr").first).to_be_visible()
    assert page.locator("img").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(width: int, opened: Opened, cars: Project):
    paths = ["/p/cars-api/", "/p/cars-api/upload"]
    for name in ("original", "long_names", "hostile", "many_failures", "two_hosts"):
        run = factory.analysed(cars, STATES[name]())
        paths += [f"/runs/{run.pk}", f"/runs/{run.pk}?view=table", f"/runs/{run.pk}/lines?step=1"]
    page = opened("/sign-in", width=width, who=False)
    assert overflow(page) <= 0
    page = opened(paths[0], width=width)
    for path in paths:
        page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
        assert overflow(page) <= 0, path


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_no_words_of_the_picture_lie_on_each_other(width: int, opened: Opened, cars: Project):
    """Measured by the browser's own fonts, where the layout only estimates."""
    for name in ("original", "lost_state", "two_hosts", "xdist", "busy", "long_names"):
        run = factory.analysed(cars, STATES[name]())
        for query in ("", "?span=run"):
            page = opened(f"/runs/{run.pk}{query}", width=width)
            assert page.evaluate(CLASHES) == [], (name, query)


CLASHES = """() => {
  const boxes = [...document.querySelectorAll("svg.picture > a rect, svg.picture > g.step rect")];
  const out = [];
  for (const rect of boxes) {
    const text = rect.parentNode.querySelector("text");
    const r = rect.getBBox(), t = text.getBBox();
    if (t.width > r.width) out.push("wider than its box: " + text.textContent);
  }
  const drawn = ".picture > .names text, .lanenames text, .ends text, .away text, .ticktext text, .break text";
  const words = [...document.querySelectorAll(drawn)]
    .filter((e) => e.checkVisibility()).map((e) => [e, e.getBoundingClientRect()]);
  for (const [a, p] of words) for (const [b, q] of words)
    if (a !== b && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3)
      out.push(a.textContent + " / " + b.textContent);
  return out;
}"""
