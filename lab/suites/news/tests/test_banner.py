import logging
import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("news")


class Browser(requests.Session):
    """Keeps answers for as long as the server allows it, as browsers do."""

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get(self, url, **options):
        until, response = self.kept.get(url, (0, None))
        if time.monotonic() < until:
            return response
        response = super().get(url, **options)
        LOG.info("the banner says %s", response.json()["text"])
        rule = response.headers.get("Cache-Control", "")
        if rule.startswith("max-age="):
            self.kept[url] = (time.monotonic() + int(rule.removeprefix("max-age=")), response)
        return response


@pytest.fixture
def browser():
    with Browser() as browser:
        browser.headers["Connection"] = "close"
        yield browser


def show(browser, text):
    response = browser.put(URL + "/banner", json={"text": text}, timeout=5)
    LOG.info("PUT /banner -> %s", response.status_code)
    assert response.status_code == 200
    time.sleep(0.05)


def shown(browser):
    return browser.get(URL + "/banner", timeout=5).json()["text"]


def test_banner_is_shown(browser):
    show(browser, "sale")
    assert shown(browser) == "sale"


def test_changed_banner_is_shown(browser):
    show(browser, "open day")
    assert shown(browser) == "open day"
    show(browser, "closed")
    assert shown(browser) == "closed", "old banner"


def test_another_visitor_sees_the_change(browser):
    show(browser, "winter")
    with Browser() as other:
        assert shown(other) == "winter"
