import logging
import time

import requests

LOG = logging.getLogger("shop.tests")


def test_health(base_url):
    assert requests.get(base_url + "/health", timeout=5).status_code == 200


def test_create_then_read(base_url, new_item):
    key = new_item("lamp")
    time.sleep(0.05)
    response = requests.get(f"{base_url}/items/{key}", timeout=5)
    LOG.info("read item %s: %s", key, response.status_code)
    assert response.status_code == 200
    assert response.json()["name"] == "lamp"


def test_list_has_the_new_item(base_url, new_item):
    before = requests.get(base_url + "/items", timeout=5).json()["total"]
    new_item("chair")
    time.sleep(0.05)
    after = requests.get(base_url + "/items", timeout=5).json()["total"]
    LOG.info("before %d after %d", before, after)
    assert after == before + 1, "item count did not grow"


def test_change_price(base_url, new_item):
    key = new_item("table", 80.25)
    response = requests.put(f"{base_url}/items/{key}", json={"price": 75.5}, timeout=5)
    assert response.status_code == 200
    time.sleep(0.03)
    price = requests.get(f"{base_url}/items/{key}", timeout=5).json()["price"]
    assert price == 75.5


def test_cheap_item_is_accepted(base_url):
    response = requests.post(base_url + "/items", json={"name": "pin", "price": 0.1}, timeout=5)
    assert response.status_code == 201


def test_bad_price_is_rejected(base_url):
    response = requests.post(base_url + "/items", json={"name": "pin", "price": "much"}, timeout=5)
    assert response.status_code == 422


def test_delete(base_url, new_item):
    key = new_item("vase")
    assert requests.delete(f"{base_url}/items/{key}", timeout=5).status_code == 204
    assert requests.get(f"{base_url}/items/{key}", timeout=5).status_code == 404


def test_report(base_url, new_item):
    new_item("mirror")
    response = requests.get(base_url + "/report", timeout=1.5)
    assert response.status_code == 200
    assert response.json()["count"] >= 1
