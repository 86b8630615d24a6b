"""A real Chromium against a real server. Where there is no Chromium, these tests say that they need it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.pages import whole_pages
from tests.dashboard import factory
from tests.dashboard.roles import things
from triage.models import Project

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip

# Playwright runs an event loop of its own in this thread; Django would refuse the database for it.
expect.set_options(timeout=20_000)  # what is waited for comes, but machines are shared
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if CHROMIUM is None and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="needs chromium"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def ada(transactional_db: None) -> User:
    return factory.person("ada")


@pytest.fixture
def cars(ada: User) -> Project:
    return factory.project("cars-api", ada)


@pytest.fixture
def every_page(cars: Project, ada: User, client: Client) -> dict[str, str]:
    """Name to path, with one of everything in the project."""
    known = things(cars, ada, factory.person("bob"))
    client.force_login(ada)
    return whole_pages(known, client)


Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live_server, client, ada: User) -> Iterator[Opened]:
    """Opens a path as ada; whatever the browser complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(
        path: str, *, width: int = 1280, scheme: str = "light", javascript: bool = True, who: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=javascript
        )
        contexts.append(context)
        if who:
            client.force_login(ada)
            value = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
