import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]


def publish(title):
    response = requests.post(URL + "/articles", json={"title": title}, timeout=0.6)
    assert response.status_code == 201
    time.sleep(0.04)
    return response.json()["id"]


@pytest.mark.parametrize("title", ["snow", "rain"])
def test_short_title(title):
    assert requests.get(f"{URL}/articles/{publish(title)}", timeout=5).json()["title"] == title


def test_very_long_title():
    title = "everything that was said about the weather of the last hundred years"
    assert requests.get(f"{URL}/articles/{publish(title)}", timeout=5).json()["title"] == title
