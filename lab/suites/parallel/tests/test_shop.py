import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]


@pytest.mark.parametrize("name", ["cup", "plate", "knife", "glass", "pot", "pan"])
def test_item_is_there(add, name):
    key = add(name)
    time.sleep(0.1)
    assert requests.get(f"{URL}/items/{key}", timeout=5).status_code == 200


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_count(add, count):
    for number in range(count):
        add(f"thing {number}")
    assert requests.get(URL + "/items", timeout=5).json()["total"] == count
