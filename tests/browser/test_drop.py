"""The first upload by hand in a browser: dropped, chosen, pasted, without JavaScript, cancelled and refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ingest.tasks import read_run
from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import factory
from triage.models import Project, Run

INCIDENT = Path(__file__).parent.parent / "incidents" / "cars-count-two-workers"
LOGS = [path for side in ("tests", "server") for path in sorted((INCIDENT / side).iterdir())]
WIDTHS = [390, 1280, 2560]
EMPTY = "/p/cars-api/"


@pytest.fixture(autouse=True)
def _home(settings, tmp_path: Path) -> None:
    settings.LINEUP_HOME = tmp_path


@pytest.fixture
def refused(browser: Browser, live_server, client, ada: User) -> Iterator[Opened]:
    """Like `opened`, for answers that the browser itself notes as errors."""
    contexts: list[BrowserContext] = []
    client.force_login(ada)

    def open_page(path: str, *, javascript: bool = True) -> Page:
        contexts.append(browser.new_context(java_script_enabled=javascript))
        value = client.cookies["sessionid"].value
        contexts[-1].add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
        page = contexts[-1].new_page()
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def dropped(page: Page, *paths: Path) -> None:
    """As a hand drags them from a file manager: the browser makes the DataTransfer itself, folders included."""
    box = page.locator("[data-zone]").bounding_box()
    assert box is not None
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 20, "data": data}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at})


def answered(page: Page) -> Run:
    """Waits for the run page, does a worker's work, and waits for its answer."""
    page.wait_for_url(re.compile(r"/runs/"))
    run = Run.objects.get()
    assert run.status == "queued"
    expect(page.locator(".progress")).to_contain_text("Queued")
    read_run(str(run.pk))
    return run


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_two_files_dropped_on_an_empty_project_give_the_verdict(opened: Opened, cars: Project):
    page = opened(EMPTY)
    dropped(page, *LOGS)
    expect(page.locator("[data-picked] li")).to_have_count(len(LOGS))
    expect(page.get_by_role("button", name="Line them up")).to_be_focused()
    page.keyboard.press("Enter")
    run = answered(page)
    expect(page.locator(".badge")).to_contain_text("Split state")  # the page found out by itself
    assert run.project == cars
    assert sorted(run.parts.values_list("side", flat=True)) == ["server", "tests"]


def test_a_folder_stands_for_the_files_in_it_and_a_synthetic_drop_works_as_well(opened: Opened, cars: Project):
    page = opened("/p/cars-api/drop")
    dropped(page, INCIDENT)
    expect(page.locator("[data-picked] .name").filter(has_text=LOGS[0].name)).to_be_visible()
    expect(page.locator("[data-picked] .name").filter(has_text="ABOUT.md")).to_be_visible()
    page.get_by_role("button", name="Remove ABOUT.md").click()
    expect(page.locator("[data-picked] .name").filter(has_text="ABOUT.md")).to_have_count(0)
    data = page.evaluate_handle(
        "name => { const d = new DataTransfer(); d.items.add(new File(['x'], name)); return d; }",
        "<img src=x onerror=alert(1)>.log",
    )
    page.dispatch_event("[data-zone]", "drop", {"dataTransfer": data})
    expect(page.locator("[data-picked] .name").filter(has_text="<img src=x")).to_be_visible()
    assert page.locator("[data-picked] img").count() == 0


def test_without_javascript_the_form_sends_the_same_files(opened: Opened, cars: Project):
    page = opened("/drop", javascript=False)
    page.locator("#drop-files").set_input_files(LOGS)
    page.get_by_role("button", name="Line them up").click()
    page.wait_for_url(re.compile(r"/runs/"))
    run = Run.objects.get()
    assert run.project.name == "Sandbox of ada"
    read_run(str(run.pk))
    page.reload()
    expect(page.locator(".badge")).to_contain_text("Split state")


def test_a_refusal_names_every_file_with_and_without_javascript(refused: Opened, tmp_path: Path):
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for javascript in (True, False):
        page = refused("/drop", javascript=javascript)
        page.locator("#drop-files").set_input_files([picture])
        page.get_by_role("button", name="Line them up").click()
        expect(page.get_by_role("alert").filter(has_text="photo.png")).to_contain_text("This is a PNG image")
    assert not Run.objects.exists()


def test_lines_are_pasted_by_key_and_by_hand(opened: Opened, cars: Project):
    page = opened("/drop")
    page.get_by_text("Say which is which").click()
    tests, server = (next((INCIDENT / side).iterdir()).read_text() for side in ("tests", "server"))
    page.locator("#paste-tests").fill(tests)
    page.get_by_role("heading", level=1).click()
    page.evaluate(
        "text => { const d = new DataTransfer(); d.setData('text/plain', text);"
        "document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: d, bubbles: true })); }",
        server,
    )
    expect(page.locator("[data-picked] .name")).to_have_text("pasted 1.log")
    page.get_by_role("button", name="Line them up").click()
    answered(page)
    expect(page.locator(".badge")).to_contain_text("Split state")


def test_too_much_is_said_before_anything_is_sent(opened: Opened, refused: Opened, settings, tmp_path: Path):
    settings.LINEUP_MAX_PART_BYTES = 2048
    page = opened("/drop")
    huge = tmp_path / "huge.log"
    huge.write_bytes(b"x" * 5000)
    page.locator("#drop-files").set_input_files([huge])
    expect(page.get_by_role("alert").filter(has_text="huge.log is larger than 2.0 KB")).to_be_visible()
    many = [tmp_path / f"{n}.log" for n in range(101)]
    for path in many:
        path.write_text("x")
    page.get_by_role("button", name="Remove huge.log").click()
    page.locator("#drop-files").set_input_files(many)
    expect(page.get_by_role("alert").filter(has_text="That is 101 files; at most 100 go at once")).to_be_visible()
    page.get_by_role("button", name="Line them up").click()
    assert page.url.endswith("/drop")
    page = refused("/drop", javascript=False)
    page.locator("#drop-files").set_input_files([huge])
    page.get_by_role("button", name="Line them up").click()
    expect(page.get_by_role("alert").filter(has_text="huge.log is larger than 2 KB")).to_be_visible()


def test_an_upload_shows_its_progress_and_is_cancelled(opened: Opened, cars: Project, tmp_path: Path):
    page = opened("/drop")
    large = tmp_path / "large.log"
    large.write_bytes(b"x" * 40_000_000)
    page.locator("#drop-files").set_input_files([large])
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    session.send("Network.emulateNetworkConditions", slow)
    page.get_by_role("button", name="Line them up").click()
    expect(page.locator("[data-told]")).to_contain_text(re.compile(r"Sending: .+ of 38.1 MB"))
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("alert").filter(has_text="Cancelled: nothing was kept.")).to_be_visible()
    expect(page.get_by_role("button", name="Line them up")).to_be_enabled()
    assert not Run.objects.exists()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_fits_its_window_and_has_no_violations(width: int, opened: Opened, cars: Project):
    factory.empty_run(cars)
    for path in ("/drop", "/p/cars-api/drop", "/p/cars-api/sources"):
        page = opened(path, width=width)
        page.locator("#drop-files").set_input_files(LOGS)
        if path != "/p/cars-api/sources":
            page.get_by_text("Say which is which").click()
        assert fits(page), path
        assert violations(page) == [], path
