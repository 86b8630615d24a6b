"""Setting up notifications in a browser: by keyboard, without JavaScript, and on any screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.stand_ins.server import running
from tests.stand_ins.slack import Slack
from tests.triage.noticed import a_rule, sent, told
from triage.models import Project

PAGE = "/p/cars-api/settings/notifications"


@pytest.fixture
def slack() -> Iterator[Slack]:
    with running(Slack()) as stand_in:
        yield stand_in


@pytest.mark.parametrize("javascript", [True, False])
def test_a_rule_is_made_and_tried_out(javascript: bool, opened: Opened, cars: Project, slack: Slack):
    page = opened(PAGE, javascript=javascript)
    page.get_by_label("Name").focus()
    page.keyboard.type("#backend")
    page.keyboard.press("Tab")
    page.keyboard.type(slack.webhook)
    page.keyboard.press("Enter")
    page.get_by_text("“#backend” is there.").wait_for()
    page.get_by_role("button", name="Send a test through #backend").press("Enter")
    page.get_by_text("Test of “#backend”: sent.").wait_for()
    assert len(slack.messages) == 1
    page.get_by_role("button", name="Delete #backend").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("heading", name="#backend").wait_for()


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_the_page_fits_every_screen_and_axe_finds_nothing(width: int, opened: Opened, cars: Project, slack: Slack):
    a_rule(cars, secret=slack.webhook, name="#backend " + "x" * 80, branches="release/" + "y" * 400)
    paused = a_rule(cars, "github_comment", target="acme/cars", secret="x" * 40, name="paused")
    paused.active = False
    paused.save()
    told(cars, test="tests/test_cars.py::test_" + "z" * 300)
    slack.close()
    sent()
    page = opened(PAGE, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width != 2560:
        assert violations(page) == []
