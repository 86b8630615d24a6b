"""Members and invitations, as their pages show and change them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from dashboard.pages.members import seal_of
from tests.dashboard import factory
from triage.limits import INVITATIONS, MAILS
from triage.models import Invitation, Membership, Project
from triage.store import people

MEMBERS = "/p/cars-api/settings/members"
INVITE = "/p/cars-api/settings/invitations"


def member(project: Project, name: str, role: str = "viewer") -> User:
    user = User.objects.create(username=name)
    project.memberships.create(user=user, role=role)
    return user


def roles(project: Project) -> dict[str, str]:
    return {row.user.username: row.role for row in Membership.objects.of_project(project)}


def html(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_admin_changes_roles_and_a_viewer_only_sees_them(signed_in: Client, cars: Project, client: Client):
    bob = member(cars, "bob")
    answer = signed_in.post(f"{MEMBERS}/{bob.pk}/role", {"role": "triager"}, follow=True)
    assert "bob is now a triager." in html(answer)
    assert roles(cars) == {"ada": "admin", "bob": "triager"}
    client.force_login(bob)
    page = html(client.get(MEMBERS))
    assert "Triager" in page
    assert "Invite" not in page.split("<h1")[1].replace("invites people", "")
    assert client.post(f"{MEMBERS}/{bob.pk}/role", {"role": "admin"}).status_code == 403


@pytest.mark.parametrize("role", ["", "owner", "ADMIN", "\0"])
def test_a_role_that_there_is_not_changes_nothing(role: str, signed_in: Client, cars: Project):
    bob = member(cars, "bob")
    signed_in.post(f"{MEMBERS}/{bob.pk}/role", {"role": role})
    signed_in.post(f"{MEMBERS}/{2**70}/role", {"role": "viewer"})
    assert roles(cars) == {"ada": "admin", "bob": "viewer"}


def test_the_last_admin_stays(signed_in: Client, ada: User, cars: Project):
    for act in ("role", "remove"):
        answer = signed_in.post(f"{MEMBERS}/{ada.pk}/{act}", {"role": "viewer"}, follow=True)
        assert "A project needs an admin" in html(answer)
    assert roles(cars) == {"ada": "admin"}


def test_a_removal_can_be_undone(signed_in: Client, cars: Project):
    bob = member(cars, "bob", "triager")
    answer = signed_in.post(f"{MEMBERS}/{bob.pk}/remove", follow=True)
    assert roles(cars) == {"ada": "admin"}
    assert "bob is not in cars-api any more." in html(answer)
    seal = html(answer).split('name="seal" value="')[1].split('"')[0]
    signed_in.post(f"{MEMBERS}/restore", {"seal": seal})
    assert roles(cars) == {"ada": "admin", "bob": "triager"}


def test_an_undo_is_of_one_project_and_cannot_be_made_up(signed_in: Client, ada: User, cars: Project):
    bikes = factory.project("bikes", ada)
    bob = member(bikes, "bob", "admin")
    seal = seal_of(people.remove_member(bikes, bob.pk))
    for wrong in (seal, seal[:-1], "", "x:y:z", "\0"):
        assert "too long ago" in html(signed_in.post(f"{MEMBERS}/restore", {"seal": wrong}, follow=True))
    assert roles(cars) == {"ada": "admin"}


def test_anybody_may_leave_and_only_themselves(client: Client, cars: Project):
    bob, eve = member(cars, "bob"), member(cars, "eve")
    client.force_login(bob)
    assert client.post(f"{MEMBERS}/{eve.pk}/remove").status_code == 403
    answer = client.post(f"{MEMBERS}/{bob.pk}/remove", follow=True)
    assert "You left cars-api" in html(answer)
    assert "No project yet" in html(answer)
    assert roles(cars) == {"ada": "admin", "eve": "viewer"}


def test_mail_addresses_are_shown_to_admins_alone(signed_in: Client, client: Client, cars: Project):
    bob = member(cars, "bob")
    User.objects.filter(pk=bob.pk).update(email="bob@example.org")
    assert "bob@example.org" in html(signed_in.get(MEMBERS))
    client.force_login(bob)
    assert "bob@example.org" not in html(client.get(MEMBERS))


def test_the_page_costs_as_many_queries_for_one_member_as_for_many(
    signed_in: Client, cars: Project, django_assert_max_num_queries: Any
):
    for n in range(30):
        member(cars, f"p{n:02}")
        people.invite(cars, None, timezone.now(), role="viewer")
    with django_assert_max_num_queries(8):
        signed_in.get(MEMBERS)


def invited(client: Client, **fields: str) -> str:
    """The path and query of a new invitation's link."""
    answer = client.post(INVITE, {"role": "triager", **fields})
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    link = urlsplit(answer.context["page"].link)
    return f"{link.path}?{link.query}"


NEW = {"username": "grace", "name": "Grace Hopper", "email": "grace@example.org", "password": "correct horse battery"}


def test_a_link_is_shown_once(signed_in: Client, cars: Project):
    link = invited(signed_in)
    assert link.split("key=")[1] not in html(signed_in.get(MEMBERS))
    assert "whoever has the link" in html(signed_in.get(MEMBERS))


def test_a_new_person_makes_an_account_and_is_in(signed_in: Client, cars: Project):
    link, browser = invited(signed_in), Client()
    assert "Join cars-api" in html(browser.get(link))
    answer = browser.post(link, NEW)
    assert answer.headers["Location"] == "/p/cars-api/"
    assert "Welcome" in html(browser.get("/p/cars-api/"))
    assert roles(cars)["grace"] == "triager"
    assert User.objects.get(username="grace").check_password(NEW["password"])


def test_a_signed_in_person_joins_as_who_they_are(signed_in: Client, client: Client, cars: Project):
    link, browser = invited(signed_in), Client()
    browser.force_login(factory.person("bob"))
    assert "Join as bob" in html(browser.get(link))
    assert browser.post(link).headers["Location"] == "/p/cars-api/"
    assert roles(cars)["bob"] == "triager"


def test_signing_in_leads_back_to_the_invitation(signed_in: Client, cars: Project):
    link, browser = invited(signed_in), Client()
    factory.person("bob")
    href = browser.get(link).context["page"].sign_in_href
    page = browser.get(href)
    answer = browser.post(
        "/sign-in", {"username": "bob", "password": factory.PASSWORD, "next": page.context["page"].goes_on}
    )
    assert answer.headers["Location"] == link


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"username": "ada"}, "Somebody has that name"),
        ({"username": "ADA"}, "Somebody has that name"),
        ({"username": ""}, "letters, digits"),
        ({"username": "a b"}, "letters, digits"),
        ({"username": "x\0"}, "letters, digits"),
        ({"password": "short"}, "too short"),
        ({"password": "password123"}, "too common"),
        ({"username": "margarethamilton", "password": "margarethamilton"}, "too similar"),
        ({"password": "x" * 5000}, "too long"),
        ({"password": "correct\0horse battery"}, "no keyboard"),
        ({"email": "grace"}, "no mail address"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_said_and_the_link_still_works(
    wrong: dict[str, str], sentence: str, signed_in: Client, cars: Project
):
    link = invited(signed_in)
    answer = Client().post(link, NEW | wrong)
    assert (answer.status_code, sentence in html(answer)) == (422, True)
    assert User.objects.count() == 1
    assert Client().post(link, NEW).status_code == 302


def test_all_links_that_open_nothing_get_the_same_answer(signed_in: Client, cars: Project):
    used, withdrawn, expired = (invited(signed_in) for _ in range(3))
    Client().post(used, NEW)
    first, second, _ = Invitation.objects.order_by("-pk")
    signed_in.post(f"{INVITE}/{second.pk}/withdraw")
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    never = ["/invitation", "/invitation?key=", "/invitation?key=" + "x" * 43, "/invitation?key=%00%ff"]
    answers = [Client().get(link) for link in (used, withdrawn, expired, *never)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert {Client().post(link, NEW).status_code for link in (used, withdrawn, expired)} == {404}


def test_who_tries_links_is_held_back(client: Client, signed_in: Client, cars: Project, monkeypatch: Any):
    monkeypatch.setattr("dashboard.views.invitation.INVITATIONS", INVITATIONS._replace(most=3))
    link = invited(signed_in)
    browser = Client()
    assert [browser.get(f"/invitation?key={n}").status_code for n in range(5)] == [404, 404, 404, 429, 429]
    assert browser.get(link).status_code == 429


def test_an_invitation_for_an_address_is_for_the_account_that_has_it(signed_in: Client, cars: Project):
    link = invited(signed_in, email="Grace@example.org")
    bob = Client()
    bob.force_login(factory.person("bob"))
    assert "another mail address" in html(bob.get(link))
    bob.post(link)
    assert "bob" not in roles(cars)
    Client().post(link, NEW | {"email": "other@example.org"})
    assert User.objects.get(username="grace").email == "Grace@example.org"


def test_a_link_that_is_handed_over_promises_nothing_of_its_address(signed_in: Client, cars: Project):
    page = html(signed_in.post(INVITE, {"role": "viewer", "email": "grace@example.org"}))
    assert "for whoever has it: the address is a note of whom it is for, and proves nothing" in page
    assert "nobody verifies it" in page
    assert "only an account with that address" not in page


def test_where_mail_can_be_sent_the_link_goes_there(signed_in: Client, cars: Project, settings: Any):
    invited(signed_in, email="grace@example.org")
    assert mail.outbox == []
    settings.MAIL = True
    answer = signed_in.post(INVITE, {"role": "triager", "email": "grace@example.org"}, follow=True)
    assert mail.outbox[0].to == ["grace@example.org"]
    link = re.search(r"http://testserver(/invitation\?key=\S+)", mail.outbox[0].body)
    assert link is not None
    assert link.group(1).partition("=")[2] not in html(answer)
    assert "nobody else has its link" in html(answer)
    assert "Join cars-api" in html(Client().get(link.group(1)))
    assert "ada invites you to the project cars-api" in mail.outbox[0].body
    invited(signed_in)
    assert len(mail.outbox) == 1


def test_a_project_name_of_several_lines_makes_no_header(signed_in: Client, cars: Project, settings: Any):
    settings.MAIL = True
    Project.objects.update(name="cars\nBcc: eve@example.org")
    signed_in.post(INVITE, {"role": "viewer", "email": "grace@example.org"})
    assert mail.outbox[0].subject == "Lineup: you are invited to cars Bcc: eve@example.org"


def test_mail_that_fails_or_is_too_much_leaves_the_link(
    signed_in: Client, cars: Project, settings: Any, monkeypatch: Any
):
    settings.MAIL = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nothing listens there
    answer = signed_in.post(INVITE, {"role": "viewer", "email": "grace@example.org"})
    assert "The mail could not be sent" in html(answer)
    assert answer.context["page"].link
    monkeypatch.setattr("dashboard.views.invitations.MAILS", MAILS._replace(most=1))
    assert "many invitations today" in html(signed_in.post(INVITE, {"role": "viewer", "email": "grace@example.org"}))


@pytest.mark.parametrize(
    "fields", [{"email": "x"}, {"email": "\0@x"}, {"role": "owner"}, {"email": "a@b.c\nBcc: x@y.z"}]
)
def test_a_wrong_invitation_is_refused(fields: dict[str, str], signed_in: Client, cars: Project):
    assert signed_in.post(INVITE, {"role": "viewer", **fields}).status_code == 422
    assert not Invitation.objects.exists()
