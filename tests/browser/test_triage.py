"""Triage in a browser: with the keyboard only, without JavaScript, on a phone, light and dark."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.browser.test_history import fits
from tests.dashboard import cared, factory, past
from triage.models import Decision, Item, Mention, Project, SavedView
from triage.store import items as store

LIST = "/p/cars-api/groups"


@pytest.fixture
def failures(cars: Project) -> list[Item]:
    """Three open failures, the newest first in the list."""
    now = datetime.now(UTC)
    return [
        cared.a_failure(cars, name, group={"last_seen": now - timedelta(hours=n)})
        for n, name in enumerate(("basket", "count", "prices"), 1)
    ]


@pytest.fixture
def lived(cars: Project, ada: User) -> Item:
    """A failure that came back, with everything that a page can show of it."""
    group = past.a_group(cars)
    past.a_past(cars, group)
    past.a_change(past.a_failing_run(cars, group), group)
    item = cared.an_item(group, earlier=cared.resolved(group, owner_name="API team"))
    me = store.Actor.of(ada)
    store.undo(store.set_status([item], me, "fix_claimed")[0], me)
    store.set_ticket([item], me, "https://github.com/acme/cars-api/issues/412")
    store.note(item, me, "@ada look at this")
    store.watch([item], me, 40)
    return item


def told(page: Page, *words: str) -> None:
    """The words are there, on a page whose scripts are there."""
    for each in words:
        expect(page.get_by_text(each).first).to_be_visible()
    expect(page.locator("[data-keys-help]")).to_be_visible()


def test_a_mention_is_seen_once_its_page_was_in_front_of_somebody(
    opened: Opened, cars: Project, ada: User, failures: list[Item]
):
    bob = store.Actor.of(factory.person("bob"))
    store.note(failures[0], bob, "@ada is that yours?")
    page = opened(f"/groups/{failures[0].group_id}")
    told(page, "asked you to look here")
    assert Mention.objects.get().seen_at is None  # not by being loaded
    expect(page.locator("[data-seen]")).to_contain_text("seen")
    expect(page.get_by_role("button", name="Mark as seen")).to_be_hidden()
    assert violations(page) == []
    assert Mention.objects.get().seen_at is not None


def test_a_mention_is_seen_without_javascript_by_a_button(
    opened: Opened, cars: Project, ada: User, failures: list[Item]
):
    store.note(failures[0], store.Actor.of(factory.person("bob")), "@ada is that yours?")
    page = opened(f"/groups/{failures[0].group_id}", javascript=False)
    page.get_by_role("button", name="Mark as seen").click()
    expect(page.get_by_role("button", name="Mark as seen")).to_have_count(0)
    assert Mention.objects.get().seen_at is not None


def test_an_open_page_says_what_a_meeting_decided_beside_it(opened: Opened, cars: Project, failures: list[Item]):
    page = opened(f"/groups/{failures[0].group_id}")
    told(page, "Where it stands")
    store.set_owner(failures[:1], store.Actor.of(factory.person("bob")), name="QA")
    told(page, "Since you opened this page")
    page.get_by_role("link", name="Show it").click()
    expect(page.locator(".caring")).to_contain_text("QA")


def test_failures_are_triaged_with_the_keyboard_only(opened: Opened, cars: Project, failures: list[Item]):
    page = opened(LIST)
    keys = page.keyboard
    keys.press("j")
    keys.press("ArrowDown")
    expect(page.get_by_role("link", name="count is wrong")).to_be_focused()
    keys.press("x")
    keys.press("j")
    keys.press("x")
    told(page, "2 chosen")
    keys.press("o")
    keys.type("API team")
    keys.press("Enter")
    told(page, "2 failures: given to API team.")
    expect(page.get_by_role("link", name="prices is wrong")).to_be_focused()  # where they were
    keys.press("s")  # nothing is chosen: the failure at hand
    keys.press("ArrowDown")
    keys.press("Enter")
    told(page, "prices is wrong: investigating.")
    keys.press("u")
    told(page, "Undone: ada set the status to investigating.")
    keys.press("u")
    told(page, "Undone: ada undid: set the status to investigating.")
    names = dict(Item.objects.values_list("group__message", "owner_name"))
    assert names == {"basket is wrong": "", "count is wrong": "API team", "prices is wrong": "API team"}
    assert Item.objects.get(pk=failures[2].pk).status == "investigating"


def test_one_failure_is_decided_on_with_the_keyboard_only(opened: Opened, cars: Project, failures: list[Item]):
    page = opened(LIST)
    keys = page.keyboard
    keys.press("j")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("basket is wrong")
    told(page, "basket is wrong")
    keys.press("a")
    told(page, "ada accepted the verdict")
    keys.press("w")
    keys.type("7")
    keys.press("Enter")
    told(page, "0 of 7 passes")
    keys.press("t")
    keys.type("https://example.org/browse/CARS-7")
    keys.press("Enter")
    told(page, "CARS-7")
    keys.press("b")
    told(page, "Not a blocker")
    keys.press("n")
    keys.type("@ad")
    expect(page.locator("#mentioned li")).to_have_text("@ada")
    keys.press("Enter")
    keys.type("look, and x j k do nothing here")
    keys.press("Control+Enter")
    told(page, "@ada look, and x j k do nothing here")
    keys.press("x")
    expect(page.get_by_label("What it is instead")).to_be_focused()
    keys.press("Escape")
    page.get_by_role("heading", level=1).click()
    keys.press("g")
    keys.press("g")
    expect(page).to_have_url(re.compile(rf"{LIST}$"))


def test_the_help_names_every_key_that_works_here(opened: Opened, cars: Project, failures: list[Item]):
    for path in (LIST, f"/groups/{failures[0].group_id}"):
        page = opened(path)
        page.keyboard.press("?")
        told = page.locator("#keys dt").all_inner_texts()
        there = page.evaluate("[...document.querySelectorAll('[data-key][data-does]')].map((e) => e.dataset.key)")
        assert set(there) <= set(told)
        assert len(told) == len(set(told))
        page.keyboard.press("j")
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()


def test_everything_is_decided_without_javascript(opened: Opened, cars: Project, failures: list[Item]):
    page = opened(LIST, javascript=False)
    page.get_by_label("Choose: count is wrong").check()
    page.get_by_label("Choose: basket is wrong").check()
    page.locator("summary", has_text="Owner").click()
    page.get_by_role("button", name="To me").click()
    expect(page.get_by_text("2 failures: given to ada.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone on 2 failures")).to_be_visible()
    page.get_by_label("Status").select_option("investigating")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("No group fits these filters.")).to_be_visible()
    page.locator("summary", has_text="Save view").click()
    page.get_by_label("Name of this view").fill("At work")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as “At work”.")).to_be_visible()
    page.goto(page.url.split("/p/")[0] + f"/groups/{failures[0].group_id}")
    page.locator("summary", has_text="Status").click()
    page.get_by_role("button", name="resolved").click()
    page.get_by_role("textbox", name="Note").fill("Reverted.")
    page.get_by_role("button", name="Add the note").click()
    expect(page.locator(".notetext")).to_have_text("Reverted.")
    assert Item.objects.get(pk=failures[0].pk).status == "resolved"
    assert SavedView.objects.get().query == "status=investigating"


def test_one_box_chooses_the_page_and_the_bar_goes_when_nothing_is_chosen(
    opened: Opened, cars: Project, failures: list[Item]
):
    page = opened(LIST)
    bar = page.locator("[data-bar]")
    expect(bar).to_be_hidden()
    page.get_by_label("Choose all on this page").check()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()
    page.keyboard.press("s")  # no failure at hand: nothing happens
    expect(bar).to_be_hidden()
    assert not Decision.objects.filter(user__isnull=False).exists()


def test_pages_of_triage_have_no_violations(opened: Opened, cars: Project, lived: Item, failures: list[Item]):
    page = opened(LIST + "?q=t")
    page.get_by_label("Choose all on this page").check()
    page.locator("summary", has_text="Owner").click()
    assert violations(page) == []
    page.locator("summary", has_text="Save view").click()
    page.get_by_label("Name of this view").fill("Tests")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("summary", has_text="Your views").click()
    assert violations(page) == []
    page = opened(f"/groups/{lived.group_id}")
    page.locator("summary", has_text="Status").click()
    page.get_by_text("The same as a table").click()
    page.get_by_text("Second time: it came back").click()
    page.get_by_text("Overrule…").click()
    assert violations(page) == []
    page.get_by_placeholder("A note.").type("@a")
    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_pages_of_triage_fit_their_screen(width: int, opened: Opened, cars: Project, lived: Item):
    cared.a_failure(cars, "test_" + "x" * 600, group={"message": "y" * 600}, owner_name="z" * 140)
    keys: list[Page] = [opened(path, width=width) for path in (LIST, f"/groups/{lived.group_id}")]
    assert all(fits(page) for page in keys)
    page = keys[0]
    page.locator("[data-choose]").first.check()
    page.locator("summary", has_text="Ticket").click()
    assert fits(page)
    box = page.locator("details.menu[open] .pop").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] >= 0


def test_nobody_else_is_told_of_the_keys(opened: Opened, cars: Project, failures: list[Item]):
    cars.memberships.update(role="viewer")
    page = opened(LIST)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("s")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert "set the status" not in page.locator("#keys").inner_text()
