import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("ledger")


def book(account, amount):
    response = requests.post(f"{URL}/accounts/{account}/bookings", json={"amount": amount}, timeout=5)
    LOG.info("booked %d on %s: %s", amount, account, response.status_code)
    assert response.status_code == 201, response.text
    time.sleep(0.04)


def balance(account):
    response = requests.get(f"{URL}/accounts/{account}", timeout=5)
    LOG.info("balance of %s: %s", account, response.status_code)
    assert response.status_code == 200, response.text
    return response.json()["balance"]


def test_health():
    assert requests.get(URL + "/health", timeout=5).json() == {"ok": True}


def test_new_account_is_empty():
    assert balance("rent") == 0


def test_booking_changes_the_balance():
    book("salary", 2500)
    assert balance("salary") == 2500


def test_bookings_add_up():
    book("savings", 40)
    book("savings", 2)
    assert balance("savings") == 42


def test_accounts_are_apart():
    book("shoes", 80)
    book("books", 30)
    assert (balance("shoes"), balance("books")) == (80, 30)


def test_refund():
    book("travel", 300)
    book("travel", -300)
    assert balance("travel") == 0
