import logging
import os
import threading
import time
import uuid

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("desk")


def test_ticket_form_can_be_sent():
    token = requests.get(URL + "/tickets/new", timeout=5).json()["csrf"]
    time.sleep(0.04)
    response = requests.post(URL + "/tickets", json={"title": "printer"}, headers={"X-CSRF": token}, timeout=5)
    LOG.info("ticket form answered %s", response.status_code)
    assert response.status_code == 201, response.text


def test_sign_in_with_the_provider():
    state = requests.get(URL + "/oauth/login", timeout=5).json()["state"]
    time.sleep(0.04)
    response = requests.get(URL + "/oauth/callback", params={"state": state, "code": "x"}, timeout=5)
    LOG.info("callback answered %s", response.status_code)
    assert response.status_code == 200, response.text


def test_a_payment_sent_twice_is_charged_once():
    key = {"Idempotency-Key": uuid.uuid4().hex}
    charges = []
    for _ in range(3):
        charges.append(requests.post(URL + "/payments", headers=key, timeout=5).json()["charge"])
        LOG.info("charge %s", charges[-1])
        time.sleep(0.03)
    assert len(set(charges)) == 1, f"charged more than once: {charges}"


def test_the_hit_counter_grows():
    def hits():
        return int(requests.get(URL + "/metrics", timeout=5).text.split()[1])

    before = hits()
    for _ in range(3):
        assert requests.post(URL + "/work", timeout=5).status_code == 200
        time.sleep(0.02)
    after = hits()
    LOG.info("hits %d -> %d", before, after)
    assert after == before + 3


def test_a_new_team_lead_is_shown():
    def lead():
        return requests.get(URL + "/teams/support", timeout=5).json()["lead"]

    assert requests.put(URL + "/teams/support", json={"lead": "Anna"}, timeout=5).status_code == 200
    for _ in range(4):
        lead()
        time.sleep(0.02)
    assert requests.put(URL + "/teams/support", json={"lead": "Ben"}, timeout=5).status_code == 200
    time.sleep(0.04)
    assert lead() == "Ben", "old team lead is shown"


def test_a_post_reaches_the_feed():
    received = []

    def listen(response):
        for line in response.iter_lines(decode_unicode=True):
            if line.startswith("data:"):
                received.append(line.removeprefix("data: "))

    with requests.get(URL + "/feed", stream=True, timeout=5) as response:
        listener = threading.Thread(target=listen, args=(response,))
        listener.start()
        time.sleep(0.05)
        assert requests.post(URL + "/posts", json={"text": "hello"}, timeout=5).status_code == 201
        LOG.info("posted hello")
        listener.join(3)
    assert received == ["hello"], "the listener received nothing"
