import logging
import os
import re
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("customers")


def create(name):
    body = {"name": name, "city": "Bremen", "vat_id": "DE136695976"}
    response = requests.post(URL + "/customers", json=body, timeout=5)
    LOG.info("created %s: %s", name, response.text.strip())
    assert response.status_code == 201
    time.sleep(0.04)
    return response.json()


def read(key):
    response = requests.get(f"{URL}/customers/{key}", timeout=5)
    LOG.info("customer %s: %s", key, response.text.strip())
    assert response.status_code == 200
    return response.json()


def test_unknown_customer_is_404():
    assert requests.get(URL + "/customers/nobody", timeout=5).status_code == 404


def test_customer_reads_as_created():
    created = create("Lloyd")
    assert read(created["id"]) == created


def test_customer_keeps_its_name():
    assert read(create("Anders")["id"])["name"] == "Anders"


def test_customer_reads_as_created_after_a_count():
    created = create("Becker")
    assert requests.get(URL + "/customers", timeout=5).json()["total"] >= 1
    assert read(created["id"]) == created


def test_page_finds_its_script():
    page = requests.get(URL + "/", timeout=5).text
    script = re.search(r'src="(/static/[^"]+)"', page).group(1)
    time.sleep(0.03)
    response = requests.get(URL + script, timeout=5)
    LOG.info("%s: %s", script, response.status_code)
    assert response.status_code == 200, f"{script} is missing"
