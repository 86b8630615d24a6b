import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("vouchers")


def make_voucher(amount):
    response = requests.post(URL + "/vouchers", json={"amount": amount}, timeout=5)
    LOG.info("voucher over %d: %s", amount, response.status_code)
    assert response.status_code == 201, f"voucher was not made: {response.status_code}"
    time.sleep(0.03)
    return response.json()["code"]


def invite(guest):
    response = requests.post(URL + "/invitations", json={"guest": guest}, timeout=5)
    token = response.json()["token"]
    LOG.info("%s is invited with %s", guest, token)
    time.sleep(0.03)
    return token


def test_unknown_voucher_is_404():
    assert requests.get(URL + "/vouchers/0badcafe00", timeout=5).status_code == 404


def test_voucher_keeps_its_amount():
    code = make_voucher(25)
    assert requests.get(f"{URL}/vouchers/{code}", timeout=5).json()["amount"] == 25


def test_a_book_of_vouchers():
    codes = [make_voucher(10) for _ in range(4)]
    assert len(set(codes)) == 4


def test_invitation_names_its_guest():
    token = invite("Dora")
    assert requests.get(f"{URL}/invitations/{token}", timeout=5).json()["guest"] == "Dora"


def test_every_guest_gets_a_token_of_their_own():
    tokens = [invite(guest) for guest in ("Emil", "Fay", "Gus", "Hana")]
    assert len(set(tokens)) == 4, f"tokens repeat: {tokens}"
