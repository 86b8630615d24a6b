"""Accounts in a real browser, with and without JavaScript: invitations, single sign-on, members, tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.single_sign_on import SingleSignOn
from tests.browser.conftest import Opened
from tests.browser.test_axe import violations
from tests.dashboard import factory, provider
from tests.dashboard.provider import CLIENT, Provider
from triage.models import Identity, Project
from triage.store import people

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's own code
SETTINGS = "/p/cars-api/settings"
PAGES = (f"{SETTINGS}/members", f"{SETTINGS}/tokens", f"{SETTINGS}/retention", SETTINGS, "/account", "/projects/new")


@pytest.fixture
def there(settings: Any) -> Iterator[Provider]:
    with provider.running() as one:
        settings.SINGLE_SIGN_ON = SingleSignOn(
            issuer=one.issuer, client_id=CLIENT, client_secret="x", name="Example ID"
        )
        one.knows("1001", email="grace@example.org", email_verified=True, preferred_username="grace")
        yield one


def invited(cars: Project) -> str:
    return f"/invitation?key={people.invite(cars, None, timezone.now(), role='triager')[1]}"


@pytest.mark.parametrize("javascript", [True, False])
def test_an_invited_person_makes_an_account_and_signs_out(javascript: bool, opened: Opened, cars: Project):
    page = opened(invited(cars), who=False, javascript=javascript)
    page.get_by_label("Name to sign in with").fill("grace")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_text("Welcome. You are in cars-api now.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_single_sign_on_goes_to_the_provider_and_back(javascript: bool, opened: Opened, cars: Project, there: Provider):
    page = opened(invited(cars), who=False, javascript=javascript)
    page.get_by_role("link", name="Go on with Example ID").click()
    page.get_by_role("textbox").first.fill("1001")
    page.get_by_role("button").first.click()
    page.get_by_role("button", name="Join as grace").click()
    expect(page.get_by_text("You are in cars-api now.")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_identity_is_linked_from_the_account_page(javascript: bool, opened: Opened, cars: Project, there: Provider):
    """A form leads to another site here: what a browser's form-action would forbid as a redirect."""
    page = opened("/account", javascript=javascript)
    page.get_by_role("button", name="Link it").click()
    page.get_by_role("textbox").first.fill("1001")
    page.get_by_role("button").first.click()
    expect(page.get_by_text("From now on you can sign in with Example ID.")).to_be_visible()
    assert Identity.objects.get().user.username == "ada"


@pytest.mark.parametrize("javascript", [True, False])
def test_a_member_is_removed_and_brought_back(javascript: bool, opened: Opened, cars: Project):
    cars.memberships.create(user=factory.person("bob"), role="triager")
    page = opened(f"{SETTINGS}/members", javascript=javascript)
    page.get_by_role("button", name="Remove bob").click()
    expect(page.get_by_text("bob is not in cars-api any more.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Role of bob", exact=True)).to_have_value("triager")


@pytest.mark.parametrize("javascript", [True, False])
def test_revoking_a_token_is_confirmed(javascript: bool, opened: Opened, cars: Project):
    page = opened(f"{SETTINGS}/tokens", javascript=javascript)
    page.get_by_role("button", name="Make a token").click()
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="for good").click()
    expect(page.get_by_text("The token is revoked")).to_be_visible()


def test_accounts_have_no_violations_and_nothing_is_cut_off(opened: Opened, cars: Project, there: Provider):
    cars.memberships.create(user=factory.person("grace.hopper.with.a.very.long.name@department.example.org"))
    link = invited(cars)
    for width in (390, 1280):
        for path in PAGES:
            page = opened(path, width=width)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
        for path in ("/sign-in", link):
            page = opened(path, width=width, who=False)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (path, width)
