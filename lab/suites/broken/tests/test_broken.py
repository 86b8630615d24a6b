import os
from pathlib import Path

import pytest
import requests

URL = os.environ["BASE_URL"]


@pytest.fixture
def catalogue():
    return (Path(__file__).parent / "catalogue.json").read_text()


def test_health():
    assert requests.get(URL + "/health", timeout=5).status_code == 200


def test_import_of_the_catalogue(catalogue):
    assert requests.post(URL + "/items", json={"name": catalogue, "price": 1}, timeout=5).status_code == 201


def test_total_price():
    response = requests.post(URL + "/items", json={"name": "bowl", "price": 12}, timeout=5)
    assert response.status_code == 201
    item = requests.get(f"{URL}/items/{response.json()['id']}", timeout=5).json()
    total = "price: " + item["price"]
    assert total


def test_names():
    requests.post(URL + "/items", json={"name": "jar", "price": 3}, timeout=5)
    items = requests.get(URL + "/items", timeout=5).json()["items"]
    assert items[0].title == "jar"
