"""The support desk, over the polling transport that works through every proxy."""

import json
import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
POLLING = URL + "/socket.io/?EIO=4&transport=polling"
LOG = logging.getLogger("support")


def handshake():
    response = requests.get(POLLING, timeout=5)
    assert response.status_code == 200
    sid = json.loads(response.text[1:])["sid"]
    LOG.info("handshake gave session %s", sid)
    time.sleep(0.04)
    return sid


def send(sid, *packets):
    response = requests.post(f"{POLLING}&sid={sid}", data="\x1e".join(packets), timeout=5)
    LOG.info("sent %d packets: %s %s", len(packets), response.status_code, response.text)
    assert response.status_code == 200, response.text
    time.sleep(0.08)


def poll(sid):
    response = requests.get(f"{POLLING}&sid={sid}", timeout=5)
    LOG.info("polled: %s %s", response.status_code, response.text)
    assert response.status_code == 200, response.text
    return response.text.split("\x1e")


def test_opening_hours():
    assert requests.get(URL + "/hours", timeout=5).json() == {"opens": 9, "closes": 17}


def test_handshake_offers_a_session():
    assert len(handshake()) > 10


def test_unknown_session_is_refused():
    assert requests.get(f"{POLLING}&sid=nobody", timeout=5).status_code == 400


def test_visitor_connects():
    sid = handshake()
    send(sid, "40")
    assert poll(sid)[0].startswith("40"), "the connection was not confirmed"


def test_question_is_answered():
    sid = handshake()
    send(sid, "40", '42["question","Where is my parcel?"]')
    assert '42["answer","You asked: Where is my parcel?"]' in poll(sid)


def test_visitor_leaves():
    sid = handshake()
    send(sid, "40", "41")
