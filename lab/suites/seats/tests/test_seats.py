import logging
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("seats")


def book(seat, guest):
    response = requests.post(f"{URL}/seats/{seat}/booking", json={"guest": guest}, timeout=5)
    LOG.info("%s books %s: %s", guest, seat, response.status_code)
    return response.status_code


def test_free_seat_has_no_guest():
    assert requests.get(URL + "/seats/99Z", timeout=5).json()["guest"] is None


def test_booked_seat_has_its_guest():
    assert book("1A", "Anna") == 201
    assert requests.get(URL + "/seats/1A", timeout=5).json()["guest"] == "Anna"


def test_taken_seat_is_refused():
    assert book("2B", "Ben") == 201
    time.sleep(0.03)
    assert book("2B", "Carl") == 409


@pytest.mark.parametrize("seat", ["7C", "8D", "9E"])
def test_two_guests_at_once_get_one_seat(seat):
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(book, (seat, seat), ("Dora", "Emil")))
    assert codes == [201, 409], "the seat was sold twice"
