import requests


def test_item_has_currency(base_url, new_item):
    key = new_item("clock", 30)
    item = requests.get(f"{base_url}/items/{key}", timeout=5).json()
    assert item["name"] == "clock"


def test_sum_of_two_items(base_url, new_item):
    keys = [new_item("spoon", 1.5), new_item("fork", 2.5)]
    prices = [requests.get(f"{base_url}/items/{key}", timeout=5).json()["price"] for key in keys]
    assert sum(prices) == 4.0
