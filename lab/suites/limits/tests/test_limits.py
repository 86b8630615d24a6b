import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("limits")


def test_first_code_is_sent():
    assert requests.post(URL + "/codes", json={"phone": "+49 1"}, timeout=5).status_code == 200


def test_fifth_code_is_refused():
    codes = []
    for _ in range(5):
        codes.append(requests.post(URL + "/codes", json={"phone": "+49 2"}, timeout=5).status_code)
        LOG.info("code request answered %d", codes[-1])
        time.sleep(0.02)
    assert codes[-1] == 429, f"limit of 4 not enforced: {codes}"


def test_order_numbers_differ():
    numbers = []
    for article in ("pen", "ink", "pad"):
        numbers.append(requests.post(URL + "/orders", json={"article": article}, timeout=5).json()["number"])
        LOG.info("order %d for %s", numbers[-1], article)
    assert len(set(numbers)) == 3, f"order numbers repeat: {numbers}"


def test_note_is_kept():
    assert requests.post(URL + "/notes/setup", timeout=5).status_code == 200
    time.sleep(0.05)
    response = requests.post(URL + "/notes", json={"text": "call Ben"}, timeout=5)
    assert response.status_code == 201
    time.sleep(0.05)
    response = requests.get(URL + "/notes", timeout=5)
    LOG.info("notes: %s", response.status_code)
    assert response.status_code == 200
    assert "call Ben" in response.json()["notes"]
