import time

import pytest


@pytest.mark.parametrize("weight", [1.0, 2.0, 4.5, 8.0, 10.0, 20.0])
def test_quote(http, weight):
    assert http("GET", f"/quotes?weight={weight}").json()["price"] == 3 + 2 * weight


def test_quoted_parcel_is_kept(http, hand_in):
    assert http("GET", "/quotes?weight=2.5").status_code == 200
    key = hand_in(2.5, "emil")
    time.sleep(0.04)
    assert http("GET", f"/parcels/{key}").status_code == 200, f"parcel {key} not found"
