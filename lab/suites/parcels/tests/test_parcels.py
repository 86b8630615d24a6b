import logging
import time

LOG = logging.getLogger("parcels.tests")


def test_stations(http):
    assert "lyon" in http("GET", "/stations").json()["stations"]
    assert http("GET", "/stations/berlin").json()["gates"] == 12


def test_parcel_can_be_found(http, hand_in):
    key = hand_in()
    time.sleep(0.05)
    response = http("GET", f"/parcels/{key}")
    assert response.status_code == 200, f"parcel {key} not found"
    assert response.json()["sender"] == "anna"


def test_weight_is_kept(http, hand_in):
    key = hand_in(4.0)
    response = http("PUT", f"/parcels/{key}", json={"weight": 4.75})
    assert response.status_code == 200, f"parcel {key} cannot be changed"
    time.sleep(0.04)
    weight = http("GET", f"/parcels/{key}").json()["weight"]
    LOG.info("weight of %s is %s", key, weight)
    assert weight == 4.75


def test_parcels_of_a_sender(http, hand_in):
    hand_in(1.0, "bert")
    hand_in(2.0, "bert")
    time.sleep(0.04)
    total = http("GET", "/parcels?sender=bert").json()["total"]
    assert total == 2, f"{total} of 2 parcels"


def test_cancelled_parcel_is_gone(http, hand_in):
    key = hand_in(0.5)
    assert http("DELETE", f"/parcels/{key}").status_code == 204
    assert http("GET", f"/parcels/{key}").status_code == 404


def test_weight_must_be_a_number(http):
    assert http("POST", "/parcels", json={"weight": "heavy"}).status_code == 422


def test_unknown_parcel(http):
    assert http("GET", "/parcels/0000000000").status_code == 404
