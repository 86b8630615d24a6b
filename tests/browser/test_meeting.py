"""A whole meeting in real browsers: two people at once, by keyboard alone, and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import factory, meetings
from triage.models import Decision, Meeting, Mention, Project
from triage.store.meetings.begin import begin

MINUTES = re.compile(r"/minutes$")
SOON = 15_000  # milliseconds; far more than it takes, so that a busy machine fails nothing
OpenedAs = Callable[[User, str], Page]


@pytest.fixture
def rob(cars: Project) -> User:
    user = factory.person("rob")
    cars.memberships.create(user=user, role="triager")
    return user


@pytest.fixture
def opened_as(browser: Browser, live_server) -> Iterator[OpenedAs]:
    """Opens a path as somebody, each in a browser context of their own."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(user: User, path: str) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def full(cars: Project) -> Project:
    return meetings.full(cars)


def test_two_people_hold_a_whole_meeting_and_see_each_others_decisions(
    opened_as: OpenedAs, full: Project, ada: User, rob: User
):
    ada_page = opened_as(ada, "/p/cars-api/meetings")
    ada_page.get_by_role("button", name="Meet now").click()
    rob_page = opened_as(rob, "/p/cars-api/meetings")
    rob_page.get_by_role("link", name="Join").click()
    for page in (ada_page, rob_page):
        expect(page.locator("#who")).to_contain_text("2 here", timeout=SOON)
        expect(page.locator("#item h1")).to_contain_text("51463")
        expect(page.locator("#item svg.picture")).to_be_visible()

    rob_page.locator("#accept").click()
    expect(ada_page.locator("#minutes")).to_contain_text("Verdict accepted", timeout=SOON)
    ada_page.locator("#act-owner").click()
    ada_page.locator("#f-owner").fill("API team")
    ada_page.get_by_role("button", name="Set the owner").click()
    expect(rob_page.locator("#minutes")).to_contain_text("Owner: API team", timeout=SOON)
    expect(rob_page.locator("#act-owner")).to_contain_text("API team")

    rob_page.locator("#done").click()
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3", timeout=SOON)
    rob_page.locator("#agenda a").nth(2).click()
    expect(rob_page.locator(".note.away")).to_contain_text("You look at 3 of 3")
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3")
    rob_page.get_by_role("button", name="Call everybody here").click()
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 3 of 3", timeout=SOON)

    ada_page.locator("#line-text").fill("The release moves to Friday")
    ada_page.get_by_role("button", name="Write", exact=True).click()
    expect(rob_page.locator("#minutes")).to_contain_text("The release moves to Friday", timeout=SOON)
    expect(ada_page.locator("#line-text")).to_have_value("")

    ada_page.locator("#end summary").click()
    ada_page.get_by_role("button", name="End the meeting").click()
    for page in (ada_page, rob_page):
        expect(page).to_have_url(MINUTES, timeout=SOON)
        expect(page.locator("main")).to_contain_text("Owner: API team")
        expect(page.locator("main")).to_contain_text("The release moves to Friday")
    assert Decision.objects.filter(user=rob, what="accepted").count() == 1


def test_words_half_typed_stay_when_others_decide_and_when_the_meeting_moves_on(
    opened_as: OpenedAs, full: Project, ada: User, rob: User
):
    meeting = begin(full, ada, datetime.now(UTC))
    ada_page, rob_page = (opened_as(user, f"/meetings/{meeting.pk}") for user in (ada, rob))
    ada_page.locator("#act-note").click()
    ada_page.get_by_label("Note", exact=True).fill("Half a thou")
    ada_page.locator("#hand-over-text").fill("Watch the exp")
    ada_page.get_by_label("Note", exact=True).focus()
    rob_page.locator("#accept").click()
    expect(ada_page.locator("#minutes")).to_contain_text("Verdict accepted", timeout=SOON)
    rob_page.locator("#next").click()
    expect(ada_page.locator(".note.away")).to_contain_text("You look at 1 of 3", timeout=SOON)
    expect(ada_page.get_by_label("Note", exact=True)).to_have_value("Half a thou")
    expect(ada_page.get_by_label("Note", exact=True)).to_be_focused()
    expect(ada_page.locator("#hand-over-text")).to_have_value("Watch the exp")
    ada_page.keyboard.type("ght")
    ada_page.get_by_role("button", name="Write it down").click()
    expect(rob_page.locator("#minutes")).to_contain_text("Half a thought", timeout=SOON)
    note = Decision.objects.get(what="note")
    assert note.item_id == meeting.agenda.first().item_id
    expect(ada_page.locator("#hand-over-text")).to_have_value("Watch the exp")
    ada_page.locator("#hand-over button").click()
    expect(rob_page.locator("#hand-over-text")).to_have_value("Watch the exp", timeout=SOON)


def test_names_are_suggested_in_a_note_and_their_keys_are_not_the_meetings(
    opened_as: OpenedAs, full: Project, ada: User, rob: User
):
    User.objects.filter(pk=rob.pk).update(first_name="Robert", last_name="Adamson")
    meeting = begin(full, ada, datetime.now(UTC))
    ada_page, rob_page = (opened_as(user, f"/meetings/{meeting.pk}") for user in (ada, rob))
    rob_page.locator("#accept").click()  # the page of ada gets new forms by its poll
    expect(ada_page.locator("#minutes")).to_contain_text("Verdict accepted", timeout=SOON)
    ada_page.keyboard.press("n")
    ada_page.keyboard.type("@ad")
    names = ada_page.get_by_role("listbox", name="Members").get_by_role("option")
    expect(names).to_have_text(["@ada", "@rob Robert Adamson"])
    assert violations(ada_page) == []
    ada_page.keyboard.press("Escape")
    expect(names.first).to_be_hidden()
    expect(ada_page.locator("#f-note")).to_be_focused()  # the form is still open
    ada_page.keyboard.press("Backspace")
    ada_page.keyboard.press("ArrowDown")
    ada_page.keyboard.press("Enter")
    expect(ada_page.locator("#f-note")).to_have_value("@rob ")
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 1 of 3")
    ada_page.keyboard.type("is that yours?")
    ada_page.keyboard.press("Control+Enter")
    expect(rob_page.locator("#minutes")).to_contain_text("@rob is that yours?", timeout=SOON)
    assert Mention.objects.get().user == rob


def test_a_mistyped_owner_is_said_and_undone_where_it_is_said(opened_as: OpenedAs, full: Project, ada: User, rob: User):
    page = opened_as(ada, f"/meetings/{begin(full, ada, datetime.now(UTC)).pk}")
    page.keyboard.press("o")
    page.keyboard.type("rbo")
    page.keyboard.press("Enter")
    expect(page.locator("#saying")).to_contain_text("nobody is told. Did you mean rob?", timeout=SOON)
    page.locator("#undo-said").click()
    expect(page.locator("#act-owner")).to_contain_text("nobody yet", timeout=SOON)
    expect(page.locator("#minutes")).not_to_contain_text("rbo")


def test_who_ends_a_meeting_loses_no_note_and_who_still_writes_keeps_their_words(
    opened_as: OpenedAs, full: Project, ada: User, rob: User
):
    meeting = begin(full, ada, datetime.now(UTC))
    ada_page, rob_page = (opened_as(user, f"/meetings/{meeting.pk}") for user in (ada, rob))
    rob_page.locator("#act-note").click()
    rob_page.locator("#f-note").fill("Half a thou")
    ada_page.locator("#act-not").click()
    ada_page.locator("#f-kind").select_option("test_error")  # begun and left
    ada_page.keyboard.press("Escape")
    ada_page.locator("#hand-over-text").fill("Watch the export")
    ada_page.locator("#end summary").click()
    ada_page.get_by_role("button", name="End the meeting").click()
    expect(ada_page).to_have_url(MINUTES, timeout=SOON)
    expect(ada_page.locator("main")).to_contain_text("Watch the export")
    expect(rob_page.locator("#lost")).to_contain_text("The meeting has ended", timeout=SOON)
    expect(rob_page.locator("#f-note")).to_have_value("Half a thou")
    rob_page.locator("#f-note").fill("")
    rob_page.get_by_role("link", name="the minutes").click()
    expect(rob_page).to_have_url(MINUTES)


# A poll that is asked while a form is on its way, and answered after it, as on a busy server.
LATE_POLLS = """() => {
  const plain = window.fetch, later = (ms) => new Promise((done) => setTimeout(done, ms));
  let sending = null;
  window.fetch = async (address, options) => {
    if (options.method === "POST") {
      sending = plain(address, options).then(async (answer) => (await later(1500), answer));
      return sending;
    }
    const during = sending, answer = await plain(address, options);
    if (during) await during.then(() => later(200));
    return answer;
  };
}"""


def test_who_sent_what_they_wrote_is_where_the_meeting_is_again(
    opened_as: OpenedAs, full: Project, ada: User, rob: User
):
    meeting = begin(full, ada, datetime.now(UTC))
    ada_page, rob_page = (opened_as(user, f"/meetings/{meeting.pk}") for user in (ada, rob))
    ada_page.locator("#act-note").click()
    ada_page.get_by_label("Note", exact=True).fill("A thought")
    rob_page.locator("#next").click()
    expect(ada_page.locator(".note.away")).to_contain_text("You look at 1 of 3", timeout=SOON)
    ada_page.evaluate(LATE_POLLS)
    ada_page.get_by_label("Note", exact=True).press("Control+Enter")
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3", timeout=SOON)
    ada_page.wait_for_timeout(2_500)  # the late answers come in meanwhile
    expect(ada_page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3")


def test_a_whole_meeting_is_held_by_keyboard_alone(opened: Opened, full: Project):
    page = opened("/p/cars-api/meetings")
    page.keyboard.press("m")
    page.wait_for_url("**/meetings/*")
    minutes = page.locator("#minutes")
    page.keyboard.press("a")
    expect(minutes).to_contain_text("Verdict accepted", timeout=SOON)
    page.keyboard.press("o")
    page.keyboard.type("QA")
    page.keyboard.press("Enter")
    expect(minutes).to_contain_text("Owner: QA", timeout=SOON)
    page.keyboard.press("b")
    expect(minutes).to_contain_text("It is a blocker", timeout=SOON)
    page.keyboard.press("u")
    expect(minutes).not_to_contain_text("It is a blocker", timeout=SOON)
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    expect(minutes).to_contain_text("Watching the fix until 20 passes", timeout=SOON)
    page.keyboard.press("n")
    page.keyboard.type("Read the key from the environment")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#f-note")).to_have_value("Read the key from the environment")
    page.keyboard.press("Control+Enter")
    expect(minutes).to_contain_text("Read the key", timeout=SOON)
    page.locator("body").press("Enter")
    expect(page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3", timeout=SOON)
    page.keyboard.press("j")
    expect(page.locator("#item")).to_have_attribute("aria-label", "Item 3 of 3", timeout=SOON)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3", timeout=SOON)
    page.keyboard.press("?")
    for does in ("accept the verdict", "overrule", "not today", "end the meeting", "write a note"):
        expect(page.locator("#keys")).to_contain_text(does)
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(page).to_have_url(MINUTES, timeout=SOON)


def test_a_meeting_is_held_without_javascript(opened: Opened, full: Project):
    page = opened("/p/cars-api/meetings", javascript=False)
    page.get_by_role("button", name="Meet now").click()
    page.locator("#accept").click()
    page.locator("#act-owner").click()
    page.locator("#f-owner").fill("QA")
    page.get_by_role("button", name="Set the owner").click()
    expect(page.locator("#minutes")).to_contain_text("Verdict accepted")
    expect(page.locator("#minutes")).to_contain_text("Owner: QA")
    page.locator("#minutes li", has_text="Owner: QA").get_by_role("button", name="undo").click()
    expect(page.locator("#minutes")).not_to_contain_text("Owner: QA")
    expect(page.locator("#act-owner")).to_contain_text("nobody yet")
    page.locator("#done").click()
    expect(page.locator("#item")).to_have_attribute("aria-label", "Item 2 of 3")
    page.locator("#agenda a").nth(2).click()
    expect(page.locator(".note.away")).to_be_visible()
    page.get_by_role("link", name="Follow").click()
    page.locator("#hand-over-text").fill("Watch the export")
    page.locator("#hand-over button").click()
    page.locator("#end summary").click()
    page.get_by_role("button", name="End the meeting").click()
    expect(page.locator("main")).to_contain_text("Watch the export")
    assert Meeting.objects.get().ended_at is not None


def test_a_lost_connection_is_said_and_what_was_typed_can_be_sent_again(opened: Opened, full: Project, ada: User):
    meeting = begin(full, ada, datetime.now(UTC))
    page = opened(f"/meetings/{meeting.pk}")
    page.evaluate('() => { window.fetch = () => Promise.reject(new TypeError("no network")); }')
    expect(page.locator("#lost")).to_contain_text("Connection lost", timeout=SOON)
    page.locator("#line-text").fill("Said while it was away")
    page.get_by_role("button", name="Write", exact=True).click()
    expect(page.locator("#saying")).to_contain_text("Not saved", timeout=SOON)
    expect(page.locator("#line-text")).to_have_value("Said while it was away")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 800)])
def test_nothing_scrolls_on_a_projector(width: int, height: int, opened: Opened, full: Project, ada: User):
    meeting = begin(full, ada, datetime.now(UTC))
    page = opened(f"/meetings/{meeting.pk}", width=width)
    page.set_viewport_size({"width": width, "height": height})
    sizes = "e => [e.scrollHeight - e.clientHeight, e.scrollWidth - e.clientWidth]"
    assert page.locator("html").evaluate(sizes) == [0, 0]
    assert page.locator("#item").evaluate(sizes) == [0, 0]
    for part in ("#done", "#end summary", "#accept"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
