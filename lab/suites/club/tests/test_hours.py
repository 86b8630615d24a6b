import pytest


def shown(call, hour):
    at = f"2026-03-01T{hour:02}:30:00+00:00"
    response = call("POST", "/bookings", json={"member": f"gerd-{hour}", "court": 1, "at": at})
    return call("GET", f"/bookings/{response.json()['id']}").json()["at"]


@pytest.mark.parametrize("hour", [8, 13])
def test_booking_shows_its_hour(call, hour):
    assert shown(call, hour) == f"{hour:02}:30", "wrong hour"


def test_unknown_booking(call):
    assert call("GET", "/bookings/00000000").status_code == 404


@pytest.mark.parametrize("hour", [18, 20])
def test_evening_booking_shows_its_hour(call, hour):
    assert shown(call, hour) == f"{hour:02}:30", "wrong hour"


@pytest.mark.parametrize("court", [2, 3])
def test_booking_shows_its_court(call, court):
    at = "2026-03-02T09:00:00+00:00"
    response = call("POST", "/bookings", json={"member": "hanna", "court": court, "at": at})
    assert call("GET", f"/bookings/{response.json()['id']}").json()["court"] == court
