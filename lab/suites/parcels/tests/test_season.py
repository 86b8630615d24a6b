"""The Christmas season: the same five requests for thirty customers."""

import pytest


@pytest.mark.parametrize("customer", range(30))
def test_customer(http, hand_in, customer):
    key = hand_in(1.5 + customer, f"customer-{customer}")
    assert http("GET", "/stations/porto").status_code == 200
    response = http("GET", f"/parcels/{key}")
    assert response.status_code == 200, f"parcel {key} not found"
    assert http("GET", "/quotes?weight=1.5").json()["price"] == 6
    assert http("GET", f"/parcels?sender=customer-{customer}").status_code == 200
