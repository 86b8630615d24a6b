"""The lineup under a pointer and under the keys: zoom, pan, lines behind a mark, exports; and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import factory
from tests.dashboard.build import original
from tests.dashboard.states import STATES
from triage.models import Project

ZOOMED = re.compile(r"from=2024-05-23T.*&to=2024-05-23T")


@pytest.fixture
def busy(opened: Opened, cars: Project) -> Page:
    run = factory.analysed(cars, STATES["busy"](600))
    return opened(f"/runs/{run.pk}")


def seconds_in_view(page: Page) -> float:
    knots = page.locator(".canvas").get_attribute("data-knots") or ""
    ends = [int(knot.split(",")[1]) for knot in (knots.split(" ")[0], knots.split(" ")[-1])]
    return (ends[1] - ends[0]) / 1_000_000


def test_the_wheel_zooms_around_the_pointer_and_the_address_says_so(busy: Page):
    whole = seconds_in_view(busy)
    box = busy.locator(".canvas").bounding_box()
    assert box is not None
    busy.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
    busy.keyboard.down("Control")
    busy.mouse.wheel(0, -200)
    busy.keyboard.up("Control")
    expect(busy).to_have_url(ZOOMED)
    expect(busy.locator(".inview")).to_contain_text("steps in view")
    assert seconds_in_view(busy) < whole * 0.7
    seen = busy.locator(".inview").inner_text()
    busy.reload()
    expect(busy.locator(".inview")).to_have_text(seen)


def test_the_wheel_alone_scrolls_the_page_until_the_picture_has_the_focus(busy: Page):
    box = busy.locator(".canvas").bounding_box()
    assert box is not None
    busy.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    busy.mouse.wheel(0, 120)
    busy.wait_for_timeout(300)
    assert busy.evaluate("scrollY") > 0
    assert "from=" not in busy.url
    busy.locator(".canvas").focus()
    busy.mouse.wheel(0, -120)
    expect(busy).to_have_url(ZOOMED)


def test_keys_zoom_move_and_come_back(busy: Page):
    whole = seconds_in_view(busy)
    busy.keyboard.press("+")
    expect(busy).to_have_url(ZOOMED)
    assert seconds_in_view(busy) == pytest.approx(whole / 2, rel=0.1)
    before = busy.url
    busy.locator(".canvas").focus()
    busy.keyboard.press("ArrowRight")
    expect(busy).not_to_have_url(before)
    expect(busy.locator(".canvas")).to_be_focused()
    busy.keyboard.press("-")
    expect(busy.locator(".inview")).to_have_count(0)
    busy.keyboard.press("+")
    expect(busy.locator(".inview")).to_have_count(1)
    busy.keyboard.press("0")
    expect(busy.locator(".inview")).to_have_count(0)
    assert "from=" not in busy.url


def test_dragging_moves_the_window(busy: Page):
    busy.keyboard.press("+")
    expect(busy.locator(".inview")).to_have_count(1)
    before = busy.locator(".inview b").inner_text()
    box = busy.locator(".canvas").bounding_box()
    assert box is not None
    busy.mouse.move(box["x"] + 700, box["y"] + 95)
    busy.mouse.down()
    busy.mouse.move(box["x"] + 400, box["y"] + 95, steps=6)
    busy.mouse.up()
    expect(busy.locator(".inview b")).not_to_have_text(before)


def test_a_heap_says_what_it_holds_and_opens_when_clicked(busy: Page):
    heap = busy.locator("a.heap[data-zoom]").first
    expect(heap).to_have_attribute("aria-label", re.compile(r"\d+ requests on .*: zoom in"))
    heap.evaluate("e => e.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true, button: 0}))")
    expect(busy).to_have_url(ZOOMED)


def test_the_focus_shows_the_lines_of_both_sides_and_escape_hides_them(opened: Opened, cars: Project):
    run = factory.analysed(cars, original(offset_s=-1378.7))
    page = opened(f"/runs/{run.pk}")
    page.locator(".canvas").focus()
    page.keyboard.press("Tab")
    expect(page.locator("a.step.write")).to_be_focused()
    card = page.locator("#peek")
    expect(card).to_contain_text("2024-05-23 12:11:07.000 | INFO | PASS: Successfully added")
    expect(card).to_contain_text("pytest.log, line 2")
    expect(card).to_contain_text("gunicorn[51463]: [2024-05-23 12:34:06,721] INFO in cars_app")
    expect(card).to_contain_text("journal.txt, line 2")
    expect(card).to_contain_text("logged 11:48:08.300, on the tests\N{RIGHT SINGLE QUOTATION MARK} clock 12:11:07.000")
    expect(card).to_contain_text("offset within \N{MINUS SIGN}1,379.2 … \N{MINUS SIGN}1,378.2 s")
    expect(card).to_contain_text("They belong together with 97 %, by path, time.")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_arrows_go_from_step_to_step_and_from_a_step_to_its_entry(opened: Opened, cars: Project):
    page = opened(f"/runs/{factory.analysed(cars, original()).pk}")
    page.locator("a.step.write").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("a.step.read")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("a.served.read")).to_be_focused()
    expect(page.locator("#peek")).to_contain_text("gunicorn 51465")
    page.keyboard.press("ArrowUp")
    expect(page.locator("a.step.read")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#lines tr.here").first).to_be_visible()
    assert page.locator("svg.picture [tabindex='0']").count() == 1


def test_the_crossing_shows_both_ends(opened: Opened, cars: Project):
    page = opened(f"/runs/{factory.analysed(cars, original()).pk}")
    page.locator("a.crossing").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.locator("a.crossing .cross").hover()
    card = page.locator("#peek")
    expect(card).to_contain_text("successfully added")
    expect(card).to_contain_text("Processing /GET request")
    page.locator("a.crossing .cross").click(force=True)
    expect(page.get_by_role("heading", name="Around the write and the read")).to_be_visible()


def test_zoom_and_lines_work_without_javascript(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["busy"](300))
    page = opened(f"/runs/{run.pk}", javascript=False)
    page.get_by_role("link", name="Zoom in, times two").click()
    expect(page).to_have_url(ZOOMED)
    expect(page.locator(".inview")).to_contain_text("steps in view")
    page.get_by_role("link", name="Later").click()
    page.get_by_role("link", name="Write and read").click()
    expect(page.locator(".crossing .cross")).to_be_attached()
    page.get_by_role("link", name="Whole test").click()
    expect(page.locator(".inview")).to_have_count(0)
    page.get_by_role("link", name="Table").click()
    page.get_by_role("link", name="12:11:27.000").first.click()
    expect(page.locator(".inview")).to_have_count(1)
    page.goto(page.url.split("?")[0] + "/lines?step=40")
    page.get_by_role("link", name="Show it in the picture").click()
    expect(page.locator("a.step.write")).to_be_attached()


def test_a_zoomed_picture_has_no_violations(opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["busy"](300))
    page = opened(f"/runs/{run.pk}?from=2024-05-23T12:11:10Z&to=2024-05-23T12:11:28Z")
    expect(page.locator("a.away")).to_be_attached()
    page.locator("a.step").first.focus()
    page.locator("#peek code").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_a_zoomed_picture_fits_every_screen(width: int, opened: Opened, cars: Project):
    run = factory.analysed(cars, STATES["busy"](300))
    page = opened(f"/runs/{run.pk}?from=2024-05-23T12:11:10Z&to=2024-05-23T12:11:28Z", width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("a.step").first.focus()
    card = page.locator("#peek")
    card.wait_for()
    assert card.evaluate("e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth }")


def test_the_page_prints_light_and_without_its_controls(opened: Opened, cars: Project):
    page = opened(f"/runs/{factory.analysed(cars, original()).pk}", scheme="dark")
    page.emulate_media(media="print")
    for selector in ("header.top", ".lineup .bar", ".acts"):
        assert page.locator(selector).first.is_hidden()
    for selector in ("h1", "svg.picture", "#written code", ".ev"):
        assert page.locator(selector).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(29, 31, 39)"
    assert len(page.pdf(format="A4")) > 10_000


def test_the_picture_is_saved_as_a_file(opened: Opened, cars: Project):
    page = opened(f"/runs/{factory.analysed(cars, original()).pk}")
    for name, ending in (("SVG", "svg"), ("PNG", "png")):
        with page.expect_download() as saved:
            page.get_by_role("link", name=name, exact=True).click()
        assert saved.value.suggested_filename.endswith(f"-test_api_example.{ending}")
