import logging
import os
import time

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("news")


@pytest.fixture
def shop():
    """As our checkout does it: three attempts, whatever is sent."""
    retries = Retry(total=3, backoff_factor=0.02, status_forcelist=[503], allowed_methods=None)
    with requests.Session() as session:
        session.headers["Connection"] = "close"
        session.mount("http://", HTTPAdapter(max_retries=retries))
        yield session


def pay(shop, reference, bank):
    response = shop.post(URL + "/payments", json={"reference": reference, "bank": bank}, timeout=5)
    LOG.info("payment %s: %s", reference, response.status_code)
    assert response.status_code == 201
    time.sleep(0.05)


def booked(shop, reference):
    return shop.get(URL + "/payments", params={"reference": reference}, timeout=5).json()["total"]


@pytest.mark.parametrize("reference", ["r-100", "r-101", "r-102"])
def test_payment_is_booked_once(shop, reference):
    pay(shop, reference, "fast")
    assert booked(shop, reference) == 1


@pytest.mark.parametrize("reference", ["r-200", "r-201"])
def test_payment_by_the_other_bank_is_booked_once(shop, reference):
    pay(shop, reference, "slow")
    assert booked(shop, reference) == 1, "not booked once"
