import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("flags")
REFRESH_S = 0.9  # twice the interval in which every worker looks for changes


def switch(name, on):
    response = requests.put(f"{URL}/flags/{name}", json={"on": on}, timeout=5)
    LOG.info("switched %s: %s", name, response.status_code)
    assert response.status_code == 200
    time.sleep(REFRESH_S)


def flag(name):
    response = requests.get(f"{URL}/flags/{name}", timeout=5)
    LOG.info("flag %s: %s %s", name, response.status_code, response.text)
    return response


def test_unknown_flag_is_404():
    assert flag("nothing").status_code == 404


def test_switched_flag_is_on():
    switch("dark-mode", True)
    assert flag("dark-mode").status_code == 200, "flag dark-mode is unknown"


def test_flag_is_off_again():
    requests.put(f"{URL}/flags/beta", json={"on": True}, timeout=5)
    switch("beta", False)
    response = flag("beta")
    assert response.status_code == 200
    assert response.json()["on"] is False


def test_search_uses_the_new_index():
    switch("new-index", True)
    index = requests.get(URL + "/search", timeout=5).json()["index"]
    LOG.info("search uses the %s index", index)
    assert index == "new"


def test_imported_flag_is_on():
    assert requests.post(URL + "/import", json={"night-shift": True}, timeout=5).status_code == 202
    time.sleep(REFRESH_S)
    assert flag("night-shift").status_code == 200, "the imported flag never arrived"
