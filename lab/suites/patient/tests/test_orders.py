import logging
import time

import requests

LOG = logging.getLogger("shop.tests")


def get(url):
    """A deployment may be going on: try again when the connection breaks."""
    for _ in range(20):
        try:
            return requests.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError("the shop does not answer")


def test_health(base_url):
    assert get(base_url + "/health").status_code == 200


def test_item_survives_browsing(base_url, new_item):
    key = new_item("lamp", 12)
    for _ in range(4):
        time.sleep(0.15)
        assert get(base_url + "/health").status_code == 200
    response = get(f"{base_url}/items/{key}")
    LOG.info("read item %s: %s", key, response.status_code)
    assert response.status_code == 200, f"item {key} is gone"


def test_item_is_there_a_moment_later(base_url, new_item):
    key = new_item("chair", 30)
    time.sleep(0.7)
    response = get(f"{base_url}/items/{key}")
    LOG.info("read item %s: %s", key, response.status_code)
    assert response.status_code == 200, f"item {key} is gone"
