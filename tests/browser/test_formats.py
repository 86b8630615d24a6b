"""The formats page and a project's settings in a browser: live, without a script, narrow and wide, light and dark."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from triage.models import LineFormat, Project
from triage.store import settings as store

WIDTHS = [390, 1280]
LINES = (
    'Nov 23 01:30:01 web1 gunicorn[51463]: 127.0.0.1 - - [23/Nov/2026:01:30:01 +0000] "GET /cars HTTP/1.1" 200 34\n'
    "what is this"
)
SETTINGS = "/p/cars-api/settings"


@pytest.fixture
def row(cars: Project) -> LineFormat:
    return store.add_line_format(
        cars, None, timezone.now(), name="billing", slug="custom-billing", side="server", kind="template",
        pattern="{time} [{pid}] {level} {message}", time="",
        sample="2026-11-23 01:30:00,053 [51463] INFO POST /cars/add -> 200\n" + "x" * 300,
    )  # fmt: skip


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pages_have_no_violations_and_fit_their_window(width: int, opened: Opened, cars: Project, row: LineFormat):
    page = opened("/formats?project=cars-api", width=width)
    page.get_by_label("Paste some lines").fill(LINES)
    expect(page.get_by_text("1 of 2 lines are understood; line 2 is not.")).to_be_visible()
    assert violations(page) == []
    assert overflow(page) <= 0
    store.add_redaction_pattern(cars, None, timezone.now(), name="customer", pattern="C-[0-9]+")
    deleted = store.add_redaction_pattern(cars, None, timezone.now(), name="gone", pattern="D-[0-9]+")
    store.delete_redaction_pattern(cars, deleted.pk, timezone.now())
    for path in ("formats", f"formats/{row.pk}", "formats/new", f"redaction?deleted={deleted.pk}"):
        page = opened(f"{SETTINGS}/{path}", width=width)
        assert violations(page) == [], path
        assert overflow(page) <= 0, path


def test_a_paste_is_read_as_soon_as_it_is_there(opened: Opened, cars: Project):
    page = opened("/formats")
    page.get_by_label("Paste some lines").fill(LINES)
    expect(page.locator("h2.answer")).to_contain_text("journalctl -o short")
    expect(page.locator("tr.lost .why")).to_have_text("Not understood: it is kept, and counted.")
    expect(page.locator("tr.read .f-pid")).to_have_text("51463")
    assert page.url.endswith("/formats")


def test_the_search_filters_while_one_types(opened: Opened, cars: Project):
    page = opened("/formats")
    page.keyboard.press("/")
    page.keyboard.type("junit")
    expect(page.locator("article")).to_have_count(1)
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.get_by_label("Search", exact=True).fill("")
    expect(page.locator("#journal-journal-short")).to_be_visible()


def test_the_preview_follows_the_pattern_and_the_format_is_saved(opened: Opened, cars: Project):
    page = opened(f"{SETTINGS}/formats")
    page.get_by_role("link", name="Describe a line").click()
    page.get_by_label("Some lines of the log").fill("51463|01:30:00|added figo\nwhat is this")
    preview = page.locator("#preview")
    expect(preview.get_by_text("0 of 2 lines are understood")).to_be_visible()
    page.get_by_label("Pattern of one whole line").fill("{pid}|{time}|{message}")
    expect(preview.locator("tr.read .f-pid")).to_have_text("51463")
    expect(preview.locator("tr.lost .why")).to_have_text("It does not begin with {pid}.")
    page.get_by_label("Pattern of one whole line").fill("{pid}|{time|{message}")
    expect(preview.get_by_role("alert")).to_contain_text("The { at character 7 is never closed")
    page.get_by_label("Pattern of one whole line").fill("{pid}|{time}|{message}")
    expect(page.get_by_label(re.compile("time is written"))).to_be_hidden()
    page.get_by_label("regular expression").check()
    expect(page.get_by_label(re.compile("time is written"))).to_be_visible()
    page.get_by_label("fields in braces").check()
    page.get_by_label("Name").fill("bars")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("“bars” is saved.")
    page.get_by_role("link", name="bars").click()
    page.get_by_role("button", name="Delete this line format").click()
    expect(page.get_by_text("“bars” is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="bars")).to_be_visible()


def test_without_javascript_everything_can_be_tried_and_saved(opened: Opened, cars: Project):
    page = opened("/formats?project=cars-api", javascript=False)
    page.get_by_label("Paste some lines").fill("<51463> 01:30:00 ~ added figo\n" * 3 + "\x01what")
    page.get_by_role("button", name="Read these lines").click()
    page.get_by_role("button", name="Describe these lines yourself").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Describe a line")
    expect(page.get_by_label("Pattern of one whole line")).to_have_value(re.compile(r"^<\{pid\}> \{time\}"))
    page.get_by_label("Pattern of one whole line").fill("<{pid}> {time} ~ {message}")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_text("3 of 4 lines are understood; line 4 is not.")).to_be_visible()
    page.get_by_label("Name").fill("tilde")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="tilde")).to_be_visible()
    page = opened(f"{SETTINGS}/redaction", javascript=False)
    page.get_by_label("Name of what is found").fill("customer")
    page.get_by_label("Regular expression").fill(r"C-\d+")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("pre.redacted")).to_contain_text("[redacted customer ")


def test_redaction_is_shown_while_one_writes(opened: Opened, cars: Project):
    page = opened(f"{SETTINGS}/redaction")
    page.get_by_label("Regular expression").fill(r"customer (?P<secret>C-\d+)")
    expect(page.locator("pre.redacted mark").filter(has_text="new-pattern")).to_be_visible()
    page.get_by_label("Name of what is found").fill("customer number")
    expect(page.locator("pre.redacted mark").filter(has_text="customer-number")).to_be_visible()
    page.get_by_role("button", name="Redact this from now on").click()
    expect(page.get_by_role("row", name=re.compile("customer number"))).to_be_visible()


def test_hostile_lines_run_nothing(opened: Opened, cars: Project):
    page = opened("/formats")
    page.on("dialog", lambda dialog: pytest.fail(f"a line opened a dialog: {dialog.message}"))
    page.get_by_label("Paste some lines").fill(
        "Nov 23 01:30:01 <img src=x onerror=alert(1)> a[1]: <script>alert(1)</script>"
    )
    page.locator(".tried table").wait_for()
    assert page.locator("#tried img").count() == 0
