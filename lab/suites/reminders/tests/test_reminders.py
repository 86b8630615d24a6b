import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("reminders")


def plan(to, text):
    response = requests.post(URL + "/reminders", json={"to": to, "text": text}, timeout=5)
    LOG.info("reminder for %s planned: %s", to, response.status_code)
    assert response.status_code == 201
    return response.json()["id"]


def mails(to):
    found = requests.get(URL + "/outbox", params={"to": to}, timeout=5).json()["mails"]
    LOG.info("%d mails for %s", len(found), to)
    return found


def test_nobody_gets_mail_unasked():
    assert mails("nobody@example.com") == []


def test_planned_reminder_can_be_read():
    key = plan("carl@example.com", "dentist")
    assert requests.get(f"{URL}/reminders/{key}", timeout=5).json()["text"] == "dentist"


def test_reminder_is_sent_once():
    plan("anna@example.com", "water the plants")
    time.sleep(1.4)
    assert len(mails("anna@example.com")) == 1, "the same reminder was sent more than once"


def test_two_reminders_are_two_mails():
    plan("ben@example.com", "milk")
    plan("ben@example.com", "bread")
    time.sleep(1.5)
    assert sorted(mail["text"] for mail in mails("ben@example.com")) == ["bread", "milk"]
