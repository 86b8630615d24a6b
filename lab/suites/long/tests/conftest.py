import logging
import os

import pytest
import requests

LOG = logging.getLogger("shop.tests")


@pytest.fixture
def base_url():
    return os.environ["BASE_URL"]


@pytest.fixture
def new_item(base_url):
    """Creates an item as setup and gives its id."""

    def create(name, price=9.5):
        response = requests.post(base_url + "/items", json={"name": name, "price": price}, timeout=5)
        assert response.status_code == 201, response.text
        item = response.json()
        LOG.info("created item %s (%s)", item["id"], name)
        return item["id"]

    return create
