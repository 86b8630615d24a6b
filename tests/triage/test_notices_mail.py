"""Notifications by mail, through a real SMTP server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import User

from config.embedded.programs import free_port
from tests.dashboard import factory
from tests.triage.noticed import SUMMARY, a_failure, a_rule, sent, told
from triage.models import Delivery, Notice, Person, Project
from triage.store.notices import tell, tell_person

HOUR = timedelta(hours=1)


class Box:
    """A mail server's hands: keeps what it takes, and refuses once for each of `moods`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.sent_to: list[list[str]] = []
        self.moods: list[str] = []
        self.unknown: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.moods:
            return self.moods.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.sent_to.append(list(envelope.rcpt_tos))
        return "250 taken"


@pytest.fixture
def box(settings) -> Iterator[Box]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAIL = True
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    settings.DEFAULT_FROM_EMAIL = "Lineup <lineup@example.com>"
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    yield box
    controller.stop()


@pytest.fixture
def ada(db: None) -> User:
    ada = factory.person("ada")
    ada.email = "ada@example.com"
    ada.save()
    return ada


@pytest.fixture
def cars(ada: User) -> Project:
    return factory.project("cars-api", ada, role="viewer")


def bodies(mail: EmailMessage) -> tuple[str, str]:
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    return text.get_content(), html.get_content()


def test_a_mail_has_text_and_html_that_say_the_same(cars, box):
    a_rule(cars, "mail", target="team@example.com, lead@example.com", secret="")
    told(cars)
    sent()
    assert box.sent_to == [["team@example.com", "lead@example.com"]]
    mail = box.mails[0]
    assert mail["Subject"] == "[Lineup] cars-api: new failure: test_api_example"
    assert mail["From"] == "Lineup <lineup@example.com>" and mail["Auto-Submitted"] == "auto-generated"
    for body in bodies(mail):
        assert SUMMARY in body and "/groups/7" in body and "the channel" in body


def test_a_name_with_a_new_line_adds_no_header_and_hostile_html_stays_text(cars, box):
    a_rule(cars, "mail", target="team@example.com", name="x\r\nBcc: mallory@example.com")
    cars.name = "cars\r\nBcc: mallory@example.com"
    cars.save()
    hostile = 'test_x\r\nBcc: mallory@example.com\r\n\r\n<script>alert(1)</script><a href="javascript:x">'
    told(cars, test=hostile, summary=hostile, run_name=hostile, branch=hostile)
    sent()
    assert box.sent_to == [["team@example.com"]]
    mail = box.mails[0]
    assert mail["Bcc"] is None and "\n" not in mail["Subject"]
    assert "<script" not in bodies(mail)[1] and 'href="javascript' not in bodies(mail)[1]


@pytest.mark.parametrize(("mood", "final"), [("451 try later", False), ("550 spam", True)])
def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not(cars, box, mood, final):
    a_rule(cars, "mail", target="team@example.com")
    box.moods.append(mood)
    told(cars)
    sent()
    row = Delivery.objects.get()
    assert (row.given_up_at is not None) is final and mood[:3] in row.problem
    sent(after=HOUR)
    assert len(box.mails) == (0 if final else 1)


def test_an_address_that_nobody_has_is_said_and_the_others_get_theirs(cars, box):
    rule = a_rule(cars, "mail", target="nobody@example.com")
    box.unknown.add("nobody@example.com")
    told(cars)
    sent()
    assert "none of these addresses" in Delivery.objects.get().problem
    rule.target = "nobody@example.com, team@example.com"
    rule.save()
    told(cars, "item:13")
    sent()
    assert box.sent_to == [["team@example.com"]]


def test_a_mail_sent_twice_bears_the_same_name(cars, box):
    a_rule(cars, "mail", target="team@example.com")
    told(cars)
    sent()
    Delivery.objects.update(sent_at=None, sending=True)
    sent(after=HOUR)
    assert len(box.mails) == 2
    assert box.mails[0]["Message-ID"] == box.mails[1]["Message-ID"]
    assert "may have arrived twice" in Delivery.objects.get().problem


def test_without_a_mail_server_the_rule_says_so(cars, settings):
    settings.MAIL = False
    a_rule(cars, "mail", target="team@example.com")
    told(cars)
    sent()
    assert "EMAIL_URL" in Delivery.objects.get().problem


def test_the_whole_of_a_meetings_minutes_go_by_mail(cars, box):
    a_rule(cars, "mail", target="team@example.com")
    minutes = "# Monday triage\n\n" + "\n".join(f"- item {n} <b>" for n in range(400))
    tell(cars.pk, "minutes", "meeting:3", {"title": "Monday triage", "url": "/meetings/3/minutes", "markdown": minutes})
    sent()
    text, html = bodies(box.mails[0])
    assert "- item 399 <b>" in text and "&lt;b&gt;" in html
    assert box.mails[0]["Subject"] == "[Lineup] Minutes of Monday triage"


def test_who_is_mentioned_gets_one_mail_for_several_mentions(cars, ada, box):
    for n in range(3):
        data = {"who": "Grace", "text": f"@ada see {n}", "item": n, "group": n, "test": f"tests/t.py::test_{n}"}
        tell_person(cars.pk, ada.pk, "mention", f"decision:{n}", data)
    tell_person(cars.pk, ada.pk, "mention", "decision:1", {})
    sent()
    (mail,) = box.mails
    assert box.sent_to == [["ada@example.com"]]
    assert "you were mentioned 3 times" in mail["Subject"]
    assert "Grace: @ada see 2" in bodies(mail)[0] and "/groups/2" in bodies(mail)[0]


def test_who_is_given_many_failures_at_once_gets_one_mail(cars, ada, box):
    items = [{"item": n, "group": n, "test": f"tests/t.py::test_{n}"} for n in range(20)]
    data = {"who": "Grace", "due": "2026-12-01", "count": 60, "items": items}
    tell_person(cars.pk, ada.pk, "assigned", "decision:9", data)
    sent()
    assert "60 failures are yours now" in bodies(box.mails[0])[0]
    assert "Due 2026-12-01" in bodies(box.mails[0])[0] and "and 55 more" in bodies(box.mails[0])[0]


@pytest.mark.parametrize("why", ["no member", "no address", "inactive", "does not want it"])
def test_who_left_or_does_not_want_it_gets_nothing(cars, ada, box, why):
    tell_person(cars.pk, ada.pk, "mention", "decision:1", a_failure(who="Grace", text="@ada"))
    if why == "no member":
        cars.memberships.all().delete()
    elif why == "no address":
        User.objects.update(email="")
    elif why == "inactive":
        User.objects.update(is_active=False)
    else:
        Person.objects.create(user=ada, mail_mentions=False)
    sent()
    assert box.mails == []


def test_nothing_is_noted_for_a_person_where_no_mail_can_be_sent(cars, ada, settings):
    settings.MAIL = False
    tell_person(cars.pk, ada.pk, "mention", "decision:1", {})
    assert Notice.objects.count() == 0
