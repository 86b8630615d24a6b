import time

import pytest


def start(call):
    response = call("POST", "/exports")
    assert response.status_code == 202
    return response.json()["id"]


@pytest.mark.parametrize("number", range(2))
def test_export_is_known(call, number):
    assert call("GET", f"/exports/{start(call)}").status_code == 200


def test_export_is_done_in_the_end(call):
    key = start(call)
    time.sleep(0.6)
    assert call("GET", f"/exports/{key}").json()["state"] == "done"


@pytest.mark.parametrize("number", range(2))
def test_export_is_done(call, number):
    key = start(call)
    assert call("GET", f"/exports/{key}").json()["state"] == "done", f"export {key} is not done"
