import logging
import os

import pytest
from courier import CLIENTS

LOG = logging.getLogger("parcels.tests")
URL = os.environ["BASE_URL"]
CLIENT = CLIENTS[os.environ.get("HTTP_CLIENT", "fresh")]


@pytest.fixture
def http():
    """The customer's client."""
    client = CLIENT(URL)
    yield client
    client.close()


@pytest.fixture
def office():
    """The post office's own client; it hands parcels in."""
    client = CLIENT(URL)
    yield client
    client.close()


@pytest.fixture
def hand_in(office):
    """Hands a parcel in and gives its id."""

    def hand_in(weight=2.5, sender="anna"):
        response = office("POST", "/parcels", json={"weight": weight, "sender": sender})
        assert response.status_code == 201, response.text
        key = response.json()["id"]
        LOG.info("parcel %s handed in", key)
        return key

    return hand_in
