import logging
import os
import time

import pytest
import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("auth")


@pytest.fixture
def browser():
    with requests.Session() as session:
        session.headers["Connection"] = "close"
        yield session


def sign_in(browser, user="anna", password="s3cret"):
    response = browser.post(URL + "/login", json={"user": user, "password": password}, timeout=5)
    LOG.info("login as %s: %s", user, response.status_code)
    assert response.status_code == 200
    return response.json()["token"]


def test_wrong_password_is_refused(browser):
    response = browser.post(URL + "/login", json={"user": "anna", "password": "x"}, timeout=5)
    assert response.status_code == 401


def test_profile_after_login(browser):
    sign_in(browser)
    time.sleep(0.05)
    response = browser.get(URL + "/me", timeout=5)
    LOG.info("GET /me -> %s", response.status_code)
    assert response.status_code == 200, "user is not logged in any more"
    assert response.json()["user"] == "anna"


def test_dashboard_after_login(browser):
    sign_in(browser, "ben", "pa55")
    time.sleep(0.05)
    page = browser.get(URL + "/dashboard", timeout=5)
    assert "Hello ben" in page.text


def test_token_opens_the_profile(browser):
    token = sign_in(browser)
    time.sleep(0.05)
    response = requests.get(URL + "/profile", headers={"Authorization": "Bearer " + token}, timeout=5)
    assert response.status_code == 200


def test_logout_revokes_the_token(browser):
    token = sign_in(browser)
    headers = {"Authorization": "Bearer " + token}
    assert requests.post(URL + "/logout", headers=headers, timeout=5).status_code == 200
    time.sleep(0.05)
    response = requests.get(URL + "/profile", headers=headers, timeout=5)
    assert response.status_code == 401, "token still works after logout"
