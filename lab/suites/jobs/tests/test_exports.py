import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("exports")


def start_export(rows):
    response = requests.post(URL + "/exports", json={"rows": rows}, timeout=5)
    assert response.status_code == 202
    job = response.json()["id"]
    LOG.info("export %s started", job)
    return job


def wait_for(job):
    for _ in range(10):
        time.sleep(0.12)
        response = requests.get(f"{URL}/exports/{job}", timeout=5)
        LOG.info("export %s: %s %s", job, response.status_code, response.json())
        assert response.status_code == 200, f"Task not found: {job}"
        if response.json()["state"] == "done":
            return response.json()
    raise AssertionError(f"export {job} did not finish")


def test_small_export():
    assert wait_for(start_export(5))["rows"] == 5


def test_large_export():
    assert wait_for(start_export(5000))["rows"] == 5000


def test_unknown_export_is_404():
    assert requests.get(URL + "/exports/nothing", timeout=5).status_code == 404


def test_list_of_exports():
    assert requests.get(URL + "/exports", timeout=5).status_code == 200
