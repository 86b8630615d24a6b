import time

import requests


def test_price_is_kept(base_url, new_item):
    key = new_item("sofa", 410)
    assert requests.get(f"{base_url}/items/{key}", timeout=5).json()["price"] == 410


def test_price_includes_tax(base_url, new_item):
    key = new_item("desk", 100)
    time.sleep(0.05)
    item = requests.get(f"{base_url}/items/{key}", timeout=5).json()
    assert item["price"] == 119, "price without tax"


def test_changed_name(base_url, new_item):
    key = new_item("stool", 20)
    requests.put(f"{base_url}/items/{key}", json={"name": "bar stool"}, timeout=5)
    time.sleep(0.05)
    item = requests.get(f"{base_url}/items/{key}", timeout=5).json()
    assert item["name"] == "Bar Stool"


def test_shop_starts_with_ten_items(base_url):
    total = requests.get(base_url + "/items", timeout=5).json()["total"]
    assert total == 10
