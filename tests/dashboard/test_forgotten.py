"""A forgotten password: who gets a link, what it opens, and that nobody learns who has an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests.dashboard import factory
from triage import tasks
from triage.models import Session

ASK = "/sign-in/forgotten"
NEW = "correct horse battery"


def with_mail(name: str, email: str) -> User:
    user = factory.person(name)
    user.email = email
    user.save()
    return user


@pytest.fixture
def grace(db: None) -> User:
    return with_mail("grace", "Grace@example.org")


@pytest.fixture(autouse=True)
def mails(db: None, settings: Any) -> Iterator[None]:
    """Mail can be sent, and a worker works at once."""
    settings.MAIL = True
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


def html(answer: Any) -> str:
    return str(answer.content.decode())


def asked(client: Client, email: str = "grace@example.org") -> Any:
    return client.post(ASK, {"email": email}, follow=True)


def link() -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+(/sign-in/new/\S+)", mail.outbox[-1].body)
    assert found is not None
    return found.group(1)


def chosen(client: Client, where: str, password: str = NEW, again: str = "") -> Any:
    form = client.get(where, follow=True)
    at = form.redirect_chain[-1][0] if form.redirect_chain else where
    return client.post(at, {"new_password1": password, "new_password2": again or password}, follow=True)


def test_a_link_by_mail_leads_to_a_new_password_and_ends_every_session(client: Client, grace: User):
    elsewhere = Client()
    elsewhere.post("/sign-in", {"username": "grace", "password": factory.PASSWORD})
    assert Session.objects.filter(user=grace, expire_date__gt=timezone.now()).exists()
    assert "Forgot the password?" in html(client.get("/sign-in")) and ASK in html(client.get("/sign-in"))
    assert "a mail with a link is on its way" in html(asked(client))
    (sent,) = mail.outbox
    assert sent.to == ["Grace@example.org"] and sent.subject == "Lineup: a new password"
    where = link()
    shown = client.get(where)
    assert shown.status_code == 302 and where.rsplit("/", 1)[1] not in shown.headers["Location"]
    answer = chosen(client, where)
    assert "every session of the account has ended" in html(answer)
    assert not Session.objects.filter(user=grace).exists()
    assert elsewhere.get("/account").status_code == 302
    assert client.post("/sign-in", {"username": "grace", "password": NEW}).status_code == 302
    assert "This link does not work" in html(Client().get(where))


def test_who_has_no_account_gets_the_same_answer_and_no_mail(client: Client, grace: User):
    known, unknown = asked(Client()), asked(client, "nobody@example.org")
    assert len(mail.outbox) == 1
    token = r'name="csrfmiddlewaretoken" value="[^"]+"'
    assert re.sub(token, "", html(known)) == re.sub(token, "", html(unknown))


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}, {"email": ""}])
def test_closed_accounts_and_those_without_a_password_get_none(change: dict[str, Any], client: Client, grace: User):
    User.objects.filter(pk=grace.pk).update(**change)
    assert "on its way" in html(asked(client))
    assert mail.outbox == []


def test_a_link_runs_out_and_is_worth_nothing_for_another(client: Client, grace: User, settings: Any):
    bob = with_mail("bob", "bob@example.org")
    asked(client)
    where = link()
    asked(client, "bob@example.org")
    uid = link().split("/")[3]
    assert "This link does not work" in html(client.get("/".join(["/sign-in/new", uid, where.split("/")[4]])))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link does not work" in html(chosen(client, where))
    for strange in ("/sign-in/new/x/set-password", "/sign-in/new/%00/%00", "/sign-in/new/" + "A" * 3_000 + "/x-y"):
        assert "This link does not work" in html(client.get(strange)), strange
    grace.refresh_from_db()
    bob.refresh_from_db()
    assert grace.check_password(factory.PASSWORD) and bob.check_password(factory.PASSWORD)


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [("short", "", "too short"), (NEW, "another", "match"), ("password1234\0", "", "Null characters")],
)
def test_a_password_that_will_not_do_is_said_and_the_link_still_works(
    password: str, again: str, sentence: str, client: Client, grace: User
):
    asked(client)
    assert sentence in html(chosen(client, link(), password, again))
    assert "Sign in with the new one" in html(chosen(client, link()))


def test_one_mailbox_and_one_address_get_few_mails(client: Client, grace: User):
    answers = [asked(client).status_code for _ in range(11)]
    assert len(mail.outbox) == 3
    assert answers == [200] * 10 + [429]


@pytest.mark.parametrize("email", ["", "x", "a\0@b.c", "a@b.c\nBcc: x@y.z", "a" * 9_000 + "@b.c"])
def test_what_is_no_address_is_said(email: str, client: Client):
    assert client.post(ASK, {"email": email}).status_code == 422
    assert mail.outbox == []


def test_where_no_worker_can_be_asked_the_page_says_so(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "mail_password_link", lambda email: False)
    answer = asked(client)
    assert answer.status_code == 503 and "No mail can be sent at the moment" in html(answer)


def test_a_host_that_somebody_made_up_is_in_no_mail(client: Client, grace: User, settings: Any):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(ASK, {"email": "grace@example.org"}, headers={"Host": "evil.example"})
    assert "evil.example" not in mail.outbox[0].body


@pytest.mark.parametrize(("mails", "passwords"), [(False, True), (True, False)])
def test_where_it_cannot_be_mailed_the_sign_in_says_whom_to_ask(
    mails: bool, passwords: bool, client: Client, settings: Any
):
    settings.MAIL, settings.PASSWORDS = mails, passwords
    assert client.get(ASK).status_code == 404
    assert client.get("/sign-in/new/x/x-y").status_code == 404
    page = html(client.get("/sign-in"))
    assert ASK not in page
    assert ("whoever runs it can set a new one" in page) is passwords
