import logging
import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("parallel")


@pytest.fixture(autouse=True)
def clean_shop():
    """Every test begins with an empty shop."""
    response = requests.delete(URL + "/items", timeout=5)
    LOG.info("shop emptied: %s", response.status_code)
    yield


@pytest.fixture
def add():
    def add(name):
        response = requests.post(URL + "/items", json={"name": name, "price": 2}, timeout=5)
        LOG.info("added %s: %s", name, response.status_code)
        time.sleep(0.08)
        return response.json()["id"]

    return add
