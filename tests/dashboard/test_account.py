"""One's own account, the projects that one makes, and their settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.pages.agents import browser_of
from tests.dashboard import factory
from triage.limits import PASSWORDS, PROJECTS
from triage.models import Person, Project, Session

ACCOUNT = "/account"
NEW = "a much better 1 passphrase"


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_name_mail_and_preference_are_saved(signed_in: Client, ada: User):
    signed_in.post(ACCOUNT, {"name": " Ada \n Lovelace ", "email": " ada@example.org "})
    ada.refresh_from_db()
    assert (ada.get_full_name(), ada.email) == ("Ada Lovelace", "ada@example.org")
    assert not Person.objects.wants_mail(ada.pk)
    signed_in.post(ACCOUNT, {"name": "Ada", "email": "", "mail_mentions": "on"})
    assert Person.objects.wants_mail(ada.pk)


def test_what_is_no_mail_address_is_refused(signed_in: Client, ada: User):
    answer = signed_in.post(ACCOUNT, {"name": "Ada", "email": "ada"})
    assert (answer.status_code, "That is no mail address." in html(answer)) == (422, True)
    assert 'value="Ada"' in html(answer)
    ada.refresh_from_db()
    assert ada.first_name == ""


def sign_in(agent: str = "") -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/sign-in", {"username": "ada", "password": factory.PASSWORD}).status_code == 302
    return client


def test_a_changed_password_signs_out_everywhere_else(ada: User):
    here, there = sign_in(), sign_in()
    answer = here.post("/account/password", {"present": factory.PASSWORD, "password": NEW}, follow=True)
    assert "The password is changed" in html(answer)
    assert here.get(ACCOUNT).status_code == 200
    assert there.get(ACCOUNT).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password(NEW)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"present": "wrong", "password": NEW}, "not your present password"),
        ({"present": "", "password": NEW}, "not your present password"),
        ({"password": NEW}, "not your present password"),
        ({"present": factory.PASSWORD, "password": "short"}, "too short"),
        ({"present": factory.PASSWORD}, "too short"),
        ({"present": factory.PASSWORD, "password": "\0" * 20}, "no keyboard"),
    ],
)
def test_a_password_is_not_changed_wrongly(told: dict[str, str], sentence: str, signed_in: Client, ada: User):
    answer = signed_in.post("/account/password", told)
    assert (answer.status_code, sentence in html(answer)) == (422, True)
    ada.refresh_from_db()
    assert ada.check_password(factory.PASSWORD)


def test_guessing_the_present_password_ends_soon(signed_in: Client, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dashboard.views.account.PASSWORDS", PASSWORDS._replace(most=2))
    for _ in range(2):
        signed_in.post("/account/password", {"present": "wrong", "password": NEW})
    answer = signed_in.post("/account/password", {"present": factory.PASSWORD, "password": NEW})
    assert "Too many wrong passwords" in html(answer)


def test_sessions_are_shown_and_ended(ada: User):
    here = sign_in("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0")
    there = sign_in("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604")
    page = here.get(ACCOUNT).context["page"]
    assert sorted((s.browser, s.is_this) for s in page.sessions) == [
        ("Firefox on Linux", True), ("Safari on iPhone", False),
    ]  # fmt: skip
    here.post("/account/sessions", {"which": "others"})
    assert (here.get(ACCOUNT).status_code, there.get(ACCOUNT).status_code) == (200, 302)
    there = sign_in()
    assert here.post("/account/sessions", {"which": "all"}).headers["Location"] == "/sign-in"
    assert (here.get(ACCOUNT).status_code, there.get(ACCOUNT).status_code) == (302, 302)
    assert not Session.objects.exclude(user=None).exists()


def test_nobody_elses_session_is_ended(signed_in: Client, ada: User):
    bob = Client()
    bob.force_login(factory.person("bob"))
    signed_in.post("/account/sessions", {"which": "all"})
    assert bob.get(ACCOUNT).status_code == 200


def test_signing_in_clears_away_sessions_that_ran_out(ada: User):
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(days=1))
    sign_in()
    assert not Session.objects.filter(pk="old").exists()


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("", "A browser"),
        ("curl/8.5", "curl"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>" * 100, "A browser"),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str, words: str):
    assert browser_of(agent) == words


def test_the_account_page_has_bounded_queries(signed_in: Client, ada: User, django_assert_max_num_queries: Any):
    for n in range(20):
        factory.project(f"p{n}", ada)
    with django_assert_max_num_queries(8):
        assert "p19" in html(signed_in.get(ACCOUNT))


def test_a_person_without_projects_is_told_what_to_do(signed_in: Client, settings: Any):
    page = html(signed_in.get("/"))
    assert "No project yet" in page
    assert "Make a project" in page
    settings.NEW_PROJECTS = False
    page = html(signed_in.get("/"))
    assert "Make a project" not in page
    assert "made by whoever runs this Lineup" in page


def test_whoever_makes_a_project_is_its_admin(signed_in: Client, ada: User):
    answer = signed_in.post("/projects/new", {"name": "Cars  API", "slug": ""})
    assert answer.headers["Location"] == "/p/cars-api/sources"
    project = Project.objects.get()
    assert (project.slug, project.name) == ("cars-api", "Cars API")
    assert project.memberships.get().role == "admin"
    assert project.memberships.get().user == ada


@pytest.mark.parametrize(
    ("told", "field", "sentence"),
    [
        ({"name": ""}, "name", "Give it a name."),
        ({"name": "\u200b"}, "name", "Give it a name."),
        ({"name": "Cars", "slug": "a/b"}, "slug", "An address has letters"),
        ({"name": "車"}, "slug", "An address has letters"),
        ({"name": "Cars", "slug": "x" * 81}, "slug", "An address has letters"),
        ({"name": "Cars", "slug": "sandbox-7"}, "slug", "kept for sandboxes"),
        ({"name": "Cars", "slug": "taken"}, "slug", "That address is taken"),
        ({"name": "Cars", "slug": "TAKEN"}, "slug", "That address is taken"),
        ({"name": "Cars", "slug": "\0"}, "slug", "An address has letters"),
    ],
)
def test_what_is_wrong_with_a_new_project_is_said(told: dict[str, str], field: str, sentence: str, signed_in: Client):
    factory.project("taken")
    answer = signed_in.post("/projects/new", told)
    assert answer.status_code == 422
    assert sentence in answer.context["page"].problems[field]
    assert Project.objects.count() == 1


def test_only_operators_make_projects_where_it_is_so_set(signed_in: Client, client: Client, settings: Any):
    settings.NEW_PROJECTS = False
    assert signed_in.get("/projects/new").status_code == signed_in.post("/projects/new").status_code == 403
    client.force_login(factory.person("root", superuser=True))
    assert client.post("/projects/new", {"name": "Cars"}).status_code == 302


def test_a_person_makes_a_bounded_number_of_projects_a_day(signed_in: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dashboard.views.projects.PROJECTS", PROJECTS._replace(most=1))
    assert signed_in.post("/projects/new", {"name": "One"}).status_code == 302
    assert signed_in.post("/projects/new", {"name": "Two"}).status_code == 422
    assert Project.objects.count() == 1


def test_a_project_is_renamed_and_keeps_its_address(signed_in: Client, cars: Project):
    signed_in.post("/p/cars-api/settings", {"name": "The cars"})
    cars.refresh_from_db()
    assert (cars.name, cars.slug) == ("The cars", "cars-api")
    assert signed_in.post("/p/cars-api/settings", {"name": " "}).status_code == 422


RETENTION = "/p/cars-api/settings/retention"


def test_keeping_longer_is_done_at_once_and_keeping_less_is_asked_twice(signed_in: Client, cars: Project):
    signed_in.post(RETENTION, {"days": "200"})
    cars.refresh_from_db()
    assert cars.retention_days == 200
    for n in (31, 32, 5):
        run = factory.empty_run(cars, ago=timedelta(days=n), status="ready")
        assert run.received_on
    answer = signed_in.post(RETENTION, {"days": "30"})
    assert "2 runs would lose their server lines" in html(answer)
    cars.refresh_from_db()
    assert cars.retention_days == 200
    signed_in.post(RETENTION, {"days": "30", "confirmed": "29"})
    signed_in.post(RETENTION, {"days": "30", "confirmed": "30"})
    cars.refresh_from_db()
    assert cars.retention_days == 30


@pytest.mark.parametrize("days", ["", "0", "-1", "3651", "1e3", "ten", "\u0663", "9" * 5000, "\0"])
def test_a_retention_that_there_cannot_be_is_refused(days: str, signed_in: Client, cars: Project):
    answer = signed_in.post(RETENTION, {"days": days})
    assert (answer.status_code, "Write a whole number of days" in html(answer)) == (422, True)
    cars.refresh_from_db()
    assert cars.retention_days == 120


def test_a_viewer_reads_what_is_kept_and_changes_nothing(client: Client, cars: Project):
    bob = factory.person("bob")
    cars.memberships.create(user=bob, role="viewer")
    client.force_login(bob)
    page = html(client.get(RETENTION))
    assert "120 days" in page
    assert "360 days" in page
    assert 'name="days"' not in page
