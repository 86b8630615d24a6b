import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("settings")


def read(key):
    value = requests.get(f"{URL}/settings/{key}", timeout=5).json()["value"]
    LOG.info("%s is %s", key, value)
    return value


def write(key, value):
    response = requests.put(f"{URL}/settings/{key}", json={"value": value}, timeout=5)
    LOG.info("set %s to %s", key, value)
    assert response.status_code == 200


def test_unknown_setting_is_empty():
    assert read("nobody-set-this") is None


def test_changed_setting_is_seen():
    for _ in range(4):
        read("theme")
    write("theme", "dark")
    time.sleep(0.05)
    assert read("theme") == "dark"


def test_second_change_is_seen():
    write("currency", "EUR")
    for _ in range(4):
        read("currency")
    write("currency", "USD")
    time.sleep(0.05)
    assert read("currency") == "USD"


def test_new_checkout_when_switched_on():
    response = requests.put(URL + "/flags/new-checkout", json={"on": True}, timeout=5)
    assert response.json()["on"] is True
    time.sleep(0.05)
    version = requests.get(URL + "/checkout", timeout=5).json()["version"]
    assert version == "new"
